package dmakit.kernel.device;

import static org.assertj.core.api.Assertions.assertThat;

import dmakit.devicetree.DeviceTree;
import dmakit.devicetree.dts.DtsReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class DeviceNamesTest {
    private static DeviceTree tree(String body) {
        byte[] text = ("/dts-v1/;\n/ { " + body + " };").getBytes(StandardCharsets.UTF_8);
        try {
            return DtsReader.read("test.dts", (path, bytesMax) -> Optional.of(text), List.of());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String nameOf(DeviceTree tree, String path) {
        return DeviceNames.of(tree.node(path).orElseThrow());
    }

    @Test
    void bitsOfOneRegisterHaveNamesOfTheirOwn() {
        DeviceTree tree =
                tree(
                        """
                        #address-cells = <1>;
                        #size-cells = <1>;
                        led@8,0 { reg = <0x8 0x4>; mask = <0x01>; };
                        led@8,1 { reg = <0x8 0x4>; mask = <0x20>; };
                        led@c { reg = <0xc 0x4>; };
                        """);

        assertThat(nameOf(tree, "/led@8,0")).isEqualTo("8.0.led");
        assertThat(nameOf(tree, "/led@8,1")).isEqualTo("8.5.led");
        assertThat(nameOf(tree, "/led@c")).isEqualTo("c.led");
    }
}
