package dmakit.kernel.drivers.pl330;

import dmakit.datasheet.pl330.Pl330Register;
import dmakit.datasheet.pl330.Pl330Register.Cr0;
import dmakit.datasheet.pl330.Pl330Register.Crd;
import dmakit.datasheet.pl330.Pl330Register.PeriphId2;
import dmakit.kernel.Linux;

/**
 * As what the controller was built.
 *
 * @param periphId the four bytes of its identification
 * @param nonSecure whether the manager is
 * @param busBytes width of the data bus
 * @param bufferEntries of the MFIFO, each as wide as the bus
 * @param channels hardware threads
 * @param peripherals request lines, 0 for none
 * @param events that interrupt
 * @param nonSecureEvents which of them a non-secure channel may use
 */
@Linux(file = "drivers/dma/pl330.c", symbol = "struct pl330_config")
record Config(
        int periphId,
        boolean nonSecure,
        int busBytes,
        int bufferEntries,
        int channels,
        int peripherals,
        int events,
        int nonSecureEvents) {
    /** Part 330 of designer 0x41. */
    private static final int PART = 0x41330;

    private static final int PART_MASK = 0xfffff;

    @Linux(file = "drivers/dma/pl330.c", symbol = "read_dmac_config")
    static Config of(Registers registers) {
        int crd = registers.readl(Pl330Register.CRD);
        int cr0 = registers.readl(Pl330Register.CR0);
        return new Config(
                periphId(registers),
                Cr0.MGR_NS_AT_RST.isSet(cr0),
                1 << Crd.DATA_WIDTH.get(crd),
                Crd.DATA_BUFFER_DEP.get(crd) + 1,
                Cr0.NUM_CHNLS.get(cr0) + 1,
                Cr0.PERIPH_REQ.isSet(cr0) ? Cr0.NUM_PERIPH_REQ.get(cr0) + 1 : 0,
                Cr0.NUM_EVENTS.get(cr0) + 1,
                registers.readl(Pl330Register.CR3));
    }

    @Linux(file = "drivers/amba/bus.c", symbol = "amba_read_periphid")
    private static int periphId(Registers registers) {
        return (registers.readl(Pl330Register.PERIPH_ID_0) & 0xff)
                | (registers.readl(Pl330Register.PERIPH_ID_1) & 0xff) << 8
                | (registers.readl(Pl330Register.PERIPH_ID_2) & 0xff) << 16
                | (registers.readl(Pl330Register.PERIPH_ID_3) & 0xff) << 24;
    }

    /** Whether it is a controller the driver knows. */
    boolean isKnown() {
        return (periphId & PART_MASK) == PART;
    }

    /** Whether stores need no barrier before the next load: r1p0 and later do not lock up. */
    boolean isFreeOfLockUps() {
        return PeriphId2.REVISION.get(periphId >>> 16) >= 1;
    }
}
