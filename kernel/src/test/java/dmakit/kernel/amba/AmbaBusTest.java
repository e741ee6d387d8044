package dmakit.kernel.amba;

import static org.assertj.core.api.Assertions.assertThat;

import dmakit.kernel.TestTrees;
import dmakit.kernel.boot.Kernel;
import dmakit.kernel.device.PlatformDevice;
import dmakit.machine.Machine;
import dmakit.machine.bus.Target;
import dmakit.machine.cpu.CostTable;
import dmakit.machine.memory.Ram;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AmbaBusTest {
    private static final String TREE =
            """
            /dts-v1/;
            / {
                #address-cells = <1>;
                #size-cells = <1>;
                memory@0 { device_type = "memory"; reg = <0 0x4000000>; };
                stated@5000000 {
                    compatible = "arm,primecell";
                    reg = <0x5000000 0x1000>;
                    arm,primecell-periphid = <0x00241011>;
                };
                cell@5001000 { compatible = "arm,primecell"; reg = <0x5001000 0x1000>; };
                silent@5002000 { compatible = "arm,primecell"; reg = <0x5002000 0x1000>; };
                small@5003000 { compatible = "arm,primecell"; reg = <0x5003000 0x10>; };
                other@5004000 { compatible = "test,other"; reg = <0x5004000 0x1000>; };
            };
            """;

    private final Machine machine =
            new Machine(
                    new Machine.Config(
                            List.of(new Ram.Bank(0, 64 << 20)),
                            true,
                            new Machine.Cache.None(),
                            CostTable.CORTEX_A53,
                            1));
    private final Kernel kernel =
            Kernel.boot(machine, TestTrees.of(TREE), TestTrees.LINES, _ -> {}, "cma=0");
    private final Cell cell = new Cell(0x0034_1330, 0xb105_f00d);
    private final List<String> heard = new ArrayList<>();

    AmbaBusTest() {
        machine.bus().attach("cell", 0x500_1000, 0x1000, cell);
        machine.bus().attach("silent", 0x500_2000, 0x1000, new Cell(0x0034_1330, 0));
    }

    @AfterEach
    void close() {
        machine.close();
    }

    /** Registers that end in an identification. */
    private static final class Cell implements Target {
        private final int periphId;
        private final int cellId;
        private int readCount;

        Cell(int periphId, int cellId) {
            this.periphId = periphId;
            this.cellId = cellId;
        }

        @Override
        public long read(long offset, int width) {
            readCount++;
            int of = offset < 0xff0 ? periphId : cellId;
            return of >>> (offset & 0xf) * 2 & 0xff;
        }

        @Override
        public void write(long offset, int width, long value) {}
    }

    private AmbaDriver driver(AmbaId... ids) {
        return new AmbaDriver() {
            @Override
            public String name() {
                return "test";
            }

            @Override
            public List<AmbaId> ids() {
                return List.of(ids);
            }

            @Override
            public void probe(PlatformDevice device, int index) {
                heard.add("probe " + device.name() + " " + index);
            }

            @Override
            public void remove(PlatformDevice device) {
                heard.add("remove " + device.name());
            }
        };
    }

    @Test
    void aDriverGetsTheCellsOfItsIdsAndLeavesThemTheLatestFirst() {
        AmbaDriver driver =
                driver(
                        new AmbaId(0x41080, 0xfffff),
                        new AmbaId(0x41330, 0xfffff),
                        new AmbaId(0x41011, 0xfffff));
        kernel.run(
                "insmod",
                () -> {
                    kernel.amba().register(driver);
                    kernel.amba().unregister(driver);
                });
        assertThat(heard)
                .containsExactly(
                        "probe 5000000.stated 2",
                        "probe 5001000.cell 1",
                        "remove 5001000.cell",
                        "remove 5000000.stated");
    }

    @Test
    void registersAreReadOnce() {
        kernel.run(
                "insmod",
                () -> {
                    kernel.amba().register(driver(new AmbaId(0x41330, 0xfffff)));
                    PlatformDevice device = kernel.platform().device("5001000.cell").orElseThrow();
                    assertThat(kernel.amba().periphId(device)).isEqualTo(0x0034_1330);
                });
        assertThat(cell.readCount).isEqualTo(8);
    }

    @Test
    void aDeviceWithoutAnIdentificationIsNobodys() {
        kernel.run("insmod", () -> kernel.amba().register(driver(new AmbaId(0, 0))));
        assertThat(heard).containsExactly("probe 5000000.stated 0", "probe 5001000.cell 0");
        assertThat(kernel.amba().devices())
                .extracting(PlatformDevice::name)
                .containsExactly(
                        "5000000.stated", "5001000.cell", "5002000.silent", "5003000.small");
    }
}
