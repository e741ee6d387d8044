package dmakit.kernel.iommu;

import dmakit.kernel.Linux;
import dmakit.kernel.device.Device;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/** Masters that an IOMMU cannot tell apart: they share a domain. */
@Linux(file = "drivers/iommu/iommu.c", symbol = "iommu_group")
public final class IommuGroup {
    private final int id;
    private final IommuDriver driver;
    private final Object key;
    private final List<IommuMaster> masters = new ArrayList<>();
    private IommuDomain defaultDomain;
    private IommuDomain current;
    private String name = "";
    private Runnable namedListener = () -> {};

    IommuGroup(int id, IommuDriver driver, Object key, IommuDomain defaultDomain) {
        this.id = id;
        this.driver = driver;
        this.key = key;
        this.defaultDomain = defaultDomain;
        current = defaultDomain;
    }

    /** Its number. */
    @Linux(file = "drivers/iommu/iommu.c", symbol = "iommu_group_id")
    public int id() {
        return id;
    }

    /** What its IOMMU's driver calls it; empty unless it said something. */
    public String name() {
        return name;
    }

    /** Sets {@link #name()}. */
    @Linux(file = "drivers/iommu/iommu.c", symbol = "iommu_group_set_name")
    public void name(String text) {
        name = text;
        namedListener.run();
    }

    /** Sets who hears when it is called something. */
    public void onNamed(Runnable listener) {
        namedListener = listener;
    }

    IommuDriver driver() {
        return driver;
    }

    boolean isOf(IommuDriver asked, Object askedKey) {
        return driver.equals(asked) && key.equals(askedKey);
    }

    /** Its devices, in the order in which they came. */
    public List<Device> devices() {
        return masters.stream().map(IommuMaster::device).toList();
    }

    List<IommuMaster> masters() {
        return List.copyOf(masters);
    }

    void add(IommuMaster master) {
        masters.add(master);
    }

    void remove(IommuMaster master) {
        masters.remove(master);
    }

    /** The domain the mapping API uses. */
    public IommuDomain defaultDomain() {
        return defaultDomain;
    }

    void defaultDomain(IommuDomain domain) {
        defaultDomain = domain;
    }

    /** The domain its masters are attached to. */
    public IommuDomain domain() {
        return current;
    }

    void domain(IommuDomain domain) {
        current = domain;
    }

    /** Whether a driver uses the mapping API for a device of it. */
    boolean isUsed() {
        return masters.stream().anyMatch(IommuMaster::isUsed);
    }

    /** What the mapping API must keep off, as {@code reserved_regions} shows it. */
    public List<ReservedRegion> reservedRegions() {
        TreeSet<ReservedRegion> regions = new TreeSet<>(ReservedRegion.BY_ADDRESS);
        masters.forEach(master -> regions.addAll(master.reserved()));
        return List.copyOf(regions);
    }

    @Override
    public String toString() {
        return "iommu group " + id;
    }
}
