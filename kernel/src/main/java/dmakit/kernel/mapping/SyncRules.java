package dmakit.kernel.mapping;

import dmakit.kernel.check.FindingId;
import dmakit.kernel.check.Findings;
import dmakit.kernel.check.Role;
import dmakit.kernel.device.Device;
import dmakit.kernel.dma.DmaDirection;
import dmakit.kernel.dma.OpenMappings.Kind;
import dmakit.kernel.scatterlist.Scatterlist;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a driver hands to and fro while it is mapped. */
final class SyncRules {
    private final Findings findings;
    private final MappingReports reports;
    private final Ledger ledger;

    SyncRules(Findings findings, MappingReports reports, Ledger ledger) {
        this.findings = findings;
        this.reports = reports;
        this.ledger = ledger;
    }

    void synced(Device device, long dma, long size, DmaDirection direction) {
        List<Lending> covering = ledger.covering(device, dma);
        Lending whole = null;
        Lending coherent = null;
        Lending part = null;
        for (Lending lending : covering) {
            if (lending.kind() == Kind.COHERENT) {
                coherent = lending;
            } else if (lending.containsDma(dma, size)) {
                whole = whole == null || lending.direction() == direction ? lending : whole;
            } else {
                part = lending;
            }
        }
        if (whole != null) {
            checkSyncDirection(whole, direction);
        } else if (part != null) {
            reports.add(
                    part,
                    FindingId.SYNC_RANGE,
                    "synced %d bytes at offset %d of a mapping of %d",
                    size,
                    dma - part.dma(),
                    part.size());
        } else if (coherent != null) {
            reports.add(
                    coherent,
                    FindingId.SYNC_UNMAPPED,
                    "synced dma:0x%x, which is coherent memory and needs none",
                    dma);
        } else {
            reportSyncUnknown(device, dma, size);
        }
    }

    void syncedList(Device device, Scatterlist sg, int nents, DmaDirection direction) {
        Lending list = listAt(device, sg);
        if (list == null) {
            reportSyncUnknown(device, sg.dmaAddress(0), sg.length(0));
            return;
        }
        if (list.entries().size() != nents) {
            reports.add(
                    list,
                    FindingId.UNMAP_SG_NENTS,
                    "synced %d entries, mapped %d",
                    nents,
                    list.entries().size());
        }
        checkSyncDirection(list, direction);
    }

    private void checkSyncDirection(Lending lending, DmaDirection direction) {
        if (lending.direction() != DmaDirection.BIDIRECTIONAL && lending.direction() != direction) {
            reports.add(
                    lending,
                    FindingId.SYNC_DIRECTION,
                    "synced %s, mapped %s",
                    direction,
                    lending.direction());
        }
    }

    private void reportSyncUnknown(Device device, long dma, long size) {
        Lending other = ledger.ofAnother(device, dma);
        if (other != null) {
            reports.add(
                    other,
                    FindingId.SYNC_UNMAPPED,
                    "synced dma:0x%x for %s, it is mapped for %s",
                    dma,
                    device.name(),
                    other.device().name());
            return;
        }
        Lending before =
                ledger.lastOf(past -> past.device().equals(device) && past.containsDma(dma, size));
        if (before != null) {
            findings.report(
                            FindingId.SYNC_UNMAPPED,
                            "synced dma:0x%x, %d bytes, after it was unmapped",
                            dma,
                            size)
                    .site(Role.MAPPED, before.site())
                    .site(Role.FREED, before.freedAt())
                    .device(device.name())
                    .add();
            return;
        }
        findings.report(FindingId.SYNC_UNMAPPED, "synced dma:0x%x, never mapped", dma)
                .device(device.name())
                .add();
    }

    /**
     * The CPU may use a part of what is mapped, or may not any more; after caches were cared for.
     */
    void handedTo(Device device, long dma, long size, boolean toCpu) {
        if (!findings.isEnabled()) {
            return;
        }
        for (Lending lending : ledger.covering(device, dma)) {
            if (lending.kind() != Kind.COHERENT) {
                lending.hand(dma - lending.dma(), size, toCpu);
            }
        }
    }

    /** As {@link #handedTo}, a whole list. */
    void listHandedTo(Device device, Scatterlist sg, int nents, boolean toCpu) {
        Lending list = findings.isEnabled() ? listAt(device, sg) : null;
        if (list == null) {
            return;
        }
        List<Lending> entries = list.entries();
        for (int i = 0; i < Math.min(nents, entries.size()); i++) {
            Lending entry = entries.get(i);
            entry.hand(0, entry.size(), toCpu);
        }
    }

    private @Nullable Lending listAt(Device device, Scatterlist sg) {
        for (Lending lending : ledger.startingAt(device, sg.dmaAddress(0))) {
            if (lending.kind() == Kind.LIST && lending.whole().equals(lending)) {
                return lending;
            }
        }
        return null;
    }
}
