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
     * @param size in bytes, unsigned, at least 1
     */
    public record Window(long bus, long phys, long size) {
        /** Checks that the window has a size and ends within both address spaces. */
        public Window {
            Check.argument(size != 0, "window at bus:0x%x has no size", bus);
            Check.argument(
                    Long.compareUnsigned(bus + (size - 1), bus) >= 0
                            && Long.compareUnsigned(phys + (size - 1), phys) >= 0,
                    "window bus:0x%x to phys:0x%x of 0x%x bytes goes past the last address",
                    bus,
                    phys,
                    size);
        }
    }

    /** Every address but the last one reaches the physical address of the same number. */
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
        if (i < 0) {
            return 0;
        }
        long contiguous = size[i] - (address - bus[i]);
        for (int earlier = 0; earlier < i; earlier++) {
            long until = bus[earlier] - address;
            if (Long.compareUnsigned(until, contiguous) < 0) {
                contiguous = until;
            }
        }
        return contiguous;
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
