package dmakit.kernel.fs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.TestTrees;
import dmakit.kernel.boot.Kernel;
import dmakit.kernel.chardev.DeviceNumber;
import dmakit.kernel.chardev.FileOperations;
import dmakit.kernel.chardev.FileOperations.Whence;
import dmakit.kernel.chardev.MiscDevices;
import dmakit.kernel.chardev.OpenFlags;
import dmakit.kernel.chardev.Poll;
import dmakit.kernel.chardev.UserProcess;
import dmakit.kernel.device.Device;
import dmakit.kernel.fs.DeviceClasses.DeviceClass;
import dmakit.kernel.fs.DeviceClasses.DeviceFile;
import dmakit.machine.Machine;
import dmakit.machine.cpu.CostTable;
import dmakit.machine.memory.Ram;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Consumer;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class FileSystemTest {
    private final Machine machine =
            new Machine(
                    new Machine.Config(
                            List.of(new Ram.Bank(0, 64 << 20)),
                            false,
                            new Machine.Cache.None(),
                            CostTable.CORTEX_A53,
                            1));
    private final Kernel kernel =
            Kernel.boot(machine, TestTrees.soc(), TestTrees.LINES, _ -> {}, "");
    private final FileSystem files = kernel.fileSystem();

    @AfterEach
    void close() {
        machine.close();
    }

    private static void refused(Errno errno, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        KernelException.class, e -> assertThat(e.errno()).isEqualTo(errno));
    }

    private void program(Consumer<UserProcess> main) {
        kernel.runProcess("test", main);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** A value that a process sees as it was stored. */
    private static final class Value implements Attribute {
        private byte[] value = bytes("first\n");

        @Override
        public byte[] show() {
            return value;
        }

        @Override
        public long store(byte[] stored) {
            value = stored;
            return stored.length;
        }
    }

    @Nested
    class APath {
        @Test
        void leadsThroughLinksToWhatTheyMean() {
            Directory there = files.sys().makeDirectory("there");
            TextFile text = there.makeText("text", 0444, () -> "hello");
            Directory here = files.sys().directory("class").makeDirectory("here");
            SymbolicLink link = here.makeLink("link", there);
            assertThat(link.target()).isEqualTo("../../there");
            assertThat(files.resolve("/sys/class/here/link/text")).isEqualTo(text);
            assertThat(files.resolve("/sys/class/here/link/../there/./text")).isEqualTo(text);
            assertThat(files.find("/sys/class/here/link")).contains(link);
            assertThat(files.find("/sys/class/here/link/text")).isEmpty();
            assertThat(text.path()).isEqualTo("/sys/there/text");
        }

        @Test
        void thatLeadsNowhereIsRefused() {
            files.proc().makeText("text", 0444, () -> "");
            refused(Errno.ENOENT, () -> files.resolve("/proc/nothing"));
            refused(Errno.ENOTDIR, () -> files.resolve("/proc/text/more"));
            refused(Errno.ENAMETOOLONG, () -> files.resolve("/".repeat(4097)));
        }

        @Test
        void hasNoMoreLinksThanTheLimit() {
            Directory chain = files.sys().makeDirectory("chain");
            chain.makeText("0", 0444, () -> "end");
            for (int i = 1; i <= FileSystem.LINK_COUNT_MAX + 1; i++) {
                chain.makeLink(Integer.toString(i), Integer.toString(i - 1));
            }
            assertThat(files.resolve("/sys/chain/" + FileSystem.LINK_COUNT_MAX).name())
                    .isEqualTo("0");
            refused(
                    Errno.ELOOP,
                    () -> files.resolve("/sys/chain/" + (FileSystem.LINK_COUNT_MAX + 1)));
        }
    }

    @Nested
    class ADirectory {
        @Test
        void takesEachNameOnceAndNoneThatIsNone() {
            Directory directory = files.sys().makeDirectory("d");
            directory.makeText("a", 0444, () -> "");
            refused(Errno.EEXIST, () -> directory.makeDirectory("a"));
            for (String name : List.of("", ".", "..", "a/b", "a\0b")) {
                refused(Errno.EINVAL, () -> directory.makeDirectory(name));
            }
            directory.makeDirectory("x".repeat(Directory.NAME_LENGTH_MAX));
            refused(
                    Errno.ENAMETOOLONG,
                    () -> directory.makeDirectory("x".repeat(Directory.NAME_LENGTH_MAX + 1)));
        }

        @Test
        void liesNoDeeperThanTheLimit() {
            Directory directory = files.root();
            for (int i = 0; i < Directory.DEPTH_MAX; i++) {
                directory = directory.makeDirectory("d");
            }
            Directory deepest = directory;
            refused(Errno.ELOOP, () -> deepest.makeDirectory("d"));
        }

        @Test
        void thatIsRemovedTakesAllWithItAndNothingMoreIn() {
            Directory directory = files.sys().makeDirectory("d");
            TextFile text = directory.makeDirectory("e").makeText("t", 0444, () -> "");
            files.sys().remove(directory);
            assertThat(text.isRemoved()).isTrue();
            assertThat(files.find("/sys/d")).isEmpty();
            refused(Errno.ENOENT, () -> directory.makeDirectory("late"));
        }

        @Test
        void cannotBeOpenedAsAFile() {
            program(process -> {
                refused(Errno.EISDIR, () -> process.open("/sys/class", OpenFlags.RDWR));
                refused(Errno.EINVAL, () -> process.open("/sys/class", OpenFlags.RDONLY));
            });
        }
    }

    @Nested
    class AnAttribute {
        private final Value value = new Value();
        private final TextFile file = files.sys().makeAttribute("value", 0644, value);

        @Test
        void isShownAnewFromItsStart() {
            program(process -> {
                int open = process.open("/sys/value", OpenFlags.RDWR);
                assertThat(process.readAll(open)).isEqualTo(bytes("first\n"));
                process.write(open, "second\n");
                process.lseek(open, 0, Whence.SET);
                assertThat(process.readAll(open)).isEqualTo(bytes("second\n"));
                refused(Errno.EINVAL, () -> process.lseek(open, 0, Whence.END));
            });
        }

        @Test
        void takesNoMoreThanAPageAtOnce() {
            program(process -> {
                int open = process.open("/sys/value", OpenFlags.WRONLY);
                long much = process.allocate(8192);
                assertThat(process.write(open, much, Attribute.SIZE_MAX + 1))
                        .isEqualTo(Attribute.SIZE_MAX);
            });
        }

        @Test
        void canOnlyBeOpenedAsItsModeSays() {
            files.sys().makeAttribute("fixed", 0444, value);
            files.sys().makeAttribute("blind", 0200, value);
            program(process -> {
                refused(Errno.EACCES, () -> process.open("/sys/fixed", OpenFlags.WRONLY));
                refused(Errno.EACCES, () -> process.open("/sys/blind", OpenFlags.RDONLY));
            });
        }

        @Test
        void isReadNoMoreOnceItIsRemoved() {
            program(process -> {
                int open = process.open("/sys/value", OpenFlags.RDWR);
                files.sys().remove(file);
                refused(Errno.ENODEV, () -> process.readAll(open));
                process.close(open);
            });
        }

        @Test
        void tellsWhoPollsThatItChanged() {
            program(process -> {
                int open = process.open("/sys/value", OpenFlags.RDONLY);
                process.readAll(open);
                var poll = List.of(new UserProcess.PollRequest(open, Poll.PRI));
                assertThat(process.poll(poll, 0)).containsExactly(0);
                file.changed();
                assertThat(process.poll(poll, -1)).containsExactly(Poll.PRI | Poll.ERR);
            });
        }
    }

    @Nested
    class ADevice {
        @Test
        void hasAFileInADirectoryOfItsOwn() {
            kernel.charDevices().cdevAdd(new DeviceNumber(226, 0), 1, new FileOperations() {});
            DeviceClass drm = kernel.classes().create("drm");
            Device card =
                    kernel.classes()
                            .add(
                                    drm,
                                    null,
                                    "card0",
                                    new DeviceFile(new DeviceNumber(226, 0), "dri/card0", 0660));
            assertThat(files.resolve("/dev/dri/card0").mode()).isEqualTo(0660);
            assertThat(kernel.files().read("/sys/class/drm/card0/uevent"))
                    .isEqualTo("MAJOR=226\nMINOR=0\nDEVNAME=dri/card0\n");
            assertThat(files.resolve("/sys/dev/char/226:0"))
                    .isEqualTo(files.resolve("/sys/class/drm/card0"));
            program(process -> process.open("/dev/dri/card0", OpenFlags.RDWR));
            kernel.classes().remove(card);
            kernel.classes().destroy(drm);
            assertThat(kernel.files().exists("/dev/dri")).isFalse();
            assertThat(kernel.files().exists("/sys/class/drm")).isFalse();
            assertThat(kernel.files().exists("/sys/dev/char/226:0")).isFalse();
        }

        @Test
        void whoseNameIsTakenIsNotThereAtAll() {
            DeviceClass one = kernel.classes().create("one");
            DeviceNumber number = new DeviceNumber(200, 0);
            kernel.classes().add(one, null, "a", new DeviceFile(number, "a", 0600));
            refused(
                    Errno.EEXIST,
                    () -> kernel.classes().add(one, null, "b", new DeviceFile(number, "a", 0600)));
            refused(Errno.EEXIST, () -> kernel.classes().create("one"));
            assertThat(kernel.files().exists("/sys/class/one/b")).isFalse();
        }

        @Test
        void canBeReachedThroughAFileThatMknodMade() {
            kernel.run(
                    "insmod",
                    () ->
                            kernel.misc()
                                    .register(
                                            MiscDevices.DYNAMIC_MINOR,
                                            "m",
                                            new FileOperations() {}));
            files.mknod("/dev/other", new DeviceNumber(10, 127), 0600);
            program(process -> process.open("/dev/other", OpenFlags.RDWR));
            refused(Errno.EPERM, () -> files.unlink("/proc/cmdline"));
            files.unlink("/dev/other");
            assertThat(files.find("/dev/other")).isEmpty();
        }
    }
}
