package dmakit.kernel.log;

/** A device as the log names it: {@code <driver> <device>: }. */
public interface LogSource {
    /** The device's name. */
    String name();

    /** The bound driver's name, else the bus's or the class's; may be empty. */
    String driverName();
}
