package dmakit.kernel.drivers.axidmac;

import dmakit.datasheet.axidmac.AxiDmacRegister;
import dmakit.datasheet.axidmac.AxiDmacRegister.Flags;
import dmakit.datasheet.axidmac.AxiDmacRegister.Interfaces;
import dmakit.datasheet.axidmac.AxiDmacRegister.Version;
import dmakit.datasheet.axidmac.InterfaceType;
import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.Linux;
import dmakit.kernel.device.Device;
import dmakit.kernel.dmaengine.TransferDirection;
import dmakit.kernel.log.Log;

/**
 * How a core was generated, as it tells itself.
 *
 * @param source what it reads
 * @param destination what it writes
 * @param sourceBytes of a word that is read
 * @param destinationBytes of a word that is written
 * @param lengthMax bytes of one row
 * @param lengthAlignMask bits that lengths must not have
 * @param addressMask of what it reaches
 * @param cyclic whether transfers begin again by themselves
 * @param rectangles whether transfers have rows
 * @param scatterGather whether it reads descriptors for itself
 * @param reportsPartial whether it tells of packets that end early
 * @param endsAroundLate whether a transfer that went around leaves something of its next round
 *     behind: cores before 4.6 are disabled then
 */
@Linux(file = "drivers/dma/dma-axi-dmac.c", symbol = "struct axi_dmac_chan")
record Core(
        InterfaceType source,
        InterfaceType destination,
        int sourceBytes,
        int destinationBytes,
        long lengthMax,
        int lengthAlignMask,
        long addressMask,
        boolean cyclic,
        boolean rectangles,
        boolean scatterGather,
        boolean reportsPartial,
        boolean endsAroundLate) {
    private static final String FILE = "drivers/dma/dma-axi-dmac.c";
    private static final int ALL = -1;

    /**
     * Asks a core.
     *
     * @throws KernelException EFAULT, EINVAL or ENODEV for one that says what cannot be
     */
    static Core of(Log log, Device dev, Registers registers) {
        int version = registers.readl(AxiDmacRegister.VERSION);
        if (version < version(4, 3)) {
            throw new KernelException(
                    Errno.ENODEV,
                    "%s is of version %d.%d, which does not tell what it is; wanted 4.3",
                    dev.name(),
                    Version.VERSION_MAJOR.get(version),
                    Version.VERSION_MINOR.get(version));
        }
        int interfaces = registers.readl(AxiDmacRegister.INTERFACE_DESCRIPTION_1);
        if (interfaces == 0) {
            log.devErr(dev, "DMA interface register reads zero");
            throw new KernelException(Errno.EFAULT, "%s does not tell what it is", dev.name());
        }
        InterfaceType source = typeOf(log, dev, "source", Interfaces.DMA_TYPE_SRC.get(interfaces));
        InterfaceType destination =
                typeOf(log, dev, "destination", Interfaces.DMA_TYPE_DEST.get(interfaces));
        int sourceBytes =
                bytesOf(log, dev, "Source", Interfaces.BYTES_PER_BEAT_SRC_LOG2.get(interfaces));
        int destinationBytes =
                bytesOf(
                        log,
                        dev,
                        "Destination",
                        Interfaces.BYTES_PER_BEAT_DEST_LOG2.get(interfaces));
        return detect(
                log, dev, registers, version, source, destination, sourceBytes, destinationBytes);
    }

    @Linux(file = FILE, symbol = "axi_dmac_detect_caps")
    private static Core detect(
            Log log,
            Device dev,
            Registers registers,
            int version,
            InterfaceType source,
            InterfaceType destination,
            int sourceBytes,
            int destinationBytes) {
        int around = Flags.CYCLIC.mask();
        boolean cyclic = registers.probe(AxiDmacRegister.FLAGS, around) == around;
        boolean scatterGather = registers.probe(AxiDmacRegister.SG_ADDRESS, ALL) != 0;
        boolean rectangles = registers.probe(AxiDmacRegister.Y_LENGTH, 1) == 1;
        long lengthMax = Integer.toUnsignedLong(registers.probe(AxiDmacRegister.X_LENGTH, ALL)) + 1;
        checkReaches(log, dev, registers, "Destination", destination, AxiDmacRegister.DEST_ADDRESS);
        checkReaches(log, dev, registers, "Source", source, AxiDmacRegister.SRC_ADDRESS);
        AxiDmacRegister high =
                destination.isMemory()
                        ? AxiDmacRegister.DEST_ADDRESS_HIGH
                        : AxiDmacRegister.SRC_ADDRESS_HIGH;
        int highBits = Integer.SIZE - Integer.numberOfLeadingZeros(registers.probe(high, ALL));
        return new Core(
                source,
                destination,
                sourceBytes,
                destinationBytes,
                Math.min(lengthMax, 0xffff_ffffL),
                registers.probe(AxiDmacRegister.X_LENGTH, 0),
                -1L >>> (Integer.SIZE - highBits),
                cyclic,
                rectangles,
                scatterGather,
                version >= version(4, 2),
                version < version(4, 6) && !scatterGather);
    }

    /** The first release of a version: its letters begin with 'a'. */
    @Linux(file = "include/linux/adi-axi-common.h", symbol = "ADI_AXI_PCORE_VER")
    private static int version(int major, int minor) {
        return Version.VERSION_MAJOR.of(major)
                | Version.VERSION_MINOR.of(minor)
                | Version.VERSION_PATCH.of('a');
    }

    @Linux(file = FILE, symbol = "axi_dmac_read_chan_config")
    private static InterfaceType typeOf(Log log, Device dev, String side, int code) {
        if (code >= InterfaceType.values().length) {
            log.devErr(dev, "Invalid %s bus type read: %d", side, code);
            throw new KernelException(Errno.EINVAL, "%s: %s type %d", dev.name(), side, code);
        }
        return InterfaceType.values()[code];
    }

    private static int bytesOf(Log log, Device dev, String side, int lg2) {
        if (lg2 == 0) {
            log.devErr(dev, "%s bus width is zero", side);
            throw new KernelException(Errno.EINVAL, "%s: %s has no width", dev.name(), side);
        }
        return 1 << lg2;
    }

    private static void checkReaches(
            Log log,
            Device dev,
            Registers registers,
            String side,
            InterfaceType type,
            AxiDmacRegister address) {
        if (registers.probe(address, ALL) == 0 && type.isMemory()) {
            log.devErr(dev, "%s memory-mapped interface not supported.", side);
            throw new KernelException(Errno.ENODEV, "%s: no address of %s", dev.name(), side);
        }
    }

    /** Bits that addresses must not have. */
    int addressAlignMask() {
        return Math.max(sourceBytes, destinationBytes) - 1;
    }

    /** Between what it moves. */
    @Linux(file = FILE, symbol = "axi_dmac_adjust_chan_params")
    TransferDirection direction() {
        if (source.isMemory()) {
            return destination.isMemory()
                    ? TransferDirection.MEM_TO_MEM
                    : TransferDirection.MEM_TO_DEV;
        }
        return destination.isMemory() ? TransferDirection.DEV_TO_MEM : TransferDirection.DEV_TO_DEV;
    }
}
