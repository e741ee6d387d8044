package dmakit.bench;

import dmakit.bench.Row.Figure;
import dmakit.bench.Row.Goal;
import dmakit.bench.Row.Measure;
import dmakit.bench.cmodule.CodeBenchmark;
import dmakit.bench.hardware.AxiCopyBenchmark;
import dmakit.bench.hardware.AxiCopyRig;
import dmakit.bench.hardware.Bcm2835Benchmark;
import dmakit.bench.kernel.DmatestBenchmark;
import dmakit.bench.kernel.MappingBenchmark;
import dmakit.bench.kernel.RegisterBenchmark;
import dmakit.bench.kernel.TransferBenchmark;
import dmakit.bench.machine.CpuViewBenchmark;
import dmakit.oracle.Emulator;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** Every figure dmakit promises. */
final class Rows {
    private static final String[] LAB = {"./dmakit", "lab", "m2m", "--text", "one-two-three"};
    private static final String[] C_LAB = {
        "./dmakit", "run", "labs/c/dma_m2m.c", "--do", "echo one-two-three > /dev/dma_m2m_misc_dev"
    };
    private static final double ALLOCATED_BYTES_MAX = 1;

    private final List<Row> rows = new ArrayList<>();

    private Rows() {}

    /**
     * All rows, in the order of the report.
     *
     * @param root of the checkout, whose commands are measured too
     */
    static List<Row> of(Path root) {
        Rows all = new Rows();
        all.largeCopies();
        all.mappings();
        all.backEnds();
        all.transfers();
        all.syndromes();
        all.chip();
        all.emulators();
        all.bus();
        all.cpu();
        all.code();
        all.processes(new ProcessRun(root), root);
        all.allocations();
        return all.rows;
    }

    private void largeCopies() {
        ratio(
                "copy.coherent",
                "64 MiB by dmaengine in 1 MiB descriptors, coherent board, to one plain copy",
                "LargeCopyBenchmark.coherent",
                "LargeCopyBenchmark.plain",
                0.8);
        ratio(
                "copy.coherent.pieces",
                "the same to 64 plain copies of 1 MiB, which the JVM does in another way",
                "LargeCopyBenchmark.coherent",
                "LargeCopyBenchmark.plainPieces",
                0.8);
        ratio(
                "copy.rpi3",
                "the same on rpi3 (no eviction), map and unmap of dirty buffers included",
                "LargeCopyBenchmark.nonCoherent",
                "LargeCopyBenchmark.plain",
                0.35);
    }

    private void mappings() {
        time(
                "map.coherent",
                "dma_map_single + unmap of 4 KiB, bidirectional, coherent board",
                "MappingBenchmark.coherent",
                MappingBenchmark.OPERATIONS,
                12);
        time(
                "map.swiotlb",
                "the same through SWIOTLB, copied there and back (Linux: 470 ns)",
                "MappingBenchmark.swiotlb",
                MappingBenchmark.OPERATIONS,
                470);
        time(
                "map.clean",
                "the same on rpi3 (no eviction), every line valid and clean",
                "MappingBenchmark.linesClean",
                MappingBenchmark.BUFFERS,
                120);
        time(
                "map.dirty",
                "the same on rpi3 (no eviction), every line dirty",
                "MappingBenchmark.linesDirty",
                MappingBenchmark.BUFFERS,
                350);
        time(
                "map.sg",
                "dma_map_sg + unmap of 16 x 4 KiB, coherent board (Linux: 78 ns)",
                "MappingBenchmark.list",
                MappingBenchmark.OPERATIONS,
                150);
    }

    private void backEnds() {
        mapping(
                "map.checked",
                "the same with all checks on, driver in C (Linux, DMA_API_DEBUG: 1630-2340 ns)",
                "checked",
                160);
        mapping(
                "map.checked.java",
                "the same for a driver in Java, whose lines are found on its stack",
                "checkedJava",
                160);
        mapping(
                "map.sg.checked",
                "dma_map_sg + unmap of 16 x 4 KiB, all checks on (Linux: 25,660 ns)",
                "checkedList",
                1500);
        mapping("map.iommu.strict", "map + unmap of 4 KiB, IOMMU, strict", "iommuStrict", 250);
        mapping("map.iommu.lazy", "the same, lazy", "iommuLazy", 150);
        rows.add(
                new Row(
                        "map.iommu.crowded",
                        "the same, strict, among 1,000,000 live mappings, to the same among none",
                        List.of("MappingBenchmark.iommuCrowded", "MappingBenchmark.iommuStrict"),
                        spread((results, q) ->
                                results.ns("MappingBenchmark.iommuCrowded", q)
                                        / results.ns("MappingBenchmark.iommuStrict", q)),
                        "x",
                        Goal.AT_MOST,
                        1.5));
        mapping(
                "alloc.page",
                "dma_alloc_coherent + free of 4 KiB (Linux: 159 ns)",
                "allocCoherent",
                160);
        mapping("alloc.block", "dma_pool alloc + free of 64 B (Linux: 70 ns)", "pool", 50);
        mapping(
                "iotlb.read",
                "a device's read of 64 B through its IOMMU, translation known",
                "deviceReads",
                30);
    }

    private void mapping(String name, String question, String benchmark, double targetNs) {
        time(
                name,
                question,
                "MappingBenchmark." + benchmark,
                MappingBenchmark.OPERATIONS,
                targetNs);
    }

    private void transfers() {
        time(
                "transfer.callback",
                "prep, submit, issue, callback of 64 B, coherent board (Linux: 299 ns)",
                "TransferBenchmark.callback",
                TransferBenchmark.OPERATIONS,
                300);
        time(
                "transfer.wait",
                "the same and wait_for_completion: two task switches (Linux: 932 ns)",
                "TransferBenchmark.completion",
                TransferBenchmark.OPERATIONS,
                900);
        rate(
                "dmatest.iops",
                "dmatest on a bcm2835 channel, 4 KiB, verified, on rpi3 (Linux, software: 95.6)",
                "DmatestBenchmark.copies",
                DmatestBenchmark.TESTS * 1e6,
                "k/s",
                150);
    }

    private void syndromes() {
        ratio(
                "syndromes",
                "P+Q of 16 x 64 KiB, coherent board, to a loop in C by bytes and a table, gcc -O2"
                        + " -fno-tree-vectorize",
                "SyndromeBenchmark.coherent",
                "SyndromeBenchmark.loop",
                1);
        ratio(
                "syndromes.rpi3",
                "the same on rpi3, with line states",
                "SyndromeBenchmark.nonCoherent",
                "SyndromeBenchmark.loop",
                1);
    }

    private void chip() {
        rate(
                "chip.blocks",
                "bcm2835 control blocks of 64 B, driven by registers (QEMU: 1.1 M/s)",
                "Bcm2835Benchmark.smallBlocks",
                Bcm2835Benchmark.SMALL_COUNT * 1e3,
                "M/s",
                5);
        rate(
                "chip.bytes.coherent",
                "bcm2835 control blocks of 1 MiB, coherent (QEMU: 0.09 GB/s)",
                "Bcm2835Benchmark.largeBlocksCoherent",
                Bcm2835Benchmark.LARGE_CHAIN_BYTES,
                "GB/s",
                5);
        rate(
                "chip.bytes.rpi3",
                "the same past the caches, as on rpi3 (no eviction)",
                "Bcm2835Benchmark.largeBlocks",
                Bcm2835Benchmark.LARGE_CHAIN_BYTES,
                "GB/s",
                2);
    }

    /** Left out where QEMU is not installed; {@link Main} says so. */
    private void emulators() {
        if (Emulator.AARCH64.installed().isPresent()) {
            ratio(
                    "memcpy.bcm2835",
                    "bcm2835 memcpy of 16 MiB, to QEMU's model of it, driven by the same registers",
                    "QemuBenchmark.ourBcm2835",
                    "QemuBenchmark.qemusBcm2835",
                    20);
        }
        if (Emulator.ARM.installed().isPresent()) {
            ratio(
                    "memcpy.pl330",
                    "pl330 memcpy of 16 MiB, likewise",
                    "QemuBenchmark.ourPl330",
                    "QemuBenchmark.qemusPl330",
                    20);
        }
    }

    private void bus() {
        rows.add(
                new Row(
                        "bus.cycles",
                        "cycles of a copy by 16-beat bursts, 64 B to 64 KiB on 4 and 8 bytes, off"
                                + " those in Verilog",
                        List.of(),
                        _ -> Figure.exactly((double) cyclesOff()),
                        "cycles",
                        Goal.AT_MOST,
                        0));
        rate(
                "bus.bursts",
                "bursts of 16 channels that are busy at once, each arbitrated",
                "AxiCopyBenchmark.sixteenChannels",
                AxiCopyBenchmark.BURSTS * 1e3,
                "M/s",
                5);
        rows.add(
                new Row(
                        "transfer.many",
                        "a transfer on 1,024 channels of 64 controllers, to one on 16 of 1",
                        List.of("ManyChannelsBenchmark.many", "ManyChannelsBenchmark.few"),
                        spread((results, q) ->
                                results.ns("ManyChannelsBenchmark.many", q)
                                        / results.ns("ManyChannelsBenchmark.few", q)),
                        "x",
                        Goal.AT_MOST,
                        1.5));
    }

    /** 7 + n/w + ceil(n/16w), as {@code spec/axi-copy-cycles.txt} has it from a simulation. */
    private static long cyclesOff() {
        long off = 0;
        try (AxiCopyRig rig = new AxiCopyRig()) {
            for (int width = 4; width <= 8; width *= 2) {
                for (int bytes = 64; bytes <= 64 << 10; bytes += 64) {
                    long wanted = 7L + bytes / width + Math.ceilDiv(bytes, 16 * width);
                    off = Math.max(off, Math.abs(rig.cycles(bytes, width) - wanted));
                }
            }
        }
        return off;
    }

    private void cpu() {
        time(
                "cpu.register",
                "readl of a chip's register: page table, bus, chip, in process",
                "RegisterBenchmark.readl",
                RegisterBenchmark.OPERATIONS,
                100);
        time(
                "cpu.load",
                "load of 8 bytes at random, any alignment, line model (no eviction)",
                "CpuViewBenchmark.randomLoads",
                CpuViewBenchmark.LOADS,
                8);
    }

    private void processes(ProcessRun process, Path root) {
        rows.add(
                new Row(
                        "lab.seconds",
                        "./dmakit lab m2m once built, wall clock",
                        List.of(),
                        _ -> process.seconds(LAB),
                        "s",
                        Goal.AT_MOST,
                        0.6));
        rows.add(
                new Row(
                        "run.warm",
                        "./dmakit run labs/c/dma_m2m.c --do ..., module compiled before",
                        List.of(),
                        _ -> process.seconds(C_LAB),
                        "s",
                        Goal.AT_MOST,
                        0.7));
        rows.add(
                new Row(
                        "run.cold",
                        "the same, module to be compiled",
                        List.of(),
                        _ -> process.secondsOfFresh(root.resolve("labs/c/dma_m2m.c"), C_LAB),
                        "s",
                        Goal.AT_MOST,
                        1.5));
        rows.add(
                new Row(
                        "lab.memory",
                        "./dmakit lab m2m, peak of resident memory",
                        List.of(),
                        _ -> process.peakMegabytes(LAB),
                        "MB",
                        Goal.AT_MOST,
                        200));
    }

    private void code() {
        rows.add(
                new Row(
                        "code.hooks",
                        "a C loop over memory, on rpi3 with all checks, to the same without hooks",
                        List.of("CodeBenchmark.hooked", "CodeBenchmark.plain"),
                        spread((results, q) ->
                                results.ns("CodeBenchmark.hooked", q)
                                        / results.ns("CodeBenchmark.plain", q)),
                        "x",
                        Goal.AT_MOST,
                        12));
        time(
                "code.call",
                "a call of the kernel from C and back",
                "CodeBenchmark.calls",
                CodeBenchmark.CALLS,
                8_000);
        rows.add(
                new Row(
                        "code.cycles",
                        "100,000 times from C: map two buffers of 4 KiB, copy by DMA, wait, unmap",
                        List.of("CodeBenchmark.cycles"),
                        spread((results, q) -> results.ns("CodeBenchmark.cycles", q) / 1e9),
                        "s",
                        Goal.AT_MOST,
                        5));
    }

    private void allocations() {
        allocation(
                "map.coherent",
                "map + unmap, coherent board",
                "MappingBenchmark.coherent",
                MappingBenchmark.OPERATIONS);
        allocation(
                "map.swiotlb",
                "map + unmap through SWIOTLB, coherent board",
                "MappingBenchmark.swiotlb",
                MappingBenchmark.OPERATIONS);
        allocation(
                "map.sg",
                "map_sg + unmap_sg, coherent board",
                "MappingBenchmark.list",
                MappingBenchmark.OPERATIONS);
        allocation(
                "transfer.callback",
                "memcpy with a callback, coherent board",
                "TransferBenchmark.callback",
                TransferBenchmark.OPERATIONS);
        allocation(
                "transfer.wait",
                "memcpy and wait, coherent board",
                "TransferBenchmark.completion",
                TransferBenchmark.OPERATIONS);
        allocation(
                "transfer.streamed",
                "store, map, memcpy of 4 KiB, wait, unmap, on rpi3 (no eviction)",
                "TransferBenchmark.streamed",
                TransferBenchmark.OPERATIONS);
        allocation(
                "chip.blocks",
                "a control block of 64 B in the chip's model",
                "Bcm2835Benchmark.smallBlocks",
                Bcm2835Benchmark.SMALL_COUNT);
    }

    // Kinds of rows.

    private void time(
            String name, String question, String benchmark, int operations, double targetNs) {
        rows.add(
                new Row(
                        name,
                        question,
                        List.of(benchmark),
                        spread((results, q) -> results.ns(benchmark, q) / operations),
                        "ns",
                        Goal.AT_MOST,
                        targetNs));
    }

    /** What an invocation gets done, in the unit times nanoseconds, by its time. */
    private void rate(
            String name,
            String question,
            String benchmark,
            double amount,
            String unit,
            double target) {
        rows.add(
                new Row(
                        name,
                        question,
                        List.of(benchmark),
                        spread((results, q) -> amount / results.ns(benchmark, q)),
                        unit,
                        Goal.AT_LEAST,
                        target));
    }

    /** Bandwidth to that of a peer who moves the same bytes. */
    private void ratio(String name, String question, String benchmark, String peer, double target) {
        rows.add(
                new Row(
                        name,
                        question,
                        List.of(benchmark, peer),
                        spread((results, q) -> results.ns(peer, q) / results.ns(benchmark, q)),
                        "x",
                        Goal.AT_LEAST,
                        target));
    }

    private void allocation(String what, String question, String benchmark, int operations) {
        ToDoubleFunction<Results> bytes = results -> results.allocatedBytes(benchmark) / operations;
        rows.add(
                new Row(
                        "alloc." + what,
                        "allocates nothing: " + question,
                        List.of(benchmark),
                        results -> Figure.exactly(bytes.applyAsDouble(results)),
                        "B/op",
                        Goal.AT_MOST,
                        ALLOCATED_BYTES_MAX));
    }

    @FunctionalInterface
    private interface ByQuantile {
        double of(Results results, Quantile quantile);
    }

    private static Measure spread(ByQuantile figure) {
        return results ->
                new Figure(
                        figure.of(results, Quantile.MEDIAN),
                        figure.of(results, Quantile.BEST),
                        figure.of(results, Quantile.P90));
    }
}
