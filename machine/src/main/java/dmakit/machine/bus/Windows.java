package dmakit.machine.bus;

import dmakit.machine.Check;
import java.util.List;

/** A translation by fixed windows, as {@code dma-ranges} describes. */
public final class Windows implements Translation {
    /**
     * One window.
     *
     * @param bus first address as the master puts it out
     * @param phys first physical address it reaches
     * @param size in bytes, at least 1
     */
    public record Window(long bus, long phys, long size) {
        /** Checks the size. */
        public Window {
            Check.argument(size != 0, "window at bus 0x%x has no size", bus);
        }
    }

    /** Every address reaches the physical address of the same number. */
    public static final Windows IDENTITY = new Windows(List.of(new Window(0, 0, -1)));

    private final long[] bus;
    private final long[] phys;
    private final long[] size;

    /** Creates the translation; where windows overlap the first one counts. */
    public Windows(List<Window> windows) {
        bus = windows.stream().mapToLong(Window::bus).toArray();
        phys = windows.stream().mapToLong(Window::phys).toArray();
        size = windows.stream().mapToLong(Window::size).toArray();
    }

    @Override
    public long toPhys(long address, boolean write) {
        int i = indexOf(address);
        return i < 0 ? NONE : phys[i] + (address - bus[i]);
    }

    @Override
    public long contiguousFrom(long address, boolean write) {
        int i = indexOf(address);
        return i < 0 ? 0 : size[i] - (address - bus[i]);
    }

    private int indexOf(long address) {
        for (int i = 0; i < bus.length; i++) {
            if (Long.compareUnsigned(address - bus[i], size[i]) < 0) {
                return i;
            }
        }
        return -1;
    }
}
