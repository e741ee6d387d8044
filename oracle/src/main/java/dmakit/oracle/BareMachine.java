package dmakit.oracle;

import dmakit.machine.Machine;
import dmakit.machine.bus.Bus;
import dmakit.machine.bus.MasterPort;
import dmakit.machine.bus.Windows;
import dmakit.machine.time.Clock;

/**
 * One of our machines as a {@link Computer}. Where QEMU does at once what a register asks for, here
 * events do it: {@link #settle} lets them.
 */
public final class BareMachine implements Computer {
    private final Machine machine;
    private final MasterPort memory;

    /** Drives a machine, and closes it in the end. */
    public BareMachine(Machine machine) {
        this.machine = machine;
        memory = machine.bus().master("oracle", Windows.IDENTITY, true);
    }

    /** The machine. */
    public Machine machine() {
        return machine;
    }

    /**
     * Lets events happen until there are none.
     *
     * @param countMax how many at most
     * @return whether there are none left
     */
    public boolean settle(int countMax) {
        Clock clock = machine.clock();
        for (int i = 0; i < countMax && clock.nextAt() != Clock.NEVER; i++) {
            clock.advanceTo(clock.nextAt());
        }
        return clock.nextAt() == Clock.NEVER;
    }

    @Override
    public long load(long phys, int bytes) {
        Bus.Range range = range(phys);
        return range.target().read(phys - range.base(), bytes);
    }

    @Override
    public void store(long phys, int bytes, long value) {
        Bus.Range range = range(phys);
        range.target().write(phys - range.base(), bytes, value);
    }

    private Bus.Range range(long phys) {
        Bus.Range range = machine.bus().rangeAt(phys);
        if (range == null) {
            throw new IllegalArgumentException("no register at phys:0x" + Long.toHexString(phys));
        }
        return range;
    }

    @Override
    public long in(int port, int bytes) {
        return machine.bus().ports().read(port, bytes);
    }

    @Override
    public void out(int port, int bytes, long value) {
        machine.bus().ports().write(port, bytes, value);
    }

    @Override
    public byte[] peek(long phys, int count) {
        byte[] content = new byte[count];
        if (!memory.read(phys, content, 0, count).isDone()) {
            throw new IllegalArgumentException("no memory at phys:0x" + Long.toHexString(phys));
        }
        return content;
    }

    @Override
    public void poke(long phys, byte[] content) {
        if (!memory.write(phys, content, 0, content.length).isDone()) {
            throw new IllegalArgumentException("no memory at phys:0x" + Long.toHexString(phys));
        }
    }

    @Override
    public void close() {
        machine.close();
    }
}
