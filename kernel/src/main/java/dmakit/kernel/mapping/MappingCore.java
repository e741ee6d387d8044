package dmakit.kernel.mapping;

import dmakit.kernel.Calls;
import dmakit.kernel.check.Findings;
import dmakit.kernel.device.Device;
import dmakit.kernel.device.DmaRangeMap;
import dmakit.kernel.direct.DirectDma;
import dmakit.kernel.dma.DmaBinding;
import dmakit.kernel.dma.DmaDirection;
import dmakit.kernel.dma.DmaOps;
import dmakit.kernel.dma.OpenMappings.Kind;
import dmakit.kernel.log.Log;
import dmakit.kernel.mm.Gfp;
import dmakit.kernel.mm.VirtualMemory;
import dmakit.machine.Machine;
import dmakit.machine.cpu.Cpu;
import dmakit.machine.memory.Ram;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What all parts of the API stand on: devices' ways to memory, the rules and the log, the mark of
 * each call.
 */
final class MappingCore {
    /** Warnings that Linux gives once. */
    enum Once {
        VMALLOC,
        NO_MASK,
        NO_COHERENT_MASK,
        PAGES_FLAGS,
        NONCONTIGUOUS_FLAGS
    }

    private final Machine machine;
    private final Calls calls;
    private final Log log;
    private final VirtualMemory virtual;
    private final DirectDma direct;
    private final boolean strict;
    private final MappingRules rules;
    private final DeviceRules deviceRules;
    private final Set<Once> warned = EnumSet.noneOf(Once.class);

    MappingCore(
            Machine machine,
            Calls calls,
            Log log,
            VirtualMemory virtual,
            DirectDma direct,
            boolean strict) {
        this.machine = machine;
        this.calls = calls;
        this.log = log;
        this.virtual = virtual;
        this.direct = direct;
        this.strict = strict;
        Findings findings = calls.findings();
        rules = new MappingRules(machine, calls, log);
        deviceRules = new DeviceRules(findings, rules);
        machine.bus().watch(deviceRules);
    }

    Cpu cpu() {
        return machine.cpu();
    }

    Calls calls() {
        return calls;
    }

    Log log() {
        return log;
    }

    VirtualMemory virtual() {
        return virtual;
    }

    MappingRules rules() {
        return rules;
    }

    // Devices.

    DmaOps ops(Device device) {
        return binding(device).ops();
    }

    /** The way to memory of a device: chosen here, once, unless its configuration did. */
    DmaBinding binding(Device device) {
        DmaBinding binding = device.dma().binding();
        if (binding == null) {
            binding = new DmaBinding(direct.opsFor(device));
            device.dma().binding(binding);
            deviceRules.know(device);
        }
        return binding;
    }

    /**
     * Says how a device reaches memory, before its driver maps anything; what it still holds from
     * before in the same way, it holds.
     */
    void bind(Device device, DmaOps ops) {
        DmaBinding before = device.dma().binding();
        device.dma()
                .binding(
                        before != null && before.ops().translates() == ops.translates()
                                ? new DmaBinding(ops, before.open())
                                : new DmaBinding(ops));
        deviceRules.know(device);
    }

    /** Says that nothing translates for a device. */
    void bindDirectly(Device device) {
        DmaBinding before = device.dma().binding();
        if (before != null && before.ops().translates()) {
            device.dma().binding(null);
        }
    }

    @Nullable Device worksFor(String portName, long dma) {
        return deviceRules.worksFor(portName, dma);
    }

    /**
     * A driver left a device. One that is behind an IOMMU stays there; and what others still hold
     * for it, as a client does for a controller, they can give back.
     *
     * @return whether it holds nothing
     */
    boolean unbind(Device device) {
        DmaBinding binding = device.dma().binding();
        if (binding != null && binding.open().count() > 0) {
            return false;
        }
        if (binding == null || !binding.ops().translates()) {
            device.dma().binding(null);
        }
        direct.forget(device);
        return true;
    }

    boolean isRam(Device device, long dma, long size) {
        DmaOps ops = ops(device);
        // An IOMMU's driver finds out by itself, and takes time to.
        return ops.translates() || isRam(ops.toPhys(dma), size);
    }

    boolean isRam(long phys, long size) {
        return phys != DmaRangeMap.UNREACHABLE && machine.ram().offsetOf(phys, size) != Ram.NOT_RAM;
    }

    boolean hasNoMask(Device device) {
        if (device.dma().dmaMask() != 0) {
            return false;
        }
        warnOnce(Once.NO_MASK, device, "DMA mask not set");
        return true;
    }

    static void checkDirection(DmaDirection direction) {
        if (!direction.isValid()) {
            throw new IllegalArgumentException("no mapping has direction " + direction);
        }
    }

    // Giving back.

    /** Notes that something is given back; answers what, where mistakes are looked for. */
    @Nullable Lending close(
            Device device,
            DmaBinding binding,
            long dma,
            long size,
            Kind kind,
            DmaDirection direction,
            int attrs) {
        if (!rules.areOn()) {
            if (!binding.open().remove(dma, size, kind, direction)) {
                refuse(device, binding, dma, size, kind, direction);
            }
            return null;
        }
        Lending lending = rules.returning().takenBack(device, dma, size, kind, direction, attrs);
        if (lending == null) {
            refuse(device, binding, dma, size, kind, direction);
            return null;
        }
        long held = lending.returnSize();
        binding.open().remove(lending.dma(), held, lending.kind(), lending.direction());
        if (lending.kind() != kind || held != size || lending.direction() != direction) {
            refuse(device, binding, dma, size, kind, direction);
        }
        return lending;
    }

    static void endLease(@Nullable Lending lending) {
        if (lending != null) {
            lending.endLease();
        }
    }

    /** Something is given back that is not held as that. */
    void refuse(
            Device device,
            DmaBinding binding,
            long dma,
            long size,
            Kind kind,
            DmaDirection direction) {
        misuse(
                "%s gives back dma:0x%x, 0x%x %s, %s; it holds %s",
                device,
                dma,
                size,
                kind == Kind.LIST ? "entries" : "bytes",
                direction,
                binding.open().list());
    }

    void misuse(String format, Object... values) {
        if (strict && !rules.areOn()) {
            throw new OwnershipViolation(format, values);
        }
    }

    void warnOnce(Once site, Device device, String line) {
        if (warned.add(site)) {
            log.devWarn(device, line);
        }
    }

    // The mark of each call.

    void enter(String function, Device device, long address, long size, DmaDirection direction) {
        calls.enter();
        if (calls.isTraced()) {
            calls.report(
                    function,
                    "%s, 0x%x, %d, %s".formatted(device.name(), address, size, direction));
        }
    }

    void enterAt(String function, Device device, long va, long size) {
        calls.enter();
        if (calls.isTraced()) {
            calls.report(function, "%s, 0x%x, %d".formatted(device.name(), va, size));
        }
    }

    void enter(String function, Device device, long size, Gfp gfp) {
        calls.enter();
        if (calls.isTraced()) {
            calls.report(function, "%s, %d, 0x%x".formatted(device.name(), size, gfp.bits()));
        }
    }

    void enterList(String function, Device device, int nents, DmaDirection direction) {
        calls.enter();
        if (calls.isTraced()) {
            calls.report(function, "%s, %d entries, %s".formatted(device.name(), nents, direction));
        }
    }

    void enterMask(String function, Device device, long mask) {
        calls.enter();
        if (calls.isTraced()) {
            calls.report(function, "%s, 0x%x".formatted(device.name(), mask));
        }
    }
}
