package dmakit.devicetree;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;

/**
 * Takes a list of phandles and arguments apart, without giving up at the first mistake.
 *
 * <p>Entries follow each other without marks, so how long one is depends on what its phandle points
 * to: after a mistake nothing further can be read, and the mistake is the last entry.
 */
public final class PhandleList {

    /** One entry, or what is wrong where one was wanted. */
    public sealed interface Entry {}

    /**
     * A good entry.
     *
     * @param value the node and its arguments
     */
    public record Found(PhandleArgs value) implements Entry {}

    /**
     * Phandle 0 or all ones: deliberately left out.
     *
     * @param index of the entry
     */
    public record Hole(int index) implements Entry {}

    /**
     * No node has that phandle.
     *
     * @param index of the entry
     * @param phandle the number
     */
    public record Dangling(int index, int phandle) implements Entry {}

    /**
     * The node referred to does not say how many arguments it takes.
     *
     * @param index of the entry
     * @param node the node
     * @param cellsName the property it lacks, or has in a form that is no small number
     */
    public record NoCells(int index, Node node, String cellsName) implements Entry {}

    /**
     * The list ends within an entry.
     *
     * @param index of the entry
     * @param node the node referred to
     * @param wanted argument cells
     * @param found argument cells left in the list
     */
    public record CutOff(int index, Node node, int wanted, int found) implements Entry {}

    /**
     * The property is not a whole number of cells.
     *
     * @param sizeBytes its length
     */
    public record NotCells(int sizeBytes) implements Entry {}

    /**
     * The property has more cells than {@link Limits#LIST_CELLS_MAX}.
     *
     * @param cells how many
     */
    public record TooLong(int cells) implements Entry {}

    private PhandleList() {}

    /**
     * Reads a list whose entries have as many arguments as the node they refer to says.
     *
     * @param tree where phandles are looked up
     * @param property the list
     * @param cellsName for example {@code #dma-cells}
     */
    public static List<Entry> parse(DeviceTree tree, Property property, String cellsName) {
        return parse(tree, property, cellsName, -1);
    }

    /** Reads a list of phandles that all have the same number of arguments, often none. */
    public static List<Entry> parse(DeviceTree tree, Property property, int argCount) {
        return parse(tree, property, "", argCount);
    }

    /**
     * Reads a list and insists that it is right.
     *
     * @return the entries without holes
     * @throws DeviceTreeException at the first mistake
     */
    public static List<PhandleArgs> require(DeviceTree tree, Property property, String cellsName) {
        List<PhandleArgs> found = new ArrayList<>();
        for (Entry entry : parse(tree, property, cellsName)) {
            switch (entry) {
                case Found good -> found.add(good.value());
                case Hole _ -> {}
                case Dangling _, NoCells _, CutOff _, NotCells _, TooLong _ ->
                        throw property.malformed(describe(entry));
            }
        }
        return List.copyOf(found);
    }

    /** One line on a bad entry, to follow "property X of Y". */
    public static String describe(Entry entry) {
        return switch (entry) {
            case Found good -> "refers to " + good.value().node().path();
            case Hole hole -> "leaves out entry %d".formatted(hole.index());
            case Dangling bad ->
                    "refers to phandle 0x%x in entry %d, which no node has"
                            .formatted(bad.phandle(), bad.index());
            case NoCells bad ->
                    "refers in entry %d to %s, which has no valid %s"
                            .formatted(bad.index(), bad.node().path(), bad.cellsName());
            case CutOff bad ->
                    "ends within entry %d: %s wants %d argument cells, found %d"
                            .formatted(bad.index(), bad.node().path(), bad.wanted(), bad.found());
            case NotCells bad ->
                    "has %d bytes, wanted whole 4-byte cells".formatted(bad.sizeBytes());
            case TooLong bad ->
                    "has %d cells, wanted at most %d".formatted(bad.cells(), Limits.LIST_CELLS_MAX);
        };
    }

    private static List<Entry> parse(
            DeviceTree tree, Property property, String cellsName, int argCount) {
        if (!property.isCells()) {
            return List.of(new NotCells(property.sizeBytes()));
        }
        if (property.cellCount() > Limits.LIST_CELLS_MAX) {
            return List.of(new TooLong(property.cellCount()));
        }
        List<Entry> entries = new ArrayList<>();
        int[] cells = property.cells();
        int at = 0;
        for (int index = 0; at < cells.length; index++) {
            int phandle = cells[at++];
            if (phandle == 0 || phandle == -1) {
                entries.add(new Hole(index));
                continue;
            }
            Node node = tree.byPhandle(phandle).orElse(null);
            if (node == null) {
                entries.add(new Dangling(index, phandle));
                break;
            }
            OptionalInt args = argCount >= 0 ? OptionalInt.of(argCount) : smallU32(node, cellsName);
            if (args.isEmpty()) {
                entries.add(new NoCells(index, node, cellsName));
                break;
            }
            int wanted = args.getAsInt();
            if (wanted > cells.length - at) {
                entries.add(new CutOff(index, node, wanted, cells.length - at));
                break;
            }
            List<Integer> found = Arrays.stream(cells, at, at + wanted).boxed().toList();
            entries.add(new Found(new PhandleArgs(index, node, found)));
            at += wanted;
        }
        return entries;
    }

    private static OptionalInt smallU32(Node node, String cellsName) {
        Property property = node.property(cellsName).orElse(null);
        if (property == null || property.sizeBytes() != 4) {
            return OptionalInt.empty();
        }
        int value = property.cell(0);
        return value < 0 || value > Limits.PHANDLE_ARGS_MAX
                ? OptionalInt.empty()
                : OptionalInt.of(value);
    }
}
