package dmakit.kernel;

import dmakit.devicetree.DeviceTree;
import dmakit.devicetree.dts.DtsReader;
import dmakit.devicetree.dts.SourceFinder;
import dmakit.kernel.device.IrqResolver;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/** Device trees for tests of the core. */
public final class TestTrees {
    /** Takes the last cell of an interrupt for the number of its line. */
    public static final IrqResolver LINES = interrupt -> interrupt.cells().getLast();

    private TestTrees() {}

    /** A tree of a source text. */
    public static DeviceTree of(String source) {
        byte[] text = source.getBytes(StandardCharsets.UTF_8);
        SourceFinder finder = (_, _) -> Optional.of(text);
        try {
            return DtsReader.read("test.dts", finder, List.of());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A board with 64 MiB, an engine and a UART, and what makes no device. */
    public static DeviceTree soc() {
        return of(
                """
                /dts-v1/;
                / {
                    model = "Test Board";
                    compatible = "test,board";
                    #address-cells = <1>;
                    #size-cells = <1>;
                    interrupt-parent = <&intc>;
                    memory@0 { device_type = "memory"; reg = <0 0x4000000>; };
                    reserved-memory {
                        #address-cells = <1>;
                        #size-cells = <1>;
                        ranges;
                        buffer@3000000 { reg = <0x3000000 0x100000>; };
                    };
                    soc {
                        compatible = "simple-bus";
                        #address-cells = <1>;
                        #size-cells = <1>;
                        ranges = <0x7e000000 0x3f000000 0x1000000>;
                        dma-ranges = <0xc0000000 0 0x3f000000>;
                        intc: interrupt-controller@7e000000 {
                            reg = <0x7e000000 0x100>;
                            interrupt-controller;
                            #interrupt-cells = <1>;
                        };
                        engine@7e001000 {
                            compatible = "test,engine";
                            reg = <0x7e001000 0x100>, <0x7e001800 0x40>;
                            reg-names = "regs", "fifo";
                            interrupts = <16>, <17>;
                            interrupt-names = "done", "error";
                        };
                        uart@7e002000 {
                            compatible = "test,uart-v2", "test,uart";
                            reg = <0x7e002000 0x100>;
                        };
                        off@7e003000 {
                            compatible = "test,engine";
                            status = "disabled";
                            reg = <0x7e003000 0x100>;
                        };
                        nothing@7e004000 { reg = <0x7e004000 0x100>; };
                        leds {
                            compatible = "test,leds";
                            led { compatible = "test,led"; };
                        };
                    };
                };
                """);
    }
}
