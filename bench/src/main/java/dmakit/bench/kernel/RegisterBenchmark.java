package dmakit.bench.kernel;

import dmakit.datasheet.bcm2835.DmaChannelRegister;
import dmakit.machine.bus.Bus;
import dmakit.machine.cpu.Cpu;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** What does a driver pay for reading a register of a chip? */
@State(Scope.Thread)
public class RegisterBenchmark {
    /** Reads of one invocation. */
    public static final int OPERATIONS = 4096;

    private final BootedBoard board = new BootedBoard(BootedBoard.NON_COHERENT);
    private final Cpu cpu = board.machine().cpu();
    private final long va = remap() + DmaChannelRegister.CS.offset();
    private int seen;

    private long remap() {
        Bus.Range chip = board.machine().bus().ranges().getFirst();
        return board.kernel()
                .call("setup", () -> board.kernel().mm().io().ioremap(chip.base(), chip.size()));
    }

    /** Switches the machine off. */
    @TearDown
    public void close() {
        board.close();
    }

    /** CS of the DMA controller's first channel. */
    @Benchmark
    public int readl() {
        board.run(() -> {
            for (int i = 0; i < OPERATIONS; i++) {
                seen += cpu.load32(va);
            }
        });
        return seen;
    }
}
