package dmakit.oracle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The way to QEMU, on a machine without any device of interest. */
class QemuTest {
    private static final long RAM = 0x100_0000L;

    @Test
    void memoryKeepsWhatIsPutIntoIt() {
        try (Qemu qemu = Peer.stopped(Emulator.AARCH64, "-M", "raspi3b")) {
            byte[] content = new byte[200_001];
            for (int i = 0; i < content.length; i++) {
                content[i] = (byte) (i * 31 >>> 3);
            }
            qemu.poke(RAM + 1, content);
            assertThat(qemu.peek(RAM + 1, content.length)).isEqualTo(content);
            qemu.store(RAM, 4, -2);
            assertThat(qemu.load(RAM, 4)).isEqualTo(0xffff_fffeL);
            assertThat(qemu.load(RAM, 1)).isEqualTo(0xfe);
            qemu.store(RAM, 8, -2);
            assertThat(qemu.load(RAM, 8)).isEqualTo(-2);
        }
    }

    @Test
    void thousandsOfStoresAreAnsweredInOrder() {
        try (Qemu qemu = Peer.stopped(Emulator.AARCH64, "-M", "raspi3b")) {
            for (int i = 0; i < 3000; i++) {
                qemu.store(RAM + 4L * i, 4, i);
            }
            assertThat(qemu.load(RAM + 4 * 2999, 4)).isEqualTo(2999);
            assertThat(qemu.load(RAM + 4 * 17, 4)).isEqualTo(17);
        }
    }

    @Test
    void neitherProcessNorFolderIsLeftBehind() throws IOException {
        Set<Path> before = folders();
        assertThat(before).as("what other tests left").isEmpty();
        Qemu qemu = Peer.stopped(Emulator.AARCH64, "-M", "raspi3b");
        List<ProcessHandle> children = ProcessHandle.current().descendants().toList();
        assertThat(children).hasSizeGreaterThanOrEqualTo(2);
        assertThat(folders()).hasSize(1);
        qemu.close();
        assertThat(children).noneMatch(ProcessHandle::isAlive);
        assertThat(before).containsAll(folders());
    }

    @Test
    void whatQemuComplainsOfIsSaid() throws IOException {
        Set<Path> before = folders();
        assertThatThrownBy(() -> Peer.stopped(Emulator.AARCH64, "-M", "no-such-machine").close())
                .isInstanceOf(QemuException.class)
                .hasMessageContaining("unsupported machine type");
        assertThat(before).containsAll(folders());
    }

    /** Of this JVM; others run beside it. */
    private static Set<Path> folders() throws IOException {
        Path temporary = Path.of(System.getProperty("java.io.tmpdir"));
        String mine = Qemu.FOLDER + ProcessHandle.current().pid() + "-";
        try (Stream<Path> entries = Files.list(temporary)) {
            return entries.filter(entry -> entry.getFileName().toString().startsWith(mine))
                    .collect(Collectors.toSet());
        }
    }
}
