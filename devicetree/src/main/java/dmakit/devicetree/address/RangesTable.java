package dmakit.devicetree.address;

import dmakit.devicetree.Property;
import dmakit.devicetree.address.BusLayout.BusAddress;
import org.jspecify.annotations.Nullable;

/** The entries of one {@code ranges} or {@code dma-ranges}, read once and searched often. */
final class RangesTable {

    private final BusLayout layout;
    private final BusLayout parentLayout;
    private final int[] flags;
    private final long[] starts;
    private final long[] sizes;
    private final int[] targetFlags;
    private final long[] targets;

    /** Entries behind the last whole one are ignored, as in Linux. */
    RangesTable(Property ranges, BusLayout layout, BusLayout parentLayout) {
        this.layout = layout;
        this.parentLayout = parentLayout;
        int sizeAt = layout.addressCells() + parentLayout.addressCells();
        int entryCells = sizeAt + layout.sizeCells();
        int count = ranges.listCellCount() / entryCells;
        flags = new int[count];
        starts = new long[count];
        sizes = new long[count];
        targetFlags = new int[count];
        targets = new long[count];
        for (int i = 0; i < count; i++) {
            int first = i * entryCells;
            BusAddress start = layout.address(ranges, first);
            BusAddress target = parentLayout.address(ranges, first + layout.addressCells());
            flags[i] = start.flags();
            starts[i] = start.value();
            sizes[i] = ranges.number(first + sizeAt, layout.sizeCells());
            targetFlags[i] = target.flags();
            targets[i] = target.value();
        }
    }

    /** The address on the parent bus, by the first entry that has it; null when none has. */
    @Nullable BusAddress find(BusAddress address) {
        long value = address.value();
        for (int i = 0; i < starts.length; i++) {
            long offset = value - starts[i];
            if (Long.compareUnsigned(offset, sizes[i]) < 0
                    && Long.compareUnsigned(value, starts[i]) >= 0
                    && layout.sameSpace(address.flags(), flags[i])) {
                return new BusAddress(targetFlags[i], parentLayout.truncate(targets[i] + offset));
            }
        }
        return null;
    }
}
