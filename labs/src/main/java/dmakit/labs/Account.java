package dmakit.labs;

import java.util.List;

/**
 * What one transfer did to the machine, as its trace told it. Times are picoseconds since power-on.
 *
 * @param buffers the memory that took part
 * @param channel the channel's name, {@code dma0chan2}
 * @param controller the device the channel belongs to
 * @param fetches every descriptor or control block the hardware read from memory
 * @param transfers every movement of bytes over the bus
 * @param cleanedLines cache lines written back for the device
 * @param invalidatedLines cache lines dropped for the CPU
 * @param startPs when the driver was called
 * @param endPs when it returned
 * @param busyPs how long the CPU worked in between
 * @param interrupts every interrupt the CPU took
 * @param wakeUps every task that became able to run, and when it ran
 */
public record Account(
        List<Buffer> buffers,
        String channel,
        String controller,
        List<Fetch> fetches,
        List<Transfer> transfers,
        long cleanedLines,
        long invalidatedLines,
        long startPs,
        long endPs,
        long busyPs,
        List<Interrupt> interrupts,
        List<WakeUp> wakeUps) {

    /** Copies the lists. */
    public Account {
        buffers = List.copyOf(buffers);
        fetches = List.copyOf(fetches);
        transfers = List.copyOf(transfers);
        interrupts = List.copyOf(interrupts);
        wakeUps = List.copyOf(wakeUps);
    }

    /**
     * One buffer in all three address spaces.
     *
     * @param name as the driver calls it
     * @param va where the CPU reaches it
     * @param phys where RAM has it
     * @param dma where the device reaches it
     * @param sizeBytes its length
     */
    public record Buffer(String name, long va, long phys, long dma, long sizeBytes) {}

    /**
     * One descriptor read by the hardware.
     *
     * @param atPs when
     * @param master who read it
     * @param busAddress from where, in the master's address space
     * @param content its fields in the manual's names
     */
    public record Fetch(long atPs, String master, long busAddress, String content) {}

    /**
     * One movement of bytes.
     *
     * @param startPs when it began
     * @param endPs when its last byte was written
     * @param master who moved them
     * @param fromBus source, in the master's address space
     * @param toBus destination, in the master's address space
     * @param bytes how many
     */
    public record Transfer(
            long startPs, long endPs, String master, long fromBus, long toBus, long bytes) {}

    /**
     * One interrupt.
     *
     * @param line its number in the interrupt controller
     * @param assertedPs when the chip asserted the line
     * @param takenPs when the CPU entered the handler
     * @param endPs when the handler was done
     * @param handler who handled it
     */
    public record Interrupt(int line, long assertedPs, long takenPs, long endPs, String handler) {}

    /**
     * One task that went on.
     *
     * @param task its name
     * @param wokenPs when it became able to run
     * @param ranPs when it ran
     */
    public record WakeUp(String task, long wokenPs, long ranPs) {}

    /** Time from the call to the return, in picoseconds. */
    public long elapsedPs() {
        return endPs - startPs;
    }

    /** Share of that time in which the CPU worked, 0 to 100. */
    public int busyPercent() {
        return elapsedPs() == 0 ? 0 : Math.toIntExact(Math.round(100.0 * busyPs / elapsedPs()));
    }
}
