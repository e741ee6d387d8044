package dmakit.hardware.bcm2835;

import static org.assertj.core.api.Assertions.assertThat;

import dmakit.datasheet.bcm2835.DmaChannelRegister;
import dmakit.datasheet.bcm2835.DmaChannelRegister.Cs;
import dmakit.datasheet.bcm2835.DmaControlBlock;
import dmakit.datasheet.bcm2835.DmaControllerRegister;
import dmakit.hardware.bcm2835.Bcm2835Dma.Disturbance;
import dmakit.machine.random.Rng;
import dmakit.machine.time.Clock;
import dmakit.machine.trace.TraceEvent;
import org.junit.jupiter.api.Test;

/**
 * Whatever is stored to registers and lies in memory, the controller goes on in bounded events and
 * throws nothing: chains that return to themselves, blocks that overwrite themselves, lengths of
 * zero and of a gigabyte, addresses that wrap or lead nowhere or to its own registers.
 */
class Bcm2835FuzzTest {
    private static final int ROUNDS = 20_000;
    private static final int ROUNDS_PER_MACHINE = 500;
    private static final int EVENTS_PER_ROUND = 20;
    private static final int BLOCKS = 64;
    private static final int BLOCKS_AT = 0x1000;

    @Test
    void nothingAGuestDoesStopsTheHost() {
        long moved = 0;
        long refused = 0;
        for (int seed = 0; seed < ROUNDS / ROUNDS_PER_MACHINE; seed++) {
            long[] counts = new long[2];
            run(seed, counts);
            moved += counts[0];
            refused += counts[1];
        }
        assertThat(moved).as("transfers: the fuzz reaches what it is for").isGreaterThan(1000);
        assertThat(refused).as("refusals").isGreaterThan(100);
    }

    private static void run(long seed, long[] counts) {
        Rng rng = new Rng(seed);
        try (DmaBench bench = new DmaBench()) {
            bench.attachFifo();
            bench.machine
                    .trace()
                    .addSink(event -> {
                        switch (event) {
                            case TraceEvent.Transfer _ -> counts[0]++;
                            case TraceEvent.BusError _ -> counts[1]++;
                            default -> {
                                // Not counted.
                            }
                        }
                    });
            for (int round = 0; round < ROUNDS_PER_MACHINE; round++) {
                act(bench, rng);
                for (int i = 0; i < EVENTS_PER_ROUND; i++) {
                    if (bench.machine.clock().nextAt() == Clock.NEVER) {
                        break;
                    }
                    bench.machine.clock().advanceTo(bench.machine.clock().nextAt());
                }
            }
            settles(bench, seed);
        }
    }

    /** After a reset of each channel nothing is left to happen. */
    private static void settles(DmaBench bench, long seed) {
        for (int channel = 0; channel < bench.dma.channelCount(); channel++) {
            bench.write(channel, DmaChannelRegister.CS, Cs.RESET.mask());
            assertThat(bench.cs(channel)).as("seed %d", seed).isZero();
        }
        assertThat(bench.finish()).as("seed %d", seed).isLessThan(EVENTS_PER_ROUND);
        assertThat(bench.irqs).as("seed %d", seed).noneMatch(line -> line.isAsserted());
    }

    private static void act(DmaBench bench, Rng rng) {
        int channel = rng.nextInt(bench.dma.channelCount());
        switch (rng.nextInt(10)) {
            case 0, 1 -> bench.poke(BLOCKS_AT + rng.nextInt(BLOCKS) * 32L, block(rng));
            case 2, 3, 4 -> {
                bench.poke(BLOCKS_AT + rng.nextInt(BLOCKS) * 32L, block(rng));
                if (rng.oneIn(2)) {
                    // Out of the faults and waits that would gather otherwise.
                    bench.write(channel, DmaChannelRegister.CS, Cs.RESET.mask());
                    bench.write(DmaControllerRegister.ENABLE, -1);
                }
                bench.write(channel, DmaChannelRegister.CONBLK_AD, blockAddress(rng));
                bench.write(channel, DmaChannelRegister.CS, (int) rng.nextLong() & 0x30ff_0007 | 1);
            }
            case 5 -> bench.dma.request(1 + rng.nextInt(31)).set(rng.oneIn(2));
            case 6 -> {
                bench.dma.debugPause(rng.oneIn(4));
                bench.dma.disturb(channel, Disturbance.READ_LAST_NOT_SET);
            }
            default -> {
                int bytes = 1 << rng.nextInt(4);
                int offset = rng.nextInt(Bcm2835Dma.SIZE / bytes) * bytes;
                offset = rng.oneIn(2) ? offset & 0xf3f : offset;
                bench.dma.write(offset, bytes, rng.nextLong() >>> (Long.SIZE - 8 * bytes));
                bench.dma.read(offset, bytes);
            }
        }
    }

    private static int blockAddress(Rng rng) {
        return rng.oneIn(10)
                ? (int) rng.nextLong()
                : DmaBench.bus(BLOCKS_AT + rng.nextInt(BLOCKS) * 32L);
    }

    private static byte[] block(Rng rng) {
        int[] words = {
            (int) rng.nextLong(),
            address(rng),
            address(rng),
            rng.oneIn(3) ? (int) rng.nextLong() : rng.nextInt(1 << rng.nextInt(16)),
            (int) rng.nextLong(),
            rng.oneIn(4) ? 0 : blockAddress(rng),
            (int) rng.nextLong(),
            (int) rng.nextLong()
        };
        byte[] bytes = new byte[DmaControlBlock.SIZE];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (words[i / 4] >>> (8 * (i % 4)));
        }
        return bytes;
    }

    /** In RAM, at the blocks, at registers, at the end of the addresses, or anywhere. */
    private static int address(Rng rng) {
        return switch (rng.nextInt(8)) {
            case 0 -> DmaBench.bus(BLOCKS_AT + rng.nextInt(BLOCKS * 32));
            case 1 -> (int) DmaBench.PERIPHERALS_BUS + 0x7000 + rng.nextInt(Bcm2835Dma.SIZE);
            case 2 -> DmaBench.FIFO_DATA_BUS;
            case 3 -> -1 - rng.nextInt(64);
            case 4 -> (int) rng.nextLong();
            default -> DmaBench.bus(0x10_0000 + rng.nextInt(0x10_0000));
        };
    }
}
