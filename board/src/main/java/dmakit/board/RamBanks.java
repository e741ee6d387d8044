package dmakit.board;

import dmakit.devicetree.DeviceTree;
import dmakit.devicetree.Node;
import dmakit.devicetree.address.AddressRange;
import dmakit.devicetree.address.MemoryMap;
import dmakit.devicetree.address.Reg;
import dmakit.machine.bus.Windows.Window;
import dmakit.machine.cpu.AddressLayout;
import dmakit.machine.memory.Ram;
import java.util.ArrayList;
import java.util.List;

/**
 * Which physical addresses RAM answers at: what {@code /memory} says, less what peripherals hide.
 *
 * <p>A tree may give a bank that peripherals cover in part, as the Raspberry Pi's does: there the
 * bus answers with the peripheral.
 */
final class RamBanks {
    private static final long PAGE_MASK = AddressLayout.PAGE_BYTES - 1;

    private RamBanks() {}

    /**
     * The banks of a tree.
     *
     * @throws BoardException when it describes no RAM
     */
    static List<Ram.Bank> of(DeviceTree tree) {
        List<AddressRange> left = new ArrayList<>(MemoryMap.banks(tree));
        for (AddressRange hidden : hiddenByPeripherals(tree)) {
            List<AddressRange> next = new ArrayList<>();
            for (AddressRange bank : left) {
                subtract(bank, hidden, next);
            }
            left = next;
        }
        List<Ram.Bank> banks = new ArrayList<>();
        for (AddressRange bank : left) {
            long start = (bank.start() + PAGE_MASK) & ~PAGE_MASK;
            long end = (bank.last() + 1) & ~PAGE_MASK;
            if (Long.compareUnsigned(start, end) < 0) {
                banks.add(new Ram.Bank(start, end - start));
            }
        }
        if (banks.isEmpty()) {
            throw new BoardException(
                    "the tree describes no RAM: a boot loader would fill in /memory; add"
                            + " memory { device_type = \"memory\"; reg = <...>; }");
        }
        return banks;
    }

    private static void subtract(AddressRange bank, AddressRange hidden, List<AddressRange> into) {
        if (!bank.overlaps(hidden)) {
            into.add(bank);
            return;
        }
        if (Long.compareUnsigned(bank.start(), hidden.start()) < 0) {
            into.add(new AddressRange(bank.start(), hidden.start() - bank.start()));
        }
        if (Long.compareUnsigned(hidden.last(), bank.last()) < 0) {
            into.add(new AddressRange(hidden.last() + 1, bank.last() - hidden.last()));
        }
    }

    private static List<AddressRange> hiddenByPeripherals(DeviceTree tree) {
        List<AddressRange> hidden = new ArrayList<>();
        for (Node node : tree.nodes()) {
            if (node.isReachable()) {
                for (Window window : BusWindows.of(node)) {
                    // A window that moves addresses can only lead to peripherals.
                    if (window.bus() != window.phys()) {
                        hidden.add(new AddressRange(window.phys(), window.size()));
                    }
                }
                if (Chips.isModelled(node)) {
                    for (Reg reg : Reg.of(node)) {
                        reg.phys().ifPresent(range -> hidden.add(wholePages(range)));
                    }
                }
            }
        }
        return hidden;
    }

    private static AddressRange wholePages(AddressRange range) {
        long start = range.start() & ~PAGE_MASK;
        long end = (range.last() | PAGE_MASK) + 1;
        return new AddressRange(start, end - start);
    }
}
