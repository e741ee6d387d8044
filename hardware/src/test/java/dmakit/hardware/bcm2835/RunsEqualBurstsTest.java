package dmakit.hardware.bcm2835;

import static dmakit.hardware.bcm2835.DmaBench.bus;
import static org.assertj.core.api.Assertions.assertThat;

import dmakit.datasheet.bcm2835.DmaChannelRegister;
import dmakit.datasheet.bcm2835.DmaChannelRegister.Cs;
import dmakit.datasheet.bcm2835.DmaChannelRegister.Debug;
import dmakit.datasheet.bcm2835.DmaChannelRegister.Ti;
import dmakit.datasheet.bcm2835.DmaControllerRegister;
import dmakit.hardware.bcm2835.Bcm2835Dma.Disturbance;
import dmakit.machine.random.Rng;
import dmakit.machine.trace.TraceEvent;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Moving a run of bursts in one event changes nothing that software can see: random programs, run
 * once with runs and once burst by burst, leave the same bytes, show the same registers on the way,
 * and interrupt in the same picosecond.
 */
class RunsEqualBurstsTest {
    private static final int SEEDS = 600;
    private static final int BLOCKS = 0x1000;
    private static final int BLOCKS_PER_CHANNEL = 8;
    private static final int DATA = 0x8000;
    private static final int DATA_SIZE = 0x4000;
    private static final int COMPARED_SIZE = DATA + DATA_SIZE + 0x8000;
    private static final int PACED_BY = 5;
    private static final int ACTIONS = 40;
    private static final long GRID_PS = Timing.CYCLE_PS;

    private record Outcome(List<String> log, byte[] memory) {}

    @Test
    void inRandomProgramsOfOneChannel() {
        for (int seed = 0; seed < SEEDS; seed++) {
            compare(seed, 1);
        }
    }

    @Test
    void inRandomProgramsOfCompetingChannels() {
        for (int seed = 0; seed < SEEDS; seed++) {
            compare(seed, 4);
        }
    }

    private static void compare(long seed, int channels) {
        Outcome runs = run(seed, channels, false);
        Outcome bursts = run(seed, channels, true);
        assertThat(runs.log()).as("seed %d, %d channels", seed, channels).isEqualTo(bursts.log());
        assertThat(runs.memory())
                .as("seed %d, %d channels", seed, channels)
                .isEqualTo(bursts.memory());
    }

    private static Outcome run(long seed, int channels, boolean burstByBurst) {
        Rng rng = new Rng(seed);
        List<String> log = new ArrayList<>();
        try (DmaBench bench = new DmaBench()) {
            if (burstByBurst) {
                bench.dma.moveBurstByBurst();
            }
            bench.machine
                    .trace()
                    .addSink(event -> {
                        if (event instanceof TraceEvent.InterruptLevel level) {
                            log.add(level.toString());
                        }
                    });
            bench.fill(DATA, DATA_SIZE, seed);
            for (int i = 0; i < ACTIONS; i++) {
                // Half of the actions fall on the controller's own clock, where ties are.
                long wait = rng.nextLong(400 * GRID_PS);
                bench.pass(rng.oneIn(2) ? wait : wait / GRID_PS * GRID_PS);
                act(bench, rng, channelAt(rng.nextInt(channels)), log);
            }
            bench.pass(200_000 * GRID_PS);
            for (int i = 0; i < channels; i++) {
                for (DmaChannelRegister register : DmaChannelRegister.values()) {
                    log.add(
                            register
                                    + "="
                                    + Integer.toHexString(bench.read(channelAt(i), register)));
                }
            }
            return new Outcome(log, bench.peek(0, COMPARED_SIZE));
        }
    }

    /** Full channels, channel 0 with its FIFO among them, and a lite one. */
    private static int channelAt(int i) {
        return new int[] {0, 3, 9, 5}[i];
    }

    private static void act(DmaBench bench, Rng rng, int channel, List<String> log) {
        switch (rng.nextInt(14)) {
            case 0, 1, 2, 3 -> startChain(bench, rng, channel);
            case 4, 5, 6 -> {
                DmaChannelRegister register =
                        DmaChannelRegister.values()[
                                rng.nextInt(DmaChannelRegister.values().length)];
                int value = bench.read(channel, register);
                log.add(bench.now() + " " + channel + register + Integer.toHexString(value));
            }
            case 7 -> bench.write(channel, DmaChannelRegister.CS, Cs.PRIORITY.of(rng.nextInt(3)));
            case 8 -> {
                bench.write(channel, DmaChannelRegister.DEBUG, Debug.READ_ERROR.mask());
                bench.write(channel, DmaChannelRegister.CS, Cs.ACTIVE.mask() | Cs.INT.mask());
            }
            case 9 -> {
                int command = rng.oneIn(2) ? Cs.ABORT.mask() : Cs.RESET.mask();
                bench.write(channel, DmaChannelRegister.CS, Cs.ACTIVE.mask() | command);
            }
            case 10 -> bench.dma.request(PACED_BY).set(rng.oneIn(2));
            case 11 -> bench.dma.debugPause(rng.oneIn(2));
            case 12 -> bench.dma.disturb(channel, Disturbance.READ_LAST_NOT_SET);
            default -> {
                bench.write(
                        DmaControllerRegister.ENABLE,
                        rng.oneIn(3) ? 0x7fff & ~(1 << channel) : 0x7fff);
            }
        }
    }

    private static void startChain(DmaBench bench, Rng rng, int channel) {
        // A store into what a run reads is seen by all of its bursts that have not been moved; a
        // register that shows how far a channel has come brings it up to now.
        for (int i = 0; i < bench.dma.channelCount(); i++) {
            bench.read(i, DmaChannelRegister.TXFR_LEN);
        }
        int count = 1 + rng.nextInt(BLOCKS_PER_CHANNEL);
        int base = BLOCKS + channel * BLOCKS_PER_CHANNEL * 32;
        for (int i = 0; i < count; i++) {
            int next = i + 1 < count ? bus(base + 32L * (i + 1)) : 0;
            if (rng.oneIn(40)) {
                next = bus(base);
            }
            boolean rows = rng.oneIn(4);
            int length = rows ? (rng.nextInt(6) << 16) | rng.nextInt(90) : rng.nextInt(3000);
            int ti = Ti.TDMODE.with(transferInfo(rng), rows);
            int stride = (rng.nextInt(200) - 100) << 16 | (rng.nextInt(200) - 100) & 0xffff;
            bench.block(base + 32L * i, ti, address(rng), address(rng), length, stride, next);
        }
        int control =
                Cs.PRIORITY.of(rng.nextInt(3))
                        | (rng.oneIn(4) ? Cs.WAIT_FOR_OUTSTANDING_WRITES.mask() : 0);
        bench.start(channel, base, control);
    }

    /**
     * Mostly in a small area, so that copies overlap; now and then on control blocks or nowhere.
     */
    private static int address(Rng rng) {
        if (rng.oneIn(60)) {
            return (int) rng.nextLong();
        }
        if (rng.oneIn(60)) {
            return bus(BLOCKS + rng.nextInt(0x1000));
        }
        int at = DATA + rng.nextInt(rng.oneIn(2) ? DATA_SIZE : 64);
        return bus(rng.oneIn(2) ? at : at & ~15);
    }

    private static int transferInfo(Rng rng) {
        int ti = Ti.BURST_LENGTH.of(rng.oneIn(2) ? 0 : rng.nextInt(16));
        ti = Ti.SRC_INC.with(ti, !rng.oneIn(5));
        ti = Ti.DEST_INC.with(ti, !rng.oneIn(5));
        ti = Ti.SRC_WIDTH.with(ti, rng.oneIn(2));
        ti = Ti.DEST_WIDTH.with(ti, rng.oneIn(2));
        ti = Ti.SRC_IGNORE.with(ti, rng.oneIn(12));
        ti = Ti.DEST_IGNORE.with(ti, rng.oneIn(12));
        ti = Ti.WAIT_RESP.with(ti, rng.oneIn(3));
        ti = Ti.INTEN.with(ti, rng.oneIn(2));
        ti = Ti.NO_WIDE_BURSTS.with(ti, rng.oneIn(3));
        ti = rng.oneIn(3) ? Ti.WAITS.with(ti, rng.nextInt(32)) : ti;
        ti = rng.oneIn(8) ? Ti.PERMAP.with(ti, PACED_BY) : ti;
        return rng.oneIn(2) ? Ti.SRC_DREQ.with(ti, true) : ti;
    }
}
