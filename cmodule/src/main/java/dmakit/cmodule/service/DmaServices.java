package dmakit.cmodule.service;

import dmakit.cmodule.CModule;
import dmakit.cmodule.CSystem;
import dmakit.cmodule.Call;
import dmakit.cmodule.Registry;
import dmakit.cmodule.ServiceGroup;
import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.check.FindingId;
import dmakit.kernel.check.Findings;
import dmakit.kernel.device.Device;
import dmakit.kernel.dma.DmaAddr;
import dmakit.kernel.dma.DmaAttrs;
import dmakit.kernel.dma.DmaDirection;
import dmakit.kernel.dma.DmaIova;
import dmakit.kernel.mapping.DmaMapping;
import dmakit.kernel.scatterlist.Scatterlist;
import dmakit.machine.cpu.AddressLayout;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Streaming mappings: ranges, lists, and addresses that are filled piece by piece. */
final class DmaServices implements ServiceGroup {
    private static final int ENTRY_BYTES = DmaCalls.ENTRY_BYTES;
    private static final int AT_LENGTH = 16;
    private static final int AT_PLACE = 20;
    private static final long PAGE_MASK = AddressLayout.PAGE_BYTES - 1;

    /** {@code enum place} of {@code kernel/dma.c}. */
    private static final List<FindingId> PLACES =
            List.of(
                    FindingId.MAP_VMALLOC,
                    FindingId.MAP_STACK,
                    FindingId.MAP_TEXT,
                    FindingId.MAP_USER);

    private final CSystem system;
    private final DmaCalls calls;
    private final DmaMapping mapping;
    private final Findings findings;
    private final Map<AddressOf, DmaIova> iovas = new LinkedHashMap<>();

    /** What {@code struct dma_iova_state} holds, of one device. */
    private record AddressOf(Device device, long dma) {}

    DmaServices(DmaCalls calls) {
        this.calls = calls;
        system = calls.system();
        mapping = calls.mapping();
        findings = system.findings();
    }

    @Override
    public void register(Registry to) {
        to.add("dma_map_single", this::mapSingle);
        to.add("dma_map_page", this::mapPage);
        to.add("dma_map_phys", this::mapPhys);
        addUnmap(to, "dma_unmap_single", mapping::unmapSingle);
        addUnmap(to, "dma_unmap_page", mapping::unmapPage);
        addUnmap(to, "dma_unmap_phys", mapping::unmapPhys);
        to.add("dma_map_resource", this::mapResource);
        addUnmap(to, "dma_unmap_resource", mapping::unmapResource);
        to.add("dma_mapping_error", this::mappingError);
        to.add("dma_sync_single", this::syncSingle);
        to.add("dma_need_sync", call -> mapping.needSync(calls.device(call), call.arg(1)) ? 1 : 0);
        to.add("dma_map_sg", this::mapSg);
        to.add("dma_unmap_sg", this::unmapSg);
        to.add("dma_sync_sg", this::syncSg);
        to.add("dma_list_refused", this::listRefused);
        to.add("dma_iova_try_alloc", this::iovaTryAlloc);
        to.add("dma_iova_free", this::iovaFree);
        to.add("dma_iova_link", this::iovaLink);
        to.add("dma_iova_sync", this::iovaSync);
        to.add("dma_iova_unlink", this::iovaUnlink);
        to.add("dma_iova_destroy", this::iovaDestroy);
    }

    @Override
    public void unloaded(CModule module) {
        mapping.checkLeft(site -> system.isOf(module, site));
    }

    // One range.

    private long mapSingle(Call call) {
        Device device = calls.deviceWithMask(call, 5);
        long va = call.arg(1);
        long size = call.arg(2);
        DmaDirection direction = calls.directionOrNull(call, 3, device, "dma_map_single");
        if (direction == null) {
            return DmaAddr.MAPPING_ERROR;
        }
        if (AddressLayout.isLinear(va)) {
            if (!calls.isRam(va - AddressLayout.LINEAR_BASE, size)) {
                return mapping.reject(FindingId.MAP_FREED, device, va, size);
            }
        } else if (!AddressLayout.isVmalloc(va)) {
            return mapping.reject(PLACES.get(call.intArg(6)), device, va, size);
        }
        return mapping.tryMapSingle(device, va, size, direction, call.intArg(4));
    }

    private long mapPage(Call call) {
        Device device = calls.deviceWithMask(call, 5);
        long phys = call.arg(1);
        DmaDirection direction = calls.directionOrNull(call, 3, device, "dma_map_page");
        if (direction == null) {
            return DmaAddr.MAPPING_ERROR;
        }
        if (!calls.isRam(phys, call.arg(2))) {
            // As of virt_to_page() for what has no page of its own.
            return mapping.reject(FindingId.MAP_FREED, device, phys, call.arg(2));
        }
        return mapping.tryMapPage(
                device,
                phys & ~PAGE_MASK,
                phys & PAGE_MASK,
                call.arg(2),
                direction,
                call.intArg(4));
    }

    private long mapPhys(Call call) {
        Device device = calls.deviceWithMask(call, 5);
        long phys = call.arg(1);
        int attrs = call.intArg(4);
        DmaDirection direction = calls.directionOrNull(call, 3, device, "dma_map_phys");
        if (direction == null) {
            return DmaAddr.MAPPING_ERROR;
        }
        if ((attrs & DmaAttrs.MMIO) == 0 && !calls.isRam(phys, call.arg(2))) {
            return mapping.reject(FindingId.MAP_FREED, device, phys, call.arg(2));
        }
        return mapping.tryMapPhys(device, phys, call.arg(2), direction, attrs);
    }

    /** How one kind of mapping is taken back. */
    private interface Unmap {
        void of(Device device, long dma, long size, DmaDirection direction, int attrs);
    }

    private void addUnmap(Registry to, String function, Unmap unmap) {
        to.add(
                function,
                call -> {
                    Device device = calls.device(call);
                    DmaDirection direction = calls.direction(call, 3, device, function);
                    unmap.of(device, call.arg(1), call.arg(2), direction, call.intArg(4));
                    return 0;
                });
    }

    private long mapResource(Call call) {
        Device device = calls.deviceWithMask(call, 5);
        DmaDirection direction = calls.directionOrNull(call, 3, device, "dma_map_resource");
        return direction == null
                ? DmaAddr.MAPPING_ERROR
                : mapping.tryMapResource(
                        device, call.arg(1), call.arg(2), direction, call.intArg(4));
    }

    private long mappingError(Call call) {
        return mapping.mappingError(calls.deviceOrNone(call), call.arg(1)) ? 1 : 0;
    }

    private long syncSingle(Call call) {
        Device device = calls.device(call);
        DmaDirection direction = calls.direction(call, 3, device, "dma_sync_single");
        if (call.isArg(4)) {
            mapping.syncSingleForCpu(device, call.arg(1), call.arg(2), direction);
        } else {
            mapping.syncSingleForDevice(device, call.arg(1), call.arg(2), direction);
        }
        return 0;
    }

    // Lists: beside its address each entry says why there is no physical one.

    /** Answers how many entries the device sees, or a negative error number. */
    private long mapSg(Call call) {
        Device device = calls.deviceWithMask(call, 4);
        int count = call.intArg(1);
        int wanted = call.intArg(5);
        DmaDirection direction = calls.directionOrNull(call, 2, device, "dma_map_sg");
        if (direction == null) {
            return -Errno.EINVAL.number();
        }
        Scatterlist sg = listToMap(call, device, count);
        if (sg == null) {
            return -Errno.EIO.number();
        }
        if (count < wanted) {
            // Linux runs off the end of such a list.
            findings.report(
                            FindingId.UNMAP_SG_NENTS,
                            "mapped %d entries of a list that has %d",
                            wanted,
                            count)
                    .device(device.name())
                    .add();
            return -Errno.EINVAL.number();
        }
        int mapped = mapping.tryMapSgEntries(device, sg, count, direction, call.intArg(3));
        if (mapped > 0) {
            DmaCalls.answerMapped(call, sg, count);
        }
        return mapped;
    }

    /** Null when an entry has no physical address, which is reported. */
    private @Nullable Scatterlist listToMap(Call call, Device device, int count) {
        ByteBuffer wire = DmaCalls.wire(call);
        Scatterlist sg = new Scatterlist(count);
        for (int i = 0; i < count; i++) {
            long address = wire.getLong(i * ENTRY_BYTES);
            long length = Integer.toUnsignedLong(wire.getInt(i * ENTRY_BYTES + AT_LENGTH));
            int place = wire.getInt(i * ENTRY_BYTES + AT_PLACE);
            if (place != 0) {
                mapping.reject(PLACES.get(place - 1), device, address, length);
                return null;
            }
            DmaCalls.setSegment(sg, i, address, length);
            // An IOMMU sets fewer entries than there are, and says so in the others.
            sg.setDma(i, DmaAddr.MAPPING_ERROR, 0);
        }
        return sg;
    }

    private long unmapSg(Call call) {
        Device device = calls.device(call);
        mapping.unmapSg(
                device,
                DmaCalls.mappedList(call),
                call.intArg(1),
                calls.direction(call, 2, device, "dma_unmap_sg"),
                call.intArg(3));
        return 0;
    }

    private long syncSg(Call call) {
        Device device = calls.device(call);
        DmaDirection direction = calls.direction(call, 2, device, "dma_sync_sg");
        if (call.isArg(3)) {
            mapping.syncSgForCpu(device, DmaCalls.mappedList(call), call.intArg(1), direction);
        } else {
            mapping.syncSgForDevice(device, DmaCalls.mappedList(call), call.intArg(1), direction);
        }
        return 0;
    }

    private long listRefused(Call call) {
        system.kernel()
                .log()
                .devErr(
                        calls.device(call),
                        "dma_map_sg: %d entries, limit is %d",
                        call.intArg(1),
                        call.intArg(2));
        return 0;
    }

    // Addresses first. A state is known by the device and the address it holds.

    private long iovaTryAlloc(Call call) {
        Device device = calls.deviceWithMask(call, 3);
        DmaIova state = new DmaIova();
        if (!mapping.iovaTryAlloc(device, state, call.arg(1), call.arg(2))) {
            return 0;
        }
        iovas.put(new AddressOf(device, state.dma()), state);
        call.out(0, state.dma());
        call.out(1, state.size());
        return 1;
    }

    /**
     * The state that holds the address of the second argument.
     *
     * @throws KernelException EIO when there is none, where Linux finds no domain
     */
    private DmaIova state(Call call, Device device) {
        DmaIova state = iovas.get(new AddressOf(device, call.arg(1)));
        if (state == null) {
            findings.report(
                            FindingId.NULL_DEREF,
                            "a state without addresses is used: dma_iova_try_alloc() said no")
                    .device(device.name())
                    .add();
            throw new KernelException(
                    Errno.EIO, "%s has no addresses at dma:0x%x", device, call.arg(1));
        }
        return state;
    }

    private long iovaFree(Call call) {
        Device device = calls.device(call);
        mapping.iovaFree(device, state(call, device));
        iovas.remove(new AddressOf(device, call.arg(1)));
        return 0;
    }

    private long iovaLink(Call call) {
        Device device = calls.device(call);
        return mapping.tryIovaLink(
                device,
                state(call, device),
                call.arg(2),
                call.arg(3),
                call.arg(4),
                calls.direction(call, 5, device, "dma_iova_link"),
                call.intArg(6));
    }

    private long iovaSync(Call call) {
        Device device = calls.device(call);
        return mapping.iovaSync(device, state(call, device), call.arg(2), call.arg(3));
    }

    private long iovaUnlink(Call call) {
        Device device = calls.device(call);
        mapping.iovaUnlink(
                device,
                state(call, device),
                call.arg(2),
                call.arg(3),
                calls.direction(call, 4, device, "dma_iova_unlink"),
                call.intArg(5));
        return 0;
    }

    private long iovaDestroy(Call call) {
        Device device = calls.device(call);
        mapping.iovaDestroy(
                device,
                state(call, device),
                call.arg(2),
                calls.direction(call, 3, device, "dma_iova_destroy"),
                call.intArg(4));
        iovas.remove(new AddressOf(device, call.arg(1)));
        return 0;
    }
}
