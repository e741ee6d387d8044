package dmakit.kernel.swiotlb;

import static dmakit.kernel.MemoryFixture.GIB;
import static org.assertj.core.api.Assertions.assertThat;

import dmakit.kernel.MemoryFixture;
import dmakit.kernel.device.Device;
import dmakit.kernel.device.DmaRangeMap;
import dmakit.kernel.dma.DmaAttrs;
import dmakit.kernel.dma.DmaDirection;
import dmakit.kernel.log.RateLimit;
import dmakit.kernel.mm.Gfp;
import dmakit.machine.cpu.AddressLayout;
import dmakit.machine.cpu.Cpu;
import dmakit.machine.memory.Ram;
import dmakit.machine.random.Rng;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class BouncerTest {
    private static final DmaDirection TO = DmaDirection.TO_DEVICE;
    private static final DmaDirection FROM = DmaDirection.FROM_DEVICE;
    private static final DmaDirection BOTH = DmaDirection.BIDIRECTIONAL;
    private static final int NONE = DmaAttrs.NONE;
    private static final int SLOT = SwiotlbPool.SLOT_BYTES;
    private static final int SEGMENT = SwiotlbPool.SEGMENT_BYTES;

    private final MemoryFixture kernel =
            MemoryFixture.bouncing("swiotlb=1024", true, -1, new Ram.Bank(0, GIB));
    private final Cpu cpu = kernel.machine.cpu();
    private final Device device = kernel.device();
    private final SwiotlbPool pool = Objects.requireNonNull(kernel.swiotlb.common());
    private final Bouncer bouncer = kernel.swiotlb.of(device);
    private final long phys = kernel.mm.pages().allocPages(Gfp.KERNEL, 8);

    @AfterEach
    void close() {
        kernel.close();
    }

    private void fill(long at, long bytes, int value) {
        cpu.fill(AddressLayout.LINEAR_BASE + at, bytes, (byte) value);
    }

    private int byteAt(long at) {
        return cpu.load8(AddressLayout.LINEAR_BASE + at) & 0xff;
    }

    private List<String> lines() {
        return kernel.lines().stream().filter(line -> line.contains("test0")).toList();
    }

    private long map(long at, long size) {
        return bouncer.map(at, size, 0, BOTH, NONE);
    }

    @Nested
    class AMapping {
        @ParameterizedTest
        @EnumSource(
                value = DmaDirection.class,
                names = {"TO_DEVICE", "FROM_DEVICE", "BIDIRECTIONAL"})
        void beginsAsACopyInEveryDirectionEvenWithoutSync(DmaDirection direction) {
            fill(phys, 300, 1);
            for (int attrs : new int[] {NONE, DmaAttrs.SKIP_CPU_SYNC}) {
                long bounce = bouncer.map(phys, 300, 0, direction, attrs);
                assertThat(pool.holds(bounce)).isTrue();
                assertThat(byteAt(bounce)).isEqualTo(1);
                assertThat(byteAt(bounce + 299)).isEqualTo(1);
                fill(bounce, 300, 0);
                bouncer.unmap(bounce, 300, direction, DmaAttrs.SKIP_CPU_SYNC);
            }
            assertThat(byteAt(phys)).isEqualTo(1);
        }

        @Test
        void comesBackWhereTheDeviceMayWrite() {
            for (DmaDirection direction : List.of(FROM, BOTH, TO)) {
                fill(phys, 300, 1);
                long bounce = bouncer.map(phys, 300, 0, direction, NONE);
                fill(bounce, 300, 2);
                bouncer.unmap(bounce, 300, direction, NONE);
                assertThat(byteAt(phys)).isEqualTo(direction == TO ? 1 : 2);
                assertThat(byteAt(phys + 299)).isEqualTo(direction == TO ? 1 : 2);
            }
            assertThat(pool.usedCount()).isZero();
        }

        @Test
        void isSyncedInParts() {
            fill(phys, 5000, 1);
            long bounce = map(phys, 5000);
            fill(bounce, 5000, 2);
            bouncer.syncForCpu(bounce + 3000, 100, BOTH);
            assertThat(byteAt(phys + 2999)).isEqualTo(1);
            assertThat(byteAt(phys + 3000)).isEqualTo(2);
            assertThat(byteAt(phys + 3099)).isEqualTo(2);
            assertThat(byteAt(phys + 3100)).isEqualTo(1);

            fill(phys, 5000, 3);
            bouncer.syncForDevice(bounce + 2047, 2, BOTH);
            assertThat(byteAt(bounce + 2046)).isEqualTo(2);
            assertThat(byteAt(bounce + 2047)).isEqualTo(3);
            assertThat(byteAt(bounce + 2048)).isEqualTo(3);
            assertThat(byteAt(bounce + 2049)).isEqualTo(2);
            bouncer.unmap(bounce, 5000, BOTH, NONE);
        }

        @Test
        void isSyncedInItsDirectionOnly() {
            fill(phys, 100, 1);
            long bounce = bouncer.map(phys, 100, 0, TO, NONE);
            fill(bounce, 100, 2);
            bouncer.syncForCpu(bounce, 100, TO);
            assertThat(byteAt(phys)).isEqualTo(1);
            bouncer.syncForDevice(bounce, 100, FROM);
            assertThat(byteAt(bounce)).isEqualTo(2);
            bouncer.unmap(bounce, 100, TO, NONE);
        }

        @Test
        void isNeverSyncedBeyondItsEnd() {
            fill(phys, 400, 1);
            long bounce = map(phys, 200);
            fill(bounce, 400, 2);
            bouncer.syncForCpu(bounce + 100, 200, BOTH);
            bouncer.syncForCpu(bounce, 300, BOTH);

            assertThat(byteAt(phys + 199)).isEqualTo(2);
            assertThat(byteAt(phys + 200)).isEqualTo(1);
            assertThat(lines())
                    .hasSize(1)
                    .first()
                    .asString()
                    .endsWith("Buffer overflow detected. Allocation size: 100. Mapping size: 200.");
        }

        @Test
        void isGivenBackWholeWhateverSizeIsSaid() {
            fill(phys, 5000, 1);
            long bounce = map(phys, 5000);
            fill(bounce, 5000, 2);
            bouncer.unmap(bounce, 10, BOTH, NONE);
            assertThat(byteAt(phys + 9)).isEqualTo(2);
            assertThat(byteAt(phys + 10)).isEqualTo(1);
            assertThat(pool.usedCount()).isZero();

            bounce = map(phys, 10);
            fill(bounce, 100, 3);
            bouncer.unmap(bounce, 100, BOTH, NONE);
            assertThat(byteAt(phys + 9)).isEqualTo(3);
            assertThat(byteAt(phys + 10)).isEqualTo(1);
            assertThat(pool.usedCount()).isZero();
        }

        @Test
        void isNoneOutsideOfThePool() {
            fill(phys, 100, 1);
            bouncer.syncForCpu(phys, 100, BOTH);
            bouncer.syncForDevice(phys, 100, BOTH);
            bouncer.unmap(phys, 100, BOTH, NONE);
            bouncer.unmap(pool.start() + pool.size(), 100, BOTH, NONE);
            assertThat(pool.usedCount()).isZero();
        }

        @Test
        void endsOnce() {
            long bounce = map(phys, 100);
            bouncer.unmap(bounce, 100, BOTH, NONE);
            long next = map(phys + 4096, 100);
            fill(phys, 100, 1);
            bouncer.unmap(bounce, 100, BOTH, NONE);
            assertThat(byteAt(phys)).isEqualTo(1);
            assertThat(pool.usedCount()).isEqualTo(1);
            bouncer.unmap(next, 100, BOTH, NONE);
        }
    }

    @Nested
    class LowBits {
        @Test
        void areThoseTheDeviceAsksFor() {
            device.dma().minAlignMask(0x7f);
            fill(phys, 800, 1);
            long bounce = map(phys + 0x1a3, 300);
            assertThat(bounce & 0x7ff).isEqualTo(0x23);
            assertThat(byteAt(bounce + 299)).isEqualTo(1);
            fill(bounce, 300, 2);
            bouncer.syncForCpu(bounce + 10, 20, BOTH);
            assertThat(byteAt(phys + 0x1a3 + 9)).isEqualTo(1);
            assertThat(byteAt(phys + 0x1a3 + 10)).isEqualTo(2);
            bouncer.unmap(bounce, 300, BOTH, NONE);
            assertThat(byteAt(phys + 0x1a2)).isEqualTo(1);
            assertThat(byteAt(phys + 0x1a3)).isEqualTo(2);
            assertThat(pool.usedCount()).isZero();
        }

        @Test
        void countTowardsTheSizeThatHasToFit() {
            device.dma().minAlignMask(0xfff);
            assertThat(bouncer.maxMappingSize()).isEqualTo(SEGMENT - 4096);
            assertThat(map(phys + 0x123, SEGMENT - 0x122)).isEqualTo(Bouncer.NONE);
            assertThat(lines().getFirst()).contains("(sz: %d bytes)".formatted(SEGMENT + 1));
            long bounce = map(phys + 0x123, SEGMENT - 0x123);
            assertThat(bounce & 0xfff).isEqualTo(0x123);
            bouncer.unmap(bounce, SEGMENT - 0x123, BOTH, NONE);
            assertThat(pool.usedCount()).isZero();
        }

        @Test
        void ofAGranuleSkipWholeSlots() {
            device.dma().minAlignMask(0xfff);
            fill(phys, 8192, 1);
            long bounce = bouncer.map(phys + 0xa10, 300, 0xfff, BOTH, NONE);
            assertThat(bounce & 0xfff).isEqualTo(0xa10);
            assertThat(pool.usedCount()).isEqualTo(4096 / SLOT);
            fill(bounce, 300, 2);
            bouncer.unmap(bounce, 300, BOTH, NONE);
            assertThat(byteAt(phys + 0xa0f)).isEqualTo(1);
            assertThat(byteAt(phys + 0xa10)).isEqualTo(2);
            assertThat(byteAt(phys + 0xa10 + 299)).isEqualTo(2);
            assertThat(byteAt(phys + 0xa10 + 300)).isEqualTo(1);
            assertThat(pool.usedCount()).isZero();
        }

        @Test
        void ofAGranuleThatTheDeviceDoesNotAskForAreZero() {
            long bounce = bouncer.map(phys + 0xa10, 300, 0xfff, BOTH, NONE);
            assertThat(bounce & 0xfff).isZero();
            bouncer.unmap(bounce, 300, BOTH, NONE);
        }
    }

    @Nested
    class WhatDoesNotFit {
        @Test
        void isRefusedWithALine() {
            long[] taken = new long[8];
            for (int i = 0; i < taken.length; i++) {
                taken[i] = map(phys, SEGMENT);
            }
            assertThat(map(phys, 1)).isEqualTo(Bouncer.NONE);
            assertThat(lines())
                    .hasSize(1)
                    .first()
                    .asString()
                    .endsWith(
                            "swiotlb buffer is full (sz: 1 bytes), total 1024 (slots), used 1024"
                                    + " (slots)");
            for (long bounce : taken) {
                bouncer.unmap(bounce, SEGMENT, BOTH, NONE);
            }
            assertThat(map(phys, 1)).isNotEqualTo(Bouncer.NONE);
        }

        @Test
        void isALongRunInAPoolWhoseFreeSlotsLieApart() {
            long[] taken = new long[pool.slotCount()];
            for (int i = 0; i < taken.length; i++) {
                taken[i] = map(phys, 1);
            }
            for (int i = 0; i < taken.length; i += 2) {
                bouncer.unmap(taken[i], 1, BOTH, NONE);
            }
            assertThat(map(phys, SLOT + 1)).isEqualTo(Bouncer.NONE);
            assertThat(lines().getLast()).contains("(sz: 2049 bytes)", "used 512 (slots)");
            assertThat(map(phys, SLOT)).isNotEqualTo(Bouncer.NONE);
            for (int i = 1; i < taken.length; i += 2) {
                bouncer.unmap(taken[i], 1, BOTH, NONE);
            }
            assertThat(map(phys, SLOT + 1)).isNotEqualTo(Bouncer.NONE);
            assertThat(pool.usedCount()).isEqualTo(3);
        }

        @Test
        void isRefusedQuietlyWhereThatIsAskedFor() {
            assertThat(bouncer.map(phys, SEGMENT + 1, 0, BOTH, DmaAttrs.NO_WARN))
                    .isEqualTo(Bouncer.NONE);
            assertThat(lines()).isEmpty();
        }

        @Test
        void hasSoManyLinesAndNoMore() {
            for (int i = 0; i < RateLimit.BURST + 5; i++) {
                assertThat(map(phys, SEGMENT + 1)).isEqualTo(Bouncer.NONE);
            }
            assertThat(lines()).hasSize(RateLimit.BURST);
        }

        @ParameterizedTest
        @ValueSource(longs = {SEGMENT + 1, Long.MAX_VALUE, Long.MIN_VALUE, -1})
        void isWhateverIsLongerThanASegment(long size) {
            assertThat(map(phys, size)).isEqualTo(Bouncer.NONE);
            assertThat(bouncer.map(phys + 13, size, 0xfff, BOTH, NONE)).isEqualTo(Bouncer.NONE);
            assertThat(lines()).hasSize(2).allMatch(line -> line.contains("buffer is full"));
            assertThat(pool.usedCount()).isZero();
        }

        @Test
        void isNothingAtAll() {
            assertThat(map(phys, 0)).isEqualTo(Bouncer.NONE);
            assertThat(lines()).hasSize(1).first().asString().contains("0 bytes");
        }

        @Test
        void isEverythingForADeviceWhoseBusDoesNotShowThePool() {
            device.dma()
                    .rangeMap(new DmaRangeMap(List.of(new DmaRangeMap.Range(0, 0, 0x1000_0000))));
            assertThat(map(phys, 1)).isEqualTo(Bouncer.NONE);
            assertThat(lines()).hasSize(1).first().asString().contains("used 0 (slots)");
        }
    }

    @Test
    void whereThereIsNoPoolTheLogSaysSo() {
        try (MemoryFixture other =
                MemoryFixture.bouncing("swiotlb=noforce", true, -1, new Ram.Bank(0, GIB))) {
            Bouncer none = other.swiotlb.of(other.device());
            assertThat(none.isActive()).isFalse();
            assertThat(none.map(0x1000, 1, 0, TO, NONE)).isEqualTo(Bouncer.NONE);
            assertThat(none.holds(0)).isFalse();
            assertThat(other.lines().getLast())
                    .endsWith(
                            "Can not allocate SWIOTLB buffer earlier and can't now provide you with"
                                    + " the DMA bounce buffer");
        }
    }

    @Test
    void noforceUndoesAnEarlierForce() {
        try (MemoryFixture other =
                MemoryFixture.bouncing(
                        "swiotlb=force swiotlb=noforce", true, -1, new Ram.Bank(0, GIB))) {
            assertThat(other.swiotlb.of(other.device()).forcesBounce()).isFalse();
        }
    }

    @Test
    void whereNoMemoryWasFoundForAPoolEverythingThatMustBounceFails() {
        try (MemoryFixture other =
                MemoryFixture.bouncing("swiotlb=1024,force", true, -1, new Ram.Bank(0, 1 << 20))) {
            Bouncer none = other.swiotlb.of(other.device());
            assertThat(none.forcesBounce()).isTrue();
            assertThat(none.isActive()).isFalse();
            assertThat(none.map(0x1000, 1, 0, TO, NONE)).isEqualTo(Bouncer.NONE);
        }
    }

    @Nested
    class ADeviceWithAPoolOfItsOwn {
        private final long region = kernel.mm.pages().allocPages(Gfp.KERNEL, 9);

        private Bouncer restricted() {
            assertThat(kernel.swiotlb.restrict(device, "pool", region, 2L << 20)).isTrue();
            return bouncer;
        }

        @Test
        void bouncesAlwaysAndThere() {
            Bouncer own = restricted();
            assertThat(own.forcesBounce()).isTrue();
            assertThat(own.isForAlloc()).isTrue();
            long bounce = own.map(phys, 100, 0, BOTH, NONE);
            assertThat(bounce).isBetween(region, region + (2L << 20) - 1);
            assertThat(own.holds(pool.start())).isFalse();
            own.unmap(bounce, 100, BOTH, NONE);
            assertThat(pool.usedCount()).isZero();
        }

        @Test
        void takesCoherentMemoryThereInAlignedPages() {
            Bouncer own = restricted();
            long page = own.alloc(4096);
            long three = own.alloc(3 * 4096);
            assertThat(page).isEqualTo(region);
            assertThat(three).isEqualTo(region + 4 * 4096);
            SwiotlbPool mine = kernel.swiotlb.restricted().getFirst();
            assertThat(mine.usedCount()).isEqualTo(8);
            assertThat(own.free(page)).isTrue();
            assertThat(own.free(three)).isTrue();
            assertThat(own.free(phys)).isFalse();
            assertThat(mine.usedCount()).isZero();
        }

        @Test
        void hasNoLongerAllocationThanASegment() {
            Bouncer own = restricted();
            assertThat(own.alloc(SEGMENT + 4096)).isEqualTo(Bouncer.NONE);
            assertThat(own.alloc(0)).isEqualTo(Bouncer.NONE);
            assertThat(own.alloc(SEGMENT)).isEqualTo(region);
        }

        @Test
        void mayShareItWithAnother() {
            restricted();
            Device second = new Device("test1", "platform", null, null);
            assertThat(kernel.swiotlb.restrict(second, "pool", region, 2L << 20)).isTrue();
            assertThat(kernel.swiotlb.restricted()).hasSize(1);
            long first = bouncer.map(phys, 100, 0, TO, NONE);
            assertThat(kernel.swiotlb.of(second).map(phys, 100, 0, TO, NONE))
                    .isEqualTo(first + SLOT);
        }

        @Test
        void goesBackToTheOneOfAllDevices() {
            Bouncer own = restricted();
            kernel.swiotlb.release(device);
            assertThat(own.forcesBounce()).isFalse();
            assertThat(own.isForAlloc()).isFalse();
            assertThat(own.holds(pool.start())).isTrue();
        }

        @Test
        void needsOneOfRam() {
            assertThat(kernel.swiotlb.restrict(device, "pool", GIB, 1 << 20)).isFalse();
            assertThat(kernel.swiotlb.restrict(device, "pool", GIB - 4096, 8192)).isFalse();
            assertThat(kernel.swiotlb.restrict(device, "pool", region + 1, 8192)).isFalse();
            assertThat(kernel.swiotlb.restrict(device, "pool", region, 1024)).isFalse();
            assertThat(bouncer.isForAlloc()).isFalse();
        }
    }

    @Nested
    class RandomSequences {
        /** A mapping, and what its bytes should be: the driver's and the device's copy. */
        private record Mapping(
                long phys, long bounce, int size, DmaDirection direction, byte[] cpu, byte[] bus) {}

        @ParameterizedTest
        @ValueSource(longs = {11, 12, 13, 14, 15, 16})
        void moveTheBytesOfEachMappingAndNoOthers(long seed) {
            Rng rng = new Rng(seed);
            device.dma().minAlignMask((1 << rng.nextInt(13)) - 1);
            List<Mapping> live = new ArrayList<>();
            for (int step = 0; step < 400; step++) {
                if (live.isEmpty() || (live.size() < 32 && rng.oneIn(3))) {
                    begin(rng, live);
                } else {
                    Mapping some = live.get(rng.nextInt(live.size()));
                    switch (rng.nextInt(5)) {
                        case 0 -> store(rng, some);
                        case 1 -> deviceWrites(rng, some);
                        case 2 -> sync(rng, some, true);
                        case 3 -> sync(rng, some, false);
                        default -> end(rng, live, some);
                    }
                }
                live.forEach(this::check);
            }
            while (!live.isEmpty()) {
                end(rng, live, live.getFirst());
            }
            assertThat(pool.usedCount()).isZero();
        }

        private void begin(Rng rng, List<Mapping> live) {
            int size = 1 + rng.nextInt(rng.oneIn(4) ? 20_000 : 3_000);
            // Each has 32 KiB of its own.
            long at = phys + 32_768L * free(live) + rng.nextInt(4096);
            byte[] bytes = new byte[size];
            for (int i = 0; i < size; i++) {
                bytes[i] = (byte) rng.nextInt(256);
            }
            cpu.store(AddressLayout.LINEAR_BASE + at, bytes, 0, size);
            DmaDirection direction = List.of(TO, FROM, BOTH).get(rng.nextInt(3));
            long alignMask = rng.oneIn(4) ? 0xfff : 0;
            long bounce = bouncer.map(at, size, alignMask, direction, DmaAttrs.NO_WARN);
            if (bounce != Bouncer.NONE) {
                live.add(new Mapping(at, bounce, size, direction, bytes, bytes.clone()));
            }
        }

        private long free(List<Mapping> live) {
            for (long place = 0; ; place++) {
                long start = phys + place * 32_768;
                if (live.stream().noneMatch(it -> (it.phys() - start) >>> 15 == 0)) {
                    return place;
                }
            }
        }

        private void store(Rng rng, Mapping to) {
            int at = rng.nextInt(to.size());
            to.cpu()[at] = (byte) rng.nextInt(256);
            cpu.store8(AddressLayout.LINEAR_BASE + to.phys() + at, to.cpu()[at]);
        }

        private void deviceWrites(Rng rng, Mapping to) {
            int at = rng.nextInt(to.size());
            to.bus()[at] = (byte) rng.nextInt(256);
            kernel.bus.store8(kernel.machine.ram().offsetOf(to.bounce() + at), to.bus()[at]);
        }

        private void sync(Rng rng, Mapping of, boolean forCpu) {
            int from = rng.nextInt(of.size());
            int bytes = 1 + rng.nextInt(of.size() - from);
            if (forCpu) {
                bouncer.syncForCpu(of.bounce() + from, bytes, of.direction());
                if (of.direction().isFromDevice()) {
                    System.arraycopy(of.bus(), from, of.cpu(), from, bytes);
                }
            } else {
                bouncer.syncForDevice(of.bounce() + from, bytes, of.direction());
                if (of.direction().isToDevice()) {
                    System.arraycopy(of.cpu(), from, of.bus(), from, bytes);
                }
            }
        }

        private void end(Rng rng, List<Mapping> live, Mapping some) {
            int attrs = rng.oneIn(4) ? DmaAttrs.SKIP_CPU_SYNC : NONE;
            bouncer.unmap(some.bounce(), some.size(), some.direction(), attrs);
            if (some.direction().isFromDevice() && attrs == NONE) {
                System.arraycopy(some.bus(), 0, some.cpu(), 0, some.size());
            }
            assertThat(memory(some.phys(), some.size())).isEqualTo(some.cpu());
            live.remove(some);
        }

        private void check(Mapping it) {
            assertThat(memory(it.phys(), it.size())).isEqualTo(it.cpu());
            assertThat(memory(it.bounce(), it.size())).isEqualTo(it.bus());
        }

        private byte[] memory(long at, int size) {
            byte[] bytes = new byte[size];
            cpu.load(AddressLayout.LINEAR_BASE + at, bytes, 0, size);
            return bytes;
        }
    }
}
