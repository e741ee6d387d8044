package dmakit.machine.cpu;

/**
 * What CPU code costs, in picoseconds of simulated time. Orders of magnitude of a real core of the
 * kind, so that "98 % busy with PIO, 3 % with DMA" is an outcome and not an input.
 *
 * @param access one load or store that hits
 * @param copyLine copying, filling or comparing one line of 64 bytes
 * @param registerRead a load from device memory: the core waits for it
 * @param registerWrite a store to device memory: posted
 * @param uncachedAccess a load or store past the caches
 * @param cleanLine cache maintenance by address, one line, write-back or not
 * @param barrier waiting until earlier accesses took effect
 * @param interruptEntry from the signal to the handler, and back
 * @param taskSwitch from one task to another
 * @param call one call of a kernel service
 */
public record CostTable(
        int access,
        int copyLine,
        int registerRead,
        int registerWrite,
        int uncachedAccess,
        int cleanLine,
        int barrier,
        int interruptEntry,
        int taskSwitch,
        int call) {
    /** A Cortex-A53 at 1.2 GHz with peripherals behind an AXI to APB bridge. */
    public static final CostTable CORTEX_A53 =
            new CostTable(
                    1_700, 16_000, 140_000, 25_000, 90_000, 22_000, 30_000, 700_000, 2_000_000,
                    60_000);
}
