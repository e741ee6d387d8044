package dmakit.kernel.iommu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.device.Device;
import dmakit.kernel.mm.Gfp;
import dmakit.kernel.scatterlist.Scatterlist;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class IommuDomainTest {
    private static final int RW = IommuProt.READ | IommuProt.WRITE;
    private static final long PAGE = TestDomain.PAGE;
    private static final long BLOCK = TestDomain.BLOCK;

    private final IommuFixture board = new IommuFixture();
    private final Device device = board.device("/engine@60000000");
    private final IommuDomain domain = board.iommus.allocDomain(device);
    private final TestDomain tables = board.domain();

    @AfterEach
    void close() {
        board.close();
    }

    private int map(long iova, long phys, long size) {
        return domain.tryMap(iova, phys, size, RW, Gfp.KERNEL);
    }

    @Nested
    class Mapping {
        @Test
        void leadsToPhysicalMemoryWithTheOffset() {
            domain.map(0x10000, 0x400000, 3 * PAGE, RW, Gfp.KERNEL);
            assertThat(domain.iovaToPhys(0x12345)).isEqualTo(0x402345);
            assertThat(domain.iovaToPhys(0x13000)).isZero();
            assertThat(tables.leaves).hasSize(3);
        }

        @Test
        void takesTheLargestPagesThatFitBothAddresses() {
            assertThat(map(0x1f_f000, 0x5f_f000, PAGE + BLOCK + PAGE)).isZero();
            assertThat(tables.leaves.values())
                    .extracting(TestDomain.Leaf::size)
                    .containsExactly(PAGE, BLOCK, PAGE);
        }

        @Test
        void takesSmallPagesWhereTheAddressesDiffer() {
            assertThat(map(0, PAGE, BLOCK)).isZero();
            assertThat(tables.leaves).hasSize(512);
        }

        @Test
        void wantsMultiplesOfThePage() {
            assertThat(map(0x10001, 0, PAGE)).isEqualTo(-Errno.EINVAL.number());
            assertThat(map(0, 0x10010, PAGE)).isEqualTo(-Errno.EINVAL.number());
            assertThat(map(0, 0, PAGE + 1)).isEqualTo(-Errno.EINVAL.number());
            assertThat(board.lines())
                    .contains(
                            "iommu: unaligned: iova 0x10001 pa 0x0000000000000000 size 0x1000"
                                    + " min_pagesz 0x1000");
        }

        @Test
        void wantsSomethingToReadOrWrite() {
            assertThat(domain.tryMap(0, 0, PAGE, IommuProt.CACHE, Gfp.KERNEL))
                    .isEqualTo(-Errno.EINVAL.number());
        }

        @Test
        void ofNothingIsNothing() {
            assertThat(map(PAGE, PAGE, 0)).isZero();
            assertThat(tables.leaves).isEmpty();
        }

        @Test
        void endsWithTheAperture() {
            assertThat(map((1L << 48) - PAGE, 0x400000, PAGE)).isZero();
            assertThat(map(1L << 48, 0x400000, PAGE)).isEqualTo(-Errno.ERANGE.number());
            assertThat(map((1L << 48) - 2 * PAGE, 0x400000, 3 * PAGE))
                    .isEqualTo(-Errno.ERANGE.number());
            assertThat(map(0, 1L << 40, PAGE)).isEqualTo(-Errno.ERANGE.number());
            assertThat(map(-PAGE, 0, 2 * PAGE)).isEqualTo(-Errno.ERANGE.number());
            assertThat(map(0, 0, -PAGE)).isEqualTo(-Errno.ERANGE.number());
            assertThat(tables.leaves).hasSize(1);
        }

        @Test
        void overAMappingIsRefusedAndNothingOfItStays() {
            assertThat(map(0x3000, 0x400000, PAGE)).isZero();
            assertThat(map(0x1000, 0x500000, 4 * PAGE)).isEqualTo(-Errno.EEXIST.number());
            assertThat(tables.leaves).hasSize(1);
            assertThat(domain.iovaToPhys(0x3000)).isEqualTo(0x400000);
        }

        @Test
        void withoutMemoryForTablesIsRefusedAndNothingOfItStays() {
            tables.leafCountMax = 2;
            assertThatThrownBy(() -> domain.map(0, 0x400000, 3 * PAGE, RW, Gfp.KERNEL))
                    .isInstanceOfSatisfying(
                            KernelException.class,
                            e -> assertThat(e.errno()).isEqualTo(Errno.ENOMEM));
            assertThat(tables.leaves).isEmpty();
        }

        @Test
        void ofADomainWithoutTablesIsRefused() {
            IommuDomain identity =
                    new IommuDomain(
                            board.machine.cpu(),
                            board.kernel.log(),
                            board.iommu,
                            DomainType.IDENTITY,
                            null);
            assertThat(identity.tryMap(0, 0, PAGE, RW, Gfp.KERNEL))
                    .isEqualTo(-Errno.EINVAL.number());
            assertThat(identity.unmap(0, PAGE)).isZero();
            assertThat(identity.iovaToPhys(0x1234)).isEqualTo(0x1234);
        }

        @Test
        void ofAListJoinsNeighbours() {
            Scatterlist sg = new Scatterlist(3);
            sg.setPage(0, 0x40_0000, BLOCK - PAGE, 0);
            sg.setPage(1, 0x40_0000 + BLOCK - PAGE, PAGE, 0);
            sg.setPage(2, 0x100_0000, PAGE, 0);
            assertThat(domain.mapSg(0x20_0000, sg, 3, RW, Gfp.KERNEL)).isEqualTo(BLOCK + PAGE);
            assertThat(tables.leaves.values())
                    .extracting(TestDomain.Leaf::size)
                    .containsExactly(BLOCK, PAGE);
        }

        @Test
        void ofAListIsAllOrNothing() {
            Scatterlist sg = new Scatterlist(2);
            sg.setPage(0, 0x40_0000, PAGE, 0);
            sg.setPage(1, 0x50_0000, 100, 0);
            assertThat(domain.tryMapSg(0, sg, 2, RW, Gfp.KERNEL)).isEqualTo(-Errno.EINVAL.number());
            assertThat(tables.leaves).isEmpty();
        }
    }

    @Nested
    class Unmapping {
        @Test
        void makesTheIommuForgetBeforeItReturns() {
            map(0x1000, 0x400000, 2 * PAGE);
            tables.reach(0x1000);
            assertThat(domain.unmap(0x1000, 2 * PAGE)).isEqualTo(2 * PAGE);
            assertThat(tables.reach(0x1000)).isEqualTo(-1);
            assertThat(tables.syncs).isEqualTo(1);
        }

        @Test
        void fastLeavesWhatTheIommuRemembersUntilItIsToldToForget() {
            IotlbGather collected = new IotlbGather();
            map(0x1000, 0x400000, PAGE);
            map(0x4000, 0x600000, PAGE);
            tables.reach(0x1000);
            tables.reach(0x4000);
            assertThat(domain.unmapFast(0x1000, PAGE, collected)).isEqualTo(PAGE);
            assertThat(domain.unmapFast(0x4000, PAGE, collected)).isEqualTo(PAGE);
            assertThat(domain.iovaToPhys(0x1000)).isZero();
            assertThat(tables.reach(0x1000)).isEqualTo(0x400000);
            domain.syncIotlb(collected);
            assertThat(tables.reach(0x1000)).isEqualTo(-1);
            assertThat(tables.reach(0x4000)).isEqualTo(-1);
            assertThat(tables.syncs).isEqualTo(1);
            domain.syncIotlb(collected);
            assertThat(tables.syncs).isEqualTo(1);
            assertThat(domain.unmapFast(0x1001, PAGE, collected)).isZero();
        }

        @Test
        void stopsAtAHole() {
            map(0x1000, 0x400000, PAGE);
            map(0x3000, 0x400000, PAGE);
            assertThat(domain.unmap(0x1000, 3 * PAGE)).isEqualTo(PAGE);
            assertThat(domain.iovaToPhys(0x3000)).isEqualTo(0x400000);
        }

        @Test
        void whatIsNoMultipleOfThePageDoesNothing() {
            map(0x1000, 0x400000, PAGE);
            assertThat(domain.unmap(0x1001, PAGE)).isZero();
            assertThat(domain.unmap(0x1000, 100)).isZero();
            assertThat(domain.unmap(0x1000, 0)).isZero();
            assertThat(domain.unmap(0x1000, -PAGE)).isZero();
            assertThat(tables.leaves).hasSize(1);
        }

        @Test
        void freesTablesOnceTheIommuForgotThem() {
            map(0x20_0000, 0x40_0000, BLOCK);
            domain.unmap(0x20_0000, BLOCK);
            assertThat(tables.freedTables).containsExactly(0x20_0000L);
        }
    }

    @Nested
    class Faults {
        private final List<String> heard = new ArrayList<>();

        private int handle(IommuDomain whose, Device who, long iova, int flags) {
            heard.add("%s 0x%x %d".formatted(who.name(), iova, flags));
            return whose == domain ? 0 : -1;
        }

        @Test
        void reachTheHandlerOfTheDomainTheDeviceGoesThrough() {
            domain.setFaultHandler(this::handle);
            assertThat(board.iommus.reportFault(tables, device, 0x1234, IommuFaultHandler.WRITE))
                    .as("not attached")
                    .isEqualTo(-Errno.ENOSYS.number());
            board.iommus.attach(domain, device);
            assertThat(board.iommus.reportFault(tables, device, 0x1234, IommuFaultHandler.WRITE))
                    .isZero();
            assertThat(board.iommus.reportFault(tables, device, 0x5678, IommuFaultHandler.READ))
                    .isZero();
            assertThat(heard)
                    .containsExactly("engine@60000000 0x1234 1", "engine@60000000 0x5678 0");
        }

        @Test
        void withoutHandlerAreTheDriversToLog() {
            assertThat(domain.reportFault(device, 0, 0)).isEqualTo(-Errno.ENOSYS.number());
        }

        @Test
        void ofTheMappingApisDomainHaveNoHandler() {
            IommuDomain own = board.iommus.domainOf(device).orElseThrow();
            assertThatThrownBy(() -> own.setFaultHandler(this::handle))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }
}
