package dmakit.datasheet;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;

/**
 * A file in {@code spec/}, transcribed apart, and the rows of a map in the same form. Where a file
 * holds several tables, each line starts with the name of its table.
 */
public final class Witness {
    private Witness() {}

    /** The lines of a file, without comments, with single blanks. */
    public static List<String> lines(String file) {
        Path spec = Path.of(System.getProperty("dmakit.root")).resolve("spec").resolve(file);
        try {
            return Files.readAllLines(spec).stream()
                    .filter(line -> !line.startsWith("#"))
                    .map(line -> line.replaceAll(" +", " "))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The lines of one table of a file. */
    public static List<String> lines(String file, String table) {
        return lines(file).stream().filter(line -> line.startsWith(table + " ")).toList();
    }

    /** The tables of a file, in the order of their first lines. */
    public static List<String> tables(String file) {
        return lines(file).stream()
                .map(line -> line.substring(0, line.indexOf(' ')))
                .distinct()
                .toList();
    }

    /** A line for each field, from the highest bit of each register down. */
    public static List<String> rows(
            List<? extends Register> registers, BiFunction<Register, Field, String> row) {
        List<String> rows = new ArrayList<>();
        for (Register register : registers) {
            for (Field field : register.fields()) {
                rows.add(row.apply(register, field));
            }
        }
        return rows;
    }

    /** A line for each field, from bit 0 of each register up. */
    public static List<String> rowsFromBit0(
            List<? extends Register> registers, BiFunction<Register, Field, String> row) {
        return registers.stream()
                .flatMap(register -> rows(List.of(register), row).reversed().stream())
                .toList();
    }

    /**
     * A line for each field: register, offset, value after a reset, field, bits, access.
     *
     * @param digits of an offset
     */
    public static List<String> rows(List<? extends Register> registers, int digits) {
        String offset = "0x%0" + digits + "x";
        return rows(
                registers,
                (register, field) ->
                        "%s %s 0x%08x %s"
                                .formatted(
                                        register.name(),
                                        offset.formatted(register.offset()),
                                        register.reset(),
                                        bits(field)));
    }

    /** The same, with the name of a table before each line. */
    public static List<String> rows(String table, List<? extends Register> registers, int digits) {
        return rows(registers, digits).stream().map(row -> table + " " + row).toList();
    }

    /** A field with its bits and access. */
    public static String bits(Field field) {
        Bits bits = field.bits();
        return "%s %d %d %s".formatted(field.name(), bits.msb(), bits.lsb(), bits.access());
    }
}
