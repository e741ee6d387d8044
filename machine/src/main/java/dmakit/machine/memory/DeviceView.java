package dmakit.machine.memory;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * RAM as devices and uncached CPU mappings reach it: past the CPU's caches.
 *
 * <p>Positions are offsets in {@link Ram}; the caller has checked that a range lies in one bank. A
 * <em>snooping</em> view is that of a device behind a coherent port: before it reads, the CPU's
 * dirty lines reach RAM, and what it writes drops the CPU's copies. All values are little-endian.
 */
public final class DeviceView {
    private final MemorySegment dram;
    private final CpuView caches;
    private final Shadow shadow;
    private final boolean snooping;
    private final @Nullable String device;

    /**
     * Creates the view of nobody in particular: of the CPU past its caches, for one.
     *
     * @param caches the CPU's caches, which may act at any access of a device
     * @param snooping whether accesses keep those caches coherent
     */
    public DeviceView(Ram ram, CpuView caches, boolean snooping) {
        this(ram, caches, snooping, null);
    }

    /**
     * Creates the view of a device, whose reads are looked at by the {@link Shadow} when it is on.
     *
     * @param device its name, for findings; null for nobody in particular
     */
    public DeviceView(Ram ram, CpuView caches, boolean snooping, @Nullable String device) {
        dram = ram.dram;
        this.caches = caches;
        shadow = ram.shadow();
        this.snooping = snooping && !ram.isCoherent();
        this.device = device;
    }

    /** Loads one byte. */
    public byte load8(long offset) {
        beforeRead(offset, 1);
        return dram.get(JAVA_BYTE, offset);
    }

    /** Loads 2 bytes at any alignment. */
    public short load16(long offset) {
        beforeRead(offset, 2);
        return dram.get(CpuView.SHORT, offset);
    }

    /** Loads 4 bytes at any alignment. */
    public int load32(long offset) {
        beforeRead(offset, 4);
        return dram.get(CpuView.INT, offset);
    }

    /** Loads 8 bytes at any alignment. */
    public long load64(long offset) {
        beforeRead(offset, 8);
        return dram.get(CpuView.LONG, offset);
    }

    /** Stores one byte. */
    public void store8(long offset, byte value) {
        beforeWrite(offset, 1);
        dram.set(JAVA_BYTE, offset, value);
    }

    /** Stores 2 bytes at any alignment. */
    public void store16(long offset, short value) {
        beforeWrite(offset, 2);
        dram.set(CpuView.SHORT, offset, value);
    }

    /** Stores 4 bytes at any alignment. */
    public void store32(long offset, int value) {
        beforeWrite(offset, 4);
        dram.set(CpuView.INT, offset, value);
    }

    /** Stores 8 bytes at any alignment. */
    public void store64(long offset, long value) {
        beforeWrite(offset, 8);
        dram.set(CpuView.LONG, offset, value);
    }

    /**
     * Loads 1, 2, 4 or 8 bytes at any alignment.
     *
     * @return the value, zero-extended
     */
    public long load(long offset, int bytes) {
        return switch (bytes) {
            case 1 -> load8(offset) & 0xffL;
            case 2 -> load16(offset) & 0xffffL;
            case 4 -> load32(offset) & 0xffff_ffffL;
            case 8 -> load64(offset);
            default -> throw new IllegalArgumentException("no access of " + bytes + " bytes");
        };
    }

    /** Stores the low 1, 2, 4 or 8 bytes of a value at any alignment. */
    public void store(long offset, int bytes, long value) {
        switch (bytes) {
            case 1 -> store8(offset, (byte) value);
            case 2 -> store16(offset, (short) value);
            case 4 -> store32(offset, (int) value);
            case 8 -> store64(offset, value);
            default -> throw new IllegalArgumentException("no access of " + bytes + " bytes");
        }
    }

    /** Loads a range into an array. */
    public void load(long offset, byte[] into, int at, int bytes) {
        beforeRead(offset, bytes);
        MemorySegment.copy(dram, JAVA_BYTE, offset, into, at, bytes);
    }

    /** Stores a range from an array. */
    public void store(long offset, byte[] from, int at, int bytes) {
        beforeWrite(offset, bytes);
        MemorySegment.copy(from, at, dram, JAVA_BYTE, offset, bytes);
    }

    /** Stores one byte value over a range. */
    public void fill(long offset, long bytes, byte value) {
        beforeWrite(offset, bytes);
        CpuView.fillBytes(dram, offset, offset + bytes, value);
    }

    /** Copies a range; overlapping ranges copy as if through a buffer. */
    public void copy(long from, long to, long bytes) {
        beforeRead(from, bytes);
        beforeWrite(to, bytes);
        MemorySegment.copy(dram, from, dram, to, bytes);
    }

    private void beforeRead(long offset, long bytes) {
        if (snooping) {
            caches.snoopRead(offset, bytes);
        } else {
            caches.deviceTouches(offset, bytes);
        }
        if (shadow.isOn() && device != null) {
            shadow.deviceReads(offset, bytes, !snooping, device);
        }
    }

    private void beforeWrite(long offset, long bytes) {
        if (snooping) {
            caches.snoopWrite(offset, bytes);
        } else {
            caches.deviceTouches(offset, bytes);
        }
        if (shadow.isOn()) {
            shadow.deviceWrites(offset, bytes, !snooping);
        }
    }
}
