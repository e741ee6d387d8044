package dmakit.hardware;

import static org.assertj.core.api.Assertions.assertThat;

import dmakit.datasheet.Register;
import dmakit.datasheet.RegisterMap;
import dmakit.datasheet.bcm2835.DmaChannelRegister;
import dmakit.datasheet.bcm2835.DmaControllerRegister;
import dmakit.datasheet.fifo.LoopbackFifoRegister;
import dmakit.datasheet.ioat.IoatChannelRegister;
import dmakit.datasheet.ioat.IoatRegister;
import dmakit.datasheet.xdmac.XdmacChannelRegister;
import dmakit.datasheet.xdmac.XdmacRegister;
import dmakit.machine.trace.TraceEvent;
import dmakit.machine.trace.TraceSink;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * Writes events for a reader and compares them with {@code spec/golden/hardware}. {@code ./dev
 * golden --accept} rewrites the files.
 */
public final class GoldenTrace implements TraceSink {
    private static final long PS_PER_NS = 1_000;
    private static final List<Register> REGISTERS =
            Stream.of(
                            DmaChannelRegister.MAP.registers(),
                            DmaControllerRegister.MAP.registers(),
                            LoopbackFifoRegister.MAP.registers(),
                            XdmacRegister.MAP.registers(),
                            XdmacChannelRegister.MAP.registers(),
                            IoatRegister.MAP.registers(),
                            IoatChannelRegister.MAP.registers())
                    .<Register>flatMap(List::stream)
                    .toList();

    private final StringBuilder text = new StringBuilder();

    /** Writes a line of its own, between events. */
    public void say(String line) {
        text.append("# ").append(line).append('\n');
    }

    @Override
    public void take(TraceEvent event) {
        long atPs = event instanceof TraceEvent.Transfer moved ? moved.endPs() : event.atPs();
        text.append(String.format(Locale.ROOT, "%9d ns  ", atPs / PS_PER_NS));
        text.append(line(event)).append('\n');
    }

    private static String line(TraceEvent event) {
        return switch (event) {
            case TraceEvent.RegisterAccess access ->
                    format(
                            "%-6s %s %s %s",
                            access.chip(),
                            access.register(),
                            access.write() ? "<-" : "->",
                            value(access));
            case TraceEvent.Fetch fetch ->
                    format(
                            "%-6s fetched bus:0x%08x  %s",
                            fetch.master(), fetch.address(), fetch.content());
            case TraceEvent.StateChange change ->
                    format(
                                    "%-6s %s -> %s  %s",
                                    change.chip(), change.from(), change.to(), change.detail())
                            .stripTrailing();
            case TraceEvent.Transfer transfer ->
                    format(
                            "%-6s moved %d bytes  bus:0x%08x -> bus:0x%08x  since %d ns",
                            transfer.master(),
                            transfer.bytes(),
                            transfer.from(),
                            transfer.to(),
                            transfer.atPs() / PS_PER_NS);
            case TraceEvent.BusError error ->
                    format(
                            "%-6s refused %s  bus:0x%08x  %s",
                            error.master(),
                            error.write() ? "write" : "read",
                            error.address(),
                            error.cause());
            case TraceEvent.InterruptLevel level ->
                    format(
                            "%-6s %s",
                            "irq " + level.line(), level.asserted() ? "asserted" : "released");
            default -> event.toString();
        };
    }

    /** A register's value as its fields; the number of the channel stands before the name. */
    private static String value(TraceEvent.RegisterAccess access) {
        String name = access.register().replaceFirst("^[0-9]+_", "").replaceFirst(" .*", "");
        int value = (int) access.value();
        for (Register register : REGISTERS) {
            if (register.name().equals(name)) {
                return RegisterMap.describe(register, value).substring(name.length() + 1);
            }
        }
        return "0x" + Integer.toHexString(value);
    }

    private static String format(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }

    /** Compares what was taken with the accepted trace of a name, or accepts it. */
    public void equalsAccepted(String name) {
        Path file =
                Path.of(System.getProperty("dmakit.root"))
                        .resolve("spec/golden/hardware/" + name + ".trace");
        try {
            if (Boolean.getBoolean("golden.accept")) {
                Files.createDirectories(file.getParent());
                Files.writeString(file, text);
            }
            assertThat(text.toString()).isEqualTo(Files.readString(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
