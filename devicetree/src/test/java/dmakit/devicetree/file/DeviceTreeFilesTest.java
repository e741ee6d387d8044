package dmakit.devicetree.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmakit.devicetree.DeviceTree;
import dmakit.devicetree.DeviceTreeException;
import dmakit.devicetree.DtbWriter;
import dmakit.devicetree.Limits;
import dmakit.devicetree.TestTrees;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DeviceTreeFilesTest {

    @TempDir private Path folder;

    private Path write(String name, byte[] bytes) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.write(file, bytes);
    }

    private Path write(String name, String text) throws IOException {
        return write(name, text.getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }

    @Test
    void knowsBothFormsByTheirContent() throws IOException {
        DeviceTree tree = TestTrees.dts("/ { a; };");

        assertThat(DeviceTreeFiles.read(write("tree", DtbWriter.write(tree))).sameAs(tree))
                .isTrue();
        assertThat(DeviceTreeFiles.read(write("text", "/dts-v1/; / { a; };")).sameAs(tree))
                .isTrue();
    }

    @Test
    void looksWhereTheKernelsBuildLooks() throws IOException {
        write("include/dt-bindings/n.h", "#define N 5\n");
        Path source =
                write(
                        "arch/arm64/boot/dts/a.dts",
                        "/dts-v1/;\n#include <dt-bindings/n.h>\n/ { n = <N>; };");

        assertThat(DeviceTreeFiles.read(source).root().u32("n")).hasValue(5);
    }

    @Test
    void looksInGivenFoldersFirst() throws IOException {
        write("include/dt-bindings/n.h", "#define N 5\n");
        write("mine/dt-bindings/n.h", "#define N 6\n");
        Path source = write("a.dts", "/dts-v1/;\n#include <dt-bindings/n.h>\n/ { n = <N>; };");

        assertThat(DeviceTreeFiles.read(source, List.of(folder.resolve("mine"))).root().u32("n"))
                .hasValue(6);
    }

    @Test
    void refusesWhatIsNeither() throws IOException {
        Path file = write("a.bin", new byte[] {1, 2, 0, 3});

        assertThatThrownBy(() -> DeviceTreeFiles.read(file))
                .isInstanceOf(DeviceTreeException.class)
                .hasMessage(
                        file
                                + "+0x0: neither a dtb, which starts with 0xd00dfeed, nor tree"
                                + " source");
    }

    @Test
    void bytesThatNoTextHasAreNoSource() throws IOException {
        Path file = write("a.dtb", "/dts-v1/;\u0001");

        assertThatThrownBy(() -> DeviceTreeFiles.read(file)).hasMessageContaining("neither a dtb");
    }

    @Test
    void anEmptyFileIsNamed() throws IOException {
        Path file = write("a.dts", "");

        assertThatThrownBy(() -> DeviceTreeFiles.read(file))
                .hasMessage(file + ":1:1: the source ends where /dts-v1/; is wanted");
    }

    @Test
    void refusesWhatIsTooLarge() throws IOException {
        Path file = write("a.dtb", new byte[Limits.FILE_BYTES_MAX + 1]);

        assertThatThrownBy(() -> DeviceTreeFiles.read(file))
                .isInstanceOf(DeviceTreeException.class)
                .hasMessageEndingWith("the file goes on, wanted at most 2097152 bytes");
    }

    @Test
    void saysWhenThereIsNoFile() {
        assertThatThrownBy(() -> DeviceTreeFiles.read(folder.resolve("none.dtb")))
                .isInstanceOf(NoSuchFileException.class);
        assertThatThrownBy(() -> DeviceTreeFiles.read(folder))
                .isInstanceOf(IOException.class)
                .hasMessageEndingWith("is a folder");
    }
}
