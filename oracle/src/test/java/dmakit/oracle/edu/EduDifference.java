package dmakit.oracle.edu;

import dmakit.oracle.Deviation;

/** Where QEMU's {@code edu} is known to differ; sections are those of QEMU's docs/specs/edu.rst. */
enum EduDifference implements Deviation {
    /** A store of 4 bytes clears the other half of QEMU's registers of 8, which has no address. */
    HALVES("MMIO area spec"),
    /** QEMU keeps undefined bits of the command. */
    COMMAND_BITS("MMIO area spec, 0x98"),
    /** QEMU's buffer gets what QEMU reads where nothing answers; ours keeps what it has. */
    NOTHING_ANSWERS("DMA controller"),
    /** QEMU stops, or overwrites its own memory, when a transfer leaves the buffer. */
    OUT_OF_BUFFER("DMA controller");

    private final String section;

    EduDifference(String section) {
        this.section = section;
    }

    @Override
    public String section() {
        return section;
    }
}
