package dmakit.datasheet;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A table in {@code spec/}, transcribed apart, and the rows of a map in the same form. */
public final class Witness {
    private Witness() {}

    /** The lines of a table, without comments, with single blanks. */
    public static List<String> table(String name) {
        Path table = Path.of(System.getProperty("dmakit.root")).resolve("spec").resolve(name);
        try {
            return Files.readAllLines(table).stream()
                    .filter(line -> !line.startsWith("#"))
                    .map(line -> line.replaceAll(" +", " "))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * A line for each field: register, offset, value after a reset, field, bits, access.
     *
     * @param digits of an offset
     */
    public static List<String> rows(Register[] registers, int digits) {
        List<String> rows = new ArrayList<>();
        for (Register register : registers) {
            for (Field field : register.fields()) {
                Bits bits = field.bits();
                rows.add(
                        ("%s 0x%0" + digits + "x 0x%08x %s %d %d %s")
                                .formatted(
                                        register.name(),
                                        register.offset(),
                                        register.reset(),
                                        field.name(),
                                        bits.msb(),
                                        bits.lsb(),
                                        bits.access()));
            }
        }
        return rows;
    }
}
