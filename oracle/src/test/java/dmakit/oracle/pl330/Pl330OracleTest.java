package dmakit.oracle.pl330;

import static org.assertj.core.api.Assertions.assertThat;

import dmakit.datasheet.pl330.Pl330ChannelRegister;
import dmakit.datasheet.pl330.Pl330Register;
import dmakit.datasheet.pl330.Pl330StatusRegister;
import dmakit.datasheet.pl330.Pl330StatusRegister.Csr;
import dmakit.datasheet.pl330.ThreadState;
import dmakit.machine.random.Rng;
import dmakit.oracle.Memories;
import dmakit.oracle.Peer;
import dmakit.oracle.Seeds;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Random programs on all channels leave QEMU's controller and ours with the same registers, events
 * and memory, but for what {@link Pl330Difference} lists.
 */
class Pl330OracleTest {
    private static final String CHIP = "pl330";
    private static final int PROGRAMS = 300;
    private static final int CHANNELS_MAX = 3;
    private static final int PIECES_MAX = 4;

    /** A channel's own memory: where it reads, then where it writes. */
    private static final int DATA = 0x20_0000;

    private static final int DATA_SIZE = 0x4000;
    private static final int HALF = DATA_SIZE / 2;

    private static final int LG2_BUS_BYTES = 3;
    private static final int BEATS_MAX = 16;

    /** Events from here on are between channels; those below may interrupt. */
    private static final int FIRST_SIGNAL = 8;

    private long compared;

    @Test
    void randomProgramsLeaveTheSame() {
        long programs = 0;
        try (Pl330Pair pair = new Pl330Pair()) {
            for (long seed : Seeds.upTo(PROGRAMS).toArray()) {
                new Run(pair, seed).run();
                programs++;
            }
        }
        Peer.summarize(
                CHIP,
                Pl330Pair.EMULATOR,
                "%d runs of up to %d channels, %d registers and memories compared"
                        .formatted(programs, CHANNELS_MAX, compared));
    }

    /** What one seed does to both. */
    private final class Run {
        private final Pl330Pair pair;
        private final Rng rng;
        private final String replay;

        Run(Pl330Pair pair, long seed) {
            this.pair = pair;
            this.rng = new Rng(seed);
            this.replay = Seeds.replay(CHIP, seed);
        }

        void run() {
            pair.powerOn();
            pair.store(Pl330Register.INTEN, rng.nextInt(1 << FIRST_SIGNAL));
            List<Integer> channels = new ArrayList<>();
            int first = rng.nextInt(Pl330Pair.CHANNELS);
            int count = 1 + rng.nextInt(CHANNELS_MAX);
            for (int i = 0; i < count; i++) {
                int channel = (first + i) % Pl330Pair.CHANNELS;
                channels.add(channel);
                byte[] data = new byte[DATA_SIZE];
                for (int at = 0; at < data.length; at++) {
                    data[at] = (byte) rng.nextLong();
                }
                pair.poke(memory(channel), data);
            }
            for (int i = 0; i < count; i++) {
                pair.run(channels.get(i), program(channels.get(i), i, count));
                compare(channels);
            }
            pair.store(Pl330Register.INTCLR, rng.nextInt(1 << FIRST_SIGNAL));
            compare(channels);
            for (int channel : channels) {
                compared++;
                Memories.areEqual(pair.ours(), pair.qemu, memory(channel), DATA_SIZE, replay);
            }
        }

        private int memory(int channel) {
            return DATA + channel * DATA_SIZE;
        }

        /** A channel waits for the one started after it, the last one for nobody. */
        private byte[] program(int channel, int number, int count) {
            Assembly code = new Assembly();
            int pieces = 1 + rng.nextInt(PIECES_MAX);
            for (int i = 0; i < pieces; i++) {
                switch (rng.nextInt(8)) {
                    case 0 -> code.nop();
                    case 1 -> code.sendEvent(rng.nextInt(FIRST_SIGNAL));
                    case 2 -> code.readBarrier().writeBarrier();
                    default -> copy(code, memory(channel));
                }
            }
            if (number + 1 < count) {
                code.waitForEvent(FIRST_SIGNAL + number);
                copy(code, memory(channel));
            }
            if (number > 0) {
                code.sendEvent(FIRST_SIGNAL + number - 1);
            }
            return code.end();
        }

        /** A nest of loops that stores exactly what it loads. */
        private void copy(Assembly code, int memory) {
            int lg2Bytes = rng.nextInt(8);
            int lg2Source = Math.min(rng.nextInt(LG2_BUS_BYTES + 1), lg2Bytes);
            int lg2Dest = Math.min(rng.nextInt(LG2_BUS_BYTES + 1), lg2Bytes);
            lg2Bytes = Math.min(lg2Bytes, Math.min(lg2Source, lg2Dest) + 4);
            int bytes = 1 << lg2Bytes;
            int sourceBeats = bytes >> lg2Source;
            int destBeats = bytes >> lg2Dest;
            assertThat(Math.max(sourceBeats, destBeats)).isLessThanOrEqualTo(BEATS_MAX);
            boolean sourceInc = !rng.oneIn(4);
            boolean destInc = !rng.oneIn(4);
            int inner = 1 + rng.nextInt(12);
            int outer = 1 + rng.nextInt(Math.max(1, Math.min(200, HALF / (2 * bytes * inner))));
            int source = aligned(lg2Source);
            int dest = HALF + aligned(lg2Dest);
            code.move(
                            Assembly.CCR,
                            Assembly.control(
                                    lg2Source, sourceBeats, sourceInc, lg2Dest, destBeats, destInc))
                    .move(Assembly.SAR, memory + source)
                    .move(Assembly.DAR, memory + dest);
            boolean nested = rng.oneIn(2) && outer > 1;
            int outerStart = 0;
            if (nested) {
                code.loop(1, outer);
                outerStart = code.here();
            }
            code.loop(0, inner);
            int start = code.here();
            body(code, bytes);
            code.endLoop(0, start);
            if (nested) {
                code.endLoop(1, outerStart);
            }
            if (rng.oneIn(3)) {
                code.add(rng.oneIn(2), rng.nextInt(0x10000));
                code.subtract(rng.oneIn(2), rng.nextInt(0x10000));
            }
        }

        private int aligned(int lg2Beat) {
            return rng.nextInt(HALF / 2 >> lg2Beat) << lg2Beat;
        }

        private void body(Assembly code, int bytes) {
            int peripheral = rng.nextInt(Pl330Pair.PERIPHERALS);
            switch (rng.nextInt(6)) {
                case 0 -> code.load().readBarrier().store().writeBarrier();
                case 1 -> {
                    if (2 * bytes <= Pl330Pair.MFIFO_BYTES) {
                        code.load().load().store().store();
                    } else {
                        code.load().store();
                    }
                }
                case 2 -> code.writeBarrier().zeros(); // ZEROS_QUEUED
                case 3 ->
                        code.waitForBurst(peripheral)
                                .loadBurst(peripheral)
                                .store()
                                .flush(peripheral);
                case 4 -> code.load().waitForBurst(peripheral).storeBurst(peripheral);
                default -> code.load().store();
            }
        }

        private void compare(List<Integer> channels) {
            for (Pl330Register register : Pl330Register.values()) {
                if (register.ordinal() >= Pl330Register.DBGCMD.ordinal()
                                && register.ordinal() <= Pl330Register.DBGINST1.ordinal()
                        || register == Pl330Register.WD) {
                    continue; // write-only, or later than QEMU's revision
                }
                compare(register.name(), register.offset());
            }
            for (int channel : channels) {
                for (Pl330ChannelRegister register : Pl330ChannelRegister.values()) {
                    compare(channel + "_" + register, Pl330Pair.offset(channel, register));
                }
                long csr = Pl330Pair.offset(channel, Pl330StatusRegister.CSR);
                int state = Csr.CHANNEL_STATUS.get(Pl330Pair.load(pair.ours(), csr));
                boolean waits = state == ThreadState.WAITING_FOR_EVENT.value();
                int unknown = waits ? 0 : Csr.WAKEUP_NUMBER.mask(); // WAKEUP_NUMBER
                compare(
                        channel + "_CSR",
                        Pl330Pair.load(pair.ours(), csr) & ~unknown,
                        Pl330Pair.load(pair.qemu, csr) & ~unknown);
                long cpc = Pl330Pair.offset(channel, Pl330StatusRegister.CPC);
                int ahead = state == ThreadState.STOPPED.value() ? 1 : 0; // PC_AFTER_END
                compare(
                        channel + "_CPC",
                        Pl330Pair.load(pair.ours(), cpc) + ahead,
                        Pl330Pair.load(pair.qemu, cpc));
            }
        }

        private void compare(String name, long offset) {
            compare(name, Pl330Pair.load(pair.ours(), offset), Pl330Pair.load(pair.qemu, offset));
        }

        private void compare(String name, int ours, int qemu) {
            compared++;
            if (ours != qemu) {
                assertThat(Integer.toHexString(ours))
                        .as("%s: ours, then QEMU's; %s", name, replay)
                        .isEqualTo(Integer.toHexString(qemu));
            }
        }
    }
}
