package dmakit.board;

import static org.assertj.core.api.Assertions.assertThat;

import dmakit.datasheet.fifo.LoopbackFifoRegister;
import dmakit.datasheet.fifo.LoopbackFifoRegister.Ctrl;
import dmakit.kernel.boot.Kernel;
import dmakit.kernel.device.Device;
import dmakit.kernel.device.PlatformDevice;
import dmakit.kernel.dma.CoherentBuffer;
import dmakit.kernel.dmaengine.BusWidth;
import dmakit.kernel.dmaengine.Channel;
import dmakit.kernel.dmaengine.Descriptor;
import dmakit.kernel.dmaengine.PrepFlags;
import dmakit.kernel.dmaengine.SlaveConfig;
import dmakit.kernel.dmaengine.TransferDirection;
import dmakit.kernel.mm.Gfp;
import dmakit.kernel.sched.Jiffies;
import dmakit.kernel.sync.Completion;
import dmakit.machine.bus.Target;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class SimulationTest {
    /** A loopback FIFO on two request lines of the Raspberry Pi's controller. */
    private static final String FIFO_OVERLAY =
            """
            /dts-v1/;
            /plugin/;

            &soc {
                fifo@7e340000 {
                    compatible = "dmakit,loopback-fifo";
                    reg = <0x7e340000 0x1000>;
                    dmas = <&dma 4>, <&dma 9>;
                    dma-names = "tx", "rx";
                };
            };
            """;

    private static final long FIFO_PHYS = 0x3f34_0000L;
    private static final int WORDS = 16;

    @Test
    void aPeripheralOfTheTreeIsWiredToItsController() {
        Board board = Board.of("rpi3").withOverlay(FIFO_OVERLAY, "fifo.dtso");
        try (Simulation simulation = Simulation.boot(board, Simulation.Options.seeded(1))) {
            Kernel kernel = simulation.kernel();
            PlatformDevice fifo = kernel.platform().device("3f340000.fifo").orElseThrow();
            kernel.run("test", () -> sendWords(kernel, fifo));
            assertThat(fifo(simulation).read(LoopbackFifoRegister.TX_SUM.offset(), 4))
                    .isEqualTo(WORDS * 0x0101_0101L);
        }
    }

    private static Target fifo(Simulation simulation) {
        return Objects.requireNonNull(simulation.machine().bus().rangeAt(FIFO_PHYS)).target();
    }

    private static void sendWords(Kernel kernel, PlatformDevice fifo) {
        Channel tx = kernel.dmaEngine().requestChan(fifo.device(), "tx");
        Device controller = tx.device().dev();
        CoherentBuffer words =
                kernel.dma().allocCoherent(controller, WORDS * Integer.BYTES, Gfp.KERNEL);
        kernel.machine().cpu().fill(words.va(), words.size(), (byte) 1);
        long registers = kernel.mm().io().ioremap(FIFO_PHYS, LoopbackFifoRegister.SIZE);
        kernel.machine()
                .cpu()
                .store32(
                        registers + LoopbackFifoRegister.CTRL.offset(),
                        Ctrl.ENABLE.mask() | Ctrl.TX_REQ_EN.mask());
        tx.slaveConfig(SlaveConfig.toDevice(FIFO_PHYS, BusWidth.BYTES_4, 1));
        Completion done = new Completion(kernel.sched());
        Descriptor descriptor =
                tx.prepSlaveSingle(
                        words.dma(),
                        words.size(),
                        TransferDirection.MEM_TO_DEV,
                        PrepFlags.INTERRUPT | PrepFlags.ACK);
        descriptor.callback(done::complete);
        descriptor.submit();
        tx.issuePending();
        assertThat(done.waitForTimeout(Jiffies.ofMillis(1000))).isPositive();
        kernel.sched().msleep(10);
        kernel.dma().freeCoherent(controller, words);
        kernel.mm().io().iounmap(registers);
        kernel.dmaEngine().release(tx);
    }
}
