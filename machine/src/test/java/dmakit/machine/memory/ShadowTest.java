package dmakit.machine.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmakit.machine.memory.Shadow.Fault;
import dmakit.machine.memory.Shadow.Lease;
import dmakit.machine.memory.Shadow.Problem;
import dmakit.machine.memory.Shadow.Use;
import dmakit.machine.random.Rng;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class ShadowTest {
    private static final long BASE = 0x4000_0000L;
    private static final long SIZE = 0x2_0000;
    private static final long OBJECT = BASE + 0x1000;

    private final Ram ram = new Ram(List.of(new Ram.Bank(BASE, SIZE)), false);
    private final CpuView cpu = CpuView.withoutEviction(ram);
    private final DeviceView device = new DeviceView(ram, cpu, false, "dma0");
    private final Shadow shadow = ram.shadow();
    private final List<String> heard = new ArrayList<>();

    @BeforeEach
    void begin() {
        shadow.turnOn();
        shadow.watcher(
                new Shadow.Watcher() {
                    @Override
                    public void deviceDataLost(long phys) {
                        heard.add("lost 0x%x".formatted(phys));
                    }

                    @Override
                    public void cpuDataUnseen(long phys, String device) {
                        heard.add("unseen 0x%x by %s".formatted(phys, device));
                    }

                    @Override
                    public void unwrittenRead(long phys, String device) {
                        heard.add("unwritten 0x%x by %s".formatted(phys, device));
                    }

                    @Override
                    public void unorderedRead(long phys, long site, String device) {
                        heard.add("unordered 0x%x of %d by %s".formatted(phys, site, device));
                    }
                });
    }

    @AfterEach
    void end() {
        ram.close();
    }

    private Problem load(long phys, long bytes) {
        return problem(phys, bytes, false);
    }

    private Problem store(long phys, long bytes) {
        return problem(phys, bytes, true);
    }

    private Problem problem(long phys, long bytes, boolean write) {
        Fault fault = shadow.check(phys, bytes, write);
        return fault == null ? null : fault.problem();
    }

    private byte seen(long phys) {
        MemorySegment bytes = shadow.share().segment();
        return bytes.get(ValueLayout.JAVA_BYTE, (phys - BASE) >> Shadow.LG2_GRANULE);
    }

    @Test
    void whileOffNothingIsWrong() {
        try (Ram other = new Ram(List.of(new Ram.Bank(0, 0x1000)), false)) {
            other.shadow().freed(0, 0x1000);
            assertThat(other.shadow().check(0, 8, true)).isNull();
            assertThatThrownBy(() -> other.shadow().share())
                    .isInstanceOf(IllegalStateException.class);
        }
    }

    @Nested
    class AnObject {
        @Test
        void endsAtTheByte() {
            shadow.allocated(OBJECT, 13, 64, true);

            assertThat(load(OBJECT, 13)).isNull();
            assertThat(load(OBJECT + 8, 4)).isNull();
            assertThat(load(OBJECT + 12, 1)).isNull();
            assertThat(load(OBJECT + 13, 1)).isEqualTo(Problem.REDZONE);
            assertThat(store(OBJECT + 12, 2)).isEqualTo(Problem.REDZONE);
            assertThat(store(OBJECT + 16, 8)).isEqualTo(Problem.REDZONE);
            assertThat(load(OBJECT + 64, 1)).isEqualTo(Problem.UNKNOWN);
            assertThat(shadow.check(OBJECT, 64, false).phys()).isEqualTo(OBJECT + 13);
            assertThat(seen(OBJECT)).isEqualTo(Shadow.USABLE);
            assertThat(seen(OBJECT + 8)).isEqualTo((byte) 5);
        }

        @Test
        void isFreedAsAWhole() {
            shadow.allocated(OBJECT, 64, 64, true);
            shadow.freed(OBJECT, 64);

            assertThat(load(OBJECT, 1)).isEqualTo(Problem.FREED);
            assertThat(store(OBJECT + 63, 1)).isEqualTo(Problem.FREED);
        }

        @Test
        void ofWhichNothingIsKnownMayBecomeKnown() {
            assertThat(load(OBJECT, 8)).isEqualTo(Problem.UNKNOWN);

            shadow.pagesFreed(OBJECT + 0x1000, 0x1000);
            shadow.known(OBJECT, 0x2000);

            assertThat(load(OBJECT, 8)).isNull();
            assertThat(load(OBJECT + 0x1000, 8)).isEqualTo(Problem.FREE_PAGE);
        }
    }

    @Nested
    class ALease {
        @BeforeEach
        void allocate() {
            shadow.allocated(OBJECT, 256, 256, true);
        }

        @Test
        void ofAReadingDeviceForbidsStores() {
            Lease lease = shadow.lend(OBJECT, 128, Use.DEVICE_READS, "dma0", 7);

            assertThat(load(OBJECT, 8)).isNull();
            assertThat(store(OBJECT, 8)).isEqualTo(Problem.DEVICE_READS);
            assertThat(store(OBJECT + 128, 8)).isNull();
            assertThat(shadow.check(OBJECT + 8, 8, true))
                    .satisfies(fault -> {
                        assertThat(fault.lease().site()).isEqualTo(7);
                        assertThat(fault.lease().device()).isEqualTo("dma0");
                    });
            assertThat(seen(OBJECT)).isEqualTo(Shadow.READABLE);

            lease.end();
            assertThat(store(OBJECT, 8)).isNull();
            assertThat(seen(OBJECT)).isEqualTo(Shadow.USABLE);
        }

        @Test
        void ofAWritingDeviceForbidsLoadsToo() {
            Lease lease = shadow.lend(OBJECT, 128, Use.DEVICE_WRITES, "dma0", 7);

            assertThat(load(OBJECT + 127, 1)).isEqualTo(Problem.DEVICE_WRITES);
            assertThat(load(OBJECT + 128, 1)).isNull();

            lease.end();
            lease.end();
            assertThat(load(OBJECT + 127, 1)).isNull();
        }

        @Test
        void endsAtTheByte() {
            shadow.lend(OBJECT + 3, 10, Use.DEVICE_WRITES, "dma0", 7);

            assertThat(store(OBJECT, 3)).isNull();
            assertThat(store(OBJECT, 4)).isEqualTo(Problem.DEVICE_WRITES);
            assertThat(store(OBJECT + 13, 3)).isNull();
            assertThat(seen(OBJECT)).isEqualTo(Shadow.ASK);
            assertThat(seen(OBJECT + 8)).isEqualTo(Shadow.ASK);
            assertThat(seen(OBJECT + 16)).isEqualTo(Shadow.USABLE);
        }

        @Test
        void goesBackAndForthInParts() {
            Lease lease = shadow.lend(OBJECT, 256, Use.DEVICE_WRITES, "dma0", 7);

            lease.toCpu(64, 64);
            assertThat(load(OBJECT + 64, 64)).isNull();
            assertThat(load(OBJECT + 63, 1)).isEqualTo(Problem.DEVICE_WRITES);
            assertThat(load(OBJECT + 128, 1)).isEqualTo(Problem.DEVICE_WRITES);

            lease.toCpu(128, 64);
            lease.toDevice(96, 64);
            assertThat(load(OBJECT + 64, 32)).isNull();
            assertThat(load(OBJECT + 96, 1)).isEqualTo(Problem.DEVICE_WRITES);
            assertThat(load(OBJECT + 159, 1)).isEqualTo(Problem.DEVICE_WRITES);
            assertThat(load(OBJECT + 160, 32)).isNull();
            assertThat(load(OBJECT + 192, 1)).isEqualTo(Problem.DEVICE_WRITES);

            lease.toDevice(-64, 1024);
            assertThat(load(OBJECT + 64, 1)).isEqualTo(Problem.DEVICE_WRITES);
            assertThat(load(OBJECT + 256, 1)).isEqualTo(Problem.UNKNOWN);
        }

        @Test
        void leavesWhatOthersHold() {
            Lease first = shadow.lend(OBJECT, 128, Use.DEVICE_READS, "dma0", 1);
            Lease second = shadow.lend(OBJECT, 64, Use.DEVICE_READS, "dma1", 2);
            Lease third = shadow.lend(OBJECT, 64, Use.DEVICE_WRITES, "dma2", 3);

            assertThat(shadow.leasesOf(OBJECT, 1)).containsExactly(third, second, first);
            second.end();
            assertThat(load(OBJECT, 8)).isEqualTo(Problem.DEVICE_WRITES);
            third.end();
            assertThat(load(OBJECT, 8)).isNull();
            assertThat(store(OBJECT + 8, 8)).isEqualTo(Problem.DEVICE_READS);
            first.end();
            assertThat(shadow.leasesOf(OBJECT, 256)).isEmpty();
            assertThat(store(OBJECT + 8, 8)).isNull();
        }

        @Test
        void ofWhatIsNotRamHasNoEffect() {
            Lease lease = shadow.lend(0x1000, 64, Use.DEVICE_WRITES, "dma0", 1);
            lease.toCpu(0, 8);
            lease.end();

            assertThat(shadow.leasesOf(0x1000, 64)).isEmpty();
        }

        @Test
        void tellsByByteWhatAMapOfBytesTells() {
            Rng rng = Rng.named(1, "leases");
            List<Lease> live = new ArrayList<>();
            List<boolean[]> held = new ArrayList<>();
            List<Boolean> writes = new ArrayList<>();
            for (int step = 0; step < 4_000; step++) {
                int from = rng.nextInt(256);
                int length = 1 + rng.nextInt(256 - from);
                switch (rng.nextInt(4)) {
                    case 0 -> {
                        if (live.size() < 6) {
                            boolean write = rng.oneIn(2);
                            Use use = write ? Use.DEVICE_WRITES : Use.DEVICE_READS;
                            live.add(shadow.lend(OBJECT + from, length, use, "d", step));
                            writes.add(write);
                            held.add(new boolean[256]);
                            fill(held.getLast(), from, length, true);
                        }
                    }
                    case 1 -> {
                        if (!live.isEmpty()) {
                            int which = rng.nextInt(live.size());
                            live.remove(which).end();
                            held.remove(which);
                            writes.remove(which);
                        }
                    }
                    default -> {
                        if (!live.isEmpty()) {
                            int which = rng.nextInt(live.size());
                            Lease lease = live.get(which);
                            int start = (int) (lease.phys() - OBJECT);
                            int end = (int) (start + lease.bytes());
                            int first = Math.max(start, from);
                            int stop = Math.min(end, from + length);
                            boolean toCpu = rng.oneIn(2);
                            if (toCpu) {
                                lease.toCpu(from - start, length);
                            } else {
                                lease.toDevice(from - start, length);
                            }
                            fill(held.get(which), first, stop - first, !toCpu);
                        }
                    }
                }
                int at = rng.nextInt(256);
                boolean anyWrites = false;
                boolean any = false;
                for (int i = 0; i < live.size(); i++) {
                    any |= held.get(i)[at];
                    anyWrites |= held.get(i)[at] && writes.get(i);
                }
                assertThat(load(OBJECT + at, 1) != null).as("step %d", step).isEqualTo(anyWrites);
                assertThat(store(OBJECT + at, 1) != null).as("step %d", step).isEqualTo(any);
                if (seen(OBJECT + at) == Shadow.USABLE) {
                    assertThat(any).isFalse();
                }
            }
        }

        private static void fill(boolean[] bytes, int from, int length, boolean value) {
            for (int i = from; i < from + length; i++) {
                bytes[i] = value;
            }
        }
    }

    @Nested
    class BytesNobodyWrote {
        @BeforeEach
        void allocate() {
            shadow.allocated(OBJECT, 64, 64, false);
        }

        @Test
        void areHeardOfWhenADeviceReadsThem() {
            assertThat(load(OBJECT, 8)).isNull();
            cpu.store64(OBJECT - BASE, 1);
            device.load64(OBJECT - BASE + 8);

            assertThat(heard).containsExactly("unwritten 0x40001008 by dma0");
        }

        @Test
        void areWrittenByStoresOfTheCpuOrADevice() {
            cpu.fill(OBJECT - BASE, 24, (byte) 1);
            cpu.clean(OBJECT - BASE, 64);
            device.store32(OBJECT - BASE + 24, 1);
            device.load(OBJECT - BASE, new byte[32], 0, 32);

            assertThat(heard).isEmpty();
        }

        @Test
        void areUnwrittenInACopyToo() {
            long to = OBJECT + 0x803;
            cpu.store8(OBJECT - BASE + 16, (byte) 1);
            copy(OBJECT, to, 64);
            device.load8(to - BASE + 16);
            assertThat(heard).isEmpty();
            device.load8(to - BASE + 63);
            assertThat(heard).containsExactly("unwritten 0x%x by dma0".formatted(to + 63));
        }

        @Test
        void takeThePlaceOfWrittenOnesInWholeGranulesOnly() {
            long to = OBJECT + 0x800;
            shadow.allocated(to, 64, 64, true);
            copy(OBJECT, to + 4, 16);
            device.load8(to - BASE);
            device.load8(to - BASE + 4);
            device.load8(to - BASE + 16);
            assertThat(heard).isEmpty();
            device.load8(to - BASE + 8);
            assertThat(heard).containsExactly("unwritten 0x%x by dma0".formatted(to + 8));
        }

        @Test
        void countAsWrittenBesideOthersInTheCopysGranule() {
            long to = OBJECT + 0x800;
            cpu.store8(OBJECT - BASE + 8, (byte) 1);
            copy(OBJECT, to + 4, 24);
            device.load(to - BASE + 8, new byte[12], 0, 12);
            assertThat(heard).isEmpty();
        }

        @Test
        void comeBackFromACopyWhereNobodyWroteThem() {
            long to = OBJECT + 0x800;
            copy(OBJECT, to, 64);
            cpu.invalidate(to - BASE, 64);
            device.store8(to - BASE + 8, (byte) 1);
            copy(to, OBJECT, 64);
            device.load8(OBJECT - BASE + 8);
            assertThat(heard).isEmpty();
            device.load8(OBJECT - BASE + 16);
            assertThat(heard).containsExactly("unwritten 0x%x by dma0".formatted(OBJECT + 16));
        }

        @Test
        void countAsWrittenInACopyThatOverlapsThem() {
            copy(OBJECT, OBJECT + 8, 48);
            device.load8(OBJECT - BASE + 32);
            assertThat(heard).isEmpty();
        }

        private void copy(long from, long to, long bytes) {
            cpu.copy(from - BASE, to - BASE, bytes);
            cpu.clean(to - BASE, bytes);
        }

        @Test
        void areWrittenByAProcessThatSharesTheShadow() {
            shadow.share()
                    .segment()
                    .set(
                            ValueLayout.JAVA_BYTE,
                            (OBJECT - BASE) >> Shadow.LG2_GRANULE,
                            Shadow.USABLE);
            Lease lease = shadow.lend(OBJECT, 64, Use.DEVICE_READS, "dma0", 1);
            device.load64(OBJECT - BASE);
            assertThat(heard).isEmpty();

            device.load64(OBJECT - BASE + 8);
            lease.end();
            assertThat(heard).hasSize(1);
            assertThat(seen(OBJECT)).isEqualTo(Shadow.USABLE);
            assertThat(seen(OBJECT + 8)).isEqualTo(Shadow.UNWRITTEN);
        }
    }

    @Nested
    class StoresWithoutABarrier {
        private static final long AT = OBJECT - BASE;

        @BeforeEach
        void allocate() {
            shadow.allocated(OBJECT, 4096, 4096, true);
            shadow.unordered(OBJECT + 8, 8, 3);
        }

        @Test
        void areHeardOfOnceWhenADeviceReadsThem() {
            device.load64(AT);
            assertThat(heard).isEmpty();
            device.load(AT, new byte[16], 0, 16);
            device.load64(AT + 8);
            assertThat(heard).containsExactly("unordered 0x40001008 of 3 by dma0");
        }

        @Test
        void areInOrderBehindABarrier() {
            shadow.ordered();
            device.load64(AT + 8);
            assertThat(heard).isEmpty();
        }

        @Test
        void areForgottenBeyondSoMany() {
            for (int i = 1; i <= Shadow.UNORDERED_MAX; i++) {
                shadow.unordered(OBJECT + 8 + 8 * i, 8, 4);
            }
            device.load64(AT + 8);
            assertThat(heard).isEmpty();
            device.load64(AT + 16);
            assertThat(heard).hasSize(1);
        }
    }

    @Nested
    class StaleBytes {
        private static final long AT = OBJECT - BASE;

        @BeforeEach
        void allocate() {
            shadow.allocated(OBJECT, 256, 256, true);
        }

        @Test
        void areThoseADeviceWroteUnderTheCpusCopy() {
            cpu.load64(AT);
            device.store32(AT + 4, 0x1234);

            assertThat(load(OBJECT, 4)).isNull();
            assertThat(load(OBJECT, 8)).isEqualTo(Problem.STALE);
            assertThat(shadow.check(OBJECT, 8, false).phys()).isEqualTo(OBJECT + 4);
            assertThat(load(OBJECT + 8, 8)).isNull();
            assertThat(seen(OBJECT)).isEqualTo(Shadow.STALE);
        }

        @Test
        void areNotThoseWithTheSameValue() {
            cpu.load64(AT);
            device.store64(AT, 0);

            assertThat(load(OBJECT, 8)).isNull();
        }

        @Test
        void areGoneOnceTheLineIsDropped() {
            cpu.load64(AT);
            device.store64(AT, -1);
            cpu.invalidate(AT, 64);

            assertThat(load(OBJECT, 8)).isNull();
            assertThat(seen(OBJECT)).isEqualTo(Shadow.USABLE);
        }

        @Test
        void areGoneWhereTheCpuOverwritesThem() {
            cpu.load64(AT);
            device.store64(AT, -1);
            cpu.store32(AT, 5);

            assertThat(load(OBJECT, 4)).isNull();
            assertThat(load(OBJECT + 4, 4)).isEqualTo(Problem.STALE);
            cpu.store32(AT + 4, 5);
            assertThat(seen(OBJECT)).isEqualTo(Shadow.USABLE);
        }

        @Test
        void areForgottenWhenTheMemoryGetsANewOwner() {
            cpu.store64(AT, 7);
            device.store64(AT, -1);
            shadow.freed(OBJECT, 256);
            shadow.allocated(OBJECT, 256, 256, false);
            cpu.clean(AT, 64);

            assertThat(load(OBJECT, 8)).isNull();
            assertThat(heard).isEmpty();
        }

        @Test
        void areLostWhenADirtyNeighbourIsWrittenBack() {
            cpu.store32(AT, 5);
            device.store32(AT + 8, 6);
            cpu.clean(AT, 64);

            assertThat(heard).containsExactly("lost 0x40001008");
            assertThat(load(OBJECT, 64)).isNull();
        }

        @Test
        void areNotLostByWritingBackTheSameValue() {
            cpu.store32(AT, 5);
            device.store32(AT + 8, 0);
            cpu.clean(AT, 64);

            assertThat(heard).isEmpty();
        }

        @Test
        void doNotComeFromASnoopingDevice() {
            var snooping = new DeviceView(ram, cpu, true, "dma0");
            cpu.store64(AT, 1);
            snooping.store64(AT + 8, 2);

            assertThat(load(OBJECT, 64)).isNull();
            assertThat(heard).isEmpty();
        }
    }

    @Nested
    class BytesThatNeverReachedMemory {
        private static final long AT = OBJECT - BASE;

        @BeforeEach
        void allocate() {
            shadow.allocated(OBJECT, 256, 256, true);
        }

        @Test
        void areHeardOfWhenADeviceReadsThem() {
            cpu.store32(AT + 4, 9);
            device.load64(AT);

            assertThat(heard).containsExactly("unseen 0x40001004 by dma0");
        }

        @Test
        void areNoneWhenTheLineWasCleaned() {
            cpu.store32(AT + 4, 9);
            cpu.clean(AT, 8);
            device.load64(AT);

            assertThat(heard).isEmpty();
        }

        @Test
        void areNotTheNeighbours() {
            cpu.store32(AT + 8, 9);
            device.load64(AT);

            assertThat(heard).isEmpty();
        }

        @Test
        void areNotThoseTheDeviceItselfWroteLater() {
            cpu.store64(AT + 8, 9);
            device.store64(AT + 8, 10);
            device.load64(AT + 8);

            assertThat(heard).isEmpty();
        }
    }
}
