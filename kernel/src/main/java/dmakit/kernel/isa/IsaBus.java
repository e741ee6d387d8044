package dmakit.kernel.isa;

import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.Linux;
import dmakit.kernel.device.Device;
import dmakit.kernel.device.DriverCore;
import dmakit.kernel.log.Log;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The ISA bus: a device {@code NAME.N} for each card a driver may find. They reach 16 MiB: both of
 * their DMA masks have 24 bits.
 */
@Linux(file = "drivers/base/isa.c", symbol = "isa_bus_type")
public final class IsaBus {
    /** The bus's name. */
    public static final String NAME = "isa";

    /** Cards one driver may ask for. */
    public static final int CARD_COUNT_MAX = 64;

    private static final String FILE = "drivers/base/isa.c";
    private static final long MASK_24 = IsaDma.ADDRESS_END - 1;

    private record Card(Device device, int id) {}

    private final Log log;
    private final DriverCore core;
    private final Device root = new Device(NAME, "", null, null);
    private final Map<IsaDriver, List<Card>> drivers = new LinkedHashMap<>();

    /** Creates a bus without drivers. */
    public IsaBus(Log log, DriverCore core) {
        this.log = log;
        this.core = core;
    }

    /** All drivers, in the order in which they registered. */
    public List<IsaDriver> drivers() {
        return List.copyOf(drivers.keySet());
    }

    /** The devices of all drivers, in the order in which they were made. */
    public List<Device> devices() {
        return drivers.values().stream().flatMap(List::stream).map(Card::device).toList();
    }

    /**
     * Registers a driver and lets it look for its cards.
     *
     * @param count how many there may be
     * @throws KernelException EBUSY when a driver of that name is registered; ENODEV when it
     *     matches none of the cards; EINVAL for more than {@link #CARD_COUNT_MAX}
     */
    @Linux(file = FILE, symbol = "isa_register_driver")
    public void register(IsaDriver driver, int count) {
        if (count < 0 || count > CARD_COUNT_MAX) {
            throw new KernelException(Errno.EINVAL, "%d cards, limit %d", count, CARD_COUNT_MAX);
        }
        if (drivers.keySet().stream().anyMatch(other -> other.name().equals(driver.name()))) {
            log.err("Error: Driver '%s' is already registered, aborting...", driver.name());
            throw new KernelException(Errno.EBUSY, "driver %s is registered", driver.name());
        }
        core.devices().driverAdded(NAME, driver.name());
        List<Card> cards = new ArrayList<>();
        drivers.put(driver, cards);
        for (int id = 0; id < count; id++) {
            Device device = new Device(driver.name() + "." + id, NAME, root, null);
            device.dma().dmaMask(MASK_24);
            device.dma().coherentDmaMask(MASK_24);
            if (driver.match(device, id)) {
                cards.add(new Card(device, id));
                core.devices().add(device);
                probe(driver, device, id);
            }
        }
        if (cards.isEmpty()) {
            unregister(driver);
            throw new KernelException(Errno.ENODEV, "%s has no cards", driver.name());
        }
    }

    @Linux(file = FILE, symbol = "isa_bus_probe")
    private void probe(IsaDriver driver, Device device, int id) {
        if (!device.isBound()) {
            core.probe(
                    device,
                    driver.name(),
                    () -> driver.probe(device, id),
                    () -> probe(driver, device, id));
        }
    }

    /** Takes a driver away with its devices, the latest first. */
    @Linux(file = FILE, symbol = "isa_unregister_driver")
    public void unregister(IsaDriver driver) {
        List<Card> cards = drivers.remove(driver);
        if (cards == null) {
            return;
        }
        for (Card card : cards.reversed()) {
            core.forget(card.device());
            if (card.device().isBound()) {
                driver.remove(card.device(), card.id());
                core.cleanUp(card.device());
            }
            core.devices().remove(card.device());
        }
        core.devices().driverRemoved(NAME, driver.name());
    }
}
