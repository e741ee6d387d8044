package dmakit.board.axidmac;

import static org.assertj.core.api.Assertions.assertThat;

import dmakit.datasheet.axidmac.AxiDmacRegister;
import dmakit.kernel.dma.CoherentBuffer;
import dmakit.kernel.dmaengine.Channel;
import dmakit.kernel.dmaengine.Descriptor;
import dmakit.kernel.dmaengine.InterleavedTemplate;
import dmakit.kernel.dmaengine.PrepFlags;
import dmakit.kernel.dmaengine.TransferDirection;
import dmakit.kernel.mm.Gfp;
import dmakit.machine.random.Rng;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Stopping, releasing and unbinding, whenever: nothing runs, nothing calls. */
class AxiDmacAnyMomentTest {
    private static final int SEEDS = 10;
    private static final int ROUNDS = 12;
    private static final int SIZE = 1 << 16;
    private static final int FLAGS = PrepFlags.INTERRUPT | PrepFlags.ACK;

    /** One seed's run; a channel with the memory it moves. */
    private static final class Run {
        private final AxiDmacRig rig;
        private final Rng rng;
        private int calls;

        private Run(AxiDmacRig rig, long seed) {
            this.rig = rig;
            rng = Rng.named(seed, "moments");
        }

        private record Busy(Channel channel, CoherentBuffer memory) {}

        private void go() {
            for (int round = 0; round < ROUNDS; round++) {
                List<Busy> all = new ArrayList<>();
                for (String name : List.of("tx", "rx", "copy")) {
                    all.add(begin(name));
                }
                rig.kernel.sched().udelay(rng.nextInt(300));
                boolean unbinds = round == ROUNDS - 1 && rng.oneIn(2);
                if (unbinds) {
                    rig.kernel.platform().unbind(rig.device(AxiDmacRig.TX));
                    rig.kernel.platform().unbind(rig.device(AxiDmacRig.RX));
                }
                for (Busy busy : all) {
                    if (!unbinds && rng.oneIn(2)) {
                        busy.channel().terminateSync();
                    }
                    rig.release(busy.channel());
                }
                assertThat(control(4) | control(5) | control(7)).isZero();
                int before = calls;
                List<byte[]> contents = new ArrayList<>();
                for (Busy busy : all) {
                    contents.add(rig.load(busy.memory().va(), SIZE));
                }
                rig.pause(500);
                assertThat(calls).isEqualTo(before);
                if (unbinds) {
                    return; // what the client had of the devices went with them
                }
                for (int i = 0; i < all.size(); i++) {
                    Busy busy = all.get(i);
                    assertThat(rig.load(busy.memory().va(), SIZE)).isEqualTo(contents.get(i));
                    rig.kernel.dma().freeCoherent(busy.channel().device().dev(), busy.memory());
                }
            }
        }

        private Busy begin(String name) {
            Channel channel = rig.channel(name);
            CoherentBuffer memory =
                    rig.kernel.dma().allocCoherent(channel.device().dev(), SIZE, Gfp.KERNEL);
            for (int i = rng.nextInt(6); i >= 0; i--) {
                Descriptor desc =
                        name.equals("copy")
                                ? rows(channel, memory.dma())
                                : streamed(
                                        channel,
                                        memory.dma(),
                                        name.equals("tx")
                                                ? TransferDirection.MEM_TO_DEV
                                                : TransferDirection.DEV_TO_MEM);
                if (!rng.oneIn(3)) {
                    desc.callback(() -> calls++);
                }
                if (!rng.oneIn(8)) {
                    desc.submit();
                }
                if (rng.oneIn(3)) {
                    channel.issuePending();
                    rig.kernel.sched().udelay(rng.nextInt(20));
                }
            }
            channel.issuePending();
            return new Busy(channel, memory);
        }

        private Descriptor rows(Channel channel, long dma) {
            return channel.prepInterleaved(
                    InterleavedTemplate.rectangle(
                            dma, dma + SIZE / 2, 60 + rng.nextInt(30), 256, 64, 8),
                    rng.oneIn(2) ? 0 : FLAGS);
        }

        private Descriptor streamed(Channel channel, long dma, TransferDirection direction) {
            int flags = FLAGS | (rng.oneIn(2) ? PrepFlags.LOAD_EOT : 0);
            // Not so short that the CPU does nothing but to handle interrupts.
            long half = SIZE / 8 + 8L * (1 + rng.nextInt(SIZE / 32));
            return switch (rng.nextInt(4)) {
                case 0 -> channel.prepCyclic(dma, SIZE, SIZE / 4, direction, flags);
                case 1 -> channel.prepSlaveSingle(dma, half, direction, flags);
                default ->
                        channel.prepPeripheralVec(
                                new long[] {dma, dma + SIZE / 2},
                                new long[] {half, 64},
                                direction,
                                rng.oneIn(2) ? flags | PrepFlags.REPEAT : flags);
            };
        }

        private int control(int core) {
            return (int)
                    rig.simulation
                            .machine()
                            .bus()
                            .rangeAt(0xa000_0000L + 0x1_0000L * core)
                            .target()
                            .read(AxiDmacRegister.CONTROL.offset(), 4);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "zynqmp, ''",
        "zynqmp-smmu, ''",
        "zynqmp, '" + AxiDmacRig.SCATTER_GATHER + "'",
        "zynqmp-smmu, '" + AxiDmacRig.SCATTER_GATHER + "'"
    })
    void leavesNothingRunning(String board, String overlay) {
        for (long seed = 0; seed < SEEDS; seed++) {
            try (AxiDmacRig rig = new AxiDmacRig(board, overlay, "")) {
                Run run = new Run(rig, seed);
                rig.run(run::go);
                assertThat(rig.kernel.findings().all())
                        .as("seed %d", seed)
                        .noneMatch(finding -> finding.message().contains("bus"));
            }
        }
    }
}
