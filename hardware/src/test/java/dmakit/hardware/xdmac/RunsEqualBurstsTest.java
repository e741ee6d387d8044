package dmakit.hardware.xdmac;

import static org.assertj.core.api.Assertions.assertThat;

import dmakit.datasheet.xdmac.XdmacChannelRegister;
import dmakit.datasheet.xdmac.XdmacChannelRegister.Cc;
import dmakit.datasheet.xdmac.XdmacChannelRegister.Cis;
import dmakit.datasheet.xdmac.XdmacDescriptor.Ubc;
import dmakit.datasheet.xdmac.XdmacRegister;
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
    private static final int SEEDS = 400;
    private static final int LISTS = 0x1000;
    private static final int LIST_LENGTH_MAX = 6;
    private static final int DATA = 0x8000;
    private static final int DATA_SIZE = 0x4000;
    private static final int COMPARED_SIZE = DATA + DATA_SIZE + 0x8000;
    private static final int ACTIONS = 40;
    private static final int PERID = 5;

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
            compare(seed, 5);
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
        try (XdmacBench bench = new XdmacBench()) {
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
            bench.write(XdmacRegister.GIE, -1);
            bench.write(XdmacRegister.GWAC, (int) rng.nextLong() & 0x3333);
            for (int i = 0; i < ACTIONS; i++) {
                // Half of the actions fall on the controller's own clock, where ties are.
                long wait = rng.nextLong(400 * Timing.CYCLE_PS);
                bench.pass(rng.oneIn(2) ? wait : wait / Timing.CYCLE_PS * Timing.CYCLE_PS);
                act(bench, rng, rng.nextInt(channels), log);
            }
            bench.pass(400_000 * Timing.CYCLE_PS);
            for (int i = 0; i < channels; i++) {
                show(bench, i, log);
            }
            return new Outcome(log, bench.peek(0, COMPARED_SIZE));
        }
    }

    private static void show(XdmacBench bench, int channel, List<String> log) {
        StringBuilder line = new StringBuilder().append(bench.now()).append(' ').append(channel);
        for (XdmacChannelRegister register : XdmacChannelRegister.values()) {
            line.append(' ').append(Integer.toHexString(bench.read(channel, register)));
        }
        log.add(line.append(' ').append(bench.read(XdmacRegister.GS)).toString());
    }

    private static void act(XdmacBench bench, Rng rng, int channel, List<String> log) {
        switch (rng.nextInt(12)) {
            case 0, 1, 2, 3, 4 -> start(bench, rng, channel);
            case 5, 6 -> show(bench, channel, log);
            case 7 -> bench.write(XdmacRegister.GRWS, 1 << channel);
            case 8 -> bench.write(XdmacRegister.GRWR, -1);
            case 9 -> bench.write(XdmacRegister.GSWF, 1 << channel);
            case 10 -> bench.dma.request(PERID).set(rng.oneIn(2));
            default -> bench.write(XdmacRegister.GD, 1 << channel);
        }
    }

    private static void start(XdmacBench bench, Rng rng, int channel) {
        // A store into what a run reads is seen by all of its bursts that have not been moved; a
        // register that shows how far a channel has come brings it up to now.
        for (int i = 0; i < bench.dma.channelCount(); i++) {
            bench.read(i, XdmacChannelRegister.CUBC);
        }
        bench.write(channel, XdmacChannelRegister.CIE, 1 << rng.nextInt(7) | Cis.LIS.mask());
        int base = LISTS + channel * 0x200;
        int count = 1 + rng.nextInt(LIST_LENGTH_MAX);
        for (int i = 0; i < count; i++) {
            boolean last = i + 1 == count && !rng.oneIn(40);
            int data = rng.nextInt(rng.oneIn(3) ? 900 : 40);
            bench.descriptor(
                    base + 0x40 * i,
                    i + 1 < count ? base + 0x40 * (i + 1) : base,
                    Ubc.NDE.with(0, !last)
                            | Ubc.NVIEW.of(3)
                            | Ubc.NSEN.mask()
                            | Ubc.NDEN.mask()
                            | data,
                    address(rng),
                    address(rng),
                    configuration(rng),
                    rng.oneIn(3) ? rng.nextInt(5) : 0,
                    rng.oneIn(2) ? 0 : (rng.nextInt(9) - 4) << 16 | rng.nextInt(6),
                    rng.nextInt(40) - 20 & 0xff_ffff,
                    rng.nextInt(40) - 20 & 0xff_ffff);
        }
        bench.startList(channel, base, 3);
    }

    /** Mostly in a small area, so that copies overlap; now and then on lists or nowhere. */
    private static int address(Rng rng) {
        if (rng.oneIn(60)) {
            return (int) rng.nextLong();
        }
        if (rng.oneIn(60)) {
            return LISTS + rng.nextInt(0x1000);
        }
        int at = DATA + rng.nextInt(rng.oneIn(2) ? DATA_SIZE : 64);
        return rng.oneIn(2) ? at : at & ~15;
    }

    private static int configuration(Rng rng) {
        int cc = Cc.MBSIZE.of(rng.nextInt(4)) | Cc.DWIDTH.of(rng.nextInt(4));
        cc |= Cc.SAM.of(rng.oneIn(5) ? rng.nextInt(4) : 1 + rng.nextInt(2));
        cc |= Cc.DAM.of(rng.oneIn(5) ? rng.nextInt(4) : 1 + rng.nextInt(2));
        cc |= Cc.MEMSET.of(rng.oneIn(5) ? 1 : 0);
        return rng.oneIn(8)
                ? cc | Cc.TYPE.mask() | Cc.PERID.of(PERID) | Cc.CSIZE.of(rng.nextInt(5))
                : cc;
    }
}
