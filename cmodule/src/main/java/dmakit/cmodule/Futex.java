package dmakit.cmodule;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/** Waiting for a word that two processes share, by the one system call Java has no method for. */
@SuppressWarnings("restricted")
final class Futex {
    private static final int FUTEX_WAIT = 0;
    private static final int FUTEX_WAKE = 1;
    private static final long NUMBER = systemCallNumber();
    private static final MethodHandle SYSCALL = systemCall();

    private final MemorySegment word;
    private final MemorySegment timeout;

    /**
     * Creates the means to wait.
     *
     * @param word 4 bytes of shared memory
     * @param arena keeps what a call needs
     * @param timeoutMs longest time that one {@link #await} waits, in milliseconds, below 1000
     */
    Futex(MemorySegment word, Arena arena, int timeoutMs) {
        this.word = word;
        timeout = arena.allocate(ValueLayout.JAVA_LONG, 2);
        timeout.setAtIndex(ValueLayout.JAVA_LONG, 1, timeoutMs * 1_000_000L);
    }

    /** Sleeps while the word is {@code seen}; may return early, and does when the time is over. */
    void await(int seen) {
        call(FUTEX_WAIT, seen, timeout);
    }

    /** Wakes whoever sleeps. */
    void wake() {
        call(FUTEX_WAKE, 1, MemorySegment.NULL);
    }

    private void call(int operation, int value, MemorySegment time) {
        try {
            long _ = (long) SYSCALL.invokeExact(NUMBER, word, operation, value, time);
        } catch (Throwable e) {
            throw new IllegalStateException("futex", e);
        }
    }

    private static long systemCallNumber() {
        String machine = System.getProperty("os.arch");
        return switch (machine) {
            case "amd64" -> 202;
            case "aarch64" -> 98;
            default ->
                    throw new UnsupportedOperationException(
                            "C modules run on x86-64 and aarch64 hosts, not on " + machine);
        };
    }

    private static MethodHandle systemCall() {
        Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(
                linker.defaultLookup().findOrThrow("syscall"),
                FunctionDescriptor.of(
                        ValueLayout.JAVA_LONG,
                        ValueLayout.JAVA_LONG,
                        ValueLayout.ADDRESS,
                        ValueLayout.JAVA_INT,
                        ValueLayout.JAVA_INT,
                        ValueLayout.ADDRESS),
                Linker.Option.firstVariadicArg(1));
    }
}
