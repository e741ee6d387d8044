package dmakit.kernel.amba;

import dmakit.devicetree.Node;
import dmakit.devicetree.address.AddressRange;
import dmakit.kernel.Linux;
import dmakit.kernel.device.OfMatch;
import dmakit.kernel.device.PlatformBus;
import dmakit.kernel.device.PlatformDevice;
import dmakit.kernel.device.PlatformDriver;
import dmakit.kernel.mm.IoMemory;
import dmakit.machine.cpu.Cpu;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The AMBA bus. Its devices are those of {@link PlatformBus} that are cells. */
@Linux(file = "drivers/amba/bus.c", symbol = "amba_bustype")
public final class AmbaBus {
    private static final String FILE = "drivers/amba/bus.c";

    /** At the end of a cell's registers; PrimeCell and CoreSight. */
    private static final int CELL_ID = 0xb105_f00d;

    private static final int CORESIGHT_ID = 0xb105_900d;
    private static final int PERIPH_ID_BACK = 0x20;
    private static final int CELL_ID_BACK = 0x10;
    private static final int ID_BYTES = 4;

    private final Cpu cpu;
    private final IoMemory io;
    private final PlatformBus platform;
    private final Map<PlatformDevice, Integer> identified = new LinkedHashMap<>();
    private final List<Binding> drivers = new ArrayList<>();

    /** Creates a bus without drivers. */
    public AmbaBus(Cpu cpu, IoMemory io, PlatformBus platform) {
        this.cpu = cpu;
        this.io = io;
        this.platform = platform;
    }

    /** What the platform bus sees of a driver. */
    private final class Binding implements PlatformDriver {
        private final AmbaDriver driver;

        Binding(AmbaDriver driver) {
            this.driver = driver;
        }

        @Override
        public String name() {
            return driver.name();
        }

        @Override
        public String bus() {
            return PlatformBus.AMBA;
        }

        @Override
        public List<OfMatch> ofMatch() {
            return List.of();
        }

        @Override
        public boolean identifies(PlatformDevice device) {
            return isCell(device) && indexOf(device) >= 0;
        }

        @Override
        public void probe(PlatformDevice device) {
            driver.probe(device, indexOf(device));
        }

        @Override
        public void remove(PlatformDevice device) {
            driver.remove(device);
        }

        @Linux(file = FILE, symbol = "amba_lookup")
        private int indexOf(PlatformDevice device) {
            int periphId = periphId(device);
            List<AmbaId> ids = driver.ids();
            for (int i = 0; periphId != 0 && i < ids.size(); i++) {
                if (ids.get(i).matches(periphId)) {
                    return i;
                }
            }
            return -1;
        }
    }

    /** The cells, in the order in which they were added. */
    public List<PlatformDevice> devices() {
        return platform.devices().stream().filter(AmbaBus::isCell).toList();
    }

    /** Whether a device is a cell. */
    public static boolean isCell(PlatformDevice device) {
        return device.device().subsystem().equals(PlatformBus.AMBA);
    }

    /**
     * A cell's identification: what its node says, or else its registers, which are read once; 0
     * for one that has none.
     */
    @Linux(file = FILE, symbol = "amba_read_periphid")
    public int periphId(PlatformDevice cell) {
        Integer known = identified.get(cell);
        if (known == null) {
            Node node = cell.device().ofNode();
            int stated = node == null ? 0 : node.u32("arm,primecell-periphid").orElse(0);
            known = stated != 0 ? stated : readPeriphId(cell);
            identified.put(cell, known);
        }
        return known;
    }

    private int readPeriphId(PlatformDevice cell) {
        if (cell.memory().isEmpty()) {
            return 0;
        }
        AddressRange range = cell.memory(0);
        if (range.size() < PERIPH_ID_BACK) {
            return 0;
        }
        long va = io.ioremap(range.start(), range.size());
        try {
            long end = va + range.size();
            int periphId = bytesAt(end - PERIPH_ID_BACK);
            int cellId = bytesAt(end - CELL_ID_BACK);
            return cellId == CELL_ID || cellId == CORESIGHT_ID ? periphId : 0;
        } finally {
            io.iounmap(va);
        }
    }

    /** A number of which each register holds one byte, the lowest first. */
    private int bytesAt(long va) {
        int value = 0;
        for (int i = 0; i < ID_BYTES; i++) {
            value |= (cpu.load32(va + (long) i * Integer.BYTES) & 0xff) << (i * Byte.SIZE);
        }
        return value;
    }

    /**
     * Registers a driver and offers it every cell that fits and has none.
     *
     * @throws dmakit.kernel.KernelException EBUSY when a driver of that name is registered
     */
    @Linux(file = FILE, symbol = "amba_driver_register")
    public void register(AmbaDriver driver) {
        Binding binding = new Binding(driver);
        platform.register(binding);
        drivers.add(binding);
    }

    /** Takes a driver away; it leaves its cells first. */
    @Linux(file = FILE, symbol = "amba_driver_unregister")
    @SuppressWarnings("ReferenceEquality") // this driver, and not one that is like it
    public void unregister(AmbaDriver driver) {
        for (Binding binding : List.copyOf(drivers)) {
            if (binding.driver == driver) {
                platform.unregister(binding);
                drivers.remove(binding);
            }
        }
    }
}
