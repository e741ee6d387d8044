package dmakit.devicetree.topology;

import dmakit.devicetree.Node;
import dmakit.devicetree.PhandleList;
import dmakit.devicetree.Property;
import dmakit.devicetree.topology.Mistake.Kind;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Collects mistakes. */
final class Mistakes {

    /** More of one tree say nothing new; a hostile one could have as many as properties. */
    static final int COUNT_MAX = 10_000;

    private final List<Mistake> found = new ArrayList<>();

    void add(Kind kind, Property property, String problem) {
        Node owner = property.owner();
        add(new Mistake(kind, owner.path(), property.origin(), property.name() + " " + problem));
    }

    void add(Kind kind, Node node, String message) {
        add(new Mistake(kind, node.path(), node.origin(), message));
    }

    private void add(Mistake mistake) {
        if (found.size() < COUNT_MAX) {
            found.add(mistake);
        }
    }

    /** The good entries of a phandle list; each bad one is a mistake. */
    List<PhandleList.Found> good(Property property, List<PhandleList.Entry> entries) {
        List<PhandleList.Found> good = new ArrayList<>();
        for (PhandleList.Entry entry : entries) {
            switch (entry) {
                case PhandleList.Found found -> good.add(found);
                case PhandleList.Hole _ -> {}
                case PhandleList.Dangling _ ->
                        add(Kind.DANGLING_PHANDLE, property, PhandleList.describe(entry));
                case PhandleList.NoCells _ ->
                        add(Kind.MISSING_CELLS, property, PhandleList.describe(entry));
                case PhandleList.CutOff _, PhandleList.NotCells _, PhandleList.TooLong _ ->
                        add(Kind.WRONG_CELL_COUNT, property, PhandleList.describe(entry));
            }
        }
        return good;
    }

    /** By kind, then in the order they were found. */
    List<Mistake> sorted() {
        return found.stream().sorted(Comparator.comparing(Mistake::kind)).toList();
    }
}
