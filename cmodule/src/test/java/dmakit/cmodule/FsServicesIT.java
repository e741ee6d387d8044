package dmakit.cmodule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.chardev.OpenFlags;
import dmakit.kernel.chardev.Poll;
import dmakit.kernel.chardev.SignalHandling;
import dmakit.kernel.chardev.UserProcess;
import dmakit.kernel.check.Finding;
import dmakit.kernel.check.FindingId;
import dmakit.kernel.sched.KernelTask;
import dmakit.machine.Machine;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Files of C modules, used by processes of the simulation. */
class FsServicesIT {
    private final KernelFixture on = new KernelFixture(new Machine.Cache.None(), 1);

    @AfterEach
    void close() {
        on.close();
    }

    private CModule start(String source, Map<String, String> parameters) {
        CModule module =
                on.system.load(
                        new ModuleSource(
                                source,
                                List.of(HostFixture.SOURCES.resolve(source + ".c")),
                                List.of(),
                                List.of(),
                                parameters,
                                ModuleSource.USUAL_VERSION));
        assertThat(on.call(module::init)).as(() -> String.join("\n", on.lines())).isZero();
        return module;
    }

    private void end(CModule module) {
        on.call(() -> {
            module.exit();
            module.unload();
            return 0;
        });
    }

    private void program(Consumer<UserProcess> main) {
        on.kernel.runProcess("test", main);
    }

    private String cat(String path) {
        List<String> text = new ArrayList<>();
        program(process -> {
            int file = process.open(path, OpenFlags.RDONLY);
            text.add(new String(process.readAll(file), StandardCharsets.UTF_8));
        });
        return text.getFirst();
    }

    private void echo(String path, String text) {
        program(process -> process.write(process.open(path, OpenFlags.WRONLY), text));
    }

    private static void refused(Errno errno, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        KernelException.class, e -> assertThat(e.errno()).isEqualTo(errno));
    }

    private List<String> findings() {
        return on.kernel.findings().all().stream().map(Finding::message).toList();
    }

    @Test
    void aCharacterDeviceIsReadWrittenMappedAndCommanded() {
        CModule module = start("fs_all", Map.of());
        assertThat(on.kernel.files().exists("/dev/fs_all0")).isTrue();
        program(process -> {
            int file = process.open("/dev/fs_all0", OpenFlags.RDWR);
            assertThat(process.write(file, "one-two-three")).isEqualTo(13);
            assertThat(process.readAll(file))
                    .isEqualTo("one-two-three".getBytes(StandardCharsets.UTF_8));
            long area = process.mmap(4096, file, 0);
            assertThat(process.loadText(area, 13)).isEqualTo("one-two-three");
            process.store(area, "ONE".getBytes(StandardCharsets.UTF_8));
            long number = process.allocate(8);
            process.store(number, new byte[] {42, 0, 0, 0});
            process.ioctl(file, 0x40046602, number);
            process.store(number, new byte[4]);
            process.ioctl(file, 0x80046601, number);
            assertThat(process.load(number, 4)).containsExactly(42, 0, 0, 0);
            refused(Errno.ENOTTY, () -> process.ioctl(file, 7, 0));
            refused(Errno.EFAULT, () -> process.ioctl(file, 0x40046602, 0x1000));
            refused(Errno.EINVAL, () -> process.mmap(8192, file, 0));
        });
        assertThat(cat("/dev/fs_all0")).isEqualTo("ONE-two-three");
        end(module);
        assertThat(findings()).isEmpty();
        assertThat(on.kernel.files().exists("/dev/fs_all0")).isFalse();
    }

    @Test
    void attributesShowAndStore() {
        CModule module = start("fs_all", Map.of());
        echo("/sys/class/fs_class/fs_all0/value", "17\n");
        assertThat(cat("/sys/class/fs_class/fs_all0/value")).isEqualTo("17\n");
        assertThat(cat("/sys/devices/virtual/fs_class/fs_all0/dev")).matches("\\d+:0\n");
        assertThat(cat("/sys/kernel/fs_object/twice")).isEqualTo("34\n");
        refused(Errno.EINVAL, () -> echo("/sys/class/fs_class/fs_all0/value", "many"));
        refused(Errno.EACCES, () -> echo("/sys/kernel/fs_object/twice", "1"));
        end(module);
        assertThat(on.kernel.files().exists("/sys/class/fs_class")).isFalse();
        assertThat(on.kernel.files().exists("/sys/kernel/fs_object")).isFalse();
    }

    @Test
    void aMiscDeviceIsThereWithItsNameAndMode() {
        CModule module = start("fs_all", Map.of());
        assertThat(cat("/dev/fs_misc")).isEqualTo("fs_misc");
        assertThat(on.kernel.files().read("/sys/class/misc/fs_misc/dev")).isEqualTo("10:127\n");
        assertThat(on.kernel.fileSystem().resolve("/dev/fs_misc").mode()).isEqualTo(0666);
        end(module);
        assertThat(on.kernel.files().exists("/dev/fs_misc")).isFalse();
    }

    @Test
    void filesOfProcAndDebugfsAreMadeWhenTheyAreRead() {
        CModule module = start("fs_all", Map.of());
        assertThat(cat("/proc/fs_proc"))
                .isEqualTo("line 0 of proc\nline 1 of proc\nline 2 of proc\n");
        cat("/dev/fs_all0");
        assertThat(cat("/sys/kernel/debug/fs_debug/reads")).isEqualTo("1\n");
        echo("/sys/kernel/debug/fs_debug/reads", "0x10");
        assertThat(cat("/sys/kernel/debug/fs_debug/reads")).isEqualTo("16\n");
        end(module);
        assertThat(on.kernel.files().exists("/proc/fs_proc")).isFalse();
        assertThat(on.kernel.files().exists("/sys/kernel/debug/fs_debug")).isFalse();
    }

    @Test
    void parametersAreSetBeforeInitAndShown() {
        CModule module =
                start(
                        "fs_all",
                        Map.of("loops", "0x2", "greeting", "good day", "loud", "y", "list", "1,2"));
        assertThat(on.lines()).contains("good day 2 1 2");
        assertThat(cat("/sys/module/fs_all/parameters/greeting")).isEqualTo("good day\n");
        assertThat(cat("/sys/module/fs_all/parameters/list")).isEqualTo("1,2\n");
        assertThat(cat("/sys/module/fs_all/parameters/loud")).isEqualTo("Y\n");
        echo("/sys/module/fs_all/parameters/loops", "1\n");
        assertThat(cat("/proc/fs_proc")).isEqualTo("line 0 of proc\n");
        refused(Errno.EACCES, () -> echo("/sys/module/fs_all/parameters/loud", "n"));
        end(module);
        assertThat(on.kernel.files().exists("/sys/module/fs_all")).isFalse();
    }

    @Test
    void aParameterThatTheModuleDoesNotKnowIsRefusedByName() {
        assertThatThrownBy(() -> start("fs_all", Map.of("loop", "1")))
                .isInstanceOf(ParameterRefused.class)
                .hasMessageContaining("`loop'")
                .hasMessageContaining("greeting")
                .hasMessageContaining("loops");
    }

    @Test
    void aParameterWithABadValueIsRefused() {
        assertThatThrownBy(() -> start("fs_all", Map.of("loops", "many")))
                .isInstanceOf(ParameterRefused.class)
                .hasMessageContaining("`many' invalid for parameter `loops'");
    }

    @Test
    void whatAModuleLeavesRegisteredIsReportedAtTheLineThatDidIt() {
        CModule module = start("fs_leak", Map.of());
        end(module);
        List<Integer> lines =
                on.kernel.findings().all().stream()
                        .map(finding -> on.kernel.findings().lineOf(finding.site()).line())
                        .sorted()
                        .toList();
        assertThat(on.kernel.findings().all())
                .extracting(Finding::id)
                .containsOnly(FindingId.LEAK_DEVICE);
        assertThat(lines).isEqualTo(marked("fs_leak.c"));
        assertThat(on.kernel.files().exists("/dev/fs_leak0")).isFalse();
        assertThat(on.kernel.files().exists("/dev/fs_leak_misc")).isFalse();
        assertThat(on.kernel.files().exists("/proc/fs_leak_proc")).isFalse();
    }

    private static List<Integer> marked(String source) {
        try {
            List<String> text = Files.readAllLines(HostFixture.SOURCES.resolve(source));
            return IntStream.rangeClosed(1, text.size())
                    .filter(line -> text.get(line - 1).contains("/* leak: "))
                    .boxed()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Runs a command of fs_user with a request and answers the result in it. */
    private static long ask(UserProcess process, int file, int command, long address, long bytes) {
        long request = process.allocate(4096);
        ByteBuffer fields = ByteBuffer.allocate(56).order(ByteOrder.LITTLE_ENDIAN);
        fields.putLong(address).putLong(bytes);
        process.store(request, fields.array());
        assertThat(process.ioctl(file, command, request)).isZero();
        long result =
                ByteBuffer.wrap(process.load(request, 56))
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .getLong(16);
        process.munmap(request, 4096);
        return result;
    }

    @Test
    void copiesToAndFromAProcessEndWhereItsMemoryEnds() {
        CModule module = start("fs_user", Map.of());
        program(process -> {
            int file = process.open("/dev/fs_user", OpenFlags.RDWR);
            long before = process.allocate(4096);
            long area = process.allocate(4096);
            // Requests go there, and nothing lies behind the area.
            process.munmap(before, 4096);
            assertThat(ask(process, file, 1, area, 4096)).isZero();
            assertThat(ask(process, file, 1, area + 4000, 100)).isEqualTo(4);
            assertThat(ask(process, file, 2, area + 4000, 100)).isEqualTo(4);
            assertThat(ask(process, file, 2, 0x10, 8)).isEqualTo(8);
            assertThat(ask(process, file, 5, area + 4000, 100)).isEqualTo(4);
            process.store(area, "four\0".getBytes(StandardCharsets.UTF_8));
            assertThat(ask(process, file, 3, area, 0)).isEqualTo(4);
            assertThat(ask(process, file, 3, 0x10, 0)).isEqualTo(-14);
            assertThat(ask(process, file, 4, area, 100)).isEqualTo(5);
            assertThat(ask(process, file, 4, area, 3)).isEqualTo(4);
            assertThat(ask(process, file, 4, 0x10, 3)).isZero();
            assertThat(ask(process, file, 6, area, 4)).isEqualTo('f');
            refused(Errno.EFAULT, () -> ask(process, file, 6, 0x10, 4));
            refused(Errno.ENOTTY, () -> ask(process, file, 77, 0, 0));
        });
        end(module);
        assertThat(findings()).isEmpty();
    }

    @Test
    void aBlockedReadIsWokenByTheDriverPolledAndEndedByASignal() {
        CModule module = start("fs_user", Map.of());
        program(process -> {
            int file = process.open("/dev/fs_user", OpenFlags.RDWR);
            long request = process.allocate(4096);
            var poll = List.of(new UserProcess.PollRequest(file, Poll.IN));
            assertThat(process.poll(poll, 0)).containsExactly(0);
            on.kernel
                    .processes()
                    .startThread(process, "waker", other -> other.ioctl(file, 7, request));
            assertThat(process.poll(poll, -1)).containsExactly(Poll.IN);
            assertThat(process.read(file, request, 1)).isEqualTo(1);
            assertThat(process.load(request, 1)).containsExactly('!');
            process.setFlags(process.file(file), OpenFlags.NONBLOCK);
            refused(Errno.EAGAIN, () -> process.read(file, request, 1));
            process.setFlags(process.file(file), 0);
            process.signal(KernelTask.SIGINT);
            refused(Errno.EINTR, () -> process.read(file, request, 1));
        });
        end(module);
        assertThat(findings()).isEmpty();
    }

    @Test
    void aMappingIsFilledWhenItIsTouchedAndItsEndIsTold() {
        CModule module = start("fs_user", Map.of());
        program(process -> {
            int file = process.open("/dev/fs_user", OpenFlags.RDWR);
            long request = process.allocate(4096);
            long area = process.mmap(8192, file, 0);
            assertThat(process.ioctl(file, 9, request)).isEqualTo(1);
            process.store(area + 5, new byte[] {7});
            assertThat(process.load(area + 5, 1)).containsExactly(7);
            refused(Errno.EFAULT, () -> process.load(area + 4096, 1));
            process.munmap(area, 8192);
            assertThat(process.ioctl(file, 9, request)).isZero();
        });
        end(module);
        assertThat(findings()).isEmpty();
    }

    @Test
    void aProcessThatAsksForItGetsASignalWithTheNews() {
        CModule module = start("fs_user", Map.of());
        List<Integer> heard = new ArrayList<>();
        program(process -> {
            int file = process.open("/dev/fs_user", OpenFlags.RDWR);
            long request = process.allocate(4096);
            process.onSignal(signal -> {
                heard.add(signal);
                return SignalHandling.Action.RESTART;
            });
            process.file(file).owner(process);
            process.setFlags(process.file(file), OpenFlags.ASYNC);
            process.ioctl(file, 7, request);
            process.read(file, request, 1);
            on.kernel
                    .processes()
                    .startThread(process, "waker", other -> other.ioctl(file, 7, request));
            process.read(file, request, 1);
        });
        assertThat(heard).containsOnly(29);
        end(module);
        assertThat(findings()).isEmpty();
    }

    @Test
    void anOpenFileKeepsItsModuleInUse() {
        CModule module = start("fs_user", Map.of());
        program(process -> {
            int file = process.open("/dev/fs_user", OpenFlags.RDWR);
            assertThat(module.useCount()).isOne();
            process.close(file);
            assertThat(module.useCount()).isZero();
        });
        end(module);
    }
}
