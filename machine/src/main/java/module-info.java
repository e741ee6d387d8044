/**
 * The simulated computer: clock and events, memory with its two views, bus, interrupts, tasks,
 * trace.
 */
module dmakit.machine {
    requires static org.jspecify;
    requires transitive dmakit.datasheet;

    exports dmakit.machine;
    exports dmakit.machine.bus;
    exports dmakit.machine.cpu;
    exports dmakit.machine.irq;
    exports dmakit.machine.memory;
    exports dmakit.machine.random;
    exports dmakit.machine.task;
    exports dmakit.machine.time;
    exports dmakit.machine.trace;
}
