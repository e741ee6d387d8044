package dmakit.kernel.mapping;

import static dmakit.kernel.dma.DmaDirection.BIDIRECTIONAL;
import static dmakit.kernel.dma.DmaDirection.FROM_DEVICE;
import static dmakit.kernel.dma.DmaDirection.TO_DEVICE;
import static org.assertj.core.api.Assertions.assertThat;

import dmakit.kernel.KernelParameters;
import dmakit.kernel.MemoryFixture;
import dmakit.kernel.check.FindingId;
import dmakit.kernel.check.Findings;
import dmakit.kernel.device.Device;
import dmakit.kernel.device.Devices;
import dmakit.kernel.dma.CoherentBuffer;
import dmakit.kernel.dma.DmaAddr;
import dmakit.kernel.dma.DmaAttrs;
import dmakit.kernel.dma.DmaDirection;
import dmakit.kernel.dma.DmaPages;
import dmakit.kernel.mm.Gfp;
import dmakit.kernel.scatterlist.Scatterlist;
import dmakit.machine.cpu.AddressLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class DmaDebugTest {
    private static final long PAGES = 1 << 18;
    private static final long REGISTERS = 0x7_0000_0000L;

    private final MemoryFixture kernel = MemoryFixture.lenient();
    private final DmaMapping mapping = kernel.mapping;
    private final DmaDebug debug = mapping.debug();
    private final Findings findings = kernel.calls.findings();
    private final Devices devices = new Devices();
    private final Device device = new Device("0000:00:01.0", "pci", null, null);
    private final long va = kernel.mm.slab().kzalloc(4096, Gfp.KERNEL);
    private final long phys = va - AddressLayout.LINEAR_BASE;
    private int seen;

    @AfterEach
    void close() {
        kernel.close();
    }

    private void begin(String commandLine) {
        seen = kernel.lines().size();
        debug.boot(new KernelParameters(commandLine), PAGES, _ -> false);
        findings.enable();
    }

    private void beginShowingAll() {
        begin("");
        debug.allErrors(1);
        news();
    }

    /** What the log got since this was asked last. */
    private List<String> news() {
        List<String> all = kernel.lines();
        List<String> news = List.copyOf(all.subList(seen, all.size()));
        seen = all.size();
        return news;
    }

    /** The messages among the news, without what comes before and behind each. */
    private List<String> said() {
        return news().stream()
                .filter(line -> line.startsWith("DMA-API: "))
                .filter(line -> !line.equals("DMA-API: Mapped at:"))
                .map(line -> line.replaceFirst("^DMA-API: (pci 0000:00:01.0: )?", ""))
                .toList();
    }

    private long map(long at, long size, DmaDirection direction) {
        return mapping.mapSingle(device, at, size, direction);
    }

    private void misuse() {
        mapping.unmapSingle(device, 0x1000, 64, TO_DEVICE);
    }

    private Scatterlist list(int count) {
        Scatterlist sg = new Scatterlist(count);
        for (int i = 0; i < count; i++) {
            sg.setBuffer(i, va + 128L * i, 64);
        }
        return sg;
    }

    private static String hex(long address) {
        return String.format(Locale.ROOT, "0x%016x", address);
    }

    private static String at(long dma, long size) {
        return " [device address=" + hex(dma) + "] [size=" + size + " bytes]";
    }

    @Nested
    class Booting {
        @Test
        void tellsTheEntriesItHasAsSoonAsMistakesAreLookedFor() {
            debug.boot(new KernelParameters(""), PAGES, _ -> false);
            assertThat(debug.isOn()).isFalse();
            assertThat(debug.entryCount()).isZero();
            news();
            findings.enable();
            assertThat(news())
                    .containsExactly(
                            "DMA-API: preallocated 65536 debug entries",
                            "DMA-API: debugging enabled by kernel config");
            assertThat(debug.isOn()).isTrue();
            assertThat(debug.freeEntryCount()).isEqualTo(65_536);
        }

        @Test
        void takesWholePagesOfEntries() {
            begin("dma_debug_entries=100");
            assertThat(news()).contains("DMA-API: preallocated 128 debug entries");
        }

        @Test
        void takesWhatMemoryGives() {
            begin("dma_debug_entries=0x7fffffff");
            assertThat(news())
                    .contains(
                            "DMA-API: 2147483647 debug entries requested but only 8388608"
                                    + " allocated");
            assertThat(debug.isOn()).isTrue();
        }

        @Test
        void takesNoMorePagesThanItCanCount() {
            debug.boot(new KernelParameters("dma_debug_entries=-1"), 1L << 40, _ -> false);
            findings.enable();
            assertThat(kernel.lines())
                    .contains("DMA-API: -1 debug entries requested but only 2147483616 allocated");
        }

        @Test
        void takesTheUsualNumberForWhatIsNone() {
            begin("dma_debug_entries=many");
            assertThat(news()).contains("DMA-API: preallocated 65536 debug entries");
        }

        @Test
        void isOffWithoutMemory() {
            debug.boot(new KernelParameters(""), 0, _ -> false);
            findings.enable();
            assertThat(kernel.lines())
                    .last()
                    .isEqualTo("DMA-API: debugging out of memory error - disabled");
            assertThat(debug.isOn()).isFalse();
        }

        @Test
        void isOffWhereTheCommandLineSaysSo() {
            begin("dma_debug=offline");
            assertThat(news())
                    .containsExactly("DMA-API: debugging disabled on kernel command line");
            misuse();
            map(va, 64, FROM_DEVICE);
            assertThat(news()).isEmpty();
            assertThat(debug.isOn()).isFalse();
            assertThat(debug.errorCount()).isZero();
            assertThat(debug.entryCount()).isZero();
            assertThat(debug.dump()).isEmpty();
            assertThat(findings.all()).isNotEmpty();
        }

        @Test
        void isOnForEveryOtherWord() {
            begin("dma_debug=on");
            assertThat(debug.isOn()).isTrue();
        }

        @Test
        void setsTheFilter() {
            begin("dma_debug_driver=edu");
            assertThat(news()).first().isEqualTo("DMA-API: enable driver filter for driver [edu]");
            assertThat(debug.filter()).isEqualTo("edu");
        }
    }

    @Nested
    class AReport {
        @Test
        void hasTheFormOfAWarningAndTellsBothPlaces() {
            begin("");
            news();
            long dma = map(va, 128, TO_DEVICE);
            mapping.unmapSingle(device, dma, 64, TO_DEVICE);
            List<String> report = news();
            assertThat(report).hasSize(6);
            assertThat(report.get(0)).isEqualTo("------------[ cut here ]------------");
            assertThat(report.get(1))
                    .isEqualTo(
                            "DMA-API: pci 0000:00:01.0: device driver frees DMA memory with"
                                    + " different size [device address="
                                    + hex(dma)
                                    + "] [map size=128 bytes] [unmap size=64 bytes]");
            assertThat(report.get(2))
                    .matches("WARNING: at DmaDebugTest.java:\\d+ hasTheFormOfAWarning.*");
            assertThat(report.get(3)).isEqualTo("---[ end trace 0000000000000000 ]---");
            assertThat(report.get(4)).isEqualTo("DMA-API: Mapped at:");
            assertThat(report.get(5)).matches(" map \\(DmaDebugTest.java:\\d+\\)");
        }

        @Test
        void namesTheDriverThatHasTheDevice() {
            beginShowingAll();
            devices.add(device);
            devices.bind(device, "edu");
            misuse();
            assertThat(news()).anyMatch(line -> line.startsWith("DMA-API: edu 0000:00:01.0: "));
        }

        @Test
        void isShownOnceUnlessMoreAreWanted() {
            begin("");
            news();
            misuse();
            assertThat(said()).hasSize(1);
            assertThat(debug.numErrors()).isZero();
            misuse();
            assertThat(said()).isEmpty();
            debug.numErrors(2);
            misuse();
            misuse();
            misuse();
            assertThat(said()).hasSize(2);
            debug.allErrors(1);
            misuse();
            misuse();
            assertThat(said()).hasSize(2);
            assertThat(debug.errorCount()).isEqualTo(7);
        }

        @Test
        void doesNotUseUpTheNumberWhileAllAreShown() {
            beginShowingAll();
            misuse();
            misuse();
            assertThat(debug.numErrors()).isEqualTo(1);
        }

        @Test
        void countsAndUsesUpTheNumberWhenFiltered() {
            begin("dma_debug_driver=other");
            news();
            misuse();
            assertThat(said()).isEmpty();
            assertThat(debug.errorCount()).isEqualTo(1);
            assertThat(debug.numErrors()).isZero();
            debug.filter("");
            misuse();
            assertThat(said()).containsExactly("switching off dma-debug driver filter");
        }

        @Test
        void passesTheFilterWithTheDriversNameOnly() {
            beginShowingAll();
            devices.add(device);
            devices.bind(device, "edu");
            debug.filter("edu and more\n");
            assertThat(debug.filter()).isEqualTo("edu");
            debug.filter("ed");
            news();
            misuse();
            assertThat(said()).isEmpty();
            debug.filter("edu");
            news();
            misuse();
            assertThat(said()).hasSize(1);
            devices.bind(device, "");
            misuse();
            assertThat(said()).isEmpty();
        }
    }

    @Nested
    class TheFilter {
        @Test
        void isTheFirstWordAndNoLongerThanItMay() {
            begin("");
            debug.filter("x".repeat(DmaDebug.NAME_LENGTH_MAX));
            assertThat(debug.filter()).hasSize(DmaDebug.NAME_LENGTH_MAX);
            debug.filter("y".repeat(DmaDebug.NAME_LENGTH_MAX + 1));
            assertThat(debug.filter()).isEqualTo("y".repeat(DmaDebug.NAME_LENGTH_MAX));
            debug.filter("tab\there");
            assertThat(debug.filter()).isEqualTo("tab");
        }

        @Test
        void isSwitchedOffByWhatIsNoName() {
            begin("");
            for (String text : List.of("", "\n", " edu", "-", "\0")) {
                debug.filter("edu");
                news();
                debug.filter(text);
                assertThat(debug.filter()).isEmpty();
                assertThat(said()).containsExactly("switching off dma-debug driver filter");
                debug.filter(text);
                assertThat(said()).isEmpty();
            }
        }
    }

    @Nested
    class GivingBack {
        @Test
        void theErrorAddressIsInvalid() {
            beginShowingAll();
            mapping.unmapSingle(device, DmaAddr.MAPPING_ERROR, 64, TO_DEVICE);
            assertThat(said())
                    .containsExactly("device driver tries to free an invalid DMA memory address");
        }

        @Test
        void whatNobodyTestedSaysSoWithoutABlank() {
            beginShowingAll();
            long dma = mapping.tryMapSingle(device, va, 64, TO_DEVICE, 0);
            mapping.unmapSingle(device, dma, 64, TO_DEVICE);
            assertThat(said())
                    .containsExactly(
                            "device driver failed to check map error"
                                    + at(dma, 64).substring(1)
                                    + " [mapped as single]");
        }

        @Test
        void whatWasTestedForAnotherDeviceWasNotTested() {
            beginShowingAll();
            Device other = new Device("other0", "platform", null, null);
            long dma = mapping.tryMapSingle(device, va, 64, TO_DEVICE, 0);
            mapping.mappingError(other, dma);
            mapping.unmapSingle(device, dma, 64, TO_DEVICE);
            assertThat(said()).singleElement().asString().contains("failed to check map error");
            assertThat(findings.all()).isEmpty();
        }

        @Test
        void aShorterListThatBeginsAsTheMappedOneIsComparedAsFarAsItGoes() {
            beginShowingAll();
            Scatterlist sg = list(3);
            mapping.mapSg(device, sg, 3, TO_DEVICE);
            Scatterlist shorter = list(2);
            shorter.setDma(0, sg.dmaAddress(0), 64);
            shorter.setDma(1, sg.dmaAddress(1), 64);
            mapping.debug().allErrors(1);
            mapping.unmapSg(device, shorter, 3, TO_DEVICE);
            assertThat(said()).isEmpty();
        }

        @Test
        void withAnotherFunctionNamesBothKinds() {
            beginShowingAll();
            CoherentBuffer ring = mapping.allocCoherent(device, 4096, Gfp.KERNEL);
            mapping.unmapSingle(device, ring.dma(), 4096, TO_DEVICE);
            mapping.freeCoherent(device, ring);
            assertThat(said())
                    .containsExactly(
                            "device driver frees DMA memory with wrong function"
                                    + at(ring.dma(), 4096)
                                    + " [mapped as coherent] [unmapped as single]",
                            "device driver frees DMA memory with different direction"
                                    + at(ring.dma(), 4096)
                                    + " [mapped with DMA_BIDIRECTIONAL]"
                                    + " [unmapped with DMA_TO_DEVICE]",
                            "device driver tries to free DMA memory it has not allocated"
                                    + at(ring.dma(), 4096));
        }

        @Test
        void anotherCpuAddressIsToldAsTheKernelTellsIt() {
            beginShowingAll();
            CoherentBuffer ring = mapping.allocCoherent(device, 4096, Gfp.KERNEL);
            mapping.freeCoherent(device, 4096, va, ring.dma());
            assertThat(said())
                    .containsExactly(
                            "device driver frees DMA memory with different CPU address"
                                    + at(ring.dma(), 4096)
                                    + " [cpu alloc address=0x"
                                    + hex(ring.dma())
                                    + "] [cpu free address=0x"
                                    + hex(phys)
                                    + "]");
        }

        @Test
        void aCpuAddressWithoutMemoryIsNotLookedAt() {
            beginShowingAll();
            CoherentBuffer ring = mapping.allocCoherent(device, 4096, Gfp.KERNEL);
            mapping.freeCoherent(device, 4096, AddressLayout.USER_BASE, ring.dma());
            assertThat(said()).isEmpty();
            assertThat(findings.all()).isNotEmpty();
        }

        @Test
        void otherAttributesAreNotLookedAt() {
            beginShowingAll();
            CoherentBuffer ring = mapping.allocWc(device, 4096, Gfp.KERNEL);
            mapping.freeCoherent(device, ring);
            mapping.unmapSingle(
                    device, map(va, 64, TO_DEVICE), 64, TO_DEVICE, DmaAttrs.SKIP_CPU_SYNC);
            assertThat(said()).isEmpty();
        }

        @Test
        void oneOfSeveralThatFitLessIsNotFound() {
            beginShowingAll();
            long dma = map(va, 64, TO_DEVICE);
            map(va, 128, TO_DEVICE);
            mapping.unmapSingle(device, dma, 32, TO_DEVICE);
            assertThat(said())
                    .containsExactly(
                            "device driver tries to free DMA memory it has not allocated"
                                    + at(dma, 32));
            assertThat(findings.all().getLast().id()).isEqualTo(FindingId.UNMAP_SIZE);
        }

        @Test
        void oneOfSeveralThatFitsInAllIsFound() {
            beginShowingAll();
            long dma = map(va, 64, TO_DEVICE);
            map(va, 128, TO_DEVICE);
            mapping.unmapSingle(device, dma, 64, TO_DEVICE);
            mapping.unmapSingle(device, dma, 128, TO_DEVICE);
            assertThat(said()).isEmpty();
        }

        @Test
        void aListWithAnotherCountSaysSoForEachEntry() {
            beginShowingAll();
            Scatterlist sg = list(3);
            mapping.mapSg(device, sg, 3, TO_DEVICE);
            mapping.unmapSg(device, sg, 2, TO_DEVICE);
            String text =
                    "device driver frees DMA sg list with different entry count [map count=3]"
                            + " [unmap count=2]";
            assertThat(said()).containsExactly(text, text);
        }

        @Test
        void aListWhoseAddressesChangedSaysSoForThoseThatDid() {
            beginShowingAll();
            Scatterlist sg = list(3);
            mapping.mapSg(device, sg, 3, TO_DEVICE);
            sg.setDma(1, sg.dmaAddress(1) + 8, 64);
            long changed = sg.dmaAddress(1);
            mapping.unmapSg(device, sg, 3, TO_DEVICE);
            assertThat(said())
                    .containsExactly(
                            "device driver tries to free DMA memory it has not allocated"
                                    + at(changed, 64));
        }

        @Test
        void aListAsItWasMappedSaysNothing() {
            beginShowingAll();
            Scatterlist sg = list(3);
            for (int round = 0; round < 2; round++) {
                mapping.mapSg(device, sg, 3, BIDIRECTIONAL);
                mapping.syncSgForCpu(device, sg, 3, FROM_DEVICE);
                mapping.syncSgForDevice(device, sg, 3, TO_DEVICE);
                mapping.unmapSg(device, sg, 3, BIDIRECTIONAL);
            }
            assertThat(said()).isEmpty();
        }

        @Test
        void pagesAreOfAKindOfTheirOwn() {
            beginShowingAll();
            DmaPages pages = mapping.allocPages(device, 8192, FROM_DEVICE, Gfp.KERNEL);
            assertThat(debug.dump()).contains(" noncoherent idx ");
            mapping.unmapSingle(device, pages.dma(), 8192, FROM_DEVICE);
            assertThat(said())
                    .containsExactly(
                            "device driver frees DMA memory with wrong function"
                                    + at(pages.dma(), 8192)
                                    + " [mapped as noncoherent] [unmapped as single]");
        }

        @Test
        void registersThatWereRefusedHaveAnEntryAllTheSame() {
            beginShowingAll();
            assertThat(mapping.tryMapResource(device, REGISTERS, 4096, TO_DEVICE, 0))
                    .isEqualTo(DmaAddr.MAPPING_ERROR);
            mapping.driverLeft(device);
            assertThat(said()).singleElement().asString().contains("[count=1]");
            mapping.unmapResource(device, DmaAddr.MAPPING_ERROR, 4096, TO_DEVICE, 0);
            assertThat(said())
                    .singleElement()
                    .asString()
                    .contains("failed to check map error")
                    .contains("[mapped as resource]");
            mapping.unmapResource(device, DmaAddr.MAPPING_ERROR, 4096, TO_DEVICE, 0);
            assertThat(said())
                    .containsExactly("device driver tries to free an invalid DMA memory address");
        }

        @Test
        void refusedRegistersAreRememberedUpToALimit() {
            beginShowingAll();
            for (int i = 0; i <= DmaDebugRules.REFUSED_COUNT_MAX; i++) {
                mapping.tryMapResource(device, REGISTERS, 4096, TO_DEVICE, 0);
            }
            mapping.driverLeft(device);
            assertThat(said())
                    .singleElement()
                    .asString()
                    .contains("[count=" + DmaDebugRules.REFUSED_COUNT_MAX + "]");
        }
    }

    @Nested
    class Syncing {
        @Test
        void aPartIsAllowedAndOneBytePastTheEndIsNot() {
            beginShowingAll();
            long dma = map(va, 64, FROM_DEVICE);
            mapping.syncSingleForCpu(device, dma + 32, 32, FROM_DEVICE);
            assertThat(said()).isEmpty();
            mapping.syncSingleForCpu(device, dma + 32, 33, FROM_DEVICE);
            assertThat(said())
                    .containsExactly(
                            "device driver tries to sync DMA memory it has not allocated"
                                    + at(dma + 32, 33));
        }

        @Test
        void ofAReaderForTheCpuSaysTwoThings() {
            beginShowingAll();
            long dma = map(va, 128, TO_DEVICE);
            mapping.syncSingleForCpu(device, dma, 64, FROM_DEVICE);
            String tail =
                    at(dma, 128) + " [mapped with DMA_TO_DEVICE] [synced with DMA_FROM_DEVICE]";
            assertThat(said())
                    .containsExactly(
                            "device driver syncs DMA memory with different direction" + tail,
                            "device driver syncs device read-only DMA memory for cpu" + tail);
        }

        @Test
        void ofAWriterForTheDeviceSaysTwoThings() {
            beginShowingAll();
            long dma = map(va, 128, FROM_DEVICE);
            mapping.syncSingleForDevice(device, dma, 64, BIDIRECTIONAL);
            String tail =
                    at(dma, 128) + " [mapped with DMA_FROM_DEVICE] [synced with DMA_BIDIRECTIONAL]";
            assertThat(said())
                    .containsExactly(
                            "device driver syncs DMA memory with different direction" + tail,
                            "device driver syncs device write-only DMA memory to device" + tail);
        }

        @Test
        void ofAReaderInItsOwnDirectionSaysNothing() {
            beginShowingAll();
            mapping.syncSingleForCpu(device, map(va, 64, TO_DEVICE), 64, TO_DEVICE);
            assertThat(said()).isEmpty();
        }

        @Test
        void ofCoherentMemorySaysNothing() {
            beginShowingAll();
            CoherentBuffer ring = mapping.allocCoherent(device, 64, Gfp.KERNEL);
            mapping.syncSingleForCpu(device, ring.dma(), 64, FROM_DEVICE);
            assertThat(said()).isEmpty();
            assertThat(findings.all().getFirst().id()).isEqualTo(FindingId.SYNC_UNMAPPED);
        }

        @Test
        void ofAListWithAnotherCountSaysSoForEachEntry() {
            beginShowingAll();
            Scatterlist sg = list(3);
            mapping.mapSg(device, sg, 3, FROM_DEVICE);
            mapping.syncSgForCpu(device, sg, 2, FROM_DEVICE);
            String text =
                    "device driver syncs DMA sg list with different entry count [map count=3]"
                            + " [sync count=2]";
            assertThat(said()).containsExactly(text, text);
        }

        @Test
        void ofAListThatIsNotMappedSaysNothing() {
            beginShowingAll();
            Scatterlist sg = list(2);
            mapping.mapSg(device, sg, 2, FROM_DEVICE);
            mapping.unmapSg(device, sg, 2, FROM_DEVICE);
            mapping.syncSgForCpu(device, sg, 2, FROM_DEVICE);
            assertThat(said()).isEmpty();
            assertThat(findings.all().getLast().id()).isEqualTo(FindingId.SYNC_UNMAPPED);
        }

        @Test
        void insideOfTwoMappingsOfOneStartFindsNeither() {
            beginShowingAll();
            long dma = map(va, 128, TO_DEVICE);
            map(va, 256, TO_DEVICE);
            mapping.syncSingleForDevice(device, dma, 64, TO_DEVICE);
            assertThat(said())
                    .containsExactly(
                            "device driver tries to sync DMA memory it has not allocated"
                                    + at(dma, 64));
            assertThat(findings.all()).isEmpty();
        }

        @Test
        void insideOfMappingsThatBeginFarApartFindsTheNearer() {
            beginShowingAll();
            long page = kernel.mm.pages().allocPages(Gfp.KERNEL, 3);
            mapping.mapPage(device, page, 0, 32_768, TO_DEVICE);
            long near = mapping.mapPage(device, page, 16_384, 16_384, TO_DEVICE);
            mapping.syncSingleForCpu(device, near + 64, 64, FROM_DEVICE);
            assertThat(said()).first().asString().contains(at(near + 64, 16_384));
        }
    }

    @Nested
    class Lending {
        @Test
        void aSegmentThatIsTooLongOrCrossesSaysWhatTheDeviceTakes() {
            beginShowingAll();
            device.dma().maxSegmentSize(32);
            mapping.mapSg(device, Scatterlist.ofOne(va, 64), 1, TO_DEVICE);
            assertThat(said())
                    .containsExactly(
                            "mapping sg segment longer than device claims to support [len=64]"
                                    + " [max=32]");
            device.dma().maxSegmentSize(4096);
            device.dma().segmentBoundaryMask(0xff);
            mapping.mapSg(device, Scatterlist.ofOne(va + 0xf0, 64), 1, TO_DEVICE);
            assertThat(said())
                    .containsExactly(
                            "mapping sg segment across boundary [start="
                                    + hex(phys + 0xf0)
                                    + "] [end="
                                    + hex(phys + 0x12f)
                                    + "] [boundary=0x00000000000000ff]");
        }

        @Test
        void whatHasNoPageIsAnInvalidAreaAndStacksAndVmallocAreRejected() {
            beginShowingAll();
            mapping.reject(FindingId.MAP_TEXT, device, 0x5555_0000, 16);
            mapping.reject(FindingId.MAP_STACK, device, 0x7fff_0000, 16);
            mapping.reject(FindingId.MAP_VMALLOC, device, 0x7ffe_0000, 16);
            assertThat(news().stream().filter(line -> line.contains("0000:00:01.0")))
                    .containsExactly(
                            "DMA-API: pci 0000:00:01.0: device driver maps memory from invalid"
                                    + " area [addr=0000000055550000] [len=16]",
                            "pci 0000:00:01.0: rejecting DMA map of vmalloc memory");
        }

        @Test
        void twoWritersOfOneLineAreToldUnlessThereIsAReason() {
            begin("");
            debug.allErrors(1);
            news();
            map(va, 32, FROM_DEVICE);
            map(va + 32, 32, TO_DEVICE);
            mapping.mapSingle(device, va + 40, 8, FROM_DEVICE, DmaAttrs.SKIP_CPU_SYNC);
            map(va + 64, 32, FROM_DEVICE);
            assertThat(said()).isEmpty();
            map(va + 32, 32, BIDIRECTIONAL);
            assertThat(said())
                    .containsExactly(
                            "cacheline tracking EEXIST, overlapping mappings aren't supported");
        }

        @Test
        void twoWritersOfOneLineAreNotToldWhereSmallBuffersAreBounced() {
            debug.boot(new KernelParameters(""), PAGES, _ -> true);
            findings.enable();
            debug.allErrors(1);
            news();
            map(va, 32, FROM_DEVICE);
            map(va + 32, 32, FROM_DEVICE);
            assertThat(said()).isEmpty();
        }

        @Test
        void moreThanSevenMoreInOneLineAreToldOnce() {
            debug.boot(new KernelParameters(""), PAGES, _ -> true);
            findings.enable();
            news();
            for (int i = 0; i <= DmaDebugRules.OVERLAP_COUNT_MAX; i++) {
                map(va, 8, FROM_DEVICE);
            }
            assertThat(said()).isEmpty();
            map(va, 8, FROM_DEVICE);
            map(va, 8, FROM_DEVICE);
            assertThat(said())
                    .containsExactly(
                            "exceeded 7 overlapping mappings of cacheline " + hex(phys >> 6));
            assertThat(debug.errorCount()).isZero();
        }
    }

    @Nested
    class Entries {
        @Test
        void areCountedAndTheirLeastFreeNumberIsKept() {
            begin("dma_debug_entries=32");
            long a = map(va, 64, TO_DEVICE);
            long b = map(va + 64, 64, TO_DEVICE);
            mapping.unmapSingle(device, a, 64, TO_DEVICE);
            assertThat(debug.freeEntryCount()).isEqualTo(31);
            assertThat(debug.minFreeEntryCount()).isEqualTo(30);
            mapping.unmapSingle(device, b, 64, TO_DEVICE);
            assertThat(debug.freeEntryCount()).isEqualTo(32);
            assertThat(debug.minFreeEntryCount()).isEqualTo(30);
            assertThat(debug.entryCount()).isEqualTo(32);
        }

        @Test
        void growByPagesAndSaySoWhenTheyDoubled() {
            begin("dma_debug_entries=64");
            news();
            List<Long> lent = new ArrayList<>();
            for (int i = 0; i < 64; i++) {
                lent.add(map(va, 64, TO_DEVICE));
            }
            assertThat(said()).isEmpty();
            lent.add(map(va, 64, TO_DEVICE));
            assertThat(debug.entryCount()).isEqualTo(96);
            assertThat(said()).isEmpty();
            for (int i = 65; i < 97; i++) {
                lent.add(map(va, 64, TO_DEVICE));
            }
            assertThat(said()).containsExactly("dma_debug_entry pool grown to 128 (200%)");
            assertThat(debug.minFreeEntryCount()).isZero();
            assertThat(debug.freeEntryCount()).isEqualTo(31);
            lent.forEach(dma -> mapping.unmapSingle(device, dma, 64, TO_DEVICE));
            assertThat(debug.freeEntryCount()).isEqualTo(128);
            assertThat(debug.entryCount()).isEqualTo(128);
        }

        @Test
        void areDumpedBucketByBucket() {
            beginShowingAll();
            Device other = new Device("other0", "platform", null, null);
            CoherentBuffer ring = mapping.allocCoherent(device, 100, Gfp.KERNEL);
            long untested = mapping.tryMapSingle(other, va + 64, 64, FROM_DEVICE, 0);
            long tested = map(va + 256, 64, TO_DEVICE);
            Scatterlist sg = list(1);
            mapping.mapSg(device, sg, 1, BIDIRECTIONAL);
            String[] lines = debug.dump().split("\n", -1);
            assertThat(lines)
                    .hasSize(5)
                    .endsWith("")
                    .contains(
                            line("pci 0000:00:01.0 coherent", ring.dma(), 100)
                                    + " DMA_BIDIRECTIONAL dma map error check not applicable",
                            line("platform other0 single", untested, 64)
                                    + " DMA_FROM_DEVICE dma map error not checked",
                            line("pci 0000:00:01.0 single", tested, 64)
                                    + " DMA_TO_DEVICE dma map error checked",
                            line("pci 0000:00:01.0 scatter-gather", sg.dmaAddress(0), 64)
                                    + " DMA_BIDIRECTIONAL dma map error check not applicable");
            assertThat(lines[0].replaceFirst("^.* idx (\\d+) .*$", "$1"))
                    .isEqualTo(String.valueOf(Math.min(bucket(ring.dma()), bucket(untested))));
        }

        private String line(String what, long dma, long size) {
            return String.format(
                    Locale.ROOT,
                    "%s idx %d P=%s D=%x L=%x cln=%s",
                    what,
                    bucket(dma),
                    hex(dma),
                    dma,
                    size,
                    hex(dma >> 6));
        }

        private static long bucket(long dma) {
            return (dma >> 13) & 0x3fff;
        }

        @Test
        void ofMemoryWithoutAnAddressForTheCpuDoNotExist() {
            beginShowingAll();
            CoherentBuffer hidden =
                    mapping.allocAttrs(device, 4096, Gfp.KERNEL, DmaAttrs.NO_KERNEL_MAPPING);
            assertThat(debug.dump()).isEmpty();
            assertThat(debug.freeEntryCount()).isEqualTo(65_536);
            mapping.freeAttrs(device, 4096, hidden.va(), hidden.dma(), DmaAttrs.NO_KERNEL_MAPPING);
            assertThat(said()).isEmpty();
            assertThat(debug.freeEntryCount()).isEqualTo(65_536);
        }
    }

    @Nested
    class Leaving {
        @Test
        void aPciFunctionWithMemoryNamesTheLastEntryOfTheTable() {
            beginShowingAll();
            map(va, 64, TO_DEVICE);
            mapping.mapSg(device, list(2), 2, FROM_DEVICE);
            long last = mapping.tryMapSingle(device, va + 1024, 32, BIDIRECTIONAL, 0);
            mapping.driverLeft(device);
            assertThat(said())
                    .containsExactly(
                            "device driver has pending DMA allocations while released from device"
                                    + " [count=4]\n"
                                    + "One of leaked entries details:"
                                    + at(last, 32)
                                    + " [mapped with DMA_BIDIRECTIONAL] [mapped as single]");
        }

        @Test
        void aPciFunctionWithoutMemorySaysNothing() {
            beginShowingAll();
            mapping.unmapSingle(device, map(va, 64, TO_DEVICE), 64, TO_DEVICE);
            mapping.driverLeft(device);
            assertThat(said()).isEmpty();
        }

        @Test
        void anotherBusSaysNothing() {
            beginShowingAll();
            Device other = new Device("other0", "platform", null, null);
            mapping.mapSingle(other, va, 64, TO_DEVICE);
            mapping.driverLeft(other);
            assertThat(said()).isEmpty();
        }
    }
}
