package dmakit.board.pci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmakit.board.Board;
import dmakit.board.Simulation;
import dmakit.datasheet.edu.EduRegister;
import dmakit.kernel.KernelException;
import dmakit.kernel.boot.Kernel;
import dmakit.kernel.device.Device;
import dmakit.kernel.dma.CoherentBuffer;
import dmakit.kernel.irq.IrqStatistics;
import dmakit.kernel.mapping.DmaPool;
import dmakit.kernel.mm.Gfp;
import dmakit.kernel.pci.PciDevice;
import dmakit.kernel.pci.PciInterrupts;
import dmakit.machine.cpu.Cpu;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EduTest {
    private static final int BYTES = 100;

    private static void onPc(int kinds, boolean master, Consumer<EduDriver> body) {
        try (Simulation pc = Simulation.boot(Board.of("pc"), Simulation.Options.seeded(1))) {
            Kernel kernel = pc.kernel();
            EduDriver driver = new EduDriver(kernel, kinds, master);
            kernel.run(
                    "edu",
                    () -> {
                        kernel.pci().register(driver);
                        body.accept(driver);
                        kernel.pci().unregister(driver);
                    });
            assertThat(kernel.irqs().requested())
                    .extracting(IrqStatistics::names)
                    .doesNotContain("edu");
            assertThat(kernel.shutdown()).isEmpty();
        }
    }

    private static void withBuffer(EduDriver driver, Consumer<CoherentBuffer> body) {
        Kernel kernel = driver.kernel();
        PciDevice edu = driver.function();
        CoherentBuffer buffer = kernel.dma().allocCoherent(edu.device(), 4096, Gfp.KERNEL);
        body.accept(buffer);
        kernel.dma().freeCoherent(edu.device(), buffer);
    }

    @ParameterizedTest
    @ValueSource(ints = {PciInterrupts.INTX, PciInterrupts.MSI})
    void computesAFactorialAndInterrupts(int kinds) {
        onPc(
                kinds,
                true,
                driver -> {
                    assertThat(driver.read(EduRegister.IDENTIFICATION)).isEqualTo(0x0100_00ed);
                    driver.write(EduRegister.LIVENESS, 0x1234_5678);
                    assertThat(driver.read(EduRegister.LIVENESS)).isEqualTo(~0x1234_5678);
                    assertThat(driver.factorial(10)).isEqualTo(3_628_800);
                    assertThat(driver.interrupts()).isEqualTo(1);
                    assertThat(driver.function().interrupts().sendsMessages())
                            .isEqualTo(kinds == PciInterrupts.MSI);
                });
    }

    @ParameterizedTest
    @ValueSource(ints = {PciInterrupts.INTX, PciInterrupts.MSI})
    void movesBytesThereAndBack(int kinds) {
        onPc(
                kinds,
                true,
                driver ->
                        withBuffer(
                                driver,
                                buffer -> {
                                    Cpu cpu = driver.kernel().machine().cpu();
                                    for (int i = 0; i < BYTES; i++) {
                                        cpu.store8(buffer.va() + i, (byte) (i * 7));
                                    }
                                    assertThat(driver.move(buffer.dmaAddr().value(), BYTES, false))
                                            .isTrue();
                                    assertThat(
                                                    driver.move(
                                                            buffer.dmaAddr().value() + 2048,
                                                            BYTES,
                                                            true))
                                            .isTrue();
                                    for (int i = 0; i < BYTES; i++) {
                                        assertThat(cpu.load8(buffer.va() + 2048 + i))
                                                .isEqualTo((byte) (i * 7));
                                    }
                                }));
    }

    @Test
    void withoutBusMasteringNothingMovesAndThePinStillInterrupts() {
        onPc(
                PciInterrupts.INTX,
                false,
                driver ->
                        withBuffer(
                                driver,
                                buffer -> {
                                    Cpu cpu = driver.kernel().machine().cpu();
                                    cpu.store8(buffer.va(), (byte) 0x5a);
                                    assertThat(driver.move(buffer.dmaAddr().value(), BYTES, true))
                                            .isTrue();
                                    assertThat(cpu.load8(buffer.va())).isEqualTo((byte) 0x5a);
                                }));
    }

    @Test
    void aDriverMapsAWholeRegionAndNoneThatIsNotThere() {
        onPc(
                PciInterrupts.MSI,
                true,
                driver -> {
                    Kernel kernel = driver.kernel();
                    long registers = driver.function().ioremapBar(0);
                    assertThat(kernel.machine().cpu().load32(registers)).isEqualTo(0x0100_00ed);
                    kernel.mm().io().iounmap(registers);
                    assertThatThrownBy(() -> driver.function().ioremapBar(2))
                            .isInstanceOf(KernelException.class);
                    assertThat(kernel.log().buffer().texts())
                            .last()
                            .asString()
                            .contains("can't ioremap BAR 2");
                });
    }

    @Test
    void theFileOfItsPoolsIsThereAsLongAsThereAreAny() {
        onPc(
                PciInterrupts.MSI,
                true,
                driver -> {
                    Kernel kernel = driver.kernel();
                    Device device = driver.function().device();
                    String file = "/sys/bus/pci/devices/" + device.name() + "/pools";
                    assertThat(kernel.files().exists(file)).isFalse();
                    DmaPool pool = kernel.dma().poolCreate("rings", device, 64, 64, 0);
                    pool.free(pool.alloc(Gfp.KERNEL));
                    assertThat(kernel.files().read(file))
                            .isEqualTo("poolinfo - 0.1\nrings               0   64   64  1\n");
                    pool.destroy();
                    assertThat(kernel.files().exists(file)).isFalse();
                });
    }

    @Test
    void withoutBusMasteringNoMessageArrives() {
        onPc(
                PciInterrupts.MSI,
                false,
                driver -> {
                    driver.raise(1);
                    driver.kernel().sched().msleep(10);
                    assertThat(driver.interrupts()).isZero();
                    assertThat(driver.read(EduRegister.INTERRUPT_STATUS)).isEqualTo(1);
                });
    }

    @Test
    void theFunctionIsFoundAndItsRegionAppearsInIomem() {
        onPc(
                PciInterrupts.INTX,
                true,
                driver -> {
                    assertThat(driver.function().name()).isEqualTo("0000:00:02.0");
                    assertThat(driver.kernel().mm().resources().iomem())
                            .contains(
                                    "c0000000-dfffffff : PCI Bus 0000:00\n"
                                            + "  c0000000-c00fffff : 0000:00:02.0\n"
                                            + "    c0000000-c00fffff : edu\n");
                });
    }
}
