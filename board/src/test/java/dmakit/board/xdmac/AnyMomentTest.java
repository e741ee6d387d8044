package dmakit.board.xdmac;

import static org.assertj.core.api.Assertions.assertThat;

import dmakit.board.Board;
import dmakit.board.Simulation;
import dmakit.datasheet.fifo.LoopbackFifoRegister;
import dmakit.datasheet.fifo.LoopbackFifoRegister.Ctrl;
import dmakit.datasheet.xdmac.XdmacLayout;
import dmakit.datasheet.xdmac.XdmacRegister;
import dmakit.kernel.boot.Kernel;
import dmakit.kernel.device.Device;
import dmakit.kernel.dma.CoherentBuffer;
import dmakit.kernel.dmaengine.BusWidth;
import dmakit.kernel.dmaengine.Capabilities;
import dmakit.kernel.dmaengine.Channel;
import dmakit.kernel.dmaengine.Descriptor;
import dmakit.kernel.dmaengine.InterleavedTemplate;
import dmakit.kernel.dmaengine.PrepFlags;
import dmakit.kernel.dmaengine.SlaveConfig;
import dmakit.kernel.dmaengine.TransactionType;
import dmakit.kernel.dmaengine.TransferDirection;
import dmakit.kernel.mapping.OwnershipViolation;
import dmakit.kernel.mm.Gfp;
import dmakit.machine.random.Rng;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Stopping, pausing, releasing and unbinding, whenever: nothing runs, nothing calls, no leak. */
class AnyMomentTest {
    private static final int SEEDS = 25;
    private static final int ROUNDS = 12;
    private static final int HALF = 1 << 16;
    private static final long CONTROLLER_PHYS = 0xe006_8000L;
    private static final long FIFO = XdmacSystem.FIFO_PHYS;
    private static final int FLAGS = PrepFlags.INTERRUPT | PrepFlags.ACK;

    private final class Run {
        private final Rng rng;
        private final Simulation simulation;
        private final Kernel kernel;
        private int calls;

        private Run(long seed, Simulation simulation) {
            rng = new Rng(seed);
            this.simulation = simulation;
            kernel = simulation.kernel();
        }

        private void go() {
            for (int round = 0; round < ROUNDS; round++) {
                boolean slave = rng.oneIn(2);
                Channel channel = slave ? slaveChannel() : copyChannel();
                Device dev = channel.device().dev();
                CoherentBuffer memory = kernel.dma().allocCoherent(dev, 2L * HALF, Gfp.KERNEL);
                for (int i = rng.nextInt(5); i >= 0; i--) {
                    submit(channel, memory.dma(), slave);
                }
                channel.issuePending();
                kernel.sched().udelay(rng.nextInt(300));
                boolean last = round == ROUNDS - 1 && rng.oneIn(2);
                disturb(channel, last);
                int callsThen = calls;
                if (last) {
                    // What the client had of the device went with it.
                    kernel.sched().udelay(500);
                    assertThat(calls).isEqualTo(callsThen);
                    return;
                }
                byte[] before = load(memory);
                kernel.sched().udelay(500);
                assertThat(calls).isEqualTo(callsThen);
                assertThat(load(memory)).isEqualTo(before);
                kernel.dma().freeCoherent(dev, memory);
            }
        }

        private Channel copyChannel() {
            return kernel.dmaEngine().requestChanByMask(Capabilities.of(TransactionType.MEMCPY));
        }

        private Channel slaveChannel() {
            Device fifo = kernel.platform().device("e0078000.fifo").orElseThrow().device();
            Channel rx = kernel.dmaEngine().requestChan(fifo, "rx");
            long data = FIFO + LoopbackFifoRegister.DATA.offset();
            rx.slaveConfig(SlaveConfig.fromDevice(data, BusWidth.BYTES_4, 8));
            var target = Objects.requireNonNull(simulation.machine().bus().rangeAt(FIFO)).target();
            target.write(LoopbackFifoRegister.RATE.offset(), 4, 400_000_000);
            target.write(LoopbackFifoRegister.WATERMARK.offset(), 4, 8 << 16 | 8);
            target.write(
                    LoopbackFifoRegister.CTRL.offset(),
                    4,
                    Ctrl.ENABLE.mask() | Ctrl.RX_REQ_EN.mask() | Ctrl.SOURCE.mask());
            return rx;
        }

        private void submit(Channel channel, long dma, boolean slave) {
            int size = 8 + rng.nextInt(HALF - 8);
            Descriptor desc;
            if (slave) {
                desc =
                        rng.oneIn(3)
                                ? tryCyclic(channel, dma)
                                : channel.prepSlaveSingle(
                                        dma, size & -4, TransferDirection.DEV_TO_MEM, FLAGS);
            } else {
                desc =
                        switch (rng.nextInt(3)) {
                            case 0 -> channel.prepMemset(dma, rng.nextInt(256), size, FLAGS);
                            case 1 ->
                                    channel.prepInterleaved(
                                            InterleavedTemplate.rectangle(
                                                    dma + HALF, dma, 50, 64, 8, 16),
                                            FLAGS);
                            default -> channel.prepMemcpy(dma, dma + HALF, size, FLAGS);
                        };
            }
            desc.callback(() -> calls++);
            if (!rng.oneIn(8)) {
                desc.submit();
            }
        }

        /** A channel has one ring at a time. */
        private Descriptor tryCyclic(Channel channel, long dma) {
            channel.terminateSync();
            return channel.prepCyclic(dma, HALF, HALF / 16, TransferDirection.DEV_TO_MEM, FLAGS);
        }

        private void disturb(Channel channel, boolean last) {
            if (rng.oneIn(3)) {
                channel.pause();
            }
            if (rng.oneIn(4)) {
                channel.resume();
            }
            if (last) {
                unbind();
                kernel.dmaEngine().release(channel);
                return;
            }
            if (rng.oneIn(2)) {
                channel.terminateAsync();
                channel.synchronize();
            }
            kernel.dmaEngine().release(channel);
            assertThat(enabled()).isZero();
        }

        private void unbind() {
            try {
                kernel.platform()
                        .unbind(kernel.platform().device("e0068000.dma-controller").orElseThrow());
            } catch (OwnershipViolation held) {
                // What the client has not given back, and nothing of the driver's.
                assertThat(held).hasMessageContaining("coherent");
            }
            assertThat(enabled()).isZero();
        }

        private int enabled() {
            var range = simulation.machine().bus().rangeAt(CONTROLLER_PHYS);
            return (int)
                    Objects.requireNonNull(range)
                            .target()
                            .read(XdmacLayout.SAMA7G5.offsetOf(XdmacRegister.GS), 4);
        }

        private byte[] load(CoherentBuffer memory) {
            byte[] bytes = new byte[HALF];
            kernel.machine().cpu().load(memory.va(), bytes, 0, HALF);
            return bytes;
        }
    }

    @Test
    void nothingIsLeftBehind() {
        for (int seed = 0; seed < SEEDS; seed++) {
            Simulation.Options options = Simulation.Options.seeded(seed);
            try (Simulation simulation = Simulation.boot(Board.of("lan9691"), options)) {
                Run run = new Run(seed, simulation);
                try {
                    simulation.kernel().run("test", run::go);
                } catch (RuntimeException | AssertionError failure) {
                    throw new AssertionError("seed " + seed, failure);
                }
            }
        }
    }
}
