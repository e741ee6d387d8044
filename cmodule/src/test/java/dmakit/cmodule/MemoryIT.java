package dmakit.cmodule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmakit.kernel.check.Finding;
import dmakit.kernel.check.SourceLine;
import dmakit.machine.Machine;
import dmakit.machine.bus.Target;
import dmakit.machine.memory.DeviceView;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class MemoryIT {
    private static final Path MISTAKES = HostFixture.SOURCES.resolve("mem_mistakes.c");
    private static final Path CLEAN = HostFixture.SOURCES.resolve("mem_clean.c");
    private static final Pattern FUNCTION = Pattern.compile("^void (\\w+)\\(void\\)$");
    private static final Pattern WANTED =
            Pattern.compile("/\\* (finds|leaks|ends): ([a-z-]+) \\*/");
    private static final long REGISTERS = 0x5000_0000L;

    /** What is planted in a function, and on which line. */
    record Planted(String function, String kind, String id, int line) {
        @Override
        public String toString() {
            return function;
        }
    }

    /**
     * Four registers of 4 bytes. The second counts how often it is read by itself; an address in
     * the last one is that of words to add up, whose sum is put in the first.
     */
    private static final class Registers implements Target {
        private static final int DOORBELL = 12;
        private static final int WORDS = 8;

        /** Memory as a device sees it; nobody asks what is mapped for it. */
        private final DeviceView memory;

        private final ByteBuffer words = ByteBuffer.allocate(24).order(ByteOrder.LITTLE_ENDIAN);

        Registers(Machine machine) {
            memory = new DeviceView(machine.ram(), machine.caches(), false, "words");
        }

        @Override
        public long read(long offset, int bytes) {
            int at = (int) offset;
            if (at == 4 && bytes == 4) {
                words.putInt(4, words.getInt(4) + 1);
            }
            return words.getLong(at);
        }

        @Override
        public void write(long offset, int bytes, long value) {
            for (int i = 0; i < bytes; i++) {
                words.put((int) offset + i, (byte) (value >>> (8 * i)));
            }
            if (offset == DOORBELL) {
                byte[] command = new byte[4 * WORDS];
                memory.load(value, command, 0, command.length);
                ByteBuffer numbers = ByteBuffer.wrap(command).order(ByteOrder.LITTLE_ENDIAN);
                int sum = 0;
                while (numbers.hasRemaining()) {
                    sum += numbers.getInt();
                }
                words.putInt(0, sum);
            }
        }

        @Override
        public String registerName(long offset) {
            return "WORD" + offset / 4;
        }
    }

    @BeforeAll
    static void needsACompiler() {
        HostFixture.compiler();
    }

    private static KernelFixture kernel(Machine.Cache cache, long seed) {
        var fixture = new KernelFixture(cache, seed);
        fixture.machine.bus().attach("words", REGISTERS, 0x1000, new Registers(fixture.machine));
        return fixture;
    }

    /** The functions of the file; the line may be in a helper that stands before its caller. */
    static Stream<Planted> mistakes() {
        List<Planted> found = new ArrayList<>();
        String kind = "";
        String id = "";
        int at = 0;
        String function = "";
        List<String> lines;
        try {
            lines = Files.readAllLines(MISTAKES);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        for (int i = 0; i < lines.size(); i++) {
            Matcher named = FUNCTION.matcher(lines.get(i));
            Matcher wanted = WANTED.matcher(lines.get(i));
            if (named.matches()) {
                function = named.group(1);
            } else if (wanted.find()) {
                kind = wanted.group(1);
                id = wanted.group(2);
                at = i + 1;
            } else if (lines.get(i).equals("}") && !function.isEmpty()) {
                found.add(new Planted(function, kind, id, at));
                function = "";
            }
        }
        return found.stream();
    }

    @ParameterizedTest
    @MethodSource("mistakes")
    void aMistakeIsFoundAtItsLineAndNothingElseIs(Planted planted) {
        try (var kernel = kernel(new Machine.Cache.None(), 1)) {
            CModule module = kernel.load(MISTAKES);
            long function = module.symbol(planted.function());
            if (planted.kind().equals("ends")) {
                assertThatThrownBy(() -> run(kernel, function)).isInstanceOf(HostEnded.class);
                assertThat(kernel.lines())
                        .anyMatch(line -> line.startsWith("Internal error: Oops"))
                        .anyMatch(line -> line.contains("mem_mistakes.c:" + planted.line()));
            } else {
                run(kernel, function);
            }
            if (planted.kind().equals("leaks")) {
                assertThat(kernel.kernel.findings().all()).isEmpty();
                kernel.call(() -> {
                    module.unload();
                    return 0;
                });
            }
            List<Finding> findings = kernel.kernel.findings().all();
            assertThat(findings).hasSize(1);
            Finding finding = findings.getFirst();
            assertThat(finding.id().text()).isEqualTo(planted.id());
            SourceLine line = kernel.kernel.findings().lineOf(finding.site());
            assertThat(Path.of(line.file()).getFileName().toString()).isEqualTo("mem_mistakes.c");
            assertThat(line.line()).as(finding.message()).isEqualTo(planted.line());
        }
    }

    private static void run(KernelFixture kernel, long function) {
        kernel.call(() -> (int) kernel.system.host().run(function));
    }

    @Test
    void registersReachedByPointersAreTheDevices() {
        try (var kernel = kernel(new Machine.Cache.None(), 1)) {
            CModule module = kernel.load(MISTAKES);
            run(kernel, module.symbol("load_from_registers"));
            run(kernel, module.symbol("store_to_registers"));
            run(kernel, module.symbol("poll_registers"));
            assertThat(kernel.lines()).containsSequence("register 1", "register 77", "register 38");
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void goodUseIsSilent(long seed) {
        Machine.Cache cache = seed == 1 ? new Machine.Cache.None() : new Machine.Cache.Adversary();
        try (var kernel = kernel(cache, seed)) {
            CModule module = kernel.load(CLEAN);
            assertThat(kernel.call(module::init)).isZero();
            kernel.call(() -> {
                module.exit();
                module.unload();
                return 0;
            });
            assertThat(kernel.kernel.findings().all()).isEmpty();
        }
    }
}
