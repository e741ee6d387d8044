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

    /** States that the master held the bus for so long, in picoseconds; {@link Bus} sums it up. */
    public void hold(long ps) {
        bus.held(ps);
    }

    /**
     * Reads bytes; from registers in words of 4, or less at the ends of a range that is not
     * aligned.
     *
     * @param address in the master's address space
     * @return done, or the first address that did not answer; bytes before it are in {@code into}
     */
    public BusAnswer read(long address, byte[] into, int at, int bytes) {
        int done = 0;
        while (done < bytes) {
            long from = address + done;
            long phys = translation.toPhys(from, false);
            if (phys == Translation.NONE) {
                return refused(from, Cause.NO_TRANSLATION, false);
            }
            int piece = (int) pieceOf(bytes - done, from, phys, false);
            long offset = ram.offsetOf(phys, piece);
            if (offset != Ram.NOT_RAM) {
                watched(from, phys, piece, false);
                view.load(offset, into, at + done, piece);
            } else {
                piece = wordPiece(phys, piece);
                Bus.Range range = bus.rangeAt(phys);
                if (range == null || !range.contains(phys, piece)) {
                    return refused(from, Cause.DECODE, false);
                }
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
     * Writes bytes; to registers in words of 4, or less at the ends of a range that is not aligned.
     *
     * @param address in the master's address space
     * @return done, or the first address that did not answer; bytes before it were written
     */
    public BusAnswer write(long address, byte[] from, int at, int bytes) {
        int done = 0;
        while (done < bytes) {
            long to = address + done;
            long phys = translation.toPhys(to, true);
            if (phys == Translation.NONE) {
                return refused(to, Cause.NO_TRANSLATION, true);
            }
            int piece = (int) pieceOf(bytes - done, to, phys, true);
            long offset = ram.offsetOf(phys, piece);
            if (offset != Ram.NOT_RAM) {
                watched(to, phys, piece, true);
                view.store(offset, from, at + done, piece);
            } else {
                piece = wordPiece(phys, piece);
                Bus.Range range = bus.rangeAt(phys);
                if (range == null || !range.contains(phys, piece)) {
                    return refused(to, Cause.DECODE, true);
                }
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
     * Copies from RAM to RAM, with the outcome of a device that reads a burst, writes it, and goes
     * on to the next: where the destination lies ahead inside the source, later bursts read what
     * earlier ones wrote.
     *
     * @param from source, in the master's address space
     * @param to destination, in the master's address space
     * @param burstBytes bytes that are read before they are written, at least 1
     * @return done, or a fault at the first address that did not answer, with {@link Cause#TARGET}
     *     where registers would; bytes before it were copied
     */
    public BusAnswer copy(long from, long to, long bytes, int burstBytes) {
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
            long piece = pieceOf(bytes - done, from + done, source, false);
            piece = pieceOf(piece, to + done, target, true);
            long sourceOffset = ram.offsetOf(source, piece);
            if (sourceOffset == Ram.NOT_RAM) {
                return new BusAnswer.Fault(from + done, notRam(source), false);
            }
            long targetOffset = ram.offsetOf(target, piece);
            if (targetOffset == Ram.NOT_RAM) {
                return new BusAnswer.Fault(to + done, notRam(target), true);
            }
            watched(from + done, source, piece, false);
            watched(to + done, target, piece, true);
            long ahead = targetOffset - sourceOffset;
            if (ahead <= 0 || ahead >= piece) {
                view.copy(sourceOffset, targetOffset, piece);
            } else {
                copyAhead(sourceOffset, targetOffset, piece, burstBytes, done % burstBytes);
            }
            done += piece;
        }
        return Done.DONE;
    }

    /**
     * Copies a piece whose destination starts {@code to - from} bytes inside it. Steps no longer
     * than that distance do what bursts shorter than it do; longer bursts go one by one.
     */
    private void copyAhead(long from, long to, long bytes, int burstBytes, long burstOffset) {
        long ahead = to - from;
        long done = 0;
        while (done < bytes) {
            long step = ahead;
            if (ahead < burstBytes) {
                step = done == 0 ? burstBytes - burstOffset : burstBytes;
            }
            step = Math.min(step, bytes - done);
            view.copy(from + done, to + done, step);
            done += step;
        }
    }

    /** Whether a whole range translates to RAM, so that {@link #copy} takes it. */
    public boolean reachesRam(long address, long bytes, boolean write) {
        long done = 0;
        while (done < bytes) {
            long phys = translation.toPhys(address + done, write);
            if (phys == Translation.NONE || ram.offsetOf(phys) == Ram.NOT_RAM) {
                return false;
            }
            done += pieceOf(bytes - done, address + done, phys, write);
        }
        return true;
    }

    private void watched(long address, long phys, long bytes, boolean write) {
        AccessWatch watch = bus.watch();
        if (watch != null) {
            watch.reaches(this, address, phys, bytes, write);
        }
    }

    private BusAnswer refused(long address, Cause cause, boolean write) {
        if (cause == Cause.NO_TRANSLATION) {
            translation.refused(address, write);
        }
        AccessWatch watch = bus.watch();
        if (watch != null) {
            watch.refused(this, address, cause, write);
        }
        return new BusAnswer.Fault(address, cause, write);
    }

    private Cause notRam(long phys) {
        return bus.rangeAt(phys) == null ? Cause.DECODE : Cause.TARGET;
    }

    /** How many of {@code bytes} translate contiguously and, where RAM answers, stay in RAM. */
    private long pieceOf(long bytes, long address, long phys, boolean write) {
        long piece = unsignedMin(bytes, translation.contiguousFrom(address, write));
        long inRam = ram.contiguousFrom(phys);
        return inRam == 0 ? piece : unsignedMin(piece, inRam);
    }

    private static long unsignedMin(long a, long b) {
        return Long.compareUnsigned(a, b) < 0 ? a : b;
    }

    /** The widest naturally aligned access at an address. */
    private static int wordPiece(long phys, int bytes) {
        return Math.min(
                (int) Long.lowestOneBit(phys | WORD_BYTES),
                Integer.highestOneBit(Math.min(bytes, WORD_BYTES)));
    }
}
