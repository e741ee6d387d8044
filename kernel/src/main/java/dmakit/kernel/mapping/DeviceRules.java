package dmakit.kernel.mapping;

import dmakit.devicetree.Node;
import dmakit.kernel.check.FindingId;
import dmakit.kernel.check.Findings;
import dmakit.kernel.check.Role;
import dmakit.kernel.device.Device;
import dmakit.kernel.dma.DmaBinding;
import dmakit.kernel.dma.OpenMappings.Kind;
import dmakit.machine.bus.AccessWatch;
import dmakit.machine.bus.BusAnswer.Cause;
import dmakit.machine.bus.MasterPort;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What devices may access: bytes that are lent to them now, in the direction they are lent for. */
final class DeviceRules implements AccessWatch {
    private final Findings findings;
    private final MappingRules rules;
    private final Ledger ledger;
    private final Set<Device> devices = new LinkedHashSet<>();
    private final Map<MasterPort, Device> owners = new LinkedHashMap<>();

    /** For whom ports work that are no device's own, by name. */
    private final Map<String, Device> thirdParties = new LinkedHashMap<>();

    /** Where such ports were told what to do. */
    private final Map<String, Long> programmedAt = new LinkedHashMap<>();

    /** Where the port was told to do what is looked at, or 0. */
    private long toldAt;

    /** Whether the access that is looked at was stopped by an IOMMU, whose driver tells of it. */
    private boolean stopped;

    private @Nullable Lending lastRead;
    private @Nullable Lending lastWritten;

    DeviceRules(Findings findings, MappingRules rules) {
        this.findings = findings;
        this.rules = rules;
        ledger = rules.ledger();
    }

    /** Makes a device known, so that accesses of its port can be told to be its. */
    void know(Device device) {
        devices.add(device);
    }

    /**
     * Says that a port, which is a controller's for many devices, works for the one that memory at
     * an address is lent to; for nobody, when it is lent to none.
     */
    @Nullable Device worksFor(String portName, long address) {
        Lending lending = meantBy(address);
        programmedAt.put(portName, findings.here());
        owners.keySet().removeIf(port -> port.name().equals(portName));
        if (lending == null) {
            thirdParties.remove(portName);
            return null;
        }
        thirdParties.put(portName, lending.device());
        return lending.device();
    }

    @Override
    public void reaches(MasterPort port, long address, long phys, long bytes, boolean write) {
        if (!findings.isEnabled()) {
            return;
        }
        Device device = ownerOf(port);
        if (device != null && device.dma().hasOwnTables()) {
            return;
        }
        Lending last = write ? lastWritten : lastRead;
        if (last != null
                && last.isLive()
                && last.device().equals(device)
                && isAllowed(last, address, phys, write)
                && last.containsDma(address, bytes)) {
            return;
        }
        toldAt = programmedAt.getOrDefault(port.name(), 0L);
        long end = phys + bytes;
        long at = phys;
        while (at < end) {
            at = checkFrom(port, device, address + (at - phys), at, end, write);
        }
    }

    /** Checks the first bytes; answers where the next are. */
    private long checkFrom(
            MasterPort port,
            @Nullable Device device,
            long address,
            long phys,
            long end,
            boolean write) {
        Lending allowed = null;
        Lending wrong = null;
        Lending foreign = null;
        for (Lending lending : ledger.byDma(address)) {
            if (!lending.device().equals(device)) {
                continue;
            }
            if (isAllowed(lending, address, phys, write)) {
                allowed = longer(allowed, lending);
            } else if (!isDirected(lending, write)) {
                wrong = longer(wrong, lending);
            }
        }
        if (allowed != null) {
            Lending whole = allowed.whole();
            if (whole.takeUnchecked()) {
                DeviceWork.Request request = rules.work().using(whole.device(), address, 1, false);
                rules.returning()
                        .uncheckedUse(
                                whole,
                                "used",
                                request == null ? 0 : request.submittedAt(),
                                request == null ? "" : request.channel());
            }
            if (write) {
                lastWritten = allowed;
            } else {
                lastRead = allowed;
            }
            return phys + (allowed.dma() + allowed.size() - address);
        }
        if (wrong == null) {
            for (Lending lending : ledger.reaching(phys, 1)) {
                if (lending.device().equals(device)) {
                    wrong = longer(wrong, lending);
                } else {
                    foreign = longer(foreign, lending);
                }
            }
        }
        if (wrong != null) {
            long next = Math.min(end, endOf(wrong, address, phys));
            reportDirection(wrong, address, next - phys, write);
            return next;
        }
        if (foreign != null) {
            long next = Math.min(end, endOf(foreign, address, phys));
            reportForeign(port, foreign, address, next - phys, write);
            if (isFrom(foreign, address, phys) && !isAllowed(foreign, address, phys, write)) {
                // The address is that mapping's: on the right device it would go wrong as well.
                reportWrongDirection(foreign, device, port.name(), address, next - phys, write);
            }
            return next;
        }
        long next = nextLent(device, address, phys, end);
        reportUnmapped(port, device, address, phys, next - phys, write);
        return next;
    }

    /** The physical address at which a lending that has something to do with one ends. */
    private static long endOf(Lending lending, long address, long phys) {
        if (lending.containsDma(address, 1)) {
            return phys + (lending.dma() + lending.size() - address);
        }
        return lending.isSomewhere() ? lending.reached() + lending.size() : phys + 1;
    }

    private long nextLent(@Nullable Device device, long address, long phys, long end) {
        long next = end;
        for (Lending lending : ledger.reaching(phys, end - phys)) {
            next = lending.isSomewhere() ? Math.min(next, Math.max(phys, lending.reached())) : phys;
        }
        if (device != null) {
            for (Lending lending : ledger.byDma(address, end - phys)) {
                if (lending.device().equals(device)) {
                    next = Math.min(next, phys + Math.max(0, lending.dma() - address));
                }
            }
        }
        return Math.max(next, phys + 1);
    }

    private static Lending longer(@Nullable Lending a, Lending b) {
        return a == null || b.dma() + b.size() > a.dma() + a.size() ? b : a;
    }

    private static boolean isFrom(Lending lending, long address, long phys) {
        if (!lending.isSomewhere()) {
            return lending.containsDma(address, 1);
        }
        return address - lending.dma() == phys - lending.reached();
    }

    private static boolean isDirected(Lending lending, boolean write) {
        return lending.kind() == Kind.COHERENT
                || (write ? lending.direction().isFromDevice() : lending.direction().isToDevice());
    }

    private static boolean isAllowed(Lending lending, long address, long phys, boolean write) {
        return isDirected(lending, write) && isFrom(lending, address, phys);
    }

    private void reportDirection(Lending lending, long address, long bytes, boolean write) {
        if (isDirected(lending, write)) {
            attributed(
                            FindingId.DEVICE_UNMAPPED_ACCESS,
                            lending.device(),
                            lending.device().name(),
                            address,
                            bytes,
                            "%s %s %d bytes at dma:0x%x; the memory is mapped for it at another"
                                    + " address",
                            lending.device().name(),
                            did(write),
                            bytes,
                            address)
                    .site(Role.MAPPED, lending.site())
                    .add();
            return;
        }
        reportWrongDirection(
                lending, lending.device(), lending.device().name(), address, bytes, write);
    }

    private void reportWrongDirection(
            Lending lending,
            @Nullable Device device,
            String master,
            long address,
            long bytes,
            boolean write) {
        String name = device == null ? master : device.name();
        attributed(
                        FindingId.DEVICE_WRONG_DIRECTION,
                        device,
                        name,
                        address,
                        bytes,
                        "%s %s %d bytes at dma:0x%x, mapped %s",
                        name,
                        did(write),
                        bytes,
                        address,
                        lending.direction())
                .site(Role.MAPPED, lending.site())
                .add();
    }

    private void reportForeign(
            MasterPort port, Lending lending, long address, long bytes, boolean write) {
        Device device = ownerOf(port);
        String name = device == null ? port.name() : device.name();
        attributed(
                        FindingId.DEVICE_UNMAPPED_ACCESS,
                        device,
                        name,
                        address,
                        bytes,
                        "dma:0x%x is %s for %s, but %s %s it: map on the device that does the DMA"
                                + " (chan->device->dev)",
                        address,
                        lending.kind() == Kind.COHERENT ? "allocated" : "mapped",
                        lending.device().name(),
                        name,
                        did(write))
                .site(
                        lending.kind() == Kind.COHERENT ? Role.ALLOCATED : Role.MAPPED,
                        lending.site())
                .add();
    }

    private void reportUnmapped(
            MasterPort port,
            @Nullable Device device,
            long address,
            long phys,
            long bytes,
            boolean write) {
        String name = device == null ? port.name() : device.name();
        if (explained(device, name, address, phys, bytes, write)) {
            return;
        }
        attributed(
                        FindingId.DEVICE_UNMAPPED_ACCESS,
                        device,
                        name,
                        address,
                        bytes,
                        "%s %s %d bytes at dma:0x%x, where nothing is mapped",
                        name,
                        did(write),
                        bytes,
                        address)
                .add();
    }

    /**
     * Reports an access to nothing by what is beside it, or was there.
     *
     * @param phys where it ended; -1 where an IOMMU stopped it
     * @return false when nothing explains it
     */
    private boolean explained(
            @Nullable Device device,
            String name,
            long address,
            long phys,
            long bytes,
            boolean write) {
        Lending before = beside(device, address, phys);
        if (before != null) {
            attributed(
                            FindingId.DEVICE_UNMAPPED_ACCESS,
                            device,
                            name,
                            address,
                            bytes,
                            "%s %s %d bytes past the end of what is mapped: %s",
                            name,
                            did(write),
                            bytes,
                            before)
                    .site(Role.MAPPED, before.site())
                    .add();
            return true;
        }
        Lending past =
                ledger.lastOf(lending ->
                        lending.device().equals(device) && lending.containsDma(address, 1));
        if (past == null && phys != -1) {
            past =
                    ledger.lastOf(lending ->
                            Long.compareUnsigned(phys - lending.reached(), lending.size()) < 0);
        }
        if (past == null) {
            return false;
        }
        if (past.endedInUse()) {
            return true; // reported when it was given back
        }
        attributed(
                        FindingId.DEVICE_UNMAPPED_ACCESS,
                        device,
                        name,
                        address,
                        bytes,
                        "%s %s %d bytes at dma:0x%x, which was given back already: %s",
                        name,
                        did(write),
                        bytes,
                        address,
                        past)
                .site(Role.MAPPED, past.site())
                .site(Role.FREED, past.freedAt())
                .add();
        return true;
    }

    /** What of a device ends right before an access, or in the page before it. */
    private @Nullable Lending beside(@Nullable Device device, long address, long phys) {
        if (device == null) {
            return null;
        }
        List<Lending> before = ledger.covering(device, address - 1);
        if (before.isEmpty() && phys != -1) {
            before = ledger.reaching(phys - 1, 1);
            before.removeIf(lending -> !lending.device().equals(device));
        }
        return before.isEmpty() ? null : before.getFirst();
    }

    @Override
    public void refused(MasterPort port, long address, Cause cause, boolean write) {
        if (!findings.isEnabled()) {
            return;
        }
        Device device = ownerOf(port);
        toldAt = programmedAt.getOrDefault(port.name(), 0L);
        String name = device == null ? port.name() : device.name();
        if (cause == Cause.NO_TRANSLATION && device != null && isTranslated(device)) {
            stopped = true;
            try {
                stopped(device, name, address, write);
            } finally {
                stopped = false;
            }
            return;
        }
        boolean outside = cause == Cause.NO_TRANSLATION;
        Findings.Draft draft =
                attributed(
                        outside ? FindingId.DEVICE_UNREACHABLE : FindingId.BUS_ERROR,
                        device,
                        name,
                        address,
                        1,
                        outside
                                ? "%s %s dma:0x%x, which its bus does not carry"
                                : "%s %s dma:0x%x, where nothing answers",
                        name,
                        did(write),
                        address);
        Lending meant = meantBy(address);
        if (meant != null) {
            draft.site(Role.MAPPED, meant.site());
        }
        draft.add();
    }

    private static boolean isTranslated(Device device) {
        DmaBinding binding = device.dma().binding();
        return binding != null && binding.ops().translates();
    }

    /** An IOMMU stopped an access. */
    private void stopped(Device device, String name, long address, boolean write) {
        for (Lending lending : ledger.covering(device, address)) {
            if (!isDirected(lending, write)) {
                reportWrongDirection(lending, device, name, address, 1, write);
                return;
            }
        }
        if (explained(device, name, address, -1, 1, write)) {
            return;
        }
        Lending meant = meantBy(address);
        Findings.Draft draft =
                attributed(
                        FindingId.DEVICE_UNMAPPED_ACCESS,
                        device,
                        name,
                        address,
                        1,
                        "%s %s dma:0x%x, where nothing is mapped for it: its IOMMU refused",
                        name,
                        did(write),
                        address);
        if (meant != null) {
            draft.site(Role.MAPPED, meant.site());
        }
        draft.add();
    }

    private @Nullable Lending meantBy(long address) {
        List<Lending> atAddress = ledger.byDma(address);
        return atAddress.isEmpty() ? null : atAddress.getFirst();
    }

    private Findings.Draft attributed(
            FindingId id,
            @Nullable Device device,
            String name,
            long address,
            long bytes,
            String format,
            Object... values) {
        Findings.Draft draft = findings.report(id, format, values).device(name).at(toldAt);
        if (stopped) {
            draft.linux("reports a fault of the IOMMU");
        }
        DeviceWork.Request transfer =
                device == null ? null : rules.work().using(device, address, bytes, false);
        if (transfer != null) {
            draft.channel(transfer.channel()).at(transfer.submittedAt());
        }
        return draft;
    }

    private static String did(boolean write) {
        return write ? "writes" : "reads";
    }

    private @Nullable Device ownerOf(MasterPort port) {
        Device known = owners.get(port);
        if (known != null) {
            return known;
        }
        Device served = thirdParties.get(port.name());
        if (served != null) {
            owners.put(port, served);
            return served;
        }
        for (Device device : devices) {
            if (port.name().equals(nameOnBus(device)) || port.name().equals(device.name())) {
                owners.put(port, device);
                return device;
            }
        }
        return null;
    }

    /** What the board calls the port of a device of the tree. */
    private static String nameOnBus(Device device) {
        Node node = device.ofNode();
        if (node == null) {
            return device.name();
        }
        return node.labels().isEmpty() ? node.name() : node.labels().getFirst();
    }
}
