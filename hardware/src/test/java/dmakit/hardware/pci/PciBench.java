package dmakit.hardware.pci;

import dmakit.machine.Machine;
import dmakit.machine.bus.Target;
import dmakit.machine.bus.Windows;
import dmakit.machine.cpu.CostTable;
import dmakit.machine.irq.IrqLine;
import dmakit.machine.memory.Ram;
import java.util.List;
import java.util.Objects;

/** A machine with 1 MiB of RAM at 0 and a host bridge; driven by loads and stores alone. */
public final class PciBench implements AutoCloseable {
    static final long CONFIG = 0x1000_0000L;
    static final long WINDOW = 0x2000_0000L;
    static final long WINDOW_SIZE = 0x1000_0000L;

    /** Its function's first region, once {@link #enable} has placed it. */
    public static final long REGION = WINDOW;

    /** The machine. */
    public final Machine machine =
            new Machine(
                    new Machine.Config(
                            List.of(new Ram.Bank(0, 1 << 20)),
                            true,
                            new Machine.Cache.None(),
                            CostTable.CORTEX_A53,
                            1));

    /** The line of the pin. */
    public final IrqLine pin = machine.interrupts().line(1);

    final PciHost host = new PciHost("pcie", machine.bus(), _ -> Windows.IDENTITY, true);

    /** Opens configuration space and a window for memory. */
    public PciBench() {
        host.attachConfig(CONFIG, PciHost.BUS_BYTES);
        host.attachWindow(WINDOW, WINDOW, WINDOW_SIZE);
    }

    /** Plugs a function into slot 3. */
    public PciBench plug(PciFunction function) {
        host.plug(function, 3, pin);
        return this;
    }

    /** Places the first region, lets it answer, and makes the function a master. */
    public PciBench enable() {
        config(0x10, (int) REGION);
        config(0x04, 0x0006);
        return this;
    }

    /** A word of the configuration of slot 3. */
    public int config(int offset) {
        return (int) read(CONFIG + (3 << 15) + offset, 4);
    }

    /** Stores a word of it. */
    public void config(int offset, int value) {
        write(CONFIG + (3 << 15) + offset, 4, value & 0xffff_ffffL);
    }

    /** A load of the CPU. */
    public long read(long phys, int bytes) {
        var range = Objects.requireNonNull(machine.bus().rangeAt(phys));
        return range.target().read(phys - range.base(), bytes);
    }

    /** A store of the CPU. */
    public void write(long phys, int bytes, long value) {
        var range = Objects.requireNonNull(machine.bus().rangeAt(phys));
        range.target().write(phys - range.base(), bytes, value);
    }

    /** Bytes of RAM, as a device sees them. */
    public byte[] ram(long phys, int bytes) {
        byte[] into = new byte[bytes];
        machine.bus().master("peek", Windows.IDENTITY, true).read(phys, into, 0, bytes);
        return into;
    }

    /** Writes RAM. */
    public void ram(long phys, byte[] from) {
        machine.bus().master("poke", Windows.IDENTITY, true).write(phys, from, 0, from.length);
    }

    /** Remembers the last message. */
    public static final class Doorbell implements Target {
        /** How many came. */
        public int count;

        /** What was written last. */
        public int data;

        @Override
        public long read(long offset, int bytes) {
            return 0;
        }

        @Override
        public void write(long offset, int bytes, long value) {
            count++;
            data = (int) value;
        }
    }

    @Override
    public void close() {
        machine.close();
    }
}
