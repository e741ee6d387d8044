package dmakit.hardware.smmu;

/**
 * Invalidations that were asked for and have not happened yet: they take time, in which accesses go
 * on with what the IOTLB holds. They happen in order.
 *
 * <p>Nothing is scheduled: what is due happens before anybody can see that it has not.
 */
final class Invalidations {
    /** How many may wait; one more pushes the first one through. */
    static final int COUNT_MAX = 64;

    /** From the store to the register until entries are gone, in picoseconds. */
    static final long LATENCY_PS = 150_000;

    /** Which entries go. */
    enum Scope {
        /** All. */
        ALL,
        /** Those of a VMID. */
        VMID,
        /** Those of one ASID. */
        ASID,
        /** What translates an address for one ASID. */
        ADDRESS,
        /** What translates an address for any ASID of a VMID. */
        ADDRESS_OF_ANY_ASID
    }

    private final Iotlb iotlb;
    private final Scope[] scopes = new Scope[COUNT_MAX];
    private final int[] tags = new int[COUNT_MAX];
    private final long[] addresses = new long[COUNT_MAX];
    private final long[] duesPs = new long[COUNT_MAX];
    private int first;
    private int count;

    Invalidations(Iotlb iotlb) {
        this.iotlb = iotlb;
    }

    /**
     * Asks for one.
     *
     * @param tag VMID and ASID, as far as they matter
     * @param address any in the page or block, where it matters
     */
    void add(Scope scope, int tag, long address, long nowPs) {
        if (count == COUNT_MAX) {
            perform();
        }
        int at = (first + count) % COUNT_MAX;
        scopes[at] = scope;
        tags[at] = tag;
        addresses[at] = address;
        duesPs[at] = nowPs + LATENCY_PS;
        count++;
    }

    /** Lets happen what is due. */
    void settle(long nowPs) {
        while (count > 0 && duesPs[first] <= nowPs) {
            perform();
        }
    }

    /** Whether none waits. */
    boolean isEmpty() {
        return count == 0;
    }

    /** When the last one that waits happens; {@code nowPs} when none does. */
    long lastDuePs(long nowPs) {
        return count == 0 ? nowPs : duesPs[(first + count - 1) % COUNT_MAX];
    }

    private void perform() {
        int tag = tags[first];
        switch (scopes[first]) {
            case ALL -> iotlb.invalidateAll();
            case VMID -> iotlb.invalidateVmid(tag >>> Iotlb.ASID_BITS);
            case ASID -> iotlb.invalidateTag(tag);
            case ADDRESS -> iotlb.invalidate(tag, addresses[first]);
            case ADDRESS_OF_ANY_ASID -> iotlb.invalidateOfAnyAsid(tag, addresses[first]);
        }
        first = (first + 1) % COUNT_MAX;
        count--;
    }
}
