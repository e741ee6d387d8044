package dmakit.board.ioat;

import static org.assertj.core.api.Assertions.assertThat;

import dmakit.board.Board;
import dmakit.board.Simulation;
import dmakit.kernel.boot.Kernel;
import dmakit.kernel.device.Device;
import dmakit.kernel.dma.CoherentBuffer;
import dmakit.kernel.dmaengine.Capabilities;
import dmakit.kernel.dmaengine.Channel;
import dmakit.kernel.dmaengine.Descriptor;
import dmakit.kernel.dmaengine.PrepFlags;
import dmakit.kernel.dmaengine.SumCheck;
import dmakit.kernel.dmaengine.TransactionType;
import dmakit.kernel.mapping.OwnershipViolation;
import dmakit.kernel.mm.Gfp;
import dmakit.machine.random.Rng;
import org.junit.jupiter.api.Test;

/** Releasing a channel and unbinding its driver, whenever: nothing runs, nothing calls, no leak. */
class IoatAnyMomentTest {
    private static final int SEEDS = 12;
    private static final int ROUNDS = 6;
    private static final int ROW = 1 << 14;
    private static final int ROWS = 20;
    private static final long NOWHERE = 0x70_0000_0000L;

    private final class Run {
        private final Rng rng;
        private final Kernel kernel;
        private int calls;

        private Run(long seed, Kernel kernel) {
            rng = new Rng(seed);
            this.kernel = kernel;
        }

        private void go() {
            for (int round = 0; round < ROUNDS; round++) {
                Channel channel =
                        kernel.dmaEngine().requestChanByMask(Capabilities.of(TransactionType.PQ));
                Device dev = channel.device().dev();
                CoherentBuffer memory =
                        kernel.dma().allocCoherent(dev, (long) ROW * ROWS, Gfp.KERNEL);
                for (int i = rng.nextInt(8); i >= 0; i--) {
                    submit(channel, memory.dma());
                }
                channel.issuePending();
                kernel.sched().udelay(rng.nextInt(200));
                boolean last = round == ROUNDS - 1 && rng.oneIn(2);
                if (last) {
                    unbind();
                }
                kernel.dmaEngine().release(channel);
                int callsThen = calls;
                byte[] before = last ? new byte[0] : load(memory);
                kernel.sched().udelay(500);
                assertThat(calls).isEqualTo(callsThen);
                if (last) {
                    return; // what the client had of the device went with it
                }
                assertThat(load(memory)).isEqualTo(before);
                kernel.dma().freeCoherent(dev, memory);
            }
        }

        private void submit(Channel channel, long dma) {
            int flags = PrepFlags.ACK | (rng.oneIn(4) ? 0 : PrepFlags.INTERRUPT);
            int count = 2 + rng.nextInt(14);
            long[] sources = new long[count];
            byte[] coefficients = new byte[count];
            for (int i = 0; i < count; i++) {
                sources[i] = rng.oneIn(60) ? NOWHERE : dma + (long) (i + 2) * ROW;
                coefficients[i] = (byte) rng.nextInt(256);
            }
            long[] pq = {dma, dma + ROW};
            int size = 1 + rng.nextInt(ROW);
            Descriptor desc =
                    switch (rng.nextInt(5)) {
                        case 0 -> channel.prepPq(pq, sources, coefficients, size, flags);
                        case 1 ->
                                channel.prepPqVal(
                                        pq, sources, coefficients, size, new SumCheck(), flags);
                        case 2 -> channel.prepXor(dma, sources, size, flags);
                        case 3 -> channel.prepInterrupt(flags);
                        default -> channel.prepMemcpy(dma, sources[0], size, flags);
                    };
            desc.callback(() -> calls++);
            if (!rng.oneIn(8)) {
                desc.submit();
            }
        }

        private void unbind() {
            var function =
                    kernel.pci().devices().stream()
                            .filter(device -> device.name().equals("0000:00:05.0"))
                            .findFirst()
                            .orElseThrow();
            try {
                kernel.pci().unbind(function);
            } catch (OwnershipViolation held) {
                // One buffer, the client's: nothing of the driver's.
                assertThat(held)
                        .hasMessageMatching(
                                ".* still holds \\[dma:\\w+, 0x50000 bytes, [\\w ]+\\]");
            }
        }

        private byte[] load(CoherentBuffer memory) {
            byte[] bytes = new byte[2 * ROW];
            kernel.machine().cpu().load(memory.va(), bytes, 0, bytes.length);
            return bytes;
        }
    }

    @Test
    void nothingIsLeftBehind() {
        for (int seed = 0; seed < SEEDS; seed++) {
            Simulation.Options options = Simulation.Options.seeded(seed);
            try (Simulation simulation = Simulation.boot(Board.of("pc"), options)) {
                Run run = new Run(seed, simulation.kernel());
                try {
                    simulation.kernel().run("test", run::go);
                } catch (RuntimeException | AssertionError failure) {
                    throw new AssertionError("seed " + seed, failure);
                }
            }
        }
    }
}
