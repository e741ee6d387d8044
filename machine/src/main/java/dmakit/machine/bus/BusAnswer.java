package dmakit.machine.bus;

/** How the bus answered a master: done, or refused and where. */
public sealed interface BusAnswer {
    /** The whole access took place. */
    enum Done implements BusAnswer {
        /** The only one: an answer that says yes says nothing else. */
        DONE
    }

    /**
     * The access stopped at an address; bytes before it may have moved.
     *
     * @param address in the master's own address space
     * @param cause why
     * @param write whether the refused access was a store
     */
    record Fault(long address, Cause cause, boolean write) implements BusAnswer {
        @Override
        public String toString() {
            return cause.text
                    + " at "
                    + (write ? "write to" : "read of")
                    + " bus:0x"
                    + Long.toHexString(address);
        }
    }

    /** Why the bus refused. */
    enum Cause {
        /** The master's window does not reach the address. */
        NO_TRANSLATION("no translation"),
        /** Nothing answers at the physical address. */
        DECODE("decode error"),
        /** What answers does not take accesses of this kind. */
        TARGET("target error");

        private final String text;

        Cause(String text) {
            this.text = text;
        }
    }

    /** Whether the whole access took place. */
    default boolean isDone() {
        return this instanceof Done;
    }
}
