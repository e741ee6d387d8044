package dmakit.cmodule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.chardev.OpenFlags;
import dmakit.kernel.chardev.UserProcess;
import dmakit.kernel.check.Finding;
import dmakit.machine.Machine;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
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
}
