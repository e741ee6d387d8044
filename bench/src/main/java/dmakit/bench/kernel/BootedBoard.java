package dmakit.bench.kernel;

import dmakit.board.Board;
import dmakit.board.Simulation;
import dmakit.kernel.boot.Kernel;
import dmakit.kernel.check.SiteSource;
import dmakit.kernel.check.SourceLine;
import dmakit.kernel.device.Device;
import dmakit.kernel.dma.CoherentBuffer;
import dmakit.kernel.dmaengine.Capabilities;
import dmakit.kernel.dmaengine.Channel;
import dmakit.kernel.dmaengine.TransactionType;
import dmakit.kernel.mm.Gfp;
import dmakit.kernel.mm.PageAllocator;
import dmakit.machine.Machine;
import dmakit.machine.cpu.AddressLayout;
import java.util.Optional;

/** A board with a booted kernel and one channel for copies; caches act only when told to. */
final class BootedBoard implements AutoCloseable {
    static final String COHERENT = "rpi3-coherent";
    static final String NON_COHERENT = "rpi3";
    static final String IOMMU = "rpi3-smmu";

    private static final String SNOOPING = "/dts-v1/; /plugin/; &soc { dma-coherent; };";

    private final Simulation simulation;
    private final Channel channel;

    BootedBoard(String board) {
        this(board, "");
    }

    /** Boots with a command line. */
    BootedBoard(String board, String commandLine) {
        simulation =
                Simulation.boot(
                        boardOf(board),
                        new Simulation.Options(
                                1, Optional.of(new Machine.Cache.None()), commandLine));
        channel =
                kernel().call(
                                "setup",
                                () ->
                                        kernel().dmaEngine()
                                                .requestChanByMask(
                                                        Capabilities.of(TransactionType.MEMCPY)));
    }

    /** The invented IOMMU sits before devices that snoop, so that its own cost is seen. */
    private static Board boardOf(String name) {
        Board board = Board.of(name);
        return name.equals(IOMMU) ? board.withOverlay(SNOOPING, "snooping.dtso") : board;
    }

    Kernel kernel() {
        return simulation.kernel();
    }

    Machine machine() {
        return simulation.machine();
    }

    Channel channel() {
        return channel;
    }

    /** The device that reaches memory for the channel. */
    Device device() {
        return channel.device().dev();
    }

    /** Looks for mistakes from now on; drivers are said to be at one place, as those in C say. */
    BootedBoard checking() {
        kernel().findings().foreignSites(new OnePlace());
        return checkingJava();
    }

    /** Looks for mistakes from now on; where drivers are is found on their stack. */
    BootedBoard checkingJava() {
        kernel().findings().enable();
        return this;
    }

    private static final class OnePlace implements SiteSource {
        @Override
        public long here() {
            return FOREIGN | 1;
        }

        @Override
        public SourceLine lineOf(long site) {
            return SourceLine.UNKNOWN;
        }
    }

    /** Runs one task to its end. */
    void run(Runnable body) {
        kernel().run("bench", body);
    }

    /** Ordinary memory, by its virtual address. */
    long pages(long bytes) {
        return kernel().call(
                        "setup",
                        () ->
                                kernel().mm()
                                        .pages()
                                        .getFreePages(Gfp.KERNEL, PageAllocator.orderFor(bytes)));
    }

    CoherentBuffer coherent(long bytes) {
        return kernel().call(
                        "setup", () -> kernel().dma().allocCoherent(device(), bytes, Gfp.KERNEL));
    }

    /** Makes every line of a buffer dirty, in no simulated time. */
    void soil(long va, long bytes, byte value) {
        machine().caches().fill(offset(va), bytes, value);
    }

    /** Makes every line of a buffer valid and clean, in no simulated time. */
    void clean(long va, long bytes) {
        soil(va, bytes, (byte) 1);
        machine().caches().clean(offset(va), bytes);
    }

    private long offset(long va) {
        return machine().ram().offsetOf(va - AddressLayout.LINEAR_BASE);
    }

    /** Switches the machine off. */
    @Override
    public void close() {
        machine().close();
    }
}
