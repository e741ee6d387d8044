package dmakit.kernel.iommu;

import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.device.Device;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** An IOMMU that is only tables. */
final class TestIommu implements IommuDriver {
    final Device own;
    final Map<Device, List<int[]>> ids = new LinkedHashMap<>();

    /** What each master goes through: a domain, {@code "identity"} or {@code "blocked"}. */
    final Map<Device, Object> attached = new LinkedHashMap<>();

    final List<TestDomain> domains = new ArrayList<>();
    final List<ReservedRegion> reserved = new ArrayList<>();
    @Nullable Object sharedKey;
    @Nullable DomainType required;
    @Nullable Errno attachError;
    long apertureLast = (1L << 48) - 1;

    TestIommu(Device own) {
        this.own = own;
    }

    @Override
    public Device device() {
        return own;
    }

    @Override
    public void probe(Device master, int[] id) {
        if (id.length > 0 && id[0] == 0x666) {
            throw new KernelException(Errno.EINVAL, "no id 0x666");
        }
        ids.computeIfAbsent(master, _ -> new ArrayList<>()).add(id);
    }

    @Override
    public void release(Device master) {
        ids.remove(master);
        attached.remove(master);
    }

    @Override
    public Object groupOf(Device master) {
        Object key = sharedKey;
        return key == null ? master : key;
    }

    @Override
    public @Nullable DomainType requiredType(Device master) {
        return required;
    }

    @Override
    public PagingDomain allocPaging(Device master) {
        TestDomain domain = new TestDomain();
        domain.apertureLast = apertureLast;
        domains.add(domain);
        return domain;
    }

    @Override
    public void attach(Device master, PagingDomain domain) {
        if (attachError != null) {
            throw new KernelException(attachError, "no context is left");
        }
        attached.put(master, domain);
    }

    @Override
    public void attachIdentity(Device master) {
        attached.put(master, "identity");
    }

    @Override
    public void attachBlocked(Device master) {
        attached.put(master, "blocked");
    }

    @Override
    public List<ReservedRegion> reservedRegions(Device master) {
        return reserved;
    }
}
