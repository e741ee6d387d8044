package dmakit.hardware.vtd;

import dmakit.datasheet.vtd.ContextEntry;
import dmakit.datasheet.vtd.ContextInvalidation;
import dmakit.datasheet.vtd.FaultReason;
import dmakit.datasheet.vtd.FaultRecord;
import dmakit.datasheet.vtd.InvalidationWait;
import dmakit.datasheet.vtd.IotlbInvalidation;
import dmakit.datasheet.vtd.VtdRegister;
import dmakit.datasheet.vtd.VtdRegister.EventControl;
import dmakit.datasheet.vtd.VtdRegister.Gcmd;
import dmakit.machine.Machine;
import dmakit.machine.bus.BusAnswer;
import dmakit.machine.bus.MasterPort;
import dmakit.machine.bus.Target;
import dmakit.machine.bus.Translation;
import dmakit.machine.bus.Windows;
import dmakit.machine.cpu.CostTable;
import dmakit.machine.memory.DeviceView;
import dmakit.machine.memory.Ram;
import java.util.ArrayList;
import java.util.List;

/**
 * A unit in front of functions 00:01.0 and 00:02.0, with 16 MiB of RAM. Root table, context table
 * and queue lie at fixed places; tables are made from {@link #TABLES} on.
 */
final class VtdBench implements AutoCloseable {
    static final long RAM_BYTES = 16 << 20;
    static final long ROOT = 0x1000;
    static final long CONTEXTS = 0x2000;
    static final long QUEUE = 0x3000;
    static final long STATUS = 0x4000;
    static final long TABLES = 0x10_0000;
    static final int FIRST = 0x08;
    static final int SECOND = 0x10;
    static final int R = 1;
    static final int W = 2;
    static final int LARGE = 0x80;

    final Machine machine =
            new Machine(
                    new Machine.Config(
                            List.of(new Ram.Bank(0, RAM_BYTES)),
                            true,
                            new Machine.Cache.None(),
                            CostTable.CORTEX_A53,
                            1));
    final Vtd unit;
    final MasterPort first;
    final MasterPort second;

    /** Data of messages to the local APIC. */
    final List<Integer> messages = new ArrayList<>();

    private final DeviceView view = new DeviceView(machine.ram(), machine.caches(), true);
    private long nextTable = TABLES;
    private int tail;

    VtdBench() {
        unit =
                new Vtd(
                        machine.clock(),
                        machine.trace(),
                        "dmar0",
                        machine.ram(),
                        view,
                        machine.bus().master("dmar0", Windows.IDENTITY, true));
        first = machine.bus().master("first", stream(FIRST), true);
        second = machine.bus().master("second", stream(SECOND), true);
        machine.bus()
                .attach(
                        "lapic",
                        Stream.INTERRUPTS,
                        Stream.INTERRUPTS_BYTES,
                        new Target() {
                            @Override
                            public long read(long offset, int bytes) {
                                return 0;
                            }

                            @Override
                            public void write(long offset, int bytes, long value) {
                                messages.add((int) value);
                            }
                        });
    }

    Translation stream(int sourceId) {
        return unit.stream(sourceId, Windows.IDENTITY);
    }

    // Registers.

    int readl(VtdRegister register) {
        return (int) unit.read(register.offset(), 4);
    }

    void writel(VtdRegister register, int value) {
        unit.write(register.offset(), 4, value & 0xffff_ffffL);
    }

    void writeq(VtdRegister register, long value) {
        unit.write(register.offset(), 8, value);
    }

    int record(int index, FaultRecord word) {
        return (int)
                unit.read(VtdRegister.FAULT_RECORDS + index * FaultRecord.SIZE + word.offset(), 4);
    }

    void clearRecord(int index) {
        unit.write(
                VtdRegister.FAULT_RECORDS + index * FaultRecord.SIZE + FaultRecord.REASON.offset(),
                4,
                FaultRecord.Reason.F.mask() & 0xffff_ffffL);
    }

    /** The reason a record holds. */
    FaultReason reason(int index) {
        return FaultReason.of(FaultRecord.Reason.FR.get(record(index, FaultRecord.REASON)));
    }

    /** Lets a microsecond pass for each of so many commands. */
    void pass(int micros) {
        machine.clock().advanceBy(micros * 1_000_000L);
    }

    // Memory.

    void store64(long phys, long value) {
        view.store64(machine.ram().offsetOf(phys), value);
    }

    long load64(long phys) {
        return view.load64(machine.ram().offsetOf(phys));
    }

    int load32(long phys) {
        return view.load32(machine.ram().offsetOf(phys));
    }

    long newTable() {
        nextTable += 0x1000;
        return nextTable - 0x1000;
    }

    /** Enters a page of a level, with the tables above it; answers where its entry is. */
    long map(long root, int levels, long address, int level, long entry) {
        long table = root;
        for (int above = levels; above > level; above--) {
            long at = entryAt(table, above, address);
            if ((load64(at) & (R | W)) == 0) {
                store64(at, newTable() | R | W);
            }
            table = load64(at) & -0x1000L;
        }
        long at = entryAt(table, level, address);
        store64(at, entry);
        return at;
    }

    static long entryAt(long table, int level, long address) {
        return table + ((address >>> (12 + 9 * (level - 1))) & 511) * 8;
    }

    /** Gives a function tables. */
    void context(int sourceId, long table, int levels, int domain) {
        long at = CONTEXTS + (sourceId & 0xff) * (long) ContextEntry.SIZE;
        store64(at, table | 1);
        store64(at + 8, ((long) domain << 8) | (levels - ContextEntry.LEVELS_OF_AW_0));
    }

    // Beginning.

    /** With root and context tables, the queue, and unmasked faults of vector 0x21. */
    VtdBench start() {
        store64(ROOT, CONTEXTS | 1);
        writeq(VtdRegister.IQA, QUEUE);
        writeq(VtdRegister.RTADDR, ROOT);
        writel(VtdRegister.GCMD, Gcmd.SRTP.mask() | Gcmd.QIE.mask());
        pass(1);
        writel(VtdRegister.FEDATA, 0x21);
        writel(VtdRegister.FEADDR, (int) Stream.INTERRUPTS);
        writel(VtdRegister.FECTL, EventControl.IM.of(0));
        writel(VtdRegister.GCMD, Gcmd.TE.mask() | Gcmd.QIE.mask());
        pass(1);
        return this;
    }

    // The queue.

    void submit(long low, long high) {
        put(low, high);
        ring();
    }

    void put(long low, long high) {
        store64(QUEUE + tail, low);
        store64(QUEUE + tail + 8, high);
        tail = (tail + 16) & 0xfff;
    }

    void ring() {
        writel(VtdRegister.IQT, tail);
    }

    void forgetContexts() {
        submit(
                ContextInvalidation.Command.TYPE.of(ContextInvalidation.TYPE)
                        | ContextInvalidation.Command.G.of(ContextInvalidation.GLOBAL),
                0);
        pass(1);
    }

    void forgetIotlb() {
        submit(
                IotlbInvalidation.Command.TYPE.of(IotlbInvalidation.TYPE)
                        | IotlbInvalidation.Command.G.of(IotlbInvalidation.GLOBAL),
                0);
        pass(1);
    }

    void forgetDomain(int domain) {
        submit(
                IotlbInvalidation.Command.TYPE.of(IotlbInvalidation.TYPE)
                        | IotlbInvalidation.Command.G.of(IotlbInvalidation.DOMAIN)
                        | IotlbInvalidation.Command.DID.of(domain),
                0);
        pass(1);
    }

    void forgetPages(int domain, long address, int lg2Pages) {
        submit(
                IotlbInvalidation.Command.TYPE.of(IotlbInvalidation.TYPE)
                        | IotlbInvalidation.Command.G.of(IotlbInvalidation.PAGES)
                        | IotlbInvalidation.Command.DID.of(domain),
                address | lg2Pages);
        pass(1);
    }

    /** A wait descriptor that writes a status. */
    void await(long statusAt, int status) {
        submit(
                InvalidationWait.Command.TYPE.of(InvalidationWait.TYPE)
                        | InvalidationWait.Command.SW.of(1)
                        | ((long) status << 32),
                statusAt);
    }

    // Functions.

    /** Whether a function may read or write 8 bytes; a refusal is recorded. */
    static boolean reaches(MasterPort master, long address, boolean write) {
        byte[] bytes = new byte[8];
        BusAnswer answer =
                write
                        ? master.write(address, bytes, 0, bytes.length)
                        : master.read(address, bytes, 0, bytes.length);
        return answer.isDone();
    }

    @Override
    public void close() {
        machine.close();
    }
}
