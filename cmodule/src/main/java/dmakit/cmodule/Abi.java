package dmakit.cmodule;

import dmakit.kernel.check.SiteSource;
import dmakit.machine.cpu.AddressLayout;
import dmakit.machine.memory.Shadow;
import java.util.Locale;

/**
 * The layout of the lane and every number that both of its sides use.
 *
 * <p>{@link #header()} is what the C side is compiled with, so the two cannot disagree.
 */
final class Abi {
    // The turn: a futex word, alone on its cache line.
    static final int TURN = 0;
    static final int TURN_SIMULATOR = 0;
    static final int TURN_HOST = 1;

    /** Set in the turn while the side that has not got it sleeps. */
    static final int TURN_SLEEPER = 2;

    // The message that came with the turn.
    static final int KIND = 64;
    static final int SERVICE = 68;
    static final int RESULT = 72;
    static final int ARGS = 80;
    static final int ARG_COUNT = 8;

    /** Where the module made the call: see {@link #SITE_MODULE_SHIFT}. */
    static final int SITE = 144;

    /** The stack pointer of the call. */
    static final int CALLER_SP = 152;

    static final int TEXT_COUNT = 160;
    static final int DATA_BYTES = 164;

    /** The process is up and waits for wishes. */
    static final int KIND_READY = 1;

    /** C code calls a service. */
    static final int KIND_CALL = 2;

    /** A function that the simulator ran has ended. */
    static final int KIND_RETURN = 3;

    /** The process is about to end: the report says why. */
    static final int KIND_CRASHED = 4;

    /** The process could not start: the text says why. */
    static final int KIND_REFUSED = 5;

    /** A service's answer. */
    static final int KIND_ANSWER = 6;

    /** Run the function at the address in RESULT. */
    static final int KIND_RUN = 7;

    /** Load the module whose path is the text as a number. */
    static final int KIND_LOAD = 8;

    /** Find the symbol whose name is the text in the module of a number. */
    static final int KIND_SYMBOL = 9;

    /** Nothing but the changes that came with this message. */
    static final int KIND_APPLY = 10;

    /** End. */
    static final int KIND_QUIT = 11;

    /** Unload the module of a number. */
    static final int KIND_UNLOAD = 12;

    /** Start a thread for the lane whose descriptor is given. */
    static final int KIND_NEW_LANE = 13;

    /** Write down the names of all services. */
    static final int KIND_SERVICES = 14;

    /** Crash where you are, to say where that is. */
    static final int KIND_STOP = 15;

    /** Answer the 8 bytes at an address; no driver code runs and no time passes. */
    static final int KIND_PEEK = 16;

    // A site: the number of a module and an offset in it.
    static final int SITE_MODULE_SHIFT = 32;
    static final int MODULE_NUMBER_MAX = (1 << 29) - 1;

    /** Modules loaded at a time. */
    static final int MODULE_COUNT_MAX = 256;

    // What driver code did to memory since the last message.
    static final int ACCESSES = 192;
    static final int UNCACHED = 200;
    static final int LINES_COPIED = 208;
    static final int LINES_FILLED = 216;

    /** Accesses of driver code after which it asks what time it is. */
    static final int BUDGET = 224;

    // Changes of the kernel's page table: va, phys, bytes, type, of 8 bytes each.
    static final int CHANGE_COUNT = 256;
    static final int CHANGES = 264;
    static final int CHANGE_SIZE = 32;
    static final int CHANGE_COUNT_MAX = 64;
    static final int TYPE_WRITE_BACK = 0;
    static final int TYPE_WRITE_COMBINE = 1;
    static final int TYPE_DEVICE = 2;
    static final int TYPE_UNMAPPED = 3;

    static final int TEXT = 4096;
    static final int TEXT_SIZE = 4096;

    /** Texts that go with a call. */
    static final int TEXT_COUNT_MAX = 4;

    // The machine, written before the process starts.
    static final int COHERENT = 8192;
    static final int DRAM_FD = 8196;
    static final int CPU_FD = 8200;
    static final int LINES_FD = 8204;
    static final int BANK_COUNT = 8208;
    static final int SPIN_COUNT = 8212;
    static final int RAM_SIZE = 8216;
    static final int BANKS = 8224;

    /** Of the shadow's segment; {@link #NO_DESCRIPTOR} while no mistakes are looked for. */
    static final int SHADOW_FD = 9248;

    static final int NO_DESCRIPTOR = -1;

    /** Whether module code may use the computer it really runs on. */
    static final int ALLOW_HOST = 9252;

    static final int BANK_COUNT_MAX = 64;

    // The report of a crash. Frames are offsets in the module.
    static final int SIGNAL = 12288;
    static final int ACCESS = 12292;
    static final int FAULT = 12296;
    static final int PC = 12304;
    static final int SP = 12312;
    static final int FRAME_COUNT = 12320;
    static final int FRAMES = 12328;
    static final int FRAME_COUNT_MAX = 32;
    static final int ACCESS_LOAD = 0;
    static final int ACCESS_STORE = 1;
    static final int ACCESS_EXECUTE = 2;
    static final int ACCESS_UNKNOWN = 3;

    // Bytes that go with a call and come back with its answer: a list of 131,072 entries.
    static final int DATA = 16384;
    static final int DATA_SIZE = 3 << 20;

    static final int SIZE = DATA + DATA_SIZE;

    /** What driver code has of stack, in bytes: 16 KiB in Linux, but hooks need more room. */
    static final int STACK_SIZE = 64 * 1024;

    static final int STACK_EXTRA = 16 * 1024;
    static final int STACK_GUARD = 64 * 1024;

    // Waiting: see docs/adr, "C modules in a host process".
    static final int SPIN_COUNT_USUAL = 2000;
    static final int SPIN_MISSES_MAX = 4;
    static final int SPIN_REST_LG2_MAX = 10;

    /** Where C code has a {@code struct page} for each page of the linear map. */
    static final long PAGE_STRUCTS = 0x2800_0000_0000L;

    /** Bytes of a {@code struct page}. */
    static final int PAGE_STRUCT_SIZE = 64;

    static final long PAGE_STRUCTS_SIZE =
            AddressLayout.LINEAR_SIZE / AddressLayout.PAGE_BYTES * PAGE_STRUCT_SIZE;

    static final int GFP_ATOMIC = 0x820;
    static final int GFP_KERNEL = 0xcc0;
    static final int HZ = 250;

    private Abi() {}

    /** The header of numbers that modules see. */
    static String numbers() {
        StringBuilder out = start("DMAKIT_NUMBERS_H");
        define(out, "DMAKIT_GFP_ATOMIC", GFP_ATOMIC);
        define(out, "DMAKIT_GFP_KERNEL", GFP_KERNEL);
        define(out, "DMAKIT_HZ", HZ);
        address(out, "DMAKIT_PAGE_STRUCTS", PAGE_STRUCTS);
        define(out, "DMAKIT_PAGE_STRUCT_SIZE", PAGE_STRUCT_SIZE);
        address(out, "DMAKIT_LINEAR_BASE", AddressLayout.LINEAR_BASE);
        address(out, "DMAKIT_LINEAR_SIZE", AddressLayout.LINEAR_SIZE);
        address(out, "DMAKIT_VMALLOC_BASE", AddressLayout.VMALLOC_BASE);
        address(out, "DMAKIT_VMALLOC_SIZE", AddressLayout.VMALLOC_SIZE);
        return out.append("\n#endif\n").toString();
    }

    /** The header that the C side of the lane is compiled with. */
    static String header() {
        StringBuilder out = start("DMAKIT_ABI_H");
        define(out, "TURN_SIMULATOR", TURN_SIMULATOR);
        define(out, "TURN_HOST", TURN_HOST);
        define(out, "TURN_SLEEPER", TURN_SLEEPER);
        define(out, "LANE_TURN", TURN);
        define(out, "LANE_KIND", KIND);
        define(out, "LANE_SERVICE", SERVICE);
        define(out, "LANE_RESULT", RESULT);
        define(out, "LANE_ARGS", ARGS);
        define(out, "KIND_READY", KIND_READY);
        define(out, "KIND_CALL", KIND_CALL);
        define(out, "KIND_RETURN", KIND_RETURN);
        define(out, "KIND_CRASHED", KIND_CRASHED);
        define(out, "KIND_REFUSED", KIND_REFUSED);
        define(out, "KIND_ANSWER", KIND_ANSWER);
        define(out, "KIND_RUN", KIND_RUN);
        define(out, "KIND_LOAD", KIND_LOAD);
        define(out, "KIND_SYMBOL", KIND_SYMBOL);
        define(out, "KIND_UNLOAD", KIND_UNLOAD);
        define(out, "KIND_NEW_LANE", KIND_NEW_LANE);
        define(out, "KIND_SERVICES", KIND_SERVICES);
        define(out, "KIND_STOP", KIND_STOP);
        define(out, "KIND_PEEK", KIND_PEEK);
        address(out, "SITE_FOREIGN", SiteSource.FOREIGN);
        define(out, "SITE_MODULE_SHIFT", SITE_MODULE_SHIFT);
        define(out, "MODULE_COUNT_MAX", MODULE_COUNT_MAX);
        define(out, "LANE_ARG_COUNT", ARG_COUNT);
        define(out, "LANE_SITE", SITE);
        define(out, "LANE_CALLER_SP", CALLER_SP);
        define(out, "LANE_TEXT_COUNT", TEXT_COUNT);
        define(out, "LANE_TEXT_COUNT_MAX", TEXT_COUNT_MAX);
        define(out, "LANE_DATA_BYTES", DATA_BYTES);
        define(out, "LANE_DATA", DATA);
        define(out, "LANE_DATA_SIZE", DATA_SIZE);
        define(out, "LANE_STACK_SIZE", STACK_SIZE);
        define(out, "LANE_STACK_EXTRA", STACK_EXTRA);
        define(out, "LANE_STACK_GUARD", STACK_GUARD);
        define(out, "LANE_BUDGET", BUDGET);
        define(out, "KIND_APPLY", KIND_APPLY);
        define(out, "KIND_QUIT", KIND_QUIT);
        define(out, "LANE_ACCESSES", ACCESSES);
        define(out, "LANE_UNCACHED", UNCACHED);
        define(out, "LANE_LINES_COPIED", LINES_COPIED);
        define(out, "LANE_LINES_FILLED", LINES_FILLED);
        define(out, "LANE_CHANGE_COUNT", CHANGE_COUNT);
        define(out, "LANE_CHANGES", CHANGES);
        define(out, "CHANGE_SIZE", CHANGE_SIZE);
        define(out, "TYPE_WRITE_BACK", TYPE_WRITE_BACK);
        define(out, "TYPE_WRITE_COMBINE", TYPE_WRITE_COMBINE);
        define(out, "TYPE_DEVICE", TYPE_DEVICE);
        define(out, "TYPE_UNMAPPED", TYPE_UNMAPPED);
        define(out, "PAGE_VALID", 1);
        define(out, "PAGE_TYPE_SHIFT", 1);
        define(out, "PAGE_TYPE_MASK", 3);
        define(out, "LANE_TEXT", TEXT);
        define(out, "LANE_TEXT_SIZE", TEXT_SIZE);
        define(out, "LANE_COHERENT", COHERENT);
        define(out, "LANE_DRAM_FD", DRAM_FD);
        define(out, "LANE_CPU_FD", CPU_FD);
        define(out, "LANE_LINES_FD", LINES_FD);
        define(out, "LANE_SHADOW_FD", SHADOW_FD);
        define(out, "LANE_ALLOW_HOST", ALLOW_HOST);
        address(out, "NO_DESCRIPTOR", Integer.toUnsignedLong(NO_DESCRIPTOR));
        define(out, "SHADOW_USABLE", Shadow.USABLE);
        define(out, "SHADOW_UNWRITTEN", Shadow.UNWRITTEN);
        define(out, "SHADOW_READABLE", Shadow.READABLE);
        define(out, "SHADOW_STALE", Shadow.STALE);
        address(out, "PAGE_STRUCTS", PAGE_STRUCTS);
        address(out, "PAGE_STRUCTS_SIZE", PAGE_STRUCTS_SIZE);
        define(out, "LANE_BANK_COUNT", BANK_COUNT);
        define(out, "LANE_RAM_SIZE", RAM_SIZE);
        define(out, "LANE_BANKS", BANKS);
        define(out, "BANK_COUNT_MAX", BANK_COUNT_MAX);
        define(out, "LANE_SIGNAL", SIGNAL);
        define(out, "LANE_ACCESS", ACCESS);
        define(out, "LANE_FAULT", FAULT);
        define(out, "LANE_PC", PC);
        define(out, "LANE_SP", SP);
        define(out, "LANE_FRAME_COUNT", FRAME_COUNT);
        define(out, "LANE_FRAMES", FRAMES);
        define(out, "FRAME_COUNT_MAX", FRAME_COUNT_MAX);
        define(out, "ACCESS_LOAD", ACCESS_LOAD);
        define(out, "ACCESS_STORE", ACCESS_STORE);
        define(out, "ACCESS_EXECUTE", ACCESS_EXECUTE);
        define(out, "ACCESS_UNKNOWN", ACCESS_UNKNOWN);
        define(out, "LANE_SIZE", SIZE);
        define(out, "LANE_SPIN_COUNT", SPIN_COUNT);
        define(out, "SPIN_MISSES_MAX", SPIN_MISSES_MAX);
        define(out, "SPIN_REST_LG2_MAX", SPIN_REST_LG2_MAX);
        define(out, "LINE_INVALID", 0);
        define(out, "LINE_CLEAN", 1);
        define(out, "LINE_DIRTY", 2);
        address(out, "LINEAR_BASE", AddressLayout.LINEAR_BASE);
        address(out, "LINEAR_SIZE", AddressLayout.LINEAR_SIZE);
        address(out, "VMALLOC_BASE", AddressLayout.VMALLOC_BASE);
        address(out, "VMALLOC_SIZE", AddressLayout.VMALLOC_SIZE);
        address(out, "SIMULATED_END", AddressLayout.VMALLOC_BASE + AddressLayout.VMALLOC_SIZE);
        return out.append("\n#endif\n").toString();
    }

    private static StringBuilder start(String guard) {
        return new StringBuilder("/* Written by dmakit.cmodule.Abi. */\n")
                .append("#ifndef " + guard + "\n#define " + guard + "\n\n");
    }

    private static void define(StringBuilder out, String name, int value) {
        out.append("#define ").append(name).append(' ').append(value).append('\n');
    }

    private static void address(StringBuilder out, String name, long value) {
        out.append(String.format(Locale.ROOT, "#define %s 0x%xUL%n", name, value));
    }
}
