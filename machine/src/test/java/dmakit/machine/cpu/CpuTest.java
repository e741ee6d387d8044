package dmakit.machine.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmakit.machine.Machine;
import dmakit.machine.bus.Target;
import dmakit.machine.irq.InterruptController;
import dmakit.machine.irq.IrqLine;
import dmakit.machine.memory.Ram;
import dmakit.machine.time.Alarm;
import dmakit.machine.trace.TraceEvent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class CpuTest {
    private static final long LINEAR = AddressLayout.LINEAR_BASE;
    private static final long VMALLOC = AddressLayout.VMALLOC_BASE;
    private static final long USER = AddressLayout.USER_BASE;
    private static final long REGISTERS = 0x3f00_0000;
    private static final CostTable COST = CostTable.CORTEX_A53;

    private final Machine machine =
            new Machine(
                    new Machine.Config(
                            List.of(
                                    new Ram.Bank(0, 0x1_0000),
                                    new Ram.Bank(0x1_0000, 0x1_0000),
                                    new Ram.Bank(0x8_0000, 0x1_0000)),
                            false,
                            new Machine.Cache.None(),
                            COST,
                            1));
    private final Cpu cpu = machine.cpu();
    private final Chip chip = new Chip();

    CpuTest() {
        machine.bus().attach("chip", REGISTERS, 0x20, chip);
        cpu.kernelTable().map(VMALLOC, REGISTERS, 0x1000, MemoryType.DEVICE);
        cpu.kernelTable().map(VMALLOC + 0x1000, 0x1000, 0x2000, MemoryType.WRITE_COMBINE);
        cpu.kernelTable().map(VMALLOC + 0x4000, 0x8000, 0x1000, MemoryType.WRITE_BACK);
        cpu.kernelTable().map(VMALLOC + 0x5000, 0x3000, 0x1000, MemoryType.WRITE_BACK);
        cpu.kernelTable().map(VMALLOC + 0x6000, 0x9000_0000L, 0x1000, MemoryType.WRITE_BACK);
        cpu.kernelTable().map(VMALLOC + 0x7000, 0x9000_0000L, 0x1000, MemoryType.DEVICE);
        cpu.kernelTable().map(VMALLOC + 0x8000, 0x4000, 0x1000, MemoryType.DEVICE);
    }

    @AfterEach
    void close() {
        machine.close();
    }

    /** Registers that hold what is stored; the first two have names. */
    private static final class Chip implements Target {
        final List<String> stores = new ArrayList<>();
        long answer;

        @Override
        public long read(long offset, int bytes) {
            return answer;
        }

        @Override
        public void write(long offset, int bytes, long value) {
            stores.add(bytes + "@" + offset + "=" + Long.toHexString(value));
        }

        @Override
        public String registerName(long offset) {
            return offset == 4 ? "STATUS" : Target.super.registerName(offset);
        }

        @Override
        public boolean tracesAccess(long offset) {
            return offset == 12;
        }
    }

    @Nested
    class Memory {
        @Test
        void linearAndMappedAddressesReachTheSameBytes() {
            cpu.store64(LINEAR + 0x8ff8, 0x1122_3344_5566_7788L);
            assertThat(cpu.load64(VMALLOC + 0x4ff8)).isEqualTo(0x1122_3344_5566_7788L);
            assertThat(cpu.physOf(VMALLOC + 0x4ff8)).isEqualTo(0x8ff8);
            assertThat(cpu.physOf(LINEAR + 0x8ff8)).isEqualTo(0x8ff8);
        }

        @Test
        void anAccessAcrossPagesReachesBoth() {
            cpu.store64(VMALLOC + 0x4ffd, 0x1122_3344_5566_7788L);
            assertThat(cpu.load64(VMALLOC + 0x4ffd)).isEqualTo(0x1122_3344_5566_7788L);
            assertThat(cpu.load16(LINEAR + 0x8ffd)).isEqualTo((short) 0x7788);
            assertThat(cpu.load32(LINEAR + 0x3000)).isEqualTo(0x2233_4455 >>> 0);
        }

        @Test
        void everyWidthKeepsItsBytes() {
            for (long va : new long[] {LINEAR + 0x100, VMALLOC + 0x1100, VMALLOC + 0x4100}) {
                cpu.store64(va, -1);
                cpu.store8(va, (byte) 0x81);
                cpu.store16(va + 2, (short) 0x8283);
                cpu.store32(va + 4, 0x8485_8687);
                assertThat(cpu.load64(va)).isEqualTo(0x8485_8687_8283_ff81L);
                assertThat(cpu.load8(va)).isEqualTo((byte) 0x81);
                assertThat(cpu.load16(va + 2)).isEqualTo((short) 0x8283);
                assertThat(cpu.load32(va + 4)).isEqualTo(0x8485_8687);
            }
        }

        @Test
        void bulkAccessesCrossAdjacentBanksAndPages() {
            byte[] bytes = new byte[0x1800];
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] = (byte) (i * 13);
            }
            byte[] back = new byte[bytes.length];
            for (long va : new long[] {LINEAR + 0xf800, VMALLOC + 0x1400, VMALLOC + 0x4400}) {
                cpu.store(va, bytes, 0, bytes.length);
                cpu.load(va, back, 0, back.length);
                assertThat(back).isEqualTo(bytes);
            }
            assertThat(cpu.load64(LINEAR + 0xfffc)).isEqualTo(cpu.load64(VMALLOC + 0x1400 + 0x7fc));
        }

        @Test
        void fillReachesEveryByteOfTheRangeAndNoOther() {
            for (long va : new long[] {LINEAR + 0xf801, VMALLOC + 0x1401, VMALLOC + 0x4401}) {
                cpu.fill(va, 0x1000, (byte) 9);
                assertThat(cpu.load8(va - 1)).isZero();
                assertThat(cpu.load8(va)).isEqualTo((byte) 9);
                assertThat(cpu.load8(va + 0xfff)).isEqualTo((byte) 9);
                assertThat(cpu.load8(va + 0x1000)).isZero();
            }
        }

        @Test
        void ramMappedAsADeviceIsReachedPastTheCaches() {
            cpu.store32(LINEAR + 0x4000, 5);
            assertThat(cpu.load32(VMALLOC + 0x8000)).isZero();
            cpu.store32(VMALLOC + 0x8000, 6);
            assertThat(cpu.load32(VMALLOC + 0x8000)).isEqualTo(6);
        }

        @Test
        void userAddressesReachTheTableOfTheProcess() {
            PageTable table = new PageTable(USER, AddressLayout.USER_SIZE);
            table.map(USER, 0x5000, 0x1000, MemoryType.WRITE_BACK);
            assertThatThrownBy(() -> cpu.load8(USER)).isInstanceOf(CpuFault.class);
            cpu.userTable(table);
            cpu.store8(USER, (byte) 3);
            cpu.userTable(null);
            assertThat(cpu.load8(LINEAR + 0x5000)).isEqualTo((byte) 3);
            assertThatThrownBy(() -> cpu.load8(USER)).isInstanceOf(CpuFault.class);
        }
    }

    @Nested
    class Faults {
        private void expect(String message, Runnable access) {
            assertThatThrownBy(access::run).isInstanceOf(CpuFault.class).hasMessage(message);
        }

        @Test
        void wherePagesAreMissing() {
            expect(
                    "page fault on load from virtual address 0x200000009000",
                    () -> cpu.load32(VMALLOC + 0x9000));
            expect("page fault on store to virtual address 0x10", () -> cpu.store8(0x10, (byte) 1));
            expect(
                    "page fault on load from virtual address 0x100000020000",
                    () -> cpu.load8(LINEAR + 0x2_0000));
            expect(
                    "page fault on load from virtual address 0xffffffffffffffff",
                    () -> cpu.load8(-1));
        }

        @Test
        void whereNothingAnswers() {
            expect(
                    "external abort at phys:0x90000010 on load from virtual address 0x200000006010",
                    () -> cpu.load32(VMALLOC + 0x6010));
            expect(
                    "external abort at phys:0x90000010 on store to virtual address 0x200000007010",
                    () -> cpu.store32(VMALLOC + 0x7010, 1));
            expect(
                    "external abort at phys:0x3f000020 on load from virtual address 0x200000000020",
                    () -> cpu.load32(VMALLOC + 0x20));
        }

        @Test
        void whereARegisterIsAccessedUnaligned() {
            expect(
                    "alignment fault on load from virtual address 0x200000000002",
                    () -> cpu.load32(VMALLOC + 2));
            expect(
                    "alignment fault on store to virtual address 0x200000000ffc",
                    () -> cpu.store64(VMALLOC + 0xffc, 1));
            assertThat(chip.stores).isEmpty();
        }

        @Test
        void whereBulkAccessesMeetRegisters() {
            expect(
                    "bulk access to what is not RAM at phys:0x3f000000 on store to virtual address"
                            + " 0x200000000000",
                    () -> cpu.fill(VMALLOC, 4, (byte) 1));
        }

        @Test
        void atTheFirstByteThatIsMissingAfterThoseBeforeIt() {
            byte[] bytes = new byte[16];
            java.util.Arrays.fill(bytes, (byte) 7);
            assertThatThrownBy(() -> cpu.store(LINEAR + 0x1_fff8, bytes, 0, 16))
                    .isInstanceOfSatisfying(
                            CpuFault.class,
                            fault -> {
                                assertThat(fault.address()).isEqualTo(LINEAR + 0x2_0000);
                                assertThat(fault.isWrite()).isTrue();
                            });
            assertThat(cpu.load8(LINEAR + 0x1_ffff)).isEqualTo((byte) 7);
        }

        @Test
        void beforeAnyByteOfAStoreAcrossPagesIsStored() {
            assertThatThrownBy(() -> cpu.store64(VMALLOC + 0x2ffc, -1))
                    .isInstanceOf(CpuFault.class);
            assertThat(cpu.load32(VMALLOC + 0x2ffc)).isZero();
        }
    }

    @Nested
    class Registers {
        @Test
        void storesArriveZeroExtendedAtTheirWidth() {
            cpu.store8(VMALLOC + 1, (byte) -1);
            cpu.store16(VMALLOC + 2, (short) -2);
            cpu.store32(VMALLOC + 4, -3);
            cpu.store64(VMALLOC + 8, -4);
            assertThat(chip.stores)
                    .containsExactly("1@1=ff", "2@2=fffe", "4@4=fffffffd", "8@8=fffffffffffffffc");
        }

        @Test
        void loadsKeepTheLowBytesOfTheAnswer() {
            chip.answer = -1;
            assertThat(cpu.load8(VMALLOC)).isEqualTo((byte) -1);
            assertThat(cpu.load32(VMALLOC)).isEqualTo(-1);
            chip.answer = 0x1_2345_6789L;
            assertThat(cpu.load32(VMALLOC)).isEqualTo(0x2345_6789);
        }

        @Test
        void accessesAreTracedByTheManualsName() {
            List<TraceEvent> seen = new ArrayList<>();
            machine.trace().addSink(seen::add);
            chip.answer = -1;
            cpu.load32(VMALLOC + 4);
            cpu.store32(VMALLOC + 8, -3);
            int afterLoad = COST.access() + COST.registerRead();
            assertThat(seen)
                    .containsExactly(
                            new TraceEvent.RegisterAccess(
                                    afterLoad, "chip", "STATUS", 4, 4, 0xffff_ffffL, false),
                            new TraceEvent.RegisterAccess(
                                    afterLoad + COST.access(),
                                    "chip",
                                    "0x8",
                                    8,
                                    4,
                                    0xffff_fffdL,
                                    true));
        }

        @Test
        void whatAChipReportsItselfIsNotReportedTwice() {
            List<TraceEvent> seen = new ArrayList<>();
            machine.trace().addSink(seen::add);
            cpu.load32(VMALLOC + 12);
            cpu.store32(VMALLOC + 12, 1);
            assertThat(seen).isEmpty();
        }

        @Test
        void watchingChangesNothing() {
            cpu.load32(VMALLOC + 4);
            long unwatched = machine.clock().now();
            machine.trace().addSink(_ -> {});
            cpu.load32(VMALLOC + 4);
            assertThat(machine.clock().now()).isEqualTo(2 * unwatched);
        }
    }

    @Nested
    class Time {
        @Test
        void everyAccessTakesItsCost() {
            cpu.load32(LINEAR);
            assertThat(machine.clock().now()).isEqualTo(COST.access());
            cpu.load32(VMALLOC + 0x1000);
            assertThat(machine.clock().now()).isEqualTo(2 * COST.access() + COST.uncachedAccess());
            assertThat(cpu.busyPs()).isEqualTo(machine.clock().now());
            assertThat(cpu.idlePs()).isZero();
        }

        @Test
        void maintenanceCostsByTheLineAndAnswersHowMany() {
            cpu.fill(LINEAR + 0x100, 100, (byte) 1);
            long before = machine.clock().now();
            assertThat(cpu.clean(0x100, 65)).isEqualTo(2);
            assertThat(machine.clock().now() - before).isEqualTo(2 * COST.cleanLine());
            assertThat(cpu.invalidate(0x13f, 2)).isEqualTo(2);
            assertThat(cpu.clean(0x9000_0000L, 64)).isZero();
        }

        @Test
        void maintenanceIsTraced() {
            cpu.fill(LINEAR + 0x100, 100, (byte) 1);
            List<TraceEvent> seen = new ArrayList<>();
            machine.trace().addSink(seen::add);
            cpu.clean(0x100, 65);
            assertThat(seen)
                    .containsExactly(
                            new TraceEvent.CacheMaintenance(
                                    machine.clock().now(), "clean", 0x100, 65, 2));
        }

        @Test
        void idlingJumpsToTheNextEventOrSaysThatNoneComes() {
            assertThat(cpu.idle()).isFalse();
            machine.clock().setAt(new Alarm("event", () -> {}), 500);
            assertThat(cpu.idle()).isTrue();
            assertThat(cpu.idlePs()).isEqualTo(500);
            assertThat(cpu.busyPs()).isZero();
        }
    }

    @Nested
    class Interrupts {
        private final InterruptController lines = machine.interrupts();
        private final List<String> taken = new ArrayList<>();

        Interrupts() {
            cpu.onInterrupt(() -> {
                taken.add(lines.claim() + (cpu.interruptsEnabled() ? " enabled" : ""));
                lines.line(lines.claim()).set(false);
            });
        }

        private void letTimePass() {
            for (int i = 0; i < 100; i++) {
                cpu.spend(100_000);
            }
        }

        @Test
        void areTakenDisabledWhileTimePasses() {
            lines.line(3).set(true);
            assertThat(taken).isEmpty();
            letTimePass();
            assertThat(taken).containsExactly("3");
            assertThat(cpu.interruptsEnabled()).isTrue();
        }

        @Test
        void waitWhileDisabledAndAreTakenOnRestore() {
            boolean before = cpu.disableInterrupts();
            lines.line(3).set(true);
            letTimePass();
            boolean inner = cpu.disableInterrupts();
            cpu.restoreInterrupts(inner);
            assertThat(taken).isEmpty();
            cpu.restoreInterrupts(before);
            assertThat(taken).containsExactly("3");
        }

        @Test
        void wakeAnIdleCpuEvenOneThatSleptWithThemDisabled() {
            cpu.disableInterrupts();
            lines.line(3).set(true);
            while (taken.isEmpty()) {
                assertThat(cpu.idle()).isTrue();
            }
            assertThat(cpu.interruptsEnabled()).isTrue();
        }

        @Test
        void areEnabledAgainBehindATaskSwitch() {
            cpu.disableInterrupts();
            long before = machine.clock().now();
            cpu.switchTask();
            assertThat(cpu.interruptsEnabled()).isTrue();
            assertThat(machine.clock().now() - before).isEqualTo(COST.taskSwitch());
        }

        @Test
        void areEnabledAgainAfterAHandlerThatFails() {
            cpu.onInterrupt(() -> {
                throw new IllegalStateException("handler");
            });
            lines.line(3).set(true);
            assertThatThrownBy(this::letTimePass).hasMessage("handler");
            assertThat(cpu.interruptsEnabled()).isTrue();
        }
    }

    @Test
    void anInterruptNobodyTakesDoesNotKeepAnIdleCpuBusy() {
        machine.interrupts().line(3).set(true);
        assertThat(cpu.idle()).isTrue();
        assertThat(cpu.idle()).isFalse();
    }

    @Nested
    class Purposes {
        private long spent(Purpose on) {
            return cpu.spentPs(on);
        }

        @Test
        void allOfThemTogetherAreTheTimeTheCpuWasBusy() {
            cpu.load64(LINEAR);
            cpu.clean(0, 4096);
            Purpose before = cpu.begin(Purpose.BOUNCE);
            cpu.fill(LINEAR, 4096, (byte) 1);
            cpu.end(before);
            cpu.switchTask();
            assertThat(Arrays.stream(Purpose.values()).mapToLong(this::spent).sum())
                    .isEqualTo(cpu.busyPs());
            assertThat(spent(Purpose.CODE)).isEqualTo(COST.access());
            assertThat(spent(Purpose.CACHE)).isEqualTo(64L * COST.cleanLine());
            assertThat(spent(Purpose.BOUNCE)).isEqualTo(COST.access() + 64L * COST.copyLine());
            assertThat(spent(Purpose.SWITCH)).isEqualTo(COST.taskSwitch());
        }

        @Test
        void whatIsDoneOnTheWayToOneBelongsToIt() {
            Purpose before = cpu.begin(Purpose.IOMMU_UNMAP);
            Purpose inner = cpu.begin(Purpose.POLL);
            cpu.spend(100);
            cpu.clean(0, 64);
            cpu.end(inner);
            cpu.spend(10);
            cpu.end(before);
            assertThat(spent(Purpose.IOMMU_UNMAP)).isEqualTo(110 + COST.cleanLine());
            assertThat(spent(Purpose.POLL)).isZero();
            assertThat(spent(Purpose.CACHE)).isZero();
        }

        @Test
        void anInterruptIsItsOwnAndWhatItInterruptedGoesOn() {
            IrqLine line = machine.interrupts().line(3);
            cpu.onInterrupt(() -> {
                machine.interrupts().claim();
                line.set(false);
                cpu.spend(5);
                cpu.clean(0, 64);
            });
            Purpose before = cpu.begin(Purpose.WORDS);
            line.set(true);
            cpu.spend(2_000_000);
            cpu.spend(7);
            cpu.end(before);
            assertThat(spent(Purpose.INTERRUPT)).isEqualTo(COST.interruptEntry() + 5);
            assertThat(spent(Purpose.CACHE)).isEqualTo(COST.cleanLine());
            assertThat(spent(Purpose.WORDS)).isEqualTo(2_000_007);
        }

        @Test
        void copiesAreCountedBesides() {
            cpu.fill(LINEAR, 4096, (byte) 1);
            cpu.copy(0, 8192, 100);
            cpu.copy(0, 4096, 28);
            assertThat(cpu.copiedBytes()).isEqualTo(128);
        }

        @Test
        void registersAreCountedBesides() {
            cpu.load32(VMALLOC);
            cpu.store32(VMALLOC, 1);
            cpu.load32(LINEAR);
            assertThat(cpu.registerPs()).isEqualTo(COST.registerRead() + COST.registerWrite());
        }
    }
}
