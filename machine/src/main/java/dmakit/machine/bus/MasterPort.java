package dmakit.machine.bus;

import dmakit.machine.bus.BusAnswer.Cause;
import dmakit.machine.bus.BusAnswer.Done;
import dmakit.machine.memory.DeviceView;
import dmakit.machine.memory.Ram;

/**
 * A device's way onto the bus: it names addresses of its own bus, the port translates and decodes.
 *
 * <p>An access may cross windows and pages; it is split where the translation or the address map
 * changes. Accesses move bytes and take no simulated time: the device schedules its own. The steady
 * state allocates nothing; a refusal does.
 */
public final class MasterPort {
    private static final int WORD_BYTES = 4;

    private final String name;
    private final Bus bus;
    private final Ram ram;
    private final DeviceView view;
    private final boolean coherent;
    private Translation translation;

    MasterPort(String name, Bus bus, Translation translation, DeviceView view, boolean coherent) {
        this.name = name;
        this.bus = bus;
        this.ram = bus.ram();
        this.translation = translation;
        this.view = view;
        this.coherent = coherent;
    }

    /** The master's name. */
    public String name() {
        return name;
    }

    /** Whether accesses snoop the CPU's caches. */
    public boolean isCoherent() {
        return coherent;
    }

    /** Puts another translation between the master and the bus, as an IOMMU does. */
    public void translateBy(Translation next) {
        translation = next;
    }

    /**
     * Reads bytes; from registers in words of 4.
     *
     * @param address in the master's address space
     */
    public BusAnswer read(long address, byte[] into, int at, int bytes) {
        int done = 0;
        while (done < bytes) {
            long from = address + done;
            long phys = translation.toPhys(from, false);
            if (phys == Translation.NONE) {
                return new BusAnswer.Fault(from, Cause.NO_TRANSLATION, false);
            }
            int piece = (int) Math.min(bytes - done, contiguous(from, phys, false));
            long offset = ram.offsetOf(phys, piece);
            if (offset != Ram.NOT_RAM) {
                view.load(offset, into, at + done, piece);
            } else {
                Bus.Range range = bus.rangeAt(phys);
                if (range == null) {
                    return new BusAnswer.Fault(from, Cause.DECODE, false);
                }
                piece = wordPiece(phys, piece);
                long word = range.target().read(phys - range.base(), piece);
                for (int i = 0; i < piece; i++) {
                    into[at + done + i] = (byte) (word >>> (8 * i));
                }
            }
            done += piece;
        }
        return Done.DONE;
    }

    /**
     * Writes bytes; to registers in words of 4.
     *
     * @param address in the master's address space
     */
    public BusAnswer write(long address, byte[] from, int at, int bytes) {
        int done = 0;
        while (done < bytes) {
            long to = address + done;
            long phys = translation.toPhys(to, true);
            if (phys == Translation.NONE) {
                return new BusAnswer.Fault(to, Cause.NO_TRANSLATION, true);
            }
            int piece = (int) Math.min(bytes - done, contiguous(to, phys, true));
            long offset = ram.offsetOf(phys, piece);
            if (offset != Ram.NOT_RAM) {
                view.store(offset, from, at + done, piece);
            } else {
                Bus.Range range = bus.rangeAt(phys);
                if (range == null) {
                    return new BusAnswer.Fault(to, Cause.DECODE, true);
                }
                piece = wordPiece(phys, piece);
                long word = 0;
                for (int i = 0; i < piece; i++) {
                    word |= (from[at + done + i] & 0xffL) << (8 * i);
                }
                range.target().write(phys - range.base(), piece, word);
            }
            done += piece;
        }
        return Done.DONE;
    }

    /**
     * Copies from RAM to RAM in one go. Where the destination starts inside the source range the
     * caller must split the copy as its device would.
     *
     * @param from source, in the master's address space
     * @param to destination, in the master's address space
     * @return {@link Cause#TARGET} when either side is not RAM
     */
    public BusAnswer copy(long from, long to, long bytes) {
        long done = 0;
        while (done < bytes) {
            long source = translation.toPhys(from + done, false);
            if (source == Translation.NONE) {
                return new BusAnswer.Fault(from + done, Cause.NO_TRANSLATION, false);
            }
            long target = translation.toPhys(to + done, true);
            if (target == Translation.NONE) {
                return new BusAnswer.Fault(to + done, Cause.NO_TRANSLATION, true);
            }
            long piece =
                    Math.min(
                            bytes - done,
                            Math.min(
                                    contiguous(from + done, source, false),
                                    contiguous(to + done, target, true)));
            long sourceOffset = ram.offsetOf(source, piece);
            if (sourceOffset == Ram.NOT_RAM) {
                return new BusAnswer.Fault(from + done, notRam(source), false);
            }
            long targetOffset = ram.offsetOf(target, piece);
            if (targetOffset == Ram.NOT_RAM) {
                return new BusAnswer.Fault(to + done, notRam(target), true);
            }
            view.copy(sourceOffset, targetOffset, piece);
            done += piece;
        }
        return Done.DONE;
    }

    /** Whether a whole range translates to RAM, so that {@link #copy} takes it. */
    public boolean reachesRam(long address, long bytes, boolean write) {
        long done = 0;
        while (done < bytes) {
            long phys = translation.toPhys(address + done, write);
            if (phys == Translation.NONE || ram.offsetOf(phys) == Ram.NOT_RAM) {
                return false;
            }
            done += contiguous(address + done, phys, write);
        }
        return true;
    }

    private Cause notRam(long phys) {
        return bus.rangeAt(phys) == null ? Cause.DECODE : Cause.TARGET;
    }

    /** Bytes that translate contiguously and, where RAM answers, stay in one bank. */
    private long contiguous(long address, long phys, boolean write) {
        long window = translation.contiguousFrom(address, write);
        long bank = ram.contiguousFrom(phys);
        return bank == 0 ? window : Long.compareUnsigned(window, bank) < 0 ? window : bank;
    }

    private static int wordPiece(long phys, int bytes) {
        int aligned = WORD_BYTES - (int) (phys & (WORD_BYTES - 1));
        int piece = Math.min(aligned, bytes);
        return piece == 3 ? 2 - (int) (phys & 1) : piece;
    }
}
