package dmakit.hardware.axidmac;

/** Packets that ended early and that software has not read about. */
final class PartialReports {
    /** How many there may be; then the core waits. */
    static final int COUNT_MAX = 4;

    private final int[] lengths = new int[COUNT_MAX];
    private final int[] ids = new int[COUNT_MAX];
    private int first;
    private int count;

    boolean isEmpty() {
        return count == 0;
    }

    boolean isFull() {
        return count == COUNT_MAX;
    }

    void add(int id, int length) {
        int at = (first + count) % COUNT_MAX;
        ids[at] = id;
        lengths[at] = length;
        count++;
    }

    /** Bytes of the first one; 0 where there is none. */
    int length() {
        return isEmpty() ? 0 : lengths[first];
    }

    /** The transfer of the first one, which is gone then; 0 where there is none. */
    int take() {
        if (isEmpty()) {
            return 0;
        }
        int id = ids[first];
        first = (first + 1) % COUNT_MAX;
        count--;
        return id;
    }

    void clear() {
        count = 0;
    }
}
