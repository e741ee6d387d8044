package dmakit.hardware.pl330;

import static org.assertj.core.api.Assertions.assertThat;

import dmakit.datasheet.pl330.Pl330ChannelRegister;
import dmakit.datasheet.pl330.Pl330Register;
import dmakit.datasheet.pl330.Pl330StatusRegister;
import dmakit.machine.random.Rng;
import dmakit.machine.trace.TraceEvent;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Taking many rounds of a loop in one event changes nothing that software can see: random programs,
 * run once with runs and once instruction by instruction, leave the same bytes, show the same
 * registers on the way, and interrupt in the same picosecond.
 */
class RunsEqualInstructionsTest {
    private static final int SEEDS = 150;
    private static final int PROGRAMS = 0x1000;
    private static final int PROGRAM_STRIDE = 0x400;
    private static final int DATA = 0x8000;
    private static final int DATA_SIZE = 0x8000;
    private static final int ACTIONS = 40;
    private static final int PACED_BY = 3;

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
        Outcome single = run(seed, channels, true);
        assertThat(runs.log()).as("seed %d, %d channels", seed, channels).isEqualTo(single.log());
        assertThat(runs.memory())
                .as("seed %d, %d channels", seed, channels)
                .isEqualTo(single.memory());
    }

    private static Outcome run(long seed, int channels, boolean oneByOne) {
        Rng rng = new Rng(seed);
        List<String> log = new ArrayList<>();
        try (Pl330Bench bench = new Pl330Bench(Pl330Build.secure(8, 8, 8, 8, 32))) {
            if (oneByOne) {
                bench.dma.executeOneByOne();
            }
            bench.machine
                    .trace()
                    .addSink(event -> {
                        if (event instanceof TraceEvent.InterruptLevel level) {
                            log.add(level.toString());
                        }
                    });
            bench.fill(DATA, DATA_SIZE, seed);
            bench.write(Pl330Register.INTEN, 0x0f);
            for (int i = 0; i < ACTIONS; i++) {
                // Half of the actions fall on the controller's own clock, where ties are.
                long wait = rng.nextLong(8000 * Timing.CYCLE_PS);
                bench.pass(rng.oneIn(2) ? wait : wait / Timing.CYCLE_PS * Timing.CYCLE_PS);
                act(bench, rng, rng.nextInt(channels), log);
            }
            for (int i = 0; i < channels; i++) {
                show(bench, i, log);
            }
            return new Outcome(log, bench.peek(0, DATA + DATA_SIZE));
        }
    }

    private static void show(Pl330Bench bench, int channel, List<String> log) {
        for (Pl330StatusRegister register : Pl330StatusRegister.values()) {
            log.add(register + "=" + Integer.toHexString(bench.read(channel, register)));
        }
        for (Pl330ChannelRegister register : Pl330ChannelRegister.values()) {
            log.add(register + "=" + Integer.toHexString(bench.read(channel, register)));
        }
        log.add("fault=" + Integer.toHexString(bench.fault(channel)));
    }

    private static void act(Pl330Bench bench, Rng rng, int channel, List<String> log) {
        log.add("at " + bench.now());
        switch (rng.nextInt(10)) {
            case 0, 1, 2, 3 -> {
                // A store into what a run reads is seen by all rounds that have not been moved.
                for (int i = 0; i < 4; i++) {
                    bench.read(i, Pl330ChannelRegister.SAR);
                }
                int at = PROGRAMS + channel * PROGRAM_STRIDE;
                bench.kill(channel);
                bench.poke(at, program(rng, channel));
                bench.go(channel, at);
            }
            case 4, 5, 6 -> show(bench, channel, log);
            case 7 -> bench.kill(channel);
            case 8 -> bench.write(Pl330Register.INTCLR, 0xff);
            default -> bench.dma.request(PACED_BY).set(rng.oneIn(2));
        }
    }

    private static byte[] program(Rng rng, int channel) {
        Code code = new Code();
        int pieces = 1 + rng.nextInt(3);
        for (int i = 0; i < pieces; i++) {
            int lg2Beat = rng.nextInt(4);
            int beats = 1 + rng.nextInt(16);
            int control = Code.control(lg2Beat, beats, !rng.oneIn(8), !rng.oneIn(8));
            code.copy(control, address(rng, lg2Beat), address(rng, lg2Beat));
            loops(code, rng, 1 << lg2Beat, beats);
            if (rng.oneIn(4)) {
                code.wfpSingle(PACED_BY);
            }
            if (rng.oneIn(6)) {
                code.addh(rng.oneIn(2), rng.nextInt(64));
            }
        }
        return code.sev(channel).end();
    }

    private static void loops(Code code, Rng rng, int beat, int beats) {
        int most = Math.min(DATA_SIZE / 4 / (beat * beats), 256);
        boolean nested = rng.oneIn(3);
        int rounds = 1 + rng.nextInt(Math.max(nested ? most / 4 : most, 1));
        int outer = 0;
        if (nested) {
            code.lp(0, 1 + rng.nextInt(4));
            outer = code.here();
        }
        code.lp(1, rounds);
        int inner = code.here();
        body(code, rng);
        code.lpend(1, inner);
        if (nested) {
            code.lpend(0, outer);
        }
    }

    private static void body(Code code, Rng rng) {
        switch (rng.nextInt(8)) {
            case 0 -> code.ld().ld().st().st();
            case 1 -> code.ld().st().ld().st();
            case 2 -> code.of(0x18).ld().of(0x12).st().of(0x13);
            case 3 -> code.ld().stz().st();
            case 4 -> code.of(0x18).of(0x18);
            case 5 -> code.ld().st().st();
            default -> code.ld().st();
        }
    }

    private static int address(Rng rng, int lg2Beat) {
        int at = DATA + rng.nextInt(DATA_SIZE / 2);
        return rng.oneIn(6) ? at : at & -(1 << lg2Beat);
    }
}
