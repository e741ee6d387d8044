package dmakit.cmodule;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Says in words what the process reported in numbers. */
final class Backtrace {
    private static final long STACK_REACH_BYTES = 64 * 1024;
    private static final int PAGE_BYTES = 4096;
    private static final int PROGRAMS_SHIFT = 40;
    private static final int PROGRAMS_FIRST = 0x55;
    private static final int PROGRAMS_LAST = 0x7f;
    private static final int SIGBUS = 7;
    private static final int SIGSEGV = 11;

    private Backtrace() {}

    /** What happened, in the kernel's words where it has some. */
    static String message(Lane lane) {
        long fault = lane.getLong(Abi.FAULT);
        return switch (lane.getInt(Abi.SIGNAL)) {
            case SIGSEGV, SIGBUS -> memoryFault(lane, fault);
            case 4 -> "the C module executed what is no instruction, as BUG() does";
            case 5 -> "the C module executed a breakpoint";
            case 8 -> "the C module divided by zero";
            case 6 -> "the C module aborted";
            case 31 -> "the C module called the host's operating system";
            default -> "the C module was ended by signal " + lane.getInt(Abi.SIGNAL);
        };
    }

    /** What happened, for a finding. */
    static HostEnded.Cause cause(Lane lane) {
        int signal = lane.getInt(Abi.SIGNAL);
        if ((signal != SIGSEGV && signal != SIGBUS) || isStackOverflow(lane)) {
            return HostEnded.Cause.OOPS;
        }
        return Long.compareUnsigned(lane.getLong(Abi.FAULT), PAGE_BYTES) < 0
                ? HostEnded.Cause.NULL_POINTER
                : HostEnded.Cause.BAD_ADDRESS;
    }

    /** The innermost place in a module; 0 when none is known. */
    static long site(Lane lane) {
        return lane.getInt(Abi.FRAME_COUNT) > 0 ? lane.getLong(Abi.FRAMES) : 0;
    }

    private static boolean isStackOverflow(Lane lane) {
        long fault = lane.getLong(Abi.FAULT);
        return Math.abs(lane.getLong(Abi.SP) - fault) < STACK_REACH_BYTES && fault != 0;
    }

    private static String memoryFault(Lane lane, long fault) {
        if (isStackOverflow(lane)) {
            return "kernel stack overflow";
        }
        String what =
                Long.compareUnsigned(fault, PAGE_BYTES) < 0
                        ? "Unable to handle kernel NULL pointer dereference"
                        : "Unable to handle kernel paging request";
        String how =
                switch (lane.getInt(Abi.ACCESS)) {
                    case Abi.ACCESS_LOAD -> " (load)";
                    case Abi.ACCESS_STORE -> " (store)";
                    case Abi.ACCESS_EXECUTE -> " (call)";
                    default -> "";
                };
        return isOfPrograms(fault)
                ? what + " at an address of a program" + how
                : String.format(Locale.ROOT, "%s at virtual address %016x%s", what, fault, how);
    }

    /** Where programs of the host have theirs: at other addresses in each run. */
    private static boolean isOfPrograms(long address) {
        long highest = address >>> PROGRAMS_SHIFT;
        return highest >= PROGRAMS_FIRST && highest <= PROGRAMS_LAST;
    }

    /** The modules' functions, innermost first, as {@code name file:line}. */
    static List<String> of(Lane lane, Lines lines) {
        int count = Math.clamp(lane.getInt(Abi.FRAME_COUNT), 0, Abi.FRAME_COUNT_MAX);
        var sites = new ArrayList<Long>(count);
        for (int i = 0; i < count; i++) {
            sites.add(lane.getLong(Abi.FRAMES + 8 * i));
        }
        return sites.stream()
                .flatMap(site -> lines.framesOf(site).stream())
                .map(frame -> frame.function() + " " + frame.file() + ":" + frame.line())
                .toList();
    }
}
