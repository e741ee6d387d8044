package dmakit.kernel.dmaengine;

import dmakit.kernel.irq.Irqs;
import dmakit.kernel.log.Log;
import dmakit.kernel.mapping.DmaMapping;
import dmakit.kernel.mm.IoMemory;
import dmakit.kernel.sched.Sched;
import dmakit.machine.cpu.Cpu;

/**
 * What the driver of a controller is built from.
 *
 * @param sched tasks, and the machine they run on
 * @param log where it tells what happens
 * @param irqs interrupts of its controllers
 * @param io registers of its controllers
 * @param mapping memory that its controllers read by themselves
 * @param engine where it registers them
 */
public record ProviderKit(
        Sched sched, Log log, Irqs irqs, IoMemory io, DmaMapping mapping, DmaEngine engine) {
    /** The processor, whose loads and stores reach registers. */
    public Cpu cpu() {
        return sched.machine().cpu();
    }
}
