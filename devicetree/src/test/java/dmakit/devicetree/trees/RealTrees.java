package dmakit.devicetree.trees;

import dmakit.devicetree.DeviceTree;
import dmakit.devicetree.DeviceTreeException;
import dmakit.devicetree.DtbReader;
import dmakit.devicetree.DtbWriter;
import dmakit.devicetree.file.DeviceTreeFiles;
import dmakit.devicetree.topology.DmaTopology;
import dmakit.devicetree.topology.Mistake;
import dmakit.devicetree.topology.TopologyText;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Loads every {@code .dtb} below a folder, writes and reads it again, and prints its mistakes;
 * {@code trees.sh} runs it. Exit status 1 when a tree does not load or changes on the way.
 */
public final class RealTrees {

    private final PrintStream out;
    private final Map<Mistake.Kind, Integer> mistakes = new EnumMap<>(Mistake.Kind.class);
    private int loaded;
    private int failed;
    private int controllers;
    private int consumers;

    private RealTrees(PrintStream out) {
        this.out = out;
    }

    /** Takes the folder; with {@code -v} every mistake is printed. */
    public static void main(String[] args) throws IOException {
        List<String> words = new ArrayList<>(List.of(args));
        boolean verbose = words.remove("-v");
        if (words.size() != 1) {
            System.err.println("usage: RealTrees [-v] FOLDER");
            System.exit(2);
        }
        RealTrees run = new RealTrees(System.out);
        run.all(Path.of(words.getFirst()), verbose);
        System.exit(run.failed == 0 && run.loaded > 0 ? 0 : 1);
    }

    private void all(Path folder, boolean verbose) throws IOException {
        long start = System.nanoTime();
        List<Path> files;
        try (Stream<Path> walk = Files.walk(folder)) {
            files = walk.filter(path -> path.toString().endsWith(".dtb")).sorted().toList();
        }
        for (Path file : files) {
            one(file, verbose);
        }
        out.printf(
                "%d trees loaded, %d failed, %d DMA controllers, %d consumers, %.1f s%n",
                loaded, failed, controllers, consumers, (System.nanoTime() - start) / 1e9);
        mistakes.forEach((kind, count) -> out.printf("  %5d %s%n", count, kind.id()));
    }

    private void one(Path file, boolean verbose) throws IOException {
        try {
            DeviceTree tree = DeviceTreeFiles.read(file);
            if (!DtbReader.read(DtbWriter.write(tree), "copy").sameAs(tree)) {
                throw new DeviceTreeException(
                        tree.root().origin(), "differs when written and read");
            }
            DmaTopology topology = DmaTopology.of(tree);
            if (TopologyText.of(topology).isEmpty()) {
                throw new DeviceTreeException(tree.root().origin(), "gives no text");
            }
            loaded++;
            controllers += topology.controllers().size();
            consumers += topology.consumers().size();
            for (Mistake mistake : topology.mistakes()) {
                mistakes.merge(mistake.kind(), 1, Integer::sum);
                if (verbose) {
                    out.printf(
                            "%s %s %s: %s%n",
                            file.getFileName(),
                            mistake.kind().id(),
                            mistake.path(),
                            mistake.message());
                }
            }
        } catch (DeviceTreeException e) {
            failed++;
            out.println(e.getMessage());
        }
    }
}
