package dmakit.kernel.iommu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.KernelParameters;
import dmakit.kernel.device.Device;
import dmakit.kernel.dma.DmaDirection;
import dmakit.kernel.mm.Gfp;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class IommusTest {
    private IommuFixture board = new IommuFixture();

    @AfterEach
    void close() {
        board.close();
    }

    private void boot(String commandLine) {
        board.close();
        board = new IommuFixture(commandLine);
    }

    private static void refuses(Errno errno, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        KernelException.class, e -> assertThat(e.errno()).isEqualTo(errno));
    }

    private long map(Device device) {
        return board.mapping.mapSingle(
                device,
                board.kernel.mm().pages().getFreePages(Gfp.KERNEL, 0),
                4096,
                DmaDirection.TO_DEVICE);
    }

    @Nested
    class WhoIsBehindOne {
        @Test
        void aDeviceWithAllItsIds() {
            Device engine = board.device("/engine@60000000");
            assertThat(board.iommu.ids.get(engine)).containsExactly(new int[] {7}, new int[] {8});
            assertThat(board.iommu.attached).containsEntry(engine, board.domain());
            assertThat(board.lines()).contains("platform engine@60000000: Adding to iommu group 0");
            assertThat(board.iommus.groupOf(engine).orElseThrow().devices())
                    .containsExactly(engine);
        }

        @Test
        void notADeviceThatNamesNone() {
            Device plain = board.device("/plain@60003000");
            assertThat(board.iommus.groupOf(plain)).isEmpty();
            assertThat(plain.dma().binding()).isNull();
        }

        @Test
        void notADeviceWhoseIommuIsDisabled() {
            assertThat(board.iommus.groupOf(board.device("/without@60004000"))).isEmpty();
        }

        @Test
        void notADeviceThatTheIommuDoesNotTake() {
            Device wrong = board.device("/wrong@60005000");
            assertThat(board.iommus.groupOf(wrong)).isEmpty();
            assertThat(board.lines())
                    .contains("platform wrong@60005000: Adding to IOMMU failed: -22");
        }

        @Test
        void notADeviceWhoseBusCarriesOtherAddressesThanTheIommuTranslates() {
            board.iommu.apertureLast = 0x3fff_ffff;
            Device far = board.device("/far/dma@0");
            assertThat(far.dma().binding()).isNull();
            assertThat(board.lines())
                    .contains(
                            "specified DMA range outside IOMMU capability",
                            "Failed to set up IOMMU for device far/dma@0; retaining platform DMA"
                                    + " ops");
        }

        @Test
        void notADeviceWhoseEntryIsCutOff() {
            assertThat(board.iommus.groupOf(board.device("/cut@60006000"))).isEmpty();
            assertThat(board.lines())
                    .anyMatch(line -> line.contains("Adding to IOMMU failed: -22"));
        }

        @Test
        void notADeviceThatTheIommuHasNoContextLeftFor() {
            board.iommu.attachError = Errno.ENOSPC;
            Device engine = board.device("/engine@60000000");
            assertThat(board.iommus.groupOf(engine)).isEmpty();
            assertThat(board.iommus.groups()).isEmpty();
            assertThat(board.iommu.ids).isEmpty();
            assertThat(board.domain().freed).isTrue();
            board.iommu.attachError = null;
            Device other = board.device("/coherent@60001000");
            assertThat(board.iommus.groupOf(other).orElseThrow().id()).isZero();
        }

        @Test
        void aDeviceWhoseReservedAddressesMakeNoSense() {
            Device odd = board.device("/odd@60007000");
            assertThat(board.iommus.groupOf(odd).orElseThrow().reservedRegions()).isEmpty();
        }

        @Test
        void aFunctionUnderTheIdThatTheMapMakesOfItsOwn() {
            assertThat(board.iommu.ids.get(board.function("/pci@70000000", 0x108)).getFirst())
                    .containsExactly(0x108);
            assertThat(board.iommu.ids.get(board.function("/pci@70000000", 0x19)).getFirst())
                    .containsExactly(0x201);
        }

        @Test
        void notAFunctionOutsideOfTheMap() {
            assertThat(board.iommus.groupOf(board.function("/pci@70000000", 0x10))).isEmpty();
            assertThat(board.iommus.groupOf(board.function("/pci@70000000", 0x20))).isEmpty();
        }

        @Test
        void devicesThatCannotBeToldApartShareAGroupAndItsAddresses() {
            board.iommu.sharedKey = "all";
            Device first = board.device("/engine@60000000");
            Device second = board.device("/coherent@60001000");
            assertThat(board.iommus.groups()).hasSize(1);
            assertThat(board.iommus.groupOf(second)).isEqualTo(board.iommus.groupOf(first));
            assertThat(map(first)).isEqualTo(0xffff_f000L);
            assertThat(map(second)).isEqualTo(0xffff_e000L);
        }

        @Test
        void groupsHaveTheLowestFreeNumber() {
            Device first = board.device("/engine@60000000");
            Device second = board.device("/coherent@60001000");
            assertThat(board.iommus.groupOf(second).orElseThrow().id()).isEqualTo(1);
            board.iommus.removed(first);
            assertThat(board.lines())
                    .contains("platform engine@60000000: Removing from iommu group 0");
            assertThat(board.iommu.domains.getFirst().freed).isTrue();
            assertThat(board.iommu.ids).doesNotContainKey(first);
            Device third = board.device("/screen@60002000");
            assertThat(board.iommus.groupOf(third).orElseThrow().id()).isZero();
        }
    }

    @Nested
    class AnIommuWithoutDriver {
        private final Iommus fresh =
                new Iommus(
                        board.machine.cpu(),
                        board.kernel.sched().contexts(),
                        board.kernel.log(),
                        board.tree,
                        new KernelParameters(""),
                        false,
                        board.kernel.timers(),
                        board.kernel.systemQueue(),
                        board.sources());

        private final Device engine = board.bare("/engine@60000000");

        @Test
        void makesItsMastersWait() {
            refuses(
                    Errno.EPROBE_DEFER,
                    () -> fresh.configure(engine, board.node("/engine@60000000")));
            fresh.register(board.iommu);
            assertThat(fresh.configure(engine, board.node("/engine@60000000"))).isNotNull();
        }

        @Test
        void isDoneWithoutOnceAllDriversAreThere() {
            fresh.settle();
            assertThat(fresh.configure(engine, board.node("/engine@60000000"))).isNull();
            assertThat(board.lines())
                    .contains(
                            "platform engine@60000000: ignoring dependency for device, assuming no"
                                    + " driver");
        }

        @Test
        void thatStaysOffIsDoneWithout() {
            fresh.leaveOff(board.node("/iommu@50000000"));
            assertThat(fresh.configure(engine, board.node("/engine@60000000"))).isNull();
        }
    }

    @Nested
    class DefaultDomains {
        private DomainType typeOf(Device device) {
            return board.iommus.groupOf(device).orElseThrow().defaultDomain().type();
        }

        @Test
        void areStrictAndTheLogSaysSo() {
            assertThat(board.lines())
                    .contains(
                            "iommu: Default domain type: Translated",
                            "iommu: DMA domain TLB invalidation policy: strict mode");
            assertThat(typeOf(board.device("/engine@60000000"))).isEqualTo(DomainType.DMA);
        }

        @Test
        void areLazyWhenTheCommandLineSaysSo() {
            boot("iommu.strict=0");
            assertThat(board.lines())
                    .contains(
                            "iommu: Default domain type: Translated",
                            "iommu: DMA domain TLB invalidation policy: lazy mode (set via kernel"
                                    + " command line)");
            assertThat(typeOf(board.device("/engine@60000000"))).isEqualTo(DomainType.DMA_FQ);
        }

        @Test
        void letEverythingThroughWhenTheCommandLineSaysSo() {
            boot("iommu.passthrough=1");
            assertThat(board.lines())
                    .contains(
                            "iommu: Default domain type: Passthrough (set via kernel command"
                                    + " line)")
                    .noneMatch(line -> line.contains("invalidation policy"));
            Device engine = board.device("/engine@60000000");
            assertThat(board.iommu.attached).containsEntry(engine, "identity");
            long va = board.kernel.mm().pages().getFreePages(Gfp.KERNEL, 0);
            assertThat(board.mapping.mapSingle(engine, va, 4096, DmaDirection.TO_DEVICE))
                    .isEqualTo(board.kernel.mm().virtual().virtToPhys(va));
            IommuDomain domain = board.iommus.domainOf(engine).orElseThrow();
            assertThat(domain.iovaToPhys(0x1234)).isEqualTo(0x1234);
        }

        @Test
        void areOfTheTypeTheIommuNeeds() {
            board.iommu.required = DomainType.IDENTITY;
            assertThat(typeOf(board.device("/engine@60000000"))).isEqualTo(DomainType.IDENTITY);
        }

        @Test
        void translateForFunctionsFromOutsideWhateverTheCommandLineSays() {
            boot("iommu.passthrough=1");
            assertThat(typeOf(board.function("/outside@71000000", 8))).isEqualTo(DomainType.DMA);
        }
    }

    @Nested
    class Types {
        private final Device engine = board.device("/engine@60000000");
        private final IommuGroup group = board.iommus.groupOf(engine).orElseThrow();
        private static final String FILE = "/sys/kernel/iommu_groups/0/type";

        @Test
        void cannotChangeWhileADriverUsesTheDevice() {
            refuses(Errno.EPERM, () -> board.iommus.changeType(group, "identity"));
            refuses(Errno.EPERM, () -> board.iommus.changeType(group, "auto"));
            assertThat(board.kernel.files().read(FILE)).isEqualTo("DMA\n");
        }

        @Test
        void exceptFromStrictToLazy() {
            board.iommus.changeType(group, "DMA-FQ");
            assertThat(board.kernel.files().read(FILE)).isEqualTo("DMA-FQ\n");
            long dma = map(engine);
            board.domain().reach(dma);
            board.mapping.unmapSingle(engine, dma, 4096, DmaDirection.TO_DEVICE);
            assertThat(board.domain().reach(dma)).isNotEqualTo(-1);
        }

        @Test
        void changeOnceTheDriverLeft() {
            board.iommus.unuse(engine);
            board.iommus.changeType(group, "identity");
            assertThat(board.kernel.files().read(FILE)).isEqualTo("identity\n");
            assertThat(board.iommu.attached).containsEntry(engine, "identity");
            assertThat(board.iommu.domains.getFirst().freed).isTrue();
            board.iommus.changeType(group, "auto");
            assertThat(board.iommu.attached).containsEntry(engine, board.domain());
        }

        @Test
        void stayAsTheyAreWhenTheIommuRefuses() {
            board.iommus.unuse(engine);
            board.iommus.changeType(group, "identity");
            board.iommu.attachError = Errno.ENOSPC;
            refuses(Errno.ENOSPC, () -> board.iommus.changeType(group, "DMA"));
            assertThat(group.defaultDomain().type()).isEqualTo(DomainType.IDENTITY);
            assertThat(board.iommu.attached).containsEntry(engine, "identity");
            assertThat(board.domain().freed).isTrue();
        }

        @Test
        void areNoOtherWords() {
            board.iommus.unuse(engine);
            refuses(Errno.EINVAL, () -> board.iommus.changeType(group, "dma"));
            refuses(Errno.EINVAL, () -> board.iommus.changeType(group, "unmanaged"));
        }

        @Test
        void areNotAgainstTheIommusNeeds() {
            board.iommus.unuse(engine);
            board.iommu.required = DomainType.DMA;
            refuses(Errno.EINVAL, () -> board.iommus.changeType(group, "identity"));
            board.iommus.changeType(group, "DMA-FQ");
            assertThat(group.defaultDomain().type()).isEqualTo(DomainType.DMA_FQ);
        }
    }

    @Nested
    class ReservedAddresses {
        @Test
        void ofTheTreeAreMappedToThemselvesOrKeptOff() {
            Device screen = board.device("/screen@60002000");
            assertThat(board.domain().iovaToPhys(0x800_0000)).isEqualTo(0x800_0000);
            assertThat(board.domain().iovaToPhys(0x800_1fff)).isEqualTo(0x800_1fff);
            assertThat(board.domain().iovaToPhys(0xfff0_0000L)).isZero();
            assertThat(map(screen)).isEqualTo(0xffef_f000L);
            assertThat(board.kernel.files().read("/sys/kernel/iommu_groups/0/reserved_regions"))
                    .isEqualTo(
                            """
                            0x0000000008000000 0x0000000008001fff direct
                            0x00000000fff00000 0x00000000ffffffff reserved
                            """);
        }

        @Test
        void ofTheIommuAreKeptOff() {
            int rw = IommuProt.READ | IommuProt.WRITE;
            board.iommu.reserved.add(
                    new ReservedRegion(0xffff_0000L, 0x8000, rw, ReservedRegion.Kind.MSI));
            board.iommu.reserved.add(
                    new ReservedRegion(0xffff_8000L, 0x1000, rw, ReservedRegion.Kind.SOFTWARE_MSI));
            Device engine = board.device("/engine@60000000");
            List<Long> given =
                    java.util.stream.Stream.generate(() -> map(engine)).limit(9).toList();
            assertThat(given.getFirst()).isEqualTo(0xffff_f000L);
            assertThat(given).contains(0xffff_8000L).last().isEqualTo(0xfffe_f000L);
            assertThat(board.iommus.groupOf(engine).orElseThrow().reservedRegions())
                    .extracting(ReservedRegion::toString)
                    .containsExactly(
                            "0x00000000ffff0000 0x00000000ffff7fff msi",
                            "0x00000000ffff8000 0x00000000ffff8fff msi");
        }

        @Test
        void areMappedToThemselvesUpToALimit() {
            int rw = IommuProt.READ | IommuProt.WRITE;
            long most = IommuDomains.DIRECT_SIZE_MAX;
            board.iommu.reserved.add(
                    new ReservedRegion(0, most + 1, rw, ReservedRegion.Kind.DIRECT));
            board.device("/engine@60000000");
            assertThat(board.domain().leaves).isEmpty();
            assertThat(board.lines()).anyMatch(line -> line.contains("is not mapped: larger than"));
            board.iommu.reserved.clear();
            board.iommu.reserved.add(
                    new ReservedRegion(0, most, rw, ReservedRegion.Kind.DIRECT_RELAXABLE));
            board.device("/coherent@60001000");
            assertThat(board.domain().leaves).hasSize((int) (most / TestDomain.PAGE));
        }

        @Test
        void ofAHostBridgeAreItsWindowsAndWhatItDoesNotTakeIn() {
            Device function = board.function("/pci@70000000", 8);
            function.dma().busDmaLimit(0);
            function.dma().dmaMask(-1);
            IovaDomain iovas = board.iommus.domainOf(function).orElseThrow().space().iovas();
            assertThat(iovas.isTaken(0xdfff_f000L)).isFalse();
            assertThat(iovas.isTaken(0xe000_0000L)).isTrue();
            assertThat(iovas.isTaken(0xefff_f000L)).isTrue();
            assertThat(iovas.isTaken(0xf000_0000L)).isFalse();
            assertThat(iovas.isTaken(0x1_0000_0000L)).isTrue();
            assertThat(iovas.isTaken(-4096L)).isTrue();
        }
    }

    @Nested
    class Domains {
        private final Device engine = board.device("/engine@60000000");

        @Test
        void ofADriverTakeThePlaceOfTheMappingApis() {
            IommuDomain domain = board.iommus.allocDomain(engine);
            assertThat(domain.type()).isEqualTo(DomainType.UNMANAGED);
            board.iommus.attach(domain, engine);
            assertThat(board.iommu.attached).containsEntry(engine, board.domain());
            assertThat(board.iommus.domainOf(engine)).contains(domain);
            refuses(Errno.EBUSY, () -> board.iommus.attach(domain, engine));
            refuses(
                    Errno.EBUSY,
                    () -> board.iommus.attach(board.iommus.allocDomain(engine), engine));
            board.iommus.detach(domain, engine);
            assertThat(board.iommu.attached).containsEntry(engine, board.iommu.domains.getFirst());
            domain.free();
            assertThat(board.iommu.domains.get(1).freed).isTrue();
        }

        @Test
        void areOnlyForDevicesBehindAnIommu() {
            Device plain = board.device("/plain@60003000");
            IommuDomain domain = board.iommus.allocDomain(engine);
            refuses(Errno.ENODEV, () -> board.iommus.allocDomain(plain));
            refuses(Errno.ENODEV, () -> board.iommus.attach(domain, plain));
            assertThat(board.iommus.allocDomain("pci")).isEmpty();
            assertThat(board.iommus.allocDomain("platform")).isPresent();
        }

        @Test
        void areForDevicesThatAreAloneInTheirGroup() {
            board.iommus.removed(engine);
            board.iommu.sharedKey = "all";
            Device first = board.device("/coherent@60001000");
            Device second = board.device("/screen@60002000");
            IommuDomain domain = board.iommus.allocDomain(first);
            refuses(Errno.EINVAL, () -> board.iommus.attach(domain, first));
            IommuGroup group = board.iommus.groupOf(first).orElseThrow();
            board.iommus.attach(domain, group);
            assertThat(board.iommu.attached.get(second)).isEqualTo(board.domain());
            board.iommus.detach(domain, first);
            assertThat(group.domain()).isEqualTo(domain);
            board.iommus.detach(domain, group);
            assertThat(group.domain()).isEqualTo(group.defaultDomain());
        }

        @Test
        void ofAnotherIommuAreRefused() {
            TestIommu other = new TestIommu(new Device("other", "platform", null, null));
            IommuDomain foreign =
                    new IommuDomain(
                            board.machine.cpu(),
                            board.kernel.log(),
                            other,
                            DomainType.UNMANAGED,
                            new TestDomain());
            refuses(Errno.EINVAL, () -> board.iommus.attach(foreign, engine));
            assertThat(board.iommu.attached).containsEntry(engine, board.domain());
        }

        @Test
        void thatAreAttachedAreNotFreed() {
            IommuDomain domain = board.iommus.allocDomain(engine);
            board.iommus.attach(domain, engine);
            assertThatThrownBy(domain::free).isInstanceOf(IllegalArgumentException.class);
        }

        @Test
        void keepOtherDriversOfTheGroupAway() {
            board.iommus.removed(engine);
            board.iommu.sharedKey = "all";
            Device first = board.device("/coherent@60001000");
            board.iommus.attach(
                    board.iommus.allocDomain(first), board.iommus.groupOf(first).orElseThrow());
            Device second = board.bare("/screen@60002000");
            refuses(Errno.EBUSY, () -> board.kernel.driverCore().configureDma(second, null));
        }
    }

    @Test
    void filesLinkGroupsAndDevices() {
        Device engine = board.bare("/engine@60000000");
        board.kernel.devices().add(engine);
        board.kernel.driverCore().configureDma(engine, null);
        String group = "/sys/kernel/iommu_groups/0";
        assertThat(board.kernel.files().list(group))
                .containsExactly("devices", "reserved_regions", "type");
        assertThat(board.kernel.files().list(group + "/devices"))
                .containsExactly("engine@60000000");
        assertThat(board.kernel.files().exists(group + "/devices/engine@60000000/iommu_group/type"))
                .isTrue();
        board.iommus.groupOf(engine).orElseThrow().name("dma");
        assertThat(board.kernel.files().read(group + "/name")).isEqualTo("dma\n");
        board.kernel.devices().remove(engine);
        assertThat(board.kernel.files().exists(group)).isFalse();
    }
}
