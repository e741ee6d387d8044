package dmakit.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dmakit.board.Board;
import dmakit.board.Simulation;
import dmakit.cmodule.CModule;
import dmakit.cmodule.CSystem;
import dmakit.cmodule.ModuleSource;
import dmakit.kernel.boot.Kernel;
import dmakit.machine.Machine;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Drivers in C for cells of AMBA. */
class AmbaIT {
    private static final Path SOURCES =
            Path.of(System.getProperty("dmakit.root"), "cmodule/src/test/c");

    private static final String WITHOUT_DRIVER = "initcall_blacklist=pl330_driver_init";

    private static final String UART =
            """
            /dts-v1/;
            /plugin/;
            &{/soc@0} {
                serial@ffc02000 {
                    compatible = "arm,pl011", "arm,primecell";
                    reg = <0xffc02000 0x1000>;
                    interrupts = <0 108 4>;
                    clocks = <&l4_main_clk>;
                    clock-names = "apb_pclk";
                    arm,primecell-periphid = <0x00241011>;
                };
            };
            """;

    /** What the module's device said while it came and went. */
    private static List<String> said(Board board, String cmdline, String source) {
        try (Simulation simulation =
                        Simulation.boot(
                                board,
                                new Simulation.Options(
                                        1, Optional.<Machine.Cache>empty(), cmdline));
                CSystem system = start(simulation.kernel())) {
            Kernel kernel = simulation.kernel();
            CModule module = system.load(ModuleSource.of(SOURCES.resolve(source)));
            assertThat(kernel.call("insmod", module::init)).isZero();
            kernel.run(
                    "rmmod",
                    () -> {
                        module.exit();
                        module.unload();
                    });
            assertThat(kernel.findings().all()).isEmpty();
            return kernel.log().buffer().texts().stream()
                    .filter(text -> text.contains("ffda0000") || text.contains("ffc02000"))
                    .toList();
        }
    }

    private static CSystem start(Kernel kernel) {
        kernel.findings().enable();
        return CSystem.start(kernel, CSystem.Options.USUAL);
    }

    @Test
    void aCellIsFoundByWhatItsRegistersSay() {
        assertThat(said(Board.of("stratix10"), WITHOUT_DRIVER, "amba_cell.c"))
                .containsExactly(
                        "cell ffda0000.dma-controller: PL330: part 330 of 41, revision 3, irqs 2,"
                                + " id in registers 30",
                        "cell ffda0000.dma-controller: bus amba, active, clock runs",
                        "cell ffda0000.dma-controller: resumed 1 times");
    }

    @Test
    void aCellIsFoundByWhatItsNodeSays() {
        assertThat(said(Board.of("stratix10").withOverlay(UART, "uart"), "", "amba_cell.c"))
                .contains("cell ffc02000.serial: resumed 1 times")
                .anyMatch(text -> text.contains("PL011: part 011 of 41, revision 2, irqs 1"));
    }

    @Test
    void aCellWithoutItsClockIsRefused() {
        String without = UART.replace("apb_pclk", "uartclk");
        assertThat(said(Board.of("stratix10").withOverlay(without, "uart"), "", "amba_cell.c"))
                .contains("cell ffc02000.serial: probe with driver cell failed with error -2");
    }

    @Test
    void aCellThatHasItsDriverIsLeftAlone() {
        assertThat(said(Board.of("stratix10"), "", "amba_cell.c"))
                .noneMatch(text -> text.startsWith("cell "));
    }

    @Test
    void aPlatformDriverDoesNotGetACell() {
        assertThat(said(Board.of("stratix10"), WITHOUT_DRIVER, "amba_wrong_bus.c"))
                .containsExactly(
                        "dmakit: ffda0000.dma-controller is on the AMBA bus: platform drivers do"
                                + " not get it");
    }
}
