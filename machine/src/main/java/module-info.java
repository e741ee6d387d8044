/**
 * The simulated computer: clock and events, memory with its two views, bus, interrupts, tasks,
 * trace.
 */
module dmakit.machine {
    requires static org.jspecify;
    requires transitive dmakit.datasheet;
}
