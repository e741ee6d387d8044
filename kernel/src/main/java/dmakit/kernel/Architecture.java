package dmakit.kernel;

import dmakit.devicetree.DeviceTree;

/** What a kernel was built for, as far as its memory depends on it. */
public enum Architecture {
    /** Devices say how far they reach; {@code CONFIG_CMA_SIZE_MBYTES} of its defconfig is 32. */
    ARM64("arm64", 32, 0),
    /** The DMA zone is what ISA masters reach, 16 MiB; its defconfig has no default CMA area. */
    X86("x86", 0, 16 << 20);

    private final String text;
    private final int cmaDefaultMib;
    private final long imageStart;

    Architecture(String text, int cmaDefaultMib, long imageStart) {
        this.text = text;
        this.cmaDefaultMib = cmaDefaultMib;
        this.imageStart = imageStart;
    }

    /**
     * The architecture of a board: whoever has the interrupt controller that is part of every x86
     * processor is one, all others run arm64.
     */
    @Linux(file = "arch/x86/kernel/devicetree.c", symbol = "dtb_lapic_setup")
    public static Architecture of(DeviceTree tree) {
        return tree.compatibleWith("intel,ce4100-lapic").isEmpty() ? ARM64 : X86;
    }

    /** Its name, as that of its folder in the kernel's sources. */
    public String text() {
        return text;
    }

    /** The size of the default CMA area when nobody says another, in MiB. */
    @Linux(file = "kernel/dma/contiguous.c", symbol = "CONFIG_CMA_SIZE_MBYTES")
    public int cmaDefaultMib() {
        return cmaDefaultMib;
    }

    /** The lowest address a boot loader puts the kernel at, if there is RAM. */
    @Linux(file = "arch/x86/Kconfig", symbol = "CONFIG_PHYSICAL_START")
    public long imageStart() {
        return imageStart;
    }
}
