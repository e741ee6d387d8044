package dmakit.hardware.axi;

import static org.assertj.core.api.Assertions.assertThat;

import dmakit.datasheet.axi.AxiCopyChannelRegister;
import dmakit.datasheet.axi.AxiCopyChannelRegister.Ctrl;
import dmakit.datasheet.axi.AxiCopyRegister;
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
class CopyRunsEqualBurstsTest {
    private static final int SEEDS = 500;
    private static final int ACTIONS = 40;
    private static final long SOURCE = 0x10_0000;
    private static final long DEST = 0x20_0000;
    private static final int AREA = 0x8000;

    private record Outcome(List<String> log, byte[] memory) {}

    @Test
    void withOneChannel() {
        compare(1);
    }

    @Test
    void withThreeChannels() {
        compare(3);
    }

    private static void compare(int channels) {
        for (int seed = 0; seed < SEEDS; seed++) {
            Outcome runs = run(seed, channels, false);
            Outcome bursts = run(seed, channels, true);
            assertThat(runs.log()).as("seed %d", seed).isEqualTo(bursts.log());
            assertThat(runs.memory()).as("seed %d", seed).isEqualTo(bursts.memory());
        }
    }

    private static Outcome run(long seed, int channels, boolean burstByBurst) {
        Rng rng = new Rng(seed);
        List<String> log = new ArrayList<>();
        try (CopyRig rig = new CopyRig()) {
            if (burstByBurst) {
                rig.chip.moveBurstByBurst();
            }
            rig.machine
                    .trace()
                    .addSink(event -> {
                        if (event instanceof TraceEvent.InterruptLevel) {
                            log.add(event.toString());
                        }
                    });
            rig.fill(SOURCE, AREA, seed);
            for (int i = 0; i < ACTIONS; i++) {
                rig.pass(rng.nextInt(300));
                act(rig, rng, rng.nextInt(channels), log);
            }
            rig.finish();
            for (int i = 0; i < channels; i++) {
                for (AxiCopyChannelRegister register : AxiCopyChannelRegister.values()) {
                    log.add(register + "=" + rig.read(i, register));
                }
            }
            log.add("" + rig.read(AxiCopyRegister.BEATS));
            return new Outcome(log, rig.peek(DEST, channels * AREA));
        }
    }

    private static void act(CopyRig rig, Rng rng, int channel, List<String> log) {
        switch (rng.nextInt(8)) {
            case 0, 1, 2 -> {
                rig.write(
                        channel,
                        AxiCopyChannelRegister.CONFIG,
                        CopyRig.config(1 << rng.nextInt(6), 1 + rng.nextInt(20))
                                | rng.nextInt(4) << 16);
                int bytes = rng.nextInt(6000);
                boolean aligned = rng.oneIn(2);
                long from = rng.nextInt(AREA - bytes);
                long to = rng.nextInt(AREA - bytes);
                long source = rng.oneIn(30) ? rng.nextLong() : SOURCE + from;
                rig.start(
                        channel,
                        aligned ? source & -4096 : source,
                        DEST + (long) channel * AREA + (aligned ? to & -4096 : to),
                        bytes);
            }
            case 3, 4, 5 -> {
                AxiCopyChannelRegister register =
                        rng.oneIn(2)
                                ? AxiCopyChannelRegister.LENGTH
                                : AxiCopyChannelRegister.STATUS;
                log.add(channel + "" + register + rig.read(channel, register));
            }
            case 6 -> rig.write(channel, AxiCopyChannelRegister.CTRL, Ctrl.STOP.mask());
            default -> {
                rig.write(AxiCopyRegister.ARBITER, rng.nextInt(4));
                rig.write(channel, AxiCopyChannelRegister.STATUS, -1);
            }
        }
    }
}
