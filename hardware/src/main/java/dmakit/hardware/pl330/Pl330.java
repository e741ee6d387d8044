package dmakit.hardware.pl330;

import dmakit.datasheet.Register;
import dmakit.datasheet.pl330.Pl330ChannelRegister;
import dmakit.datasheet.pl330.Pl330Register;
import dmakit.datasheet.pl330.Pl330Register.Dbgcmd;
import dmakit.datasheet.pl330.Pl330Register.Dbginst0;
import dmakit.datasheet.pl330.Pl330Register.Dsr;
import dmakit.datasheet.pl330.Pl330Register.PeriphId2;
import dmakit.datasheet.pl330.Pl330Register.Wd;
import dmakit.datasheet.pl330.Pl330StatusRegister;
import dmakit.datasheet.pl330.Pl330StatusRegister.Csr;
import dmakit.hardware.ChipTrace;
import dmakit.hardware.RequestLine;
import dmakit.hardware.WordRegisters;
import dmakit.machine.Check;
import dmakit.machine.bus.MasterPort;
import dmakit.machine.irq.IrqLine;
import dmakit.machine.time.Clock;
import dmakit.machine.trace.Trace;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The CoreLink DMA-330 (PL330): a manager and up to 8 channels, each a thread that executes a
 * program from memory. DMA-330 TRM, DDI 0424.
 *
 * <p>Each channel walks (section 2.3)
 *
 * <pre>{@code
 *           DMAGO                    DMAWFP, DMAWFE
 * Stopped ---------> Executing <---------------------> WaitingForPeripheral, WaitingForEvent
 *    ^                   |         request, event                 |
 *    | DMAEND, DMAKILL   | abort                                  |
 *    +-------------------+                                        |
 *    |  DMAKILL          v                                        |
 *    +--------------- Faulting                                    |
 *    +------------------------------------------------------------+
 *                              DMAKILL
 * }</pre>
 *
 * <p>Registers show where threads are and take instructions through DBGINST0, DBGINST1 and DBGCMD;
 * everything else a program does. It sees memory through one master port.
 *
 * <p><b>Time.</b> The controller does one thing at a time: a line of program is fetched, or an
 * instruction executed together with the burst it asks for. Threads take turns, after every such
 * thing, round robin. Where one thread alone can go on, one event takes many rounds of a loop that
 * only copies; when another thread comes, or a register is read that shows how far the loop is, the
 * rounds that have ended by then are done first. Memory is read and written when a run of rounds is
 * moved, no later than its end.
 *
 * <p><b>The MFIFO</b> is shared by entries of the bus's width. A load that finds no room waits;
 * when all channels that run wait so for 1024 cycles, the watchdog lets them fault. A load that
 * needs more than there is at all faults at once, and so does a store of what has not been loaded.
 *
 * <p><b>Where the manual is silent</b>, or leaves it to the build:
 *
 * <ul>
 *   <li>DMAGO empties the instruction cache, so that programs may be rewritten between two starts.
 *   <li>Loads and stores have ended when the next instruction of their thread begins; barriers have
 *       nothing to wait for, and the depth of the queues in CRD changes no time.
 *   <li>Every abort is precise: CPC shows the instruction, and Faulting completing is not seen.
 *   <li>A burst size in CCR beyond the data bus is an invalid operand.
 *   <li>Bytes are swapped where a burst is written, by whole groups from its start.
 *   <li>A channel that waits for a peripheral or an event keeps the watchdog still.
 *   <li>DBGCMD for a channel that the build does not have does nothing.
 *   <li>Request wires are levels: a request is there while the peripheral has it there, and
 *       DMAFLUSHP tells the peripheral alone.
 *   <li>Software sees one set of registers: there is one interface, not a secure and another one.
 * </ul>
 */
public final class Pl330 extends WordRegisters {
    /** Bytes of the block of registers. */
    public static final int SIZE = Pl330Register.SIZE;

    private static final int STATUS_END =
            Pl330StatusRegister.BASE + Pl330Register.CHANNEL_COUNT_MAX * Pl330StatusRegister.STRIDE;
    private static final int CHANNEL_END =
            Pl330ChannelRegister.BASE
                    + Pl330Register.CHANNEL_COUNT_MAX * Pl330ChannelRegister.STRIDE;

    private final ChipTrace trace;
    private final Pl330Build build;
    private final ProgramThread[] threads;
    private final ProgramThread manager;
    private final RequestLine[] requests;
    private final Interrupts interrupts;
    private final Engine engine;
    private int dbginst0;
    private int dbginst1;

    /**
     * Creates a controller after reset; the manager boots if its build says so.
     *
     * @param port its way to memory and peripherals; its name is the controller's in traces
     * @param events interrupt lines of the events from 0 on, at least one; the last one carries all
     *     events that are left
     * @param abort the line that is high while a thread faults; may be one of the others
     */
    public Pl330(
            Clock clock,
            Trace trace,
            MasterPort port,
            Pl330Build build,
            List<IrqLine> events,
            IrqLine abort) {
        Check.argument(!events.isEmpty(), "%d interrupt lines, wanted one at least", events.size());
        this.build = build;
        String name = port.name();
        this.trace = new ChipTrace(clock, trace, name);
        threads = new ProgramThread[build.channels() + 1];
        for (int i = 0; i < build.channels(); i++) {
            threads[i] = new ProgramThread(i, false, new ChipTrace(clock, trace, name + "." + i));
        }
        manager =
                new ProgramThread(
                        build.channels(), true, new ChipTrace(clock, trace, name + ".manager"));
        threads[build.channels()] = manager;
        manager.nonSecure = build.managerNonSecure();
        requests = new RequestLine[build.peripherals()];
        for (int i = 0; i < requests.length; i++) {
            requests[i] = new RequestLine(name + " request " + i);
        }
        interrupts = new Interrupts(events, abort, build.events());
        InstructionCache cache = new InstructionCache(build.cacheLines(), build.cacheLineBytes());
        Mfifo mfifo = new Mfifo(build.channels(), build.bufferEntries(), build.dataBytes());
        DataPort data = new DataPort(port, mfifo);
        Execution execution =
                new Execution(build, threads, cache, mfifo, data, interrupts, requests);
        engine =
                new Engine(
                        clock, name, threads, cache, mfifo, data, execution, interrupts, requests);
        if (build.boots()) {
            engine.boot(build.bootAddress(), build.managerNonSecure());
        }
    }

    /** As what it was built. */
    public Pl330Build build() {
        return build;
    }

    /**
     * The wires of a peripheral, for it to drive.
     *
     * @param peripheral 0 to the build's peripherals, less one
     */
    public RequestLine request(int peripheral) {
        Check.argument(
                peripheral >= 0 && peripheral < requests.length,
                "no peripheral %d, there are %d",
                peripheral,
                requests.length);
        return requests[peripheral];
    }

    /** Executes each instruction in an event of its own, for the proof that runs change nothing. */
    void executeOneByOne() {
        engine.executeOneByOne();
    }

    @Override
    public boolean tracesAccess(long offset) {
        int at = (int) offset & -Register.BYTES;
        return channelAt(at, Pl330StatusRegister.BASE, STATUS_END, Pl330StatusRegister.STRIDE)
                        != null
                || (Pl330ChannelRegister.MAP.at(inChannel(at)) != null
                        && channelAt(
                                        at,
                                        Pl330ChannelRegister.BASE,
                                        CHANNEL_END,
                                        Pl330ChannelRegister.STRIDE)
                                != null)
                || Pl330Register.MAP.at(at) != null;
    }

    @Override
    protected int readWord(int at) {
        ProgramThread thread =
                channelAt(at, Pl330StatusRegister.BASE, STATUS_END, Pl330StatusRegister.STRIDE);
        if (thread != null) {
            Pl330StatusRegister register =
                    Pl330StatusRegister.MAP.at(at & (Pl330StatusRegister.STRIDE - 1));
            return register == null
                    ? 0
                    : traced(thread.prefix, register, at, readStatus(thread, register));
        }
        thread = channelAt(at, Pl330ChannelRegister.BASE, CHANNEL_END, Pl330ChannelRegister.STRIDE);
        if (thread != null) {
            Pl330ChannelRegister register = Pl330ChannelRegister.MAP.at(inChannel(at));
            return register == null
                    ? 0
                    : traced(thread.prefix, register, at, readChannel(thread, register));
        }
        Pl330Register register = Pl330Register.MAP.at(at);
        return register == null ? 0 : traced("", register, at, readControl(register));
    }

    private static int inChannel(int at) {
        return (at - Pl330ChannelRegister.BASE) & (Pl330ChannelRegister.STRIDE - 1);
    }

    private @Nullable ProgramThread channelAt(int at, int base, int end, int stride) {
        int index = (at - base) / stride;
        return at < base || at >= end || index >= build.channels() ? null : threads[index];
    }

    private int readStatus(ProgramThread thread, Pl330StatusRegister register) {
        return switch (register) {
            case CSR -> {
                int value =
                        Csr.CHANNEL_STATUS.of(engine.stateOf(thread))
                                | Csr.WAKEUP_NUMBER.of(thread.wakeup);
                value = Csr.DMAWFP_PERIPH.with(value, thread.waitedForEither);
                value = Csr.DMAWFP_B_NS.with(value, thread.waitedForBurst);
                yield Csr.CNS.with(value, thread.nonSecure);
            }
            case CPC -> {
                engine.catchUp(thread);
                yield thread.pc;
            }
        };
    }

    private int readChannel(ProgramThread thread, Pl330ChannelRegister register) {
        engine.catchUp(thread);
        return switch (register) {
            case SAR -> thread.sar;
            case DAR -> thread.dar;
            case CCR -> thread.ccr();
            case LC0 -> thread.lc0;
            case LC1 -> thread.lc1;
        };
    }

    private int readControl(Pl330Register register) {
        return switch (register) {
            case DSR ->
                    Dsr.DNS.with(
                            Dsr.DMA_STATUS.of(engine.stateOf(manager))
                                    | Dsr.WAKEUP_EVENT.of(manager.wakeup),
                            manager.nonSecure);
            case DPC -> manager.pc;
            case INTEN -> interrupts.enabled;
            case INT_EVENT_RIS -> interrupts.status();
            case INTMIS -> interrupts.raised;
            case FSRD -> manager.isFaulting() ? 1 : 0;
            case FSRC -> engine.faultingChannels();
            case FTRD -> manager.fault;
            case FTR0, FTR1, FTR2, FTR3, FTR4, FTR5, FTR6, FTR7 -> {
                int index = register.ordinal() - Pl330Register.FTR0.ordinal();
                yield index < build.channels() ? threads[index].fault : 0;
            }
            case DBGSTATUS -> engine.isDebugging() ? 1 : 0;
            case INTCLR, DBGCMD, DBGINST0, DBGINST1 -> 0;
            case CR0 -> build.cr0();
            case CR1 -> build.cr1();
            case CR2 -> build.bootAddress();
            case CR3 -> build.nonSecureEvents();
            case CR4 -> build.nonSecurePeripherals();
            case CRD -> build.crd();
            case WD -> Wd.WD_IRQ_ONLY.with(0, engine.watchdogInterruptsOnly());
            case PERIPH_ID_2 -> PeriphId2.REVISION.with(register.reset(), build.revision());
            case PERIPH_ID_0,
                    PERIPH_ID_1,
                    PERIPH_ID_3,
                    PCELL_ID_0,
                    PCELL_ID_1,
                    PCELL_ID_2,
                    PCELL_ID_3 ->
                    register.reset();
        };
    }

    @Override
    protected void writeWord(int at, int value) {
        Pl330Register register = Pl330Register.MAP.at(at);
        if (register == null) {
            return;
        }
        trace.stored(register, value);
        switch (register) {
            case INTEN -> interrupts.enabled = value & eventMask();
            case INTCLR -> interrupts.clear(value);
            case DBGCMD -> executeDebug(value);
            case DBGINST0 -> dbginst0 = value;
            case DBGINST1 -> dbginst1 = value;
            case WD -> engine.watchdogInterruptsOnly(Wd.WD_IRQ_ONLY.isSet(value));
            default -> {
                // Read-only.
            }
        }
    }

    private int eventMask() {
        return -1 >>> (Integer.SIZE - build.events());
    }

    private void executeDebug(int command) {
        boolean channel = Dbginst0.DEBUG_THREAD.isSet(dbginst0);
        int thread = channel ? Dbginst0.CHANNEL_NUMBER.get(dbginst0) : build.channels();
        if (Dbgcmd.DBGCMD.get(command) != 0
                || engine.isDebugging()
                || (channel && thread >= build.channels())) {
            return;
        }
        engine.debug(
                thread,
                Dbginst0.INSTRUCTION_BYTE_0.get(dbginst0),
                Dbginst0.INSTRUCTION_BYTE_1.get(dbginst0),
                dbginst1);
    }

    private int traced(String prefix, Register register, int at, int value) {
        trace.loaded(prefix, register, at, value);
        return value;
    }
}
