package dmakit.cmodule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dmakit.machine.Machine;
import dmakit.machine.cpu.AddressLayout;
import dmakit.machine.cpu.CostTable;
import dmakit.machine.cpu.MemoryType;
import dmakit.machine.memory.Ram;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CHostIT {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final long LINEAR = AddressLayout.LINEAR_BASE;
    private static final long SECOND_BANK = 0x4000_0000L;

    @TempDir Path parent;

    @BeforeAll
    static void needsACompiler() {
        HostFixture.compiler();
    }

    private HostFixture misbehaving() {
        return HostFixture.with("misbehave.c", false, PATIENCE, parent);
    }

    @Nested
    class CachedMemory {
        @ParameterizedTest
        @ValueSource(longs = {0x2000, SECOND_BANK + 0x2000})
        void aLoadFillsAnInvalidLineAndKeepsItWhenADeviceWrites(long phys) {
            try (var fixture = misbehaving()) {
                var ram = fixture.machine.ram();
                long offset = ram.offsetOf(phys);
                var device = ram.dramShare().segment();
                device.set(ValueLayout.JAVA_LONG, offset, 42);
                assertThat(fixture.run("load", LINEAR + phys)).isEqualTo(42);
                assertThat(fixture.machine.caches().isCached(offset)).isTrue();
                device.set(ValueLayout.JAVA_LONG, offset, 43);
                assertThat(fixture.run("load", LINEAR + phys)).isEqualTo(42);
                fixture.machine.cpu().invalidate(phys, 8);
                assertThat(fixture.run("load", LINEAR + phys)).isEqualTo(43);
            }
        }

        @ParameterizedTest
        @CsvSource({"store", "add"})
        void aStoreMakesItsLineDirtyEvenBehindALoad(String function) {
            try (var fixture = misbehaving()) {
                long phys = 0x3000;
                var device = fixture.machine.ram().dramShare().segment();
                fixture.run("load", LINEAR + phys);
                fixture.run(function, LINEAR + phys, 5);
                assertThat(fixture.machine.caches().isDirty(phys)).isTrue();
                assertThat(device.get(ValueLayout.JAVA_LONG, phys)).isZero();
                fixture.machine.cpu().clean(phys, 8);
                assertThat(device.get(ValueLayout.JAVA_LONG, phys)).isEqualTo(5);
                assertThat(fixture.machine.cpu().load64(LINEAR + phys)).isEqualTo(5);
            }
        }

        @Test
        void anAccessAcrossTwoLinesTouchesBoth() {
            try (var fixture = misbehaving()) {
                long phys = 0x4000 + Ram.LINE_BYTES - 4;
                fixture.run("store", LINEAR + phys, -1);
                assertThat(fixture.machine.caches().isDirty(phys)).isTrue();
                assertThat(fixture.machine.caches().isDirty(phys + 4)).isTrue();
                assertThat(fixture.machine.caches().isCached(phys + 4 + Ram.LINE_BYTES)).isFalse();
            }
        }

        /** The same accesses through the Java view and in C leave the same lines and bytes. */
        @ParameterizedTest
        @CsvSource({"0x5010, 300, 0x9008", "0x5000, 128, 0x9000", "0x503f, 2, 0x9001"})
        void rangesLeaveTheLinesThatTheCpuViewLeaves(long from, int bytes, long to) {
            try (var fixture = misbehaving();
                    var other = HostFixture.machine(false)) {
                byte[] content = new byte[0x1000];
                for (int i = 0; i < content.length; i++) {
                    content[i] = (byte) (i * 7);
                }
                for (var ram : List.of(fixture.machine.ram(), other.ram())) {
                    MemorySegment.copy(
                            content,
                            0,
                            ram.dramShare().segment(),
                            ValueLayout.JAVA_BYTE,
                            0x5000,
                            content.length);
                }
                fixture.run("copy", LINEAR + to, LINEAR + from, bytes);
                fixture.run("fill", LINEAR + to + 1000, 0x5a, bytes);
                other.caches().copy(from, to, bytes);
                other.caches().fill(to + 1000, bytes, (byte) 0x5a);
                assertThat(lines(fixture.machine.ram())).isEqualTo(lines(other.ram()));
                fixture.machine.cpu().clean(0, 0x10000);
                other.cpu().clean(0, 0x10000);
                assertThat(
                                fixture.machine
                                        .ram()
                                        .dramShare()
                                        .segment()
                                        .mismatch(other.ram().dramShare().segment()))
                        .isEqualTo(-1);
            }
        }

        @Test
        void anAssignmentOfAStructOntoItselfKeepsWhatADeviceWrote() {
            try (var fixture = misbehaving()) {
                fixture.machine.ram().dramShare().segment().set(ValueLayout.JAVA_LONG, 0x7040, 9);
                fixture.run("assign", LINEAR + 0x7000, LINEAR + 0x7000);
                assertThat(fixture.run("load", LINEAR + 0x7040)).isEqualTo(9);
                assertThat(fixture.machine.caches().isDirty(0x7040)).isTrue();
            }
        }

        @Test
        void aCoherentMachineHasNoLineStates() {
            try (var fixture = HostFixture.with("misbehave.c", true, PATIENCE, parent)) {
                fixture.run("store", LINEAR + 0x2000, 77);
                assertThat(lines(fixture.machine.ram())).containsOnly(0);
                assertThat(fixture.machine.cpu().load64(LINEAR + 0x2000)).isEqualTo(77);
            }
        }

        private static byte[] lines(Ram ram) {
            return ram.linesShare()
                    .segment()
                    .asSlice(0, 0x10000 / Ram.LINE_BYTES)
                    .toArray(ValueLayout.JAVA_BYTE);
        }
    }

    @Nested
    class MappedMemory {
        private static final long VA = AddressLayout.VMALLOC_BASE + 0x10000;

        @Test
        void isThereBeforeTheNextCallAndGoneAfterItsUnmapping() {
            try (var fixture = misbehaving()) {
                fixture.run("load", LINEAR);
                var table = fixture.machine.cpu().kernelTable();
                table.map(VA, SECOND_BANK, 0x2000, MemoryType.WRITE_COMBINE);
                fixture.run("store", VA + 0x1008, 123);
                assertThat(fixture.machine.cpu().load64(VA + 0x1008)).isEqualTo(123);
                long offset = fixture.machine.ram().offsetOf(SECOND_BANK + 0x1008);
                assertThat(fixture.machine.caches().isCached(offset)).isFalse();
                table.unmap(VA, 0x2000);
                assertThatThrownBy(() -> fixture.run("load", VA + 0x1008))
                        .isInstanceOf(HostEnded.class)
                        .hasMessageContaining("paging request at virtual address 0000200000011008");
            }
        }

        @Test
        void thatIsCachedKeepsTheLinesOfItsPage() {
            try (var fixture = misbehaving()) {
                var table = fixture.machine.cpu().kernelTable();
                table.map(VA, 0x8000, 0x1000, MemoryType.WRITE_BACK);
                fixture.run("store", VA + 0x40, 1);
                assertThat(fixture.machine.caches().isDirty(0x8040)).isTrue();
                assertThat(fixture.run("load", LINEAR + 0x8040)).isEqualTo(1);
            }
        }

        @Test
        void fromBeforeTheStartIsThereToo() {
            try (var machine = HostFixture.machine(false);
                    var folder = RunFolder.in(parent)) {
                machine.cpu().kernelTable().map(VA, 0x1000, 0x1000, MemoryType.WRITE_COMBINE);
                machine.cpu().store64(VA, 6);
                try (var host =
                        CHost.start(machine, HostFixture.build(), folder.path(), PATIENCE)) {
                    host.serveWith(_ -> _ -> 0, _ -> List.of(), _ -> {});
                    Path module = folder.path().resolve("module.so");
                    Path source = HostFixture.SOURCES.resolve("misbehave.c");
                    Files.write(module, HostFixture.compile(source).object());
                    host.load(1, module);
                    assertThat(host.run(host.symbol(1, "do_load"), VA)).isEqualTo(6);
                }
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }

        @Test
        void mayChangeMoreOftenThanOneMessageHolds() {
            try (var fixture = misbehaving()) {
                fixture.run("load", LINEAR);
                var table = fixture.machine.cpu().kernelTable();
                int count = Abi.CHANGE_COUNT_MAX + 1;
                for (int i = 0; i < count; i++) {
                    table.map(VA + i * 0x1000L, i * 0x2000L, 0x1000, MemoryType.WRITE_COMBINE);
                }
                for (int i = 0; i < count; i++) {
                    fixture.run("store", VA + i * 0x1000L, i);
                }
                for (int i = 0; i < count; i++) {
                    assertThat(fixture.machine.cpu().load64(VA + i * 0x1000L)).isEqualTo(i);
                }
            }
        }
    }

    @Nested
    class CallsAndTime {
        @Test
        void aFunctionRunsWhileAnotherWaitsForItsAnswer() {
            try (var fixture = misbehaving()) {
                var served = new ArrayList<String>();
                fixture.serveWith((service, call) -> {
                    served.add(service);
                    if (call.text().startsWith("text")) {
                        assertThat(fixture.run("divide", 5)).isEqualTo(20);
                    }
                    return 0;
                });
                assertThat(fixture.run("print", 1, 2)).isZero();
                assertThat(served).containsExactly("printk", "printk");
            }
        }

        @Test
        void formatsAreThoseOfTheKernel() {
            try (var fixture = misbehaving()) {
                var lines = new ArrayList<String>();
                fixture.serveWith((service, call) -> {
                    lines.add(call.arg(0) + " " + call.text());
                    return 0;
                });
                fixture.run("print", 12, 0xc0ffee);
                assertThat(lines)
                        .containsExactly(
                                "3 text    12|7   |00ab|   5|abc|0x0000000000c0ffee|"
                                        + "0000000061c88646%\n",
                                "4 no level");
            }
        }

        @Test
        void accessesTakeSimulatedTime() {
            try (var fixture = misbehaving()) {
                fixture.run("load", LINEAR);
                long before = fixture.machine.clock().now();
                fixture.run("load", LINEAR);
                long one = fixture.machine.clock().now() - before;
                fixture.run("fill", LINEAR, 0, 64 * 100);
                long fill = fixture.machine.clock().now() - before - one;
                var cost = fixture.machine.cpu().cost();
                assertThat(one).isEqualTo(cost.access());
                assertThat(fill).isEqualTo(cost.access() + 100L * cost.copyLine());
            }
        }

        @Test
        void aServiceThatThrowsEndsTheProcess() {
            try (var fixture = misbehaving()) {
                fixture.serveWith((service, call) -> {
                    throw new IllegalStateException("refused");
                });
                assertThatThrownBy(() -> fixture.run("print", 1, 2)).hasMessage("refused");
                assertThat(fixture.host.handle().isAlive()).isFalse();
            }
        }

        @Test
        void nothingRunsOnceTheProcessHasEnded() {
            try (var fixture = misbehaving()) {
                fixture.run("store", LINEAR, 7);
                long load = fixture.host.symbol(1, "do_load");
                assertThat(fixture.host.run(load, LINEAR)).isEqualTo(7);
                fixture.serveWith((_, _) -> {
                    throw new IllegalStateException("refused");
                });
                assertThatThrownBy(() -> fixture.run("print", 1, 2)).hasMessage("refused");
                assertThat(fixture.host.run(load, LINEAR)).isZero();
            }
        }

        @Test
        void twoHostsLiveSideBySide() {
            try (var first = misbehaving();
                    var second = misbehaving()) {
                first.run("store", LINEAR + 0x100, 1);
                second.run("store", LINEAR + 0x100, 2);
                assertThat(first.run("load", LINEAR + 0x100)).isEqualTo(1);
                assertThat(second.run("load", LINEAR + 0x100)).isEqualTo(2);
            }
        }
    }

    @Test
    void aMachineOfTooManyBanksIsRefused() throws IOException {
        var banks = new ArrayList<Ram.Bank>();
        for (long i = 0; i <= Abi.BANK_COUNT_MAX; i++) {
            banks.add(new Ram.Bank(i << 20, 0x1000));
        }
        try (var machine =
                        new Machine(
                                new Machine.Config(
                                        banks,
                                        false,
                                        new Machine.Cache.None(),
                                        CostTable.CORTEX_A53,
                                        1));
                var folder = RunFolder.in(parent)) {
            assertThatThrownBy(() ->
                            CHost.start(machine, HostFixture.build(), folder.path(), PATIENCE))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("65 banks");
        }
    }

    @Nested
    class WhenTheProcessEnds {
        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                value = {
                    "store_through_null | NULL pointer dereference at virtual address"
                            + " 0000000000000008 | store_second",
                    "call_null | NULL pointer dereference at virtual address 0000000000000000"
                            + " | call_null",
                    "overflow_the_stack | stack overflow | deeper",
                    "divide | divided by zero | divide",
                    "trap | no instruction | trap",
                    "call_and_crash | 0000000000000010 | call_and_crash"
                })
        void aCrashIsReportedWithItsFunctionAndLine(
                String function, String message, String innermost) {
            try (var fixture = misbehaving()) {
                fixture.serveWith((service, call) -> 0);
                HostEnded ended =
                        catchThrowableOfType(HostEnded.class, () -> fixture.run(function));
                assertThat(ended).hasMessageContaining(message);
                assertThat(ended.trace()).isNotEmpty();
                assertThat(ended.trace().getFirst())
                        .startsWith(innermost)
                        .matches(".*misbehave\\.c:\\d+");
                assertThat(fixture.host.handle().isAlive()).isFalse();
            }
        }

        @Test
        void theTraceLeadsToTheCaller() {
            try (var fixture = misbehaving()) {
                HostEnded ended =
                        catchThrowableOfType(
                                HostEnded.class, () -> fixture.run("store_through_null"));
                assertThat(ended.trace()).hasSizeGreaterThanOrEqualTo(2);
                assertThat(ended.trace().get(1)).startsWith("store_through_null");
            }
        }

        @Test
        void anExitIsReportedWithItsStatus() {
            try (var fixture = misbehaving()) {
                assertThatThrownBy(() -> fixture.run("exit_group"))
                        .isInstanceOf(HostEnded.class)
                        .hasMessageContaining("ended itself with status 7");
            }
        }

        @Test
        void anEndlessLoopIsEndedAndNamed() {
            try (var fixture =
                    HostFixture.with("misbehave.c", false, Duration.ofSeconds(1), parent)) {
                HostEnded ended = catchThrowableOfType(HostEnded.class, () -> fixture.run("loop"));
                assertThat(ended).hasMessageContaining("without calling the kernel");
                assertThat(ended.trace().getFirst()).startsWith("spin_for_ever");
                assertThat(fixture.host.handle().isAlive()).isFalse();
            }
        }

        @Test
        void nothingIsLeftBehind() throws IOException {
            var fixture = misbehaving();
            ProcessHandle process = fixture.host.handle();
            assertThat(process.isAlive()).isTrue();
            fixture.close();
            assertThat(process.isAlive()).isFalse();
            try (Stream<Path> left = Files.list(parent)) {
                assertThat(left).isEmpty();
            }
        }
    }

    @Nested
    class WhenTheSimulatorDies {
        /** Starts a host, says where, and waits to be killed. */
        static final class Victim {
            private Victim() {}

            @SuppressWarnings("resource") // it is killed
            public static void main(String[] arguments) throws InterruptedException {
                var fixture =
                        HostFixture.with("misbehave.c", false, PATIENCE, Path.of(arguments[0]));
                System.out.println(fixture.host.handle().pid());
                System.out.flush();
                Thread.sleep(60_000);
            }
        }

        @Test
        void theProcessEndsAndTheFolderIsRemoved() throws Exception {
            Process victim =
                    new ProcessBuilder(
                                    ProcessHandle.current().info().command().orElseThrow(),
                                    "--enable-native-access=ALL-UNNAMED",
                                    "--add-exports=java.base/jdk.internal.vm=ALL-UNNAMED",
                                    "-Ddmakit.root=" + System.getProperty("dmakit.root"),
                                    "-cp",
                                    System.getProperty("java.class.path"),
                                    Victim.class.getName(),
                                    parent.toString())
                            .redirectError(ProcessBuilder.Redirect.INHERIT)
                            .start();
            try (var output = victim.inputReader()) {
                ProcessHandle host =
                        ProcessHandle.of(Long.parseLong(output.readLine())).orElseThrow();
                victim.destroyForcibly().waitFor();
                host.onExit().get(10, TimeUnit.SECONDS);
                try (Stream<Path> left = Files.list(parent)) {
                    assertThat(left).isEmpty();
                }
            } finally {
                victim.destroyForcibly();
            }
        }
    }
}
