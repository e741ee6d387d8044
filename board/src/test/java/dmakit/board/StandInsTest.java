package dmakit.board;

import static org.assertj.core.api.Assertions.assertThat;

import dmakit.devicetree.Node;
import dmakit.kernel.boot.Kernel;
import dmakit.kernel.device.PlatformDevice;
import dmakit.kernel.device.StandIns.Numbers;
import dmakit.kernel.pci.PciDevice;
import dmakit.kernel.pci.PciInterrupts;
import dmakit.machine.cpu.Cpu;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StandInsTest {
    private static final Numbers XILINX = new Numbers(0x10ee, 0x7024, 0, 0, 0x058000);

    /** Slots 1 to 31; edu, the PEX engine and I/OAT have one each. */
    private static final int FREE_SLOTS = 28;

    private static void on(String board, Consumer<Kernel> body) {
        try (var simulation = Simulation.boot(Board.of(board), Simulation.Options.seeded(1))) {
            Kernel kernel = simulation.kernel();
            kernel.run("test", () -> body.accept(kernel));
        }
    }

    private static PlatformDevice added(Kernel kernel, String compatible) {
        Node node = kernel.standIns().platform(compatible).orElseThrow();
        return kernel.platform().create(kernel.deviceTree(), node, null, kernel.lines());
    }

    @ParameterizedTest
    @ValueSource(strings = {"rpi3", "rpi3-coherent", "pc"})
    void aNodeHasRegistersThatRememberAndAnInterruptOfItsOwn(String board) {
        on(
                board,
                kernel -> {
                    PlatformDevice first = added(kernel, "acme,first");
                    PlatformDevice second = added(kernel, "acme,second");
                    assertThat(first.device().ofNode()).isNotNull();
                    assertThat(first.memory(0).overlaps(second.memory(0))).isFalse();
                    assertThat(first.irq(0)).isNotEqualTo(second.irq(0));
                    Cpu cpu = kernel.machine().cpu();
                    long va = kernel.mm().io().ioremap(first.memory(0).start(), 0x1000);
                    cpu.store32(va + 8, 0x1234_5678);
                    assertThat(cpu.load32(va + 8)).isEqualTo(0x1234_5678);
                    assertThat(cpu.load32(va + 12)).isZero();
                    kernel.mm().io().iounmap(va);
                });
    }

    @Test
    void onTheRaspberryPiANodeMayAskForChannels() {
        on(
                "rpi3",
                kernel -> {
                    PlatformDevice thing = added(kernel, "acme,thing");
                    assertThat(thing.device().ofNode().strings("dma-names"))
                            .containsExactly("tx", "rx");
                });
    }

    @Test
    void aFunctionIsFoundByARescanAndHasAllKindsOfInterrupts() {
        on(
                "pc",
                kernel -> {
                    assertThat(kernel.standIns().pci(XILINX)).isTrue();
                    kernel.pci().rescan();
                    PciDevice card = kernel.pci().device("0000:00:01.0").orElseThrow();
                    assertThat(card.vendor()).isEqualTo(0x10ee);
                    assertThat(card.classCode()).isEqualTo(0x058000);
                    assertThat(card.regions()).allMatch(region -> region.start().isPresent());
                    card.enable();
                    assertThat(card.interrupts().allocate(1, 8, PciInterrupts.MSIX)).isEqualTo(8);
                    assertThat(card.interrupts().irq(7)).isNotEqualTo(card.interrupts().irq(0));
                    card.interrupts().free();
                    assertThat(card.interrupts().allocate(1, 8, PciInterrupts.MSI)).isEqualTo(8);
                    card.interrupts().free();
                    assertThat(kernel.files().read("/sys/bus/pci/devices/0000:00:01.0/vendor"))
                            .isEqualTo("0x10ee\n");
                    assertThat(kernel.files().read("/sys/bus/pci/devices/0000:00:01.0/enable"))
                            .isEqualTo("1\n");
                    assertThat(kernel.files().read("/sys/bus/pci/devices/0000:00:02.0/resource"))
                            .startsWith(
                                    "0x00000000c0000000 0x00000000c00fffff 0x0000000000040200\n");
                });
    }

    @Test
    void thereAreAsManyFunctionsAsSlots() {
        on(
                "pc",
                kernel -> {
                    for (int i = 0; i < FREE_SLOTS; i++) {
                        assertThat(kernel.standIns().pci(XILINX)).as("%d", i).isTrue();
                    }
                    assertThat(kernel.standIns().pci(XILINX)).isFalse();
                });
    }

    @Test
    void aBoardWithoutABridgeTakesNoFunction() {
        on("rpi3", kernel -> assertThat(kernel.standIns().pci(XILINX)).isFalse());
    }
}
