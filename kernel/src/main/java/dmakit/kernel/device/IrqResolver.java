package dmakit.kernel.device;

import dmakit.devicetree.interrupt.InterruptSpec;

/** Knows which line of the machine an interrupt of the device tree arrives at. */
@FunctionalInterface
public interface IrqResolver {
    /**
     * The number of the line.
     *
     * @throws dmakit.kernel.KernelException EPROBE_DEFER while its controller has no driver yet;
     *     EINVAL when it never will
     */
    int lineOf(InterruptSpec interrupt);
}
