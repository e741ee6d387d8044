package dmakit.oracle.pl330;

import dmakit.oracle.Deviation;

/** Where QEMU's model is known to differ; sections are those of the DMA-330 TRM, DDI 0424. */
enum Pl330Difference implements Deviation {
    /** QEMU's program counter steps over the DMAEND that stopped its thread. */
    PC_AFTER_END("4.3, DMAEND"),
    /** QEMU's program counter steps over an instruction that faults. */
    PC_AFTER_FAULT("2.7, aborts"),
    /**
     * QEMU's wakeup number is the last event a channel waited for, also where it waits no longer.
     */
    WAKEUP_NUMBER("3.3, CSRn.wakeup_number"),
    /** What a program loads and does not store locks QEMU's channel up at DMAEND. */
    DATA_LEFT("4.3, DMAEND"),
    /** QEMU does not swap bytes. */
    ENDIAN_SWAP("3.3, CCRn.endian_swap_size"),
    /** QEMU takes burst sizes beyond its data bus. */
    BURST_SIZE("4.3, DMAMOV"),
    /** QEMU's DMASTZ adds whole beats to an address that is not aligned to them. */
    UNALIGNED_ZEROS("4.3, DMASTZ"),
    /** QEMU's DMASTZ steps on each time it finds the queue of writes full. */
    ZEROS_QUEUED("4.3, DMASTZ"),
    /** QEMU notices a store without data one instruction late. */
    STORE_WITHOUT_DATA("2.7, aborts"),
    /** Where nothing answers QEMU reads zeros; a bus error is an abort. */
    BUS_ERROR("2.7, aborts"),
    /** QEMU's manager faults when it starts a channel that is not stopped. */
    GO_WHILE_RUNNING("4.3, DMAGO"),
    /** QEMU takes every peripheral for one that always has a request. */
    PERIPHERAL_REQUESTS("2.5, peripheral requests");

    private final String section;

    Pl330Difference(String section) {
        this.section = section;
    }

    @Override
    public String section() {
        return section;
    }
}
