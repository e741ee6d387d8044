package dmakit.hardware.pl330;

import dmakit.datasheet.pl330.Pl330Register;
import dmakit.datasheet.pl330.Pl330Register.Cr0;
import dmakit.datasheet.pl330.Pl330Register.Cr1;
import dmakit.datasheet.pl330.Pl330Register.Crd;
import dmakit.machine.Check;

/**
 * What the maker of a chip decides when the controller is built into it. DMA-330 TRM, appendix on
 * configuration; CR0 to CRD show it to software.
 *
 * @param channels 1 to 8
 * @param peripherals 0 to 32
 * @param events 1 to 32
 * @param dataBytes width of the data bus and of an entry of the MFIFO: 4, 8 or 16
 * @param bufferEntries of the MFIFO, 4 to 1024
 * @param cacheLines of the instruction cache, 1 to 16
 * @param cacheLineBytes 4, 8, 16 or 32
 * @param revision 0 for r0p0 to 3 for r1p2
 * @param managerNonSecure whether the manager is non-secure after reset
 * @param nonSecureEvents bit N: event N may be used by non-secure threads
 * @param nonSecurePeripherals bit N: peripheral N may be used by non-secure channels
 * @param boots whether the manager starts by itself after reset
 * @param bootAddress where it starts then, on the bus
 */
public record Pl330Build(
        int channels,
        int peripherals,
        int events,
        int dataBytes,
        int bufferEntries,
        int cacheLines,
        int cacheLineBytes,
        int revision,
        boolean managerNonSecure,
        int nonSecureEvents,
        int nonSecurePeripherals,
        boolean boots,
        int bootAddress) {
    /** Fewest entries of an MFIFO. */
    public static final int BUFFER_ENTRIES_MIN = 4;

    /** Most entries of an MFIFO. */
    public static final int BUFFER_ENTRIES_MAX = 1024;

    /** Most lines of an instruction cache. */
    public static final int CACHE_LINES_MAX = 16;

    /** The build of a Stratix 10: 8 channels, 32 peripherals, 8 events, 512 entries of 8 bytes. */
    public static final Pl330Build STRATIX10 = secure(8, 32, 8, 8, 512);

    private static final int QUEUE_ENTRIES = 16;
    private static final int OUTSTANDING = 8;

    /** Checks the ranges. */
    public Pl330Build {
        check("channels", channels, 1, Pl330Register.CHANNEL_COUNT_MAX);
        check("peripherals", peripherals, 0, Pl330Register.EVENT_COUNT_MAX);
        check("events", events, 1, Pl330Register.EVENT_COUNT_MAX);
        check("entries of the MFIFO", bufferEntries, BUFFER_ENTRIES_MIN, BUFFER_ENTRIES_MAX);
        check("lines of the instruction cache", cacheLines, 1, CACHE_LINES_MAX);
        check("revision", revision, 0, 3);
        check("bytes of the data bus", dataBytes, 4, 16);
        check("bytes of a line", cacheLineBytes, 4, 32);
        Check.argument(
                Integer.bitCount(dataBytes) == 1 && Integer.bitCount(cacheLineBytes) == 1,
                "a data bus of %d bytes and lines of %d, wanted powers of 2",
                dataBytes,
                cacheLineBytes);
    }

    /** A build of revision r1p2 whose manager is secure: it may use everything. */
    public static Pl330Build secure(
            int channels, int peripherals, int events, int dataBytes, int bufferEntries) {
        return new Pl330Build(
                channels,
                peripherals,
                events,
                dataBytes,
                bufferEntries,
                CACHE_LINES_MAX,
                32,
                3,
                false,
                0,
                0,
                false,
                0);
    }

    private static void check(String what, int value, int min, int max) {
        if (value < min || value > max) {
            throw new IllegalArgumentException(
                    "%d %s, wanted %d to %d".formatted(value, what, min, max));
        }
    }

    /** The same with another revision. */
    public Pl330Build withRevision(int other) {
        return new Pl330Build(
                channels,
                peripherals,
                events,
                dataBytes,
                bufferEntries,
                cacheLines,
                cacheLineBytes,
                other,
                managerNonSecure,
                nonSecureEvents,
                nonSecurePeripherals,
                boots,
                bootAddress);
    }

    /** The same with a manager that is not secure. */
    public Pl330Build nonSecure(int eventMask, int peripheralMask) {
        return new Pl330Build(
                channels,
                peripherals,
                events,
                dataBytes,
                bufferEntries,
                cacheLines,
                cacheLineBytes,
                revision,
                true,
                eventMask,
                peripheralMask,
                boots,
                bootAddress);
    }

    /** The same with a manager that starts by itself. */
    public Pl330Build bootingAt(int address) {
        return new Pl330Build(
                channels,
                peripherals,
                events,
                dataBytes,
                bufferEntries,
                cacheLines,
                cacheLineBytes,
                revision,
                managerNonSecure,
                nonSecureEvents,
                nonSecurePeripherals,
                true,
                address);
    }

    /** Bytes the MFIFO holds. */
    int bufferBytes() {
        return bufferEntries * dataBytes;
    }

    int cr0() {
        int value = Cr0.NUM_EVENTS.of(events - 1) | Cr0.NUM_CHNLS.of(channels - 1);
        value = Cr0.NUM_PERIPH_REQ.with(value, Math.max(peripherals - 1, 0));
        value = Cr0.MGR_NS_AT_RST.with(value, managerNonSecure);
        value = Cr0.BOOT_EN.with(value, boots);
        return Cr0.PERIPH_REQ.with(value, peripherals > 0);
    }

    int cr1() {
        return Cr1.NUM_I_CACHE_LINES.of(cacheLines - 1)
                | Cr1.I_CACHE_LEN.of(Integer.numberOfTrailingZeros(cacheLineBytes));
    }

    int crd() {
        return Crd.DATA_BUFFER_DEP.of(bufferEntries - 1)
                | Crd.RD_Q_DEP.of(QUEUE_ENTRIES - 1)
                | Crd.RD_CAP.of(OUTSTANDING - 1)
                | Crd.WR_Q_DEP.of(QUEUE_ENTRIES - 1)
                | Crd.WR_CAP.of(OUTSTANDING - 1)
                | Crd.DATA_WIDTH.of(Integer.numberOfTrailingZeros(dataBytes));
    }
}
