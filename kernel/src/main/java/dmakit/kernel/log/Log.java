package dmakit.kernel.log;

import dmakit.kernel.Linux;
import dmakit.machine.time.Clock;
import dmakit.machine.trace.Trace;
import dmakit.machine.trace.TraceEvent;
import java.util.Locale;

/**
 * Writes to the kernel log.
 *
 * <p>All formats are of {@link String#format}; a line end at the end of a message may be left out.
 * Any context may write. A message costs no simulated time.
 */
public final class Log {
    private static final String PRINTK = "kernel/printk/printk.c";
    private static final String DEV_PRINTK = "include/linux/dev_printk.h";

    private final Clock clock;
    private final Trace trace;
    private final LogBuffer buffer;
    private final String prefix;

    /** Creates an empty log. */
    public Log(Clock clock, Trace trace) {
        this(clock, trace, new LogBuffer(), "");
    }

    private Log(Clock clock, Trace trace, LogBuffer buffer, String prefix) {
        this.clock = clock;
        this.trace = trace;
        this.buffer = buffer;
        this.prefix = prefix;
    }

    /** The same log for one part of the kernel that starts each message with {@code newPrefix}. */
    @Linux(file = "include/linux/printk.h", symbol = "pr_fmt")
    public Log prefixed(String newPrefix) {
        return new Log(clock, trace, buffer, newPrefix);
    }

    /** What was written. */
    public LogBuffer buffer() {
        return buffer;
    }

    /** Writes a message. */
    @Linux(file = PRINTK, symbol = "_printk")
    public void printk(Level level, String format, Object... values) {
        write(level, prefix + format(format, values));
    }

    /** Writes an emergency. */
    @Linux(file = "include/linux/printk.h", symbol = "pr_emerg")
    public void emerg(String format, Object... values) {
        printk(Level.EMERG, format, values);
    }

    /** Writes an alert. */
    @Linux(file = "include/linux/printk.h", symbol = "pr_alert")
    public void alert(String format, Object... values) {
        printk(Level.ALERT, format, values);
    }

    /** Writes an error. */
    @Linux(file = "include/linux/printk.h", symbol = "pr_err")
    public void err(String format, Object... values) {
        printk(Level.ERR, format, values);
    }

    /** Writes a warning. */
    @Linux(file = "include/linux/printk.h", symbol = "pr_warn")
    public void warn(String format, Object... values) {
        printk(Level.WARNING, format, values);
    }

    /** Writes a notice. */
    @Linux(file = "include/linux/printk.h", symbol = "pr_notice")
    public void notice(String format, Object... values) {
        printk(Level.NOTICE, format, values);
    }

    /** Writes an information. */
    @Linux(file = "include/linux/printk.h", symbol = "pr_info")
    public void info(String format, Object... values) {
        printk(Level.INFO, format, values);
    }

    /** Writes a message about a device, {@code <driver> <device>: <text>}. */
    @Linux(file = "drivers/base/core.c", symbol = "_dev_printk")
    public void dev(Level level, LogSource device, String format, Object... values) {
        write(
                level,
                device.driverName() + " " + device.name() + ": " + prefix + format(format, values));
    }

    /** Writes an error about a device. */
    @Linux(file = DEV_PRINTK, symbol = "dev_err")
    public void devErr(LogSource device, String format, Object... values) {
        dev(Level.ERR, device, format, values);
    }

    /** Writes a warning about a device. */
    @Linux(file = DEV_PRINTK, symbol = "dev_warn")
    public void devWarn(LogSource device, String format, Object... values) {
        dev(Level.WARNING, device, format, values);
    }

    /** Writes a notice about a device. */
    @Linux(file = DEV_PRINTK, symbol = "dev_notice")
    public void devNotice(LogSource device, String format, Object... values) {
        dev(Level.NOTICE, device, format, values);
    }

    /** Writes an information about a device. */
    @Linux(file = DEV_PRINTK, symbol = "dev_info")
    public void devInfo(LogSource device, String format, Object... values) {
        dev(Level.INFO, device, format, values);
    }

    private static String format(String format, Object... values) {
        return values.length == 0 ? format : String.format(Locale.ROOT, format, values);
    }

    private void write(Level level, String text) {
        int end = Math.min(text.length(), LogBuffer.RECORD_SIZE_MAX);
        if (end > 0 && text.charAt(end - 1) == '\n') {
            end--;
        }
        LogRecord message = new LogRecord(clock.now(), level, text.substring(0, end));
        buffer.add(message);
        if (trace.isOn()) {
            trace.emit(new TraceEvent.Log(message.atPs(), level.number(), message.text()));
        }
    }
}
