package dmakit.cmodule.service;

import dmakit.cmodule.CSystem;
import dmakit.cmodule.Call;
import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.check.FindingId;
import dmakit.kernel.device.Device;
import dmakit.kernel.device.DmaParameters;
import dmakit.kernel.dma.DmaDirection;
import dmakit.kernel.dmaengine.DmaDevice;
import dmakit.kernel.mapping.DmaMapping;
import dmakit.kernel.scatterlist.Scatterlist;
import dmakit.machine.cpu.AddressLayout;
import dmakit.machine.memory.Ram;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What calls of the mapping API have in common: a device, a direction, lists. */
final class DmaCalls {
    /**
     * Bytes of {@code struct wire_entry}: the physical address, the device's, the length for each
     * of them.
     */
    static final int ENTRY_BYTES = 24;

    private static final int AT_DMA = 8;
    private static final int AT_LENGTH = 16;
    private static final int AT_DMA_LENGTH = 20;
    private static final long PAGE_MASK = AddressLayout.PAGE_BYTES - 1;

    private static final DmaDirection[] DIRECTIONS = {
        DmaDirection.BIDIRECTIONAL, DmaDirection.TO_DEVICE, DmaDirection.FROM_DEVICE
    };

    private final CSystem system;

    /** Stands for NULL, which old kernels took for a device with 32 bits and no IOMMU. */
    private final Device noDevice = new Device("NULL", "", null, null);

    DmaCalls(CSystem system) {
        this.system = system;
    }

    CSystem system() {
        return system;
    }

    DmaMapping mapping() {
        return system.kernel().dma();
    }

    /** The device of the first argument. */
    Device device(Call call) {
        if (call.arg(0) != 0) {
            return system.device(call.arg(0));
        }
        system.findings()
                .report(
                        FindingId.NULL_DEREF,
                        "the DMA API is called with NULL for the device, which Linux dereferences")
                .add();
        List<DmaDevice> providers = system.kernel().dmaEngine().devices();
        if (!providers.isEmpty()) {
            // What such code finds on the boards it was written for: every master is alike.
            DmaParameters likeThis = providers.getFirst().dev().dma();
            noDevice.dma().rangeMap(likeThis.rangeMap());
            noDevice.dma().coherent(likeThis.isCoherent());
        }
        return noDevice;
    }

    /** As {@link #device}, where NULL is harmless. */
    Device deviceOrNone(Call call) {
        return call.arg(0) == 0 ? noDevice : system.device(call.arg(0));
    }

    /** The device with the mask that stands in its struct now, where old drivers set it by hand. */
    Device deviceWithMask(Call call, int maskArg) {
        Device device = device(call);
        if (device != noDevice) {
            device.dma().dmaMask(call.arg(maskArg));
        }
        return device;
    }

    /** The same for allocations. */
    Device deviceWithCoherentMask(Call call, int maskArg) {
        Device device = device(call);
        if (device != noDevice) {
            device.dma().coherentDmaMask(call.arg(maskArg));
        }
        return device;
    }

    /** A direction, or null for one that is none, which stops Linux; that is reported. */
    @Nullable DmaDirection directionOrNull(Call call, int index, Device device, String function) {
        int code = call.intArg(index);
        if (code < 0 || code >= DIRECTIONS.length) {
            mapping().noDirection(device, function, code);
            return null;
        }
        return DIRECTIONS[code];
    }

    /**
     * A direction.
     *
     * @throws KernelException EINVAL for one that is none
     */
    DmaDirection direction(Call call, int index, Device device, String function) {
        DmaDirection direction = directionOrNull(call, index, device, function);
        if (direction == null) {
            throw new KernelException(
                    Errno.EINVAL, "%s with direction %d", function, call.intArg(index));
        }
        return direction;
    }

    boolean isRam(long phys, long size) {
        return system.kernel().machine().ram().offsetOf(phys, size) != Ram.NOT_RAM;
    }

    // Lists.

    static ByteBuffer wire(Call call) {
        return ByteBuffer.wrap(call.data()).order(ByteOrder.LITTLE_ENDIAN);
    }

    static void setSegment(Scatterlist sg, int i, long phys, long length) {
        sg.setPage(i, phys & ~PAGE_MASK, length, (int) (phys & PAGE_MASK));
    }

    /** A list that is mapped, as it stands in the structs of the module. */
    static Scatterlist mappedList(Call call) {
        ByteBuffer wire = wire(call);
        int count = call.data().length / ENTRY_BYTES;
        Scatterlist sg = new Scatterlist(Math.max(1, count));
        for (int i = 0; i < count; i++) {
            int at = i * ENTRY_BYTES;
            setSegment(
                    sg, i, wire.getLong(at), Integer.toUnsignedLong(wire.getInt(at + AT_LENGTH)));
            sg.setDma(
                    i,
                    wire.getLong(at + AT_DMA),
                    Integer.toUnsignedLong(wire.getInt(at + AT_DMA_LENGTH)));
        }
        return sg;
    }

    /** Writes the device's side of the first entries. */
    static void answerMapped(Call call, Scatterlist sg, int count) {
        ByteBuffer wire = wire(call);
        for (int i = 0; i < count; i++) {
            wire.putLong(i * ENTRY_BYTES + AT_DMA, sg.dmaAddress(i));
            wire.putInt(i * ENTRY_BYTES + AT_DMA_LENGTH, (int) sg.dmaLength(i));
        }
    }

    /**
     * Writes both sides of a list of the kernel.
     *
     * @return its entries, or -1 when there are more than came with the call
     */
    static int answerList(Call call, Scatterlist sg) {
        ByteBuffer wire = wire(call);
        int room = call.data().length / ENTRY_BYTES;
        int written = 0;
        for (Scatterlist run = sg; run != null; run = run.next()) {
            for (int i = 0; i < run.count(); i++) {
                if (written == room) {
                    return -1;
                }
                int at = written * ENTRY_BYTES;
                wire.putLong(at, run.phys(i));
                wire.putLong(at + AT_DMA, run.dmaAddress(i));
                wire.putInt(at + AT_LENGTH, (int) run.length(i));
                wire.putInt(at + AT_DMA_LENGTH, (int) run.dmaLength(i));
                written++;
            }
        }
        return written;
    }
}
