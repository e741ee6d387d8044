package dmakit.hardware.vtd;

import dmakit.datasheet.vtd.SecondLevelEntry;

/** What the unit remembers of the context entry of one function. */
final class Context {
    private boolean valid;
    private long table;
    private int levels;
    private int domain;
    private boolean passes;

    /** Whether faults of the function are to be kept quiet; of an entry that is not valid too. */
    boolean hidesFaults;

    void set(long newTable, int newLevels, int newDomain, boolean newPasses) {
        valid = true;
        table = newTable;
        levels = newLevels;
        domain = newDomain;
        passes = newPasses;
    }

    void forget() {
        valid = false;
    }

    boolean isValid() {
        return valid;
    }

    /** The second-level table. */
    long table() {
        return table;
    }

    /** How many levels it has. */
    int levels() {
        return levels;
    }

    /** The domain its translations are remembered by. */
    int domain() {
        return domain;
    }

    /** Whether accesses go through as they are. */
    boolean passes() {
        return passes;
    }

    /** Whether its tables, or the unit without them, have as many address bits. */
    boolean reaches(long address) {
        int bits =
                passes
                        ? Walker.ADDRESS_BITS_MAX
                        : SecondLevelEntry.LG2_PAGE + levels * SecondLevelEntry.LG2_ENTRIES;
        return address >>> bits == 0;
    }
}
