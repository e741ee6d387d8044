package dmakit.hardware.apic;

import static org.assertj.core.api.Assertions.assertThat;

import dmakit.machine.irq.InterruptController;
import dmakit.machine.irq.IrqLine;
import dmakit.machine.random.Rng;
import dmakit.machine.time.Clock;
import dmakit.machine.trace.Trace;
import org.junit.jupiter.api.Test;

class LocalApicTest {
    private final InterruptController controller =
            new InterruptController(new Clock(), new Trace(), Rng.named(1, "irq"), 1);
    private final LocalApic apic = new LocalApic(controller::line);

    @Test
    void aStoreRaisesItsVectorOnce() {
        IrqLine line = controller.line(0x41);
        apic.write(0, 4, 0x41);
        assertThat(line.isAsserted()).isTrue();
        line.take();
        assertThat(line.isAsserted()).isFalse();
        apic.write(0, 4, 0x41);
        assertThat(line.isAsserted()).isTrue();
    }

    @Test
    void anEdgeWaitsWhileItsLineIsMasked() {
        IrqLine line = controller.line(0x42);
        line.mask();
        apic.write(0, 4, 0x42);
        assertThat(controller.claim()).isEqualTo(InterruptController.NONE);
        line.unmask();
        assertThat(controller.claim()).isEqualTo(0x42);
    }

    @Test
    void vectorsOfExceptionsAreIllegal() {
        apic.write(0, 4, LocalApic.FIRST_VECTOR - 1);
        assertThat(controller.line(LocalApic.FIRST_VECTOR - 1).isAsserted()).isFalse();
    }
}
