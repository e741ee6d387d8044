package dmakit.kernel.device;

import dmakit.devicetree.Node;
import dmakit.kernel.Linux;
import dmakit.kernel.irq.IrqHandler;
import dmakit.kernel.irq.Irqs;
import dmakit.kernel.log.LogSource;
import org.jspecify.annotations.Nullable;

/** One device, real or of a class. */
@Linux(file = "include/linux/device.h", symbol = "device")
public final class Device implements LogSource {
    private final String name;
    private final String subsystem;
    private final @Nullable Device parent;
    private final @Nullable Node ofNode;
    private final DmaParameters dma = new DmaParameters();
    private final Devres devres = new Devres();
    private final RuntimePower power = new RuntimePower();
    private @Nullable String boundDriver;
    private @Nullable Object driverData;

    /**
     * Creates a device without a driver; both of its DMA masks have 32 bits.
     *
     * @param name for example {@code 3f007000.dma-controller}
     * @param subsystem the name of its bus or class, or empty
     * @param parent what it hangs on, or null
     * @param ofNode its node in the device tree, or null
     */
    public Device(String name, String subsystem, @Nullable Device parent, @Nullable Node ofNode) {
        this.name = name;
        this.subsystem = subsystem;
        this.parent = parent;
        this.ofNode = ofNode;
    }

    /** The device's name, unique on its bus. */
    @Override
    @Linux(file = "include/linux/device.h", symbol = "dev_name")
    public String name() {
        return name;
    }

    /** The bound driver's name, else the name of its bus or class. */
    @Override
    @Linux(file = "drivers/base/core.c", symbol = "dev_driver_string")
    public String driverName() {
        String bound = boundDriver;
        return bound == null ? subsystem : bound;
    }

    /** The name of its bus or class, or empty. */
    public String subsystem() {
        return subsystem;
    }

    /** Whether a driver is bound, or being bound. */
    public boolean isBound() {
        return boundDriver != null;
    }

    void bound(@Nullable String driver) {
        boundDriver = driver;
    }

    /** What the device hangs on. */
    public @Nullable Device parent() {
        return parent;
    }

    /** Its node in the device tree. */
    public @Nullable Node ofNode() {
        return ofNode;
    }

    /** How it does DMA. */
    public DmaParameters dma() {
        return dma;
    }

    /** What its driver acquired. */
    public Devres devres() {
        return devres;
    }

    /** Who uses it, and whether it is up. */
    public RuntimePower power() {
        return power;
    }

    /** What its driver keeps with it, or null. */
    @Linux(file = "include/linux/device.h", symbol = "dev_get_drvdata")
    public @Nullable Object driverData() {
        return driverData;
    }

    /** Lets the driver keep something with the device. */
    @Linux(file = "include/linux/device.h", symbol = "dev_set_drvdata")
    public void driverData(@Nullable Object data) {
        driverData = data;
    }

    /**
     * Asks for an interrupt line until the driver leaves; see {@link Irqs#request(int, IrqHandler,
     * int, String, Object)}.
     */
    @Linux(file = "kernel/irq/devres.c", symbol = "devm_request_irq")
    public void requestIrq(
            Irqs irqs,
            int irq,
            IrqHandler handler,
            int flags,
            String handlerName,
            @Nullable Object devId) {
        irqs.request(irq, handler, flags, handlerName, devId);
        devres.add("irq " + irq, () -> irqs.free(irq, devId));
    }

    /** {@code <driver> <device>}, as the log names it. */
    @Override
    public String toString() {
        return driverName() + " " + name;
    }
}
