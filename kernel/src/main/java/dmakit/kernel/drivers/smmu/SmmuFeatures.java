package dmakit.kernel.drivers.smmu;

import dmakit.datasheet.smmu.GlobalRegister;
import dmakit.datasheet.smmu.GlobalRegister.Idr0;
import dmakit.datasheet.smmu.GlobalRegister.Idr1;
import dmakit.datasheet.smmu.GlobalRegister.Idr2;
import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.Linux;
import dmakit.kernel.device.Device;
import dmakit.kernel.log.Log;

/**
 * What an SMMU can do, as far as the driver makes use of it.
 *
 * @param groupCount stream match groups
 * @param streamIdBits bits of a stream id
 * @param bankCount context banks
 * @param vaBits bits of the addresses masters put out
 * @param paBits bits of physical addresses
 * @param coherentWalk whether its walks snoop the CPU's caches
 */
record SmmuFeatures(
        int groupCount,
        int streamIdBits,
        int bankCount,
        int vaBits,
        int paBits,
        boolean coherentWalk) {
    private static final String FILE = "drivers/iommu/arm/arm-smmu/arm-smmu.c";
    private static final int[] BITS_OF_SIZE = {32, 36, 40, 42, 44, 48};

    /**
     * Asks the hardware, and writes the answer to the log.
     *
     * @param mappedSize bytes of registers that the tree knows of
     * @throws KernelException ENODEV when it lacks what the driver needs: stage 1, stream matching,
     *     AArch64 tables of 4 KiB
     */
    @Linux(file = FILE, symbol = "arm_smmu_device_cfg_probe")
    static SmmuFeatures probe(SmmuRegisters registers, Device device, Log log, long mappedSize) {
        log.devNotice(device, "probing hardware configuration...");
        log.devNotice(device, "SMMUv2 with:");
        int idr0 = registers.read(GlobalRegister.IDR0);
        int idr1 = registers.read(GlobalRegister.IDR1);
        int idr2 = registers.read(GlobalRegister.IDR2);
        logStages(idr0, device, log);
        boolean coherentWalk = device.dma().isCoherent();
        boolean coherentByHardware = Idr0.CTTW.isSet(idr0);
        if (coherentWalk || coherentByHardware) {
            log.devNotice(device, "\t%scoherent table walk", coherentWalk ? "" : "non-");
        }
        if (coherentWalk != coherentByHardware) {
            log.devNotice(device, "\t(IDR0.CTTW overridden by FW configuration)");
        }
        int groupCount = Idr0.NUMSMRG.get(idr0);
        if (!Idr0.SMS.isSet(idr0) || groupCount == 0) {
            log.devErr(device, "stream-matching supported, but no SMRs present!");
            throw new KernelException(Errno.ENODEV, "%s matches no streams", device.name());
        }
        log.devNotice(device, "\tstream matching with %d register groups", groupCount);
        if (registers.size() != mappedSize) {
            log.devWarn(
                    device,
                    "SMMU address space size (0x%x) differs from mapped region size (0x%x)!",
                    registers.size(),
                    mappedSize);
        }
        int stage2BankCount = Idr1.NUMS2CB.get(idr1);
        int bankCount = Idr1.NUMCB.get(idr1);
        log.devNotice(device, "\t%d context banks (%d stage-2 only)", bankCount, stage2BankCount);
        if (!Idr2.PTFSV8_4KB.isSet(idr2)) {
            throw new KernelException(Errno.ENODEV, "%s has no tables of 4 KiB", device.name());
        }
        int vaBits = bitsOf(Idr2.UBS.get(idr2));
        int ipaBits = bitsOf(Idr2.IAS.get(idr2));
        int paBits = bitsOf(Idr2.OAS.get(idr2));
        log.devNotice(device, "\tSupported page sizes: 0x%08x", LongPageTables.PAGE_SIZES);
        log.devNotice(device, "\tStage-1: %d-bit VA -> %d-bit IPA", vaBits, ipaBits);
        if (Idr0.S2TS.isSet(idr0)) {
            log.devNotice(device, "\tStage-2: %d-bit IPA -> %d-bit PA", ipaBits, paBits);
        }
        return new SmmuFeatures(
                groupCount, Idr0.NUMSIDB.get(idr0), bankCount, vaBits, paBits, coherentWalk);
    }

    private static void logStages(int idr0, Device device, Log log) {
        if (Idr0.S1TS.isSet(idr0)) {
            log.devNotice(device, "\tstage 1 translation");
        }
        if (Idr0.S2TS.isSet(idr0)) {
            log.devNotice(device, "\tstage 2 translation");
        }
        if (Idr0.NTS.isSet(idr0)) {
            log.devNotice(device, "\tnested translation");
        }
        if (!Idr0.S1TS.isSet(idr0)) {
            log.devErr(device, "\tno translation support!");
            throw new KernelException(Errno.ENODEV, "%s has no stage 1", device.name());
        }
        if (!Idr0.ATOSNS.isSet(idr0)) {
            log.devNotice(device, "\taddress translation ops");
        }
    }

    @Linux(file = FILE, symbol = "arm_smmu_id_size_to_bits")
    private static int bitsOf(int size) {
        return BITS_OF_SIZE[Math.min(size, BITS_OF_SIZE.length - 1)];
    }
}
