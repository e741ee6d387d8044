package dmakit.machine.cpu;

/** The CPU cannot complete an access: nothing is mapped there, or the bus answers with an error. */
public final class CpuFault extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final long address;
    private final boolean write;
    private final boolean unanswered;

    /** A fault behind the translation: the message names the physical address too. */
    static CpuFault at(String what, long va, long phys, boolean write) {
        return new CpuFault(what + " at phys:0x" + Long.toHexString(phys), va, write, true);
    }

    CpuFault(String what, long address, boolean write) {
        this(what, address, write, false);
    }

    private CpuFault(String what, long address, boolean write, boolean unanswered) {
        super(
                what
                        + (write ? " on store to " : " on load from ")
                        + "virtual address 0x"
                        + Long.toHexString(address));
        this.address = address;
        this.write = write;
        this.unanswered = unanswered;
    }

    /** The virtual address of the access. */
    public long address() {
        return address;
    }

    /** Whether something is mapped at the address, and nothing answers behind it. */
    public boolean isUnanswered() {
        return unanswered;
    }

    /** Whether the access was a store. */
    public boolean isWrite() {
        return write;
    }
}
