package dmakit.machine.memory;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;

import dmakit.machine.memory.LineOracle.Effect;
import dmakit.machine.memory.LineOracle.Freedom;
import dmakit.machine.memory.LineOracle.Line;
import dmakit.machine.random.Rng;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Random operations of the CPU and a device, checked line by line against {@link LineOracle}. */
class LineModelTest {
    private static final int LINE = Ram.LINE_BYTES;
    private static final int SIZE = 4096;
    private static final int SEQUENCES = 300;
    private static final int OPERATIONS = 60;

    /** Zero sets: no limit. */
    private record Cache(Freedom freedom, int sets, int ways) {
        CpuView over(Ram ram, long seed) {
            return switch (freedom) {
                case NONE -> CpuView.withoutEviction(ram);
                case EVICTS -> CpuView.leastRecentlyUsed(ram, sets * ways * LINE, ways);
                case ANYTHING -> CpuView.adversary(ram, Rng.named(seed, "cache"));
            };
        }
    }

    @ParameterizedTest
    @CsvSource({
        "NONE,     0, 0, false", "NONE,     0, 0, true",
        "EVICTS,   1, 1, false", "EVICTS,   1, 1, true",
        "EVICTS,   1, 2, false", "EVICTS,   1, 2, true",
        "EVICTS,   4, 1, false", "EVICTS,   4, 1, true",
        "EVICTS,   8, 2, false", "EVICTS,   8, 2, true",
        "ANYTHING, 0, 0, false", "ANYTHING, 0, 0, true",
    })
    void everyLineIsWhereTheRulesAllowAfterEveryOperation(
            Freedom freedom, int sets, int ways, boolean snooping) {
        Cache cache = new Cache(freedom, sets, ways);
        try (Ram ram = new Ram(List.of(new Ram.Bank(0, SIZE)), false)) {
            for (long seed = 0; seed < SEQUENCES; seed++) {
                new Sequence(ram, cache, snooping, seed).run();
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"NONE, true", "NONE, false", "ANYTHING, true", "ANYTHING, false", "EVICTS, true"})
    void aCoherentMachineIsPlainMemory(Freedom freedom, boolean snooping) {
        Cache cache = new Cache(freedom, 1, 1);
        try (Ram ram = new Ram(List.of(new Ram.Bank(0, SIZE)), true)) {
            for (long seed = 0; seed < SEQUENCES; seed++) {
                new PlainSequence(ram, cache, snooping, seed).run();
            }
        }
    }

    @Test
    void theOracleNoticesALineThatChangedByItself() {
        try (Ram ram = new Ram(List.of(new Ram.Bank(0, SIZE)), false)) {
            LineOracle oracle = new LineOracle(ram, Freedom.ANYTHING);
            ram.dram.set(JAVA_BYTE, 70, (byte) 1);
            assertThat(oracle.possible(1)).hasSize(1);
            org.assertj.core.api.Assertions.assertThatThrownBy(() -> oracle.compare("afterwards"))
                    .isInstanceOf(AssertionError.class)
                    .hasMessageContaining("line 1");
        }
    }

    /** A range and a source of chance for it. */
    private abstract static class Operations {
        final Ram ram;
        final CpuView cpu;
        final DeviceView device;
        final Rng rng;
        private final String name;

        Operations(Ram ram, Cache cache, boolean snooping, long seed) {
            this.ram = ram;
            rng = Rng.named(seed, "operations");
            ram.lines.fill((byte) 0);
            byte[] bytes = randomBytes(SIZE);
            ram.dram.copyFrom(java.lang.foreign.MemorySegment.ofArray(bytes));
            ram.cpu.copyFrom(java.lang.foreign.MemorySegment.ofArray(bytes));
            cpu = cache.over(ram, seed);
            device = new DeviceView(ram, cpu, snooping);
            name = cache + (snooping ? " snooping" : "") + " seed " + seed;
        }

        void run() {
            for (int i = 0; i < OPERATIONS; i++) {
                String when = name + " operation " + i;
                try {
                    step(when);
                } catch (RuntimeException e) {
                    throw new AssertionError(when, e);
                }
            }
        }

        abstract void step(String when);

        byte[] randomBytes(int length) {
            byte[] bytes = new byte[length];
            for (int i = 0; i < length; i++) {
                bytes[i] = (byte) rng.nextInt(256);
            }
            return bytes;
        }

        int randomLength() {
            return switch (rng.nextInt(4)) {
                case 0 -> rng.nextInt(8);
                case 1 -> LINE * rng.nextInt(5);
                case 2 -> rng.nextInt(3 * LINE);
                default -> rng.nextInt(20 * LINE);
            };
        }

        int randomStart(int length) {
            int at = rng.nextInt(SIZE - length + 1);
            return rng.oneIn(2) ? at : at & -LINE;
        }
    }

    private static final class Sequence extends Operations {
        private final LineOracle oracle;
        private final Cache cache;
        private final boolean snooping;

        Sequence(Ram ram, Cache cache, boolean snooping, long seed) {
            super(ram, cache, snooping, seed);
            this.cache = cache;
            this.snooping = snooping;
            oracle = new LineOracle(ram, cache.freedom());
        }

        @Override
        void step(String when) {
            int length = randomLength();
            int at = randomStart(length);
            String what;
            switch (rng.nextInt(10)) {
                case 0 -> what = loadSmall();
                case 1 -> what = storeSmall();
                case 2 -> {
                    what = "load";
                    byte[] into = new byte[length];
                    cpu.load(at, into, 0, length);
                    each(at, length, (_, _, _) -> Line::filled);
                    expectFromCpu(when, into, at);
                }
                case 3 -> {
                    what = "store";
                    byte[] bytes = randomBytes(length);
                    cpu.store(at, bytes, 0, length);
                    stored(at, bytes);
                }
                case 4 -> {
                    what = "fill";
                    byte[] bytes = new byte[length];
                    Arrays.fill(bytes, (byte) rng.nextInt(256));
                    cpu.fill(at, length, length == 0 ? 0 : bytes[0]);
                    stored(at, bytes);
                }
                case 5 -> {
                    what = "copy";
                    int to = randomStart(length);
                    cpu.copy(at, to, length);
                    copied(when, at, to, length);
                }
                case 6 -> {
                    what = "clean";
                    cpu.clean(at, length);
                    each(at, length, (_, _, _) -> Line::cleaned);
                }
                case 7 -> {
                    what = "invalidate";
                    cpu.invalidate(at, length);
                    each(at, length, (_, _, bytes) -> line -> invalidated(line, bytes));
                }
                case 8 -> {
                    what = "device read";
                    byte[] into = new byte[length];
                    device.load(at, into, 0, length);
                    each(at, length, (_, _, _) -> line -> snooping ? line.cleaned() : line);
                    expectFromDram(when, into, at);
                }
                default -> {
                    what = "device write";
                    byte[] bytes = randomBytes(length);
                    device.store(at, bytes, 0, length);
                    each(
                            at,
                            length,
                            (inRange, inLine, count) ->
                                    line ->
                                            (snooping ? invalidated(line, count) : line)
                                                    .written(inLine, slice(bytes, inRange, count)));
                }
            }
            oracle.compare(when + " " + what + " at " + at + " of " + length);
            expectWithinGeometry(when);
        }

        private String loadSmall() {
            int bytes = 1 << rng.nextInt(4);
            int at = randomStart(bytes);
            long value =
                    switch (bytes) {
                        case 1 -> cpu.load8(at);
                        case 2 -> cpu.load16(at);
                        case 4 -> cpu.load32(at);
                        default -> cpu.load64(at);
                    };
            each(at, bytes, (_, _, _) -> Line::filled);
            byte[] loaded = new byte[bytes];
            for (int i = 0; i < bytes; i++) {
                loaded[i] = (byte) (value >>> (8 * i));
            }
            expectFromCpu("load" + 8 * bytes, loaded, at);
            return "load" + 8 * bytes;
        }

        private String storeSmall() {
            int bytes = 1 << rng.nextInt(4);
            int at = randomStart(bytes);
            long value = rng.nextLong();
            switch (bytes) {
                case 1 -> cpu.store8(at, (byte) value);
                case 2 -> cpu.store16(at, (short) value);
                case 4 -> cpu.store32(at, (int) value);
                default -> cpu.store64(at, value);
            }
            for (int i = 0; i < bytes; i++) {
                stored(at + i, new byte[] {(byte) (value >>> (8 * i))});
            }
            return "store" + 8 * bytes;
        }

        private void stored(int at, byte[] bytes) {
            each(
                    at,
                    bytes.length,
                    (inRange, inLine, count) ->
                            line -> line.stored(inLine, slice(bytes, inRange, count)));
        }

        /**
         * The bytes that arrived are ones the source may have held; the rest is a store of them.
         */
        private void copied(String when, int from, int to, int length) {
            byte[] arrived = new byte[length];
            java.lang.foreign.MemorySegment.copy(ram.cpu, JAVA_BYTE, to, arrived, 0, length);
            each(from, length, (_, _, _) -> Line::filled);
            expectFromCpu(when + " copy", arrived, from);
            stored(to, arrived);
        }

        private void expectFromCpu(String when, byte[] bytes, int at) {
            expect(when, bytes, at, true);
        }

        private void expectFromDram(String when, byte[] bytes, int at) {
            expect(when, bytes, at, false);
        }

        private void expect(String when, byte[] bytes, int at, boolean fromCpu) {
            for (int i = 0; i < bytes.length; i++) {
                int position = at + i;
                byte found = bytes[i];
                boolean possible =
                        oracle.possible(position / LINE).stream()
                                .map(fromCpu ? Line::cpu : Line::dram)
                                .anyMatch(line -> line[position % LINE] == found);
                if (!possible) {
                    throw new AssertionError(when + ": " + found + " cannot come from " + position);
                }
            }
        }

        private void expectWithinGeometry(String when) {
            if (cache.freedom() != Freedom.EVICTS) {
                return;
            }
            int[] valid = new int[cache.sets()];
            for (int line = 0; line < SIZE / LINE; line++) {
                valid[line % cache.sets()] += cpu.isCached((long) line * LINE) ? 1 : 0;
            }
            assertThat(Arrays.stream(valid).max().getAsInt())
                    .as(when)
                    .isLessThanOrEqualTo(cache.ways());
        }

        private static Line invalidated(Line line, int bytes) {
            return (bytes < LINE ? line.cleaned() : line).dropped();
        }

        private interface Part {
            Effect effect(int inRange, int inLine, int count);
        }

        private void each(int at, int length, Part part) {
            for (int done = 0; done < length; ) {
                int inLine = (at + done) % LINE;
                int count = Math.min(length - done, LINE - inLine);
                oracle.apply((at + done) / LINE, part.effect(done, inLine, count));
                done += count;
            }
        }

        private static byte[] slice(byte[] bytes, int from, int count) {
            return Arrays.copyOfRange(bytes, from, from + count);
        }
    }

    private static final class PlainSequence extends Operations {
        private final byte[] memory = new byte[SIZE];

        PlainSequence(Ram ram, Cache cache, boolean snooping, long seed) {
            super(ram, cache, snooping, seed);
            cpu.load(0, memory, 0, SIZE);
        }

        @Override
        void step(String when) {
            int length = randomLength();
            int at = randomStart(length);
            byte[] bytes = randomBytes(length);
            switch (rng.nextInt(6)) {
                case 0 -> {
                    cpu.store(at, bytes, 0, length);
                    System.arraycopy(bytes, 0, memory, at, length);
                }
                case 1 -> {
                    device.store(at, bytes, 0, length);
                    System.arraycopy(bytes, 0, memory, at, length);
                }
                case 2 -> {
                    int to = randomStart(length);
                    cpu.copy(at, to, length);
                    System.arraycopy(memory, at, memory, to, length);
                }
                case 3 -> {
                    int to = randomStart(length);
                    device.copy(at, to, length);
                    System.arraycopy(memory, at, memory, to, length);
                }
                case 4 -> assertThat(cpu.clean(at, length)).isZero();
                default -> assertThat(cpu.invalidate(at, length)).isZero();
            }
            byte[] seen = new byte[SIZE];
            cpu.load(0, seen, 0, SIZE);
            assertThat(seen).as(when).isEqualTo(memory);
            device.load(0, seen, 0, SIZE);
            assertThat(seen).as(when).isEqualTo(memory);
        }
    }
}
