package dmakit.kernel.iommu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmakit.kernel.DmaException;
import dmakit.kernel.Errno;
import dmakit.kernel.device.Device;
import dmakit.kernel.dma.DmaAddr;
import dmakit.kernel.dma.DmaDirection;
import dmakit.kernel.mm.Gfp;
import dmakit.kernel.scatterlist.Scatterlist;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Which segments a device sees of which entries. */
class IommuListsTest {
    private static final DmaDirection BOTH = DmaDirection.BIDIRECTIONAL;
    private static final long TOP = 0x1_0000_0000L;

    private final IommuFixture board = new IommuFixture();
    private final Device device = board.device("/coherent@60001000");
    private final TestDomain domain = board.domain();

    /** 1 MiB, and pages of it that do not lie beside each other: every other one. */
    private final long memory = board.kernel.mm().pages().allocPages(Gfp.KERNEL, 8);

    @AfterEach
    void close() {
        board.close();
    }

    /** One entry: its page, how far in it begins, how long it is. */
    private record Part(int page, int offset, long length) {}

    private static Part part(int page, int offset, long length) {
        return new Part(page, offset, length);
    }

    private Scatterlist list(Part... parts) {
        Scatterlist sg = new Scatterlist(parts.length);
        for (int i = 0; i < parts.length; i++) {
            sg.setPage(i, memory + parts[i].page() * 4096L, parts[i].length(), parts[i].offset());
        }
        return sg;
    }

    /** What the device sees: {@code start+length} of each segment, counted from the top down. */
    private List<String> seen(Scatterlist sg, int segments) {
        List<String> seen = new ArrayList<>();
        for (int i = 0; i < segments; i++) {
            seen.add("-0x%x+0x%x".formatted(TOP - sg.dmaAddress(i), sg.dmaLength(i)));
        }
        return seen;
    }

    private List<String> map(Part... parts) {
        Scatterlist sg = list(parts);
        int segments = board.mapping.mapSg(device, sg, parts.length, BOTH);
        checkReach(sg, segments, parts);
        List<String> seen = seen(sg, segments);
        for (int i = segments; i < parts.length; i++) {
            assertThat(sg.dmaAddress(i)).isEqualTo(DmaAddr.MAPPING_ERROR);
            assertThat(sg.dmaLength(i)).isZero();
        }
        board.mapping.unmapSg(device, sg, parts.length, BOTH);
        assertThat(domain.leaves).isEmpty();
        return seen;
    }

    /** The bytes of all segments, in order, are the bytes of all entries. */
    private void checkReach(Scatterlist sg, int segments, Part... parts) {
        int segment = 0;
        long inSegment = 0;
        for (Part part : parts) {
            for (long at = 0; at < part.length(); ) {
                if (inSegment == sg.dmaLength(segment)) {
                    segment++;
                    inSegment = 0;
                }
                long phys = memory + part.page() * 4096L + part.offset() + at;
                assertThat(domain.iovaToPhys(sg.dmaAddress(segment) + inSegment)).isEqualTo(phys);
                long step = Math.min(sg.dmaLength(segment) - inSegment, 4096 - (phys & 4095));
                step = Math.min(step, part.length() - at);
                at += step;
                inSegment += step;
            }
        }
        assertThat(segment).isLessThan(Math.max(1, segments));
    }

    @Nested
    class Segments {
        @Test
        void wholePagesAreOne() {
            assertThat(map(part(0, 0, 4096), part(2, 0, 4096), part(4, 0, 8192)))
                    .containsExactly("-0x4000+0x4000");
        }

        @Test
        void endWhereAnEntryEndsInsideOfAPage() {
            assertThat(map(part(0, 0, 4096), part(2, 0, 100), part(4, 0, 4096)))
                    .containsExactly("-0x4000+0x1064", "-0x2000+0x1000");
        }

        @Test
        void beginWhereAnEntryBeginsInsideOfAPage() {
            assertThat(map(part(0, 0x80, 0xf80), part(2, 0x10, 0xff0), part(4, 0, 4096)))
                    .containsExactly("-0x3f80+0xf80", "-0x2ff0+0x1ff0");
        }

        @Test
        void ofOneEntryKeepItsOffset() {
            assertThat(map(part(3, 0x123, 10))).containsExactly("-0xedd+0xa");
        }

        @Test
        void offsetsBeyondAPageAreOffsetsInALaterOne() {
            assertThat(map(part(0, 0x2123, 10))).containsExactly("-0xedd+0xa");
        }

        @Test
        void areNoLongerThanTheDeviceTakes() {
            device.dma().maxSegmentSize(8192);
            assertThat(map(part(0, 0, 4096), part(2, 0, 4096), part(4, 0, 4096)))
                    .containsExactly("-0x4000+0x2000", "-0x2000+0x1000");
        }

        @Test
        void areAsLongAsTheirFirstEntryEvenBeyondThat() {
            device.dma().maxSegmentSize(4096);
            assertThat(map(part(0, 0, 12288), part(4, 0, 4096)))
                    .containsExactly("-0x4000+0x3000", "-0x1000+0x1000");
        }
    }

    @Nested
    class Boundaries {
        @Test
        void aSegmentEndsOnOne() {
            device.dma().segmentBoundaryMask(0x1fff);
            assertThat(map(part(0, 0, 4096), part(2, 0, 4096), part(4, 0, 4096)))
                    .containsExactly("-0x4000+0x2000", "-0x2000+0x1000");
        }

        @Test
        void anEntryThatWouldCrossOneStartsOnIt() {
            device.dma().segmentBoundaryMask(0x3fff);
            assertThat(map(part(0, 0, 8192), part(4, 0, 12288)))
                    .as("a hole of two pages keeps the second entry in one segment")
                    .containsExactly("-0x8000+0x2000", "-0x4000+0x3000");
        }

        @Test
        void anEntryThatEndsJustOnOneIsNotMoved() {
            device.dma().segmentBoundaryMask(0x3fff);
            assertThat(map(part(0, 0, 8192), part(4, 0, 8192))).containsExactly("-0x4000+0x4000");
        }

        @Test
        void anEntryThatWouldCrossByAByteIsMoved() {
            device.dma().segmentBoundaryMask(0x1fff);
            assertThat(map(part(0, 0, 4096), part(4, 0, 4097)))
                    .containsExactly("-0x4000+0x1000", "-0x2000+0x1001");
        }

        @Test
        void noneIsTheDefault() {
            assertThat(device.dma().segmentBoundaryMask()).isEqualTo(-1);
            assertThat(map(part(0, 0, 4096 * 8), part(16, 0, 4096 * 8)))
                    .containsExactly("-0x10000+0x10000");
        }
    }

    @Test
    void neighboursInMemoryShareLargePages() {
        board.iommu.domains.getFirst().pageSizes = 0x1000 | 0x4000;
        Scatterlist sg = list(part(0, 0, 8192), part(2, 0, 8192));
        board.mapping.mapSg(device, sg, 2, BOTH);
        assertThat(domain.leaves.values())
                .extracting(TestDomain.Leaf::size)
                .containsExactly(0x4000L);
        board.mapping.unmapSg(device, sg, 2, BOTH);
        assertThat(domain.leaves).isEmpty();
    }

    @Test
    void runsThatAreChainedAreOneList() {
        Scatterlist tail = list(part(4, 0, 4096), part(6, 0, 100), part(8, 0, 50));
        Scatterlist head = new Scatterlist(3);
        head.setPage(0, memory, 4096, 0);
        head.setPage(1, memory + 0x2000, 0x80, 0xf80);
        head.chain(tail);
        int segments = board.mapping.mapSg(device, head, 5, BOTH);
        assertThat(segments).isEqualTo(3);
        assertThat(seen(head, 2)).containsExactly("-0x8000+0x1000", "-0x6080+0x10e4");
        assertThat(seen(tail, 1)).containsExactly("-0x4000+0x32");
        board.mapping.unmapSg(device, head, 5, BOTH);
        assertThat(domain.leaves).isEmpty();
    }

    @Nested
    class Failures {
        private void fails(Errno errno, Scatterlist sg, int nents) {
            assertThatThrownBy(() -> board.mapping.mapSg(device, sg, nents, BOTH))
                    .isInstanceOfSatisfying(
                            DmaException.class, e -> assertThat(e.errno()).isEqualTo(errno));
            assertThat(sg.dmaAddress(0)).isEqualTo(DmaAddr.MAPPING_ERROR);
            assertThat(sg.dmaLength(0)).isZero();
            assertThat(domain.leaves).isEmpty();
        }

        @Test
        void withoutAddressesAreEnomem() {
            device.dma().dmaMask(0x1fff);
            fails(Errno.ENOMEM, list(part(0, 0, 4096), part(2, 0, 4096)), 2);
        }

        @Test
        void withoutPageTablesAreEnomemAndLeaveNothing() {
            domain.leafCountMax = 2;
            Scatterlist sg = list(part(0, 0, 4096), part(2, 0, 4096), part(4, 0, 4096));
            int before = board.iommus.domainOf(device).orElseThrow().space().iovas().rangeCount();
            fails(Errno.ENOMEM, sg, 3);
            domain.leafCountMax = 100;
            assertThat(board.mapping.mapSg(device, sg, 3, BOTH)).isEqualTo(1);
            assertThat(board.iommus.domainOf(device).orElseThrow().space().iovas().rangeCount())
                    .isEqualTo(before + 1);
        }

        @Test
        void ofPhysicalAddressesBeyondTheIommuAreEinval() {
            Scatterlist sg = new Scatterlist(1);
            sg.setPage(0, 1L << 41, 4096, 0);
            assertThat(device.dma().binding().ops().mapSg(sg, 1, BOTH, 0))
                    .isEqualTo(-Errno.EINVAL.number());
        }

        @Test
        void ofEntriesWhosePagesHave4GibAreEinval() {
            Scatterlist sg = new Scatterlist(1);
            sg.setPage(0, 0x4000_0000, 0xffff_f001L, 0);
            assertThat(device.dma().binding().ops().mapSg(sg, 1, BOTH, 0))
                    .isEqualTo(-Errno.EINVAL.number());
        }
    }

    @Test
    void randomListsReachEveryByteAndKeepTheDevicesLimits() {
        SplittableRandom random = new SplittableRandom(7);
        for (int round = 0; round < 500; round++) {
            int longest = 4096 << random.nextInt(5);
            long boundary = random.nextInt(3) == 0 ? -1 : (4096L << random.nextInt(1, 6)) - 1;
            device.dma().maxSegmentSize(longest);
            device.dma().segmentBoundaryMask(boundary);
            Part[] parts = new Part[random.nextInt(1, 12)];
            for (int i = 0; i < parts.length; i++) {
                int offset = random.nextBoolean() ? 0 : random.nextInt(4096);
                int length = random.nextBoolean() ? 4096 : random.nextInt(1, 4097);
                // An entry longer than the boundary crosses it whatever is done.
                length = Math.min(length, 4096 - offset);
                parts[i] = part(random.nextInt(250), offset, length);
            }
            Scatterlist sg = list(parts);
            int segments = board.mapping.mapSg(device, sg, parts.length, BOTH);
            checkReach(sg, segments, parts);
            for (int i = 0; i < segments; i++) {
                long first = sg.dmaAddress(i);
                long last = first + sg.dmaLength(i) - 1;
                assertThat(sg.dmaLength(i)).isLessThanOrEqualTo(longest);
                assertThat(first & ~boundary).as("round %d", round).isEqualTo(last & ~boundary);
            }
            board.mapping.unmapSg(device, sg, parts.length, BOTH);
            assertThat(domain.leaves).isEmpty();
        }
    }
}
