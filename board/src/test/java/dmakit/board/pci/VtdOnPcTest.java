package dmakit.board.pci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmakit.board.Board;
import dmakit.board.Simulation;
import dmakit.datasheet.edu.EduRegister;
import dmakit.datasheet.vtd.VtdRegister;
import dmakit.hardware.vtd.Vtd;
import dmakit.kernel.KernelException;
import dmakit.kernel.boot.Kernel;
import dmakit.kernel.check.Finding;
import dmakit.kernel.check.FindingId;
import dmakit.kernel.device.Device;
import dmakit.kernel.dma.DmaDirection;
import dmakit.kernel.fs.Directory;
import dmakit.kernel.fs.Node;
import dmakit.kernel.iommu.DomainType;
import dmakit.kernel.iommu.IommuDomain;
import dmakit.kernel.iommu.IommuGroup;
import dmakit.kernel.iommu.IotlbGather;
import dmakit.kernel.iommu.PagingDomain;
import dmakit.kernel.log.LogRecord;
import dmakit.kernel.mm.Gfp;
import dmakit.kernel.mm.Zone;
import dmakit.kernel.pci.PciInterrupts;
import dmakit.machine.bus.MasterPort;
import dmakit.machine.bus.Translation;
import dmakit.machine.bus.Windows;
import dmakit.machine.cpu.AddressLayout;
import dmakit.machine.cpu.Cpu;
import dmakit.machine.random.Rng;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the pc board does behind VT-d; rows of what the real kernel was seen to do by number. */
class VtdOnPcTest {
    private static final String STRICT = "intel_iommu=on iommu.strict=1";
    private static final int PAGE = 4096;
    private static final int BYTES = 64;
    private static final int SLOT = 2;
    private static final int OTHER_SLOT = 3;
    private static final int EMPTY_SLOT = 0x14;
    private static final long MESSAGES = 0xfee0_0000L;
    private static final long MESSAGES_END = 0xfef0_0000L;
    private static final long UNIT = 0xfed9_0000L;
    private static final String UNIT_FILES = "devices/virtual/iommu/dmar0/intel-iommu/domains_used";
    private static final String SECOND_EDU =
            """
            /dts-v1/;
            /plugin/;
            &{/pcie@b0000000} {
                edu@3,0 {
                    compatible = "pci1234,11e8";
                    reg = <0x1800 0 0 0 0>;
                };
            };
            """;

    private static void onPc(String commandLine, Consumer<Simulation> body) {
        Simulation.Options options = new Simulation.Options(1, Optional.empty(), commandLine);
        Board board = Board.of("pc").withOverlay(SECOND_EDU, "second edu");
        try (Simulation pc = Simulation.boot(board, options)) {
            body.accept(pc);
            assertThat(pc.kernel().shutdown()).isEmpty();
        }
    }

    private static void withEdu(String commandLine, Consumer<EduDriver> body) {
        onPc(commandLine, pc -> withEdu(pc, body));
    }

    private static void withEdu(Simulation pc, Consumer<EduDriver> body) {
        Kernel kernel = pc.kernel();
        EduDriver edu = new EduDriver(kernel, PciInterrupts.MSI, true).only(SLOT);
        kernel.run(
                "edu",
                () -> {
                    kernel.pci().register(edu);
                    body.accept(edu);
                    kernel.pci().unregister(edu);
                });
    }

    private static List<String> log(Kernel kernel) {
        return kernel.log().buffer().records().stream().map(LogRecord::text).toList();
    }

    private static List<String> faults(Kernel kernel) {
        return log(kernel).stream().filter(line -> line.startsWith("DMAR: [DMA")).toList();
    }

    /** A page at its linear address. */
    private static long page(Kernel kernel, Gfp gfp) {
        return AddressLayout.LINEAR_BASE + kernel.mm().pages().allocPages(gfp, 0);
    }

    private static void free(Kernel kernel, long va) {
        kernel.mm().pages().freePages(va - AddressLayout.LINEAR_BASE, 0);
    }

    private static Vtd unit(Kernel kernel) {
        return (Vtd) Objects.requireNonNull(kernel.machine().bus().rangeAt(UNIT)).target();
    }

    private static IommuDomain domain(EduDriver edu) {
        return edu.kernel().iommus().domainOf(edu.function().device()).orElseThrow();
    }

    // The command line.

    @Test
    void withoutAWordTheUnitStaysOff() {
        withEdu(
                "",
                edu -> {
                    assertThat(log(edu.kernel()))
                            .contains(
                                    "DMAR: Host address width 46",
                                    "DMAR: DRHD base: 0x000000fed90000 flags: 0x1",
                                    "DMAR: dmar0: reg_base_addr fed90000 ver 1:0"
                                            + " cap d2078c226f0606 ecap fc3")
                            .noneMatch(line -> line.contains("IOMMU enabled"))
                            .noneMatch(line -> line.contains("iommu group"));
                    Kernel kernel = edu.kernel();
                    long va = page(kernel, Gfp.DMA32);
                    Device device = edu.function().device();
                    long dma = kernel.dma().mapSingle(device, va, BYTES, DmaDirection.TO_DEVICE);
                    assertThat(dma).isEqualTo(va - AddressLayout.LINEAR_BASE);
                    assertThat(edu.move(dma, BYTES, false)).isTrue();
                    kernel.dma().unmapSingle(device, dma, BYTES, DmaDirection.TO_DEVICE);
                    free(kernel, va);
                });
    }

    @Test
    void theBootSaysWhatLinuxSaysInItsOrder() {
        withEdu(
                "intel_iommu=on",
                edu ->
                        assertThat(log(edu.kernel()))
                                .containsSubsequence(
                                        "DMAR: IOMMU enabled",
                                        "Kernel command line: intel_iommu=on",
                                        "iommu: Default domain type: Translated",
                                        "iommu: DMA domain TLB invalidation policy: lazy mode",
                                        "DMAR: Host address width 46",
                                        "DMAR: No RMRR found",
                                        "DMAR: No ATSR found",
                                        "DMAR: dmar0: Using Queued invalidation",
                                        "DMAR: Intel(R) Virtualization Technology for Directed"
                                                + " I/O"));
    }

    @ParameterizedTest
    @CsvSource({
        "'intel_iommu=off', DMAR: IOMMU disabled",
        "'intel_iommu=on,strict', DMAR: intel_iommu=strict deprecated; use iommu.strict=1 instead",
        "'intel_iommu=sm_off', DMAR: Scalable mode is disallowed",
        "'intel_iommu=on,sp_off', DMAR: Disable supported super page",
        "'intel_iommu=on,up,down', 'DMAR: Unknown option - ''up,down'''",
        "'intel_iommu=on,up,down', 'DMAR: Unknown option - ''down'''"
    })
    void wordsAreAnsweredAsLinuxDoes(String commandLine, String line) {
        onPc(commandLine, pc -> assertThat(log(pc.kernel())).contains(line));
    }

    @ParameterizedTest
    @CsvSource({
        "intel_iommu=on, DMA_FQ",
        "'intel_iommu=on,strict', DMA",
        "intel_iommu=on iommu.strict=1, DMA",
        "intel_iommu=on iommu.passthrough=1, IDENTITY"
    })
    void defaultDomainsAreLazyUnlessSomebodyObjects(String commandLine, DomainType type) {
        withEdu(commandLine, edu -> assertThat(domain(edu).type()).isEqualTo(type));
    }

    @Test
    void otherBoardsDoNotListen() {
        Simulation.Options options = new Simulation.Options(1, Optional.empty(), "intel_iommu=on");
        try (Simulation rpi = Simulation.boot(Board.of("rpi3"), options)) {
            assertThat(log(rpi.kernel())).noneMatch(line -> line.startsWith("DMAR"));
        }
    }

    @Test
    void theUnitHasFilesWhileItTranslates() {
        onPc(
                STRICT,
                pc -> {
                    Kernel kernel = pc.kernel();
                    assertThat(sys(kernel, "class/iommu/dmar0")).isPresent();
                    withEdu(pc, edu -> assertThat(sys(kernel, UNIT_FILES)).isPresent());
                    assertThat(kernel.mm().resources().iomem())
                            .contains("fed90000-fed90fff : dmar0\n");
                });
        onPc("", pc -> assertThat(sys(pc.kernel(), UNIT_FILES)).isEmpty());
    }

    private static Optional<Node> sys(Kernel kernel, String path) {
        Optional<Node> at = Optional.of(kernel.fileSystem().sys());
        for (String name : path.split("/")) {
            at =
                    at.filter(Directory.class::isInstance)
                            .map(Directory.class::cast)
                            .flatMap(directory -> directory.find(name));
        }
        return at;
    }

    // The mapping API.

    @ParameterizedTest
    @ValueSource(strings = {STRICT, "intel_iommu=on", "intel_iommu=on,sp_off"})
    void bytesGoThereAndBackAndInterruptsArrive(String commandLine) {
        withEdu(
                commandLine,
                edu -> {
                    Kernel kernel = edu.kernel();
                    Cpu cpu = kernel.machine().cpu();
                    Device device = edu.function().device();
                    long va = page(kernel, Gfp.KERNEL);
                    cpu.store64(va, 0x1122_3344_5566_7788L);
                    long out = kernel.dma().mapSingle(device, va, BYTES, DmaDirection.TO_DEVICE);
                    assertThat(edu.move(out, BYTES, false)).isTrue();
                    kernel.dma().unmapSingle(device, out, BYTES, DmaDirection.TO_DEVICE);
                    cpu.store64(va, 0);
                    long in = kernel.dma().mapSingle(device, va, BYTES, DmaDirection.FROM_DEVICE);
                    assertThat(edu.move(in, BYTES, true)).isTrue();
                    kernel.dma().unmapSingle(device, in, BYTES, DmaDirection.FROM_DEVICE);
                    assertThat(cpu.load64(va)).isEqualTo(0x1122_3344_5566_7788L);
                    assertThat(edu.interrupts()).isEqualTo(2);
                    assertThat(faults(kernel)).isEmpty();
                    free(kernel, va);
                });
    }

    @Test
    void aBufferBeyondTheDevicesReachNeedsNoBouncing() {
        withEdu(
                STRICT,
                edu -> {
                    Kernel kernel = edu.kernel();
                    Device device = edu.function().device();
                    long va = page(kernel, Gfp.KERNEL);
                    long phys = va - AddressLayout.LINEAR_BASE;
                    assertThat(phys).isGreaterThanOrEqualTo(1L << 32);
                    long dma = kernel.dma().mapSingle(device, va, PAGE, DmaDirection.TO_DEVICE);
                    assertThat(dma).isBetween(1L, EduRegister.DMA_MASK);
                    assertThat(domain(edu).iovaToPhys(dma)).isEqualTo(phys);
                    kernel.machine().cpu().store32(va, 0x600d_f00d);
                    assertThat(edu.move(dma, BYTES, false)).isTrue();
                    kernel.dma().unmapSingle(device, dma, PAGE, DmaDirection.TO_DEVICE);
                    free(kernel, va);
                    assertThat(faults(kernel)).isEmpty();
                });
    }

    @ParameterizedTest
    @CsvSource({
        "iommu.strict=1, 0x200000",
        "iommu.strict=0, 0x200000",
        "intel_iommu=sp_off, 0x1000"
    })
    void largeBuffersUseLargePagesUnlessThoseAreOff(String word, String largest) {
        withEdu(
                "intel_iommu=on " + word,
                edu -> {
                    Kernel kernel = edu.kernel();
                    Device device = edu.function().device();
                    Translation stream = unit(kernel).stream(SLOT << 3, Windows.IDENTITY);
                    int order = 10;
                    long size = (long) PAGE << order;
                    long phys = kernel.mm().pages().allocPages(Gfp.KERNEL, order);
                    long va = AddressLayout.LINEAR_BASE + phys;
                    for (int i = 0; i < 20; i++) {
                        long dma = kernel.dma().mapSingle(device, va, size, DmaDirection.TO_DEVICE);
                        assertThat(stream.toPhys(dma + size - 1, false)).isEqualTo(phys + size - 1);
                        assertThat(stream.contiguousFrom(dma, false))
                                .isEqualTo(Long.decode(largest));
                        kernel.dma().unmapSingle(device, dma, size, DmaDirection.TO_DEVICE);
                        // Small pages in the same place, in turn.
                        long small =
                                kernel.dma().mapSingle(device, va, PAGE, DmaDirection.TO_DEVICE);
                        assertThat(stream.toPhys(small, false)).isEqualTo(phys);
                        kernel.dma().unmapSingle(device, small, PAGE, DmaDirection.TO_DEVICE);
                    }
                    kernel.sched().msleep(50);
                    kernel.mm().pages().freePages(phys, order);
                    assertThat(log(kernel)).noneMatch(line -> line.contains("ERROR"));
                });
    }

    @Test
    void withPassThroughAddressesArePhysical() {
        withEdu(
                "intel_iommu=on iommu.passthrough=1",
                edu -> {
                    Kernel kernel = edu.kernel();
                    Device device = edu.function().device();
                    long va = page(kernel, Gfp.DMA32);
                    long dma = kernel.dma().mapSingle(device, va, BYTES, DmaDirection.FROM_DEVICE);
                    assertThat(dma).isEqualTo(va - AddressLayout.LINEAR_BASE);
                    assertThat(edu.move(dma, BYTES, true)).isTrue();
                    kernel.dma().unmapSingle(device, dma, BYTES, DmaDirection.FROM_DEVICE);
                    assertThat(faults(kernel)).isEmpty();
                    free(kernel, va);
                });
    }

    // What else the real kernel was seen to answer.

    @Test
    void limitsAndRefusalsAreThoseSeen() {
        withEdu(
                STRICT,
                edu -> {
                    Kernel kernel = edu.kernel();
                    Device device = edu.function().device();
                    long va = page(kernel, Gfp.KERNEL);
                    kernel.dma().setMaskAndCoherent(device, 0xff_ffff);
                    long dma = kernel.dma().mapSingle(device, va, PAGE, DmaDirection.TO_DEVICE);
                    assertThat(dma).isBetween(1L, 0xff_ffffL);
                    kernel.dma().unmapSingle(device, dma, PAGE, DmaDirection.TO_DEVICE);
                    assertThatThrownBy(() ->
                                    kernel.dma().mapSingle(device, va, 0, DmaDirection.TO_DEVICE))
                            .isInstanceOf(KernelException.class)
                            .hasMessageContaining("ENOMEM");
                    assertThat(kernel.dma().optMappingSize(device)).isEqualTo(128 << 10);
                    assertThat(kernel.dma().maxMappingSize(device)).isEqualTo(Long.MAX_VALUE);
                    free(kernel, va);
                });
    }

    @Test
    void addressesKeepOffTheInterruptRange() {
        withEdu(
                STRICT,
                edu -> {
                    Kernel kernel = edu.kernel();
                    Device device = edu.function().device();
                    kernel.dma().setMaskAndCoherent(device, 0xffff_ffffL);
                    long va = page(kernel, Gfp.KERNEL);
                    List<Long> taken = new ArrayList<>();
                    // From the top of 4 GiB downwards, across the range and the host's windows.
                    for (int i = 0; i < 0x1400; i++) {
                        long dma = kernel.dma().mapSingle(device, va, PAGE, DmaDirection.TO_DEVICE);
                        assertThat(dma < MESSAGES || dma >= MESSAGES_END).isTrue();
                        taken.add(dma);
                    }
                    assertThat(taken).anyMatch(dma -> dma < MESSAGES);
                    taken.forEach(dma ->
                            kernel.dma().unmapSingle(device, dma, PAGE, DmaDirection.TO_DEVICE));
                    free(kernel, va);
                });
    }

    // Faults: rows 43 to 46.

    private interface Mistake {
        /** Lets the device do what it must not; answers the address of the fault. */
        long make(EduDriver edu, Device device, long va);
    }

    private static void assertFault(String kind, Mistake mistake) {
        withEdu(
                STRICT,
                edu -> {
                    Kernel kernel = edu.kernel();
                    long va = page(kernel, Gfp.DMA32);
                    long address = mistake.make(edu, edu.function().device(), va);
                    assertThat(log(kernel))
                            .containsSubsequence(
                                    "DMAR: DRHD: handling fault status reg 2",
                                    String.format(
                                            "DMAR: [DMA %s NO_PASID] Request device [00:02.0]"
                                                    + " fault addr 0x%x [fault reason %s access"
                                                    + " is not set",
                                            kind.startsWith("0x05") ? "Write" : "Read",
                                            address & -PAGE,
                                            kind));
                    assertThat(faults(kernel)).hasSize(1);
                    free(kernel, va);
                });
    }

    @Test
    void readingPastTheMappingFaults() {
        assertFault(
                "0x06] PTE Read",
                (edu, device, va) -> {
                    Kernel kernel = edu.kernel();
                    long dma = kernel.dma().mapSingle(device, va, PAGE, DmaDirection.TO_DEVICE);
                    edu.move(dma + PAGE - 32, BYTES, false);
                    kernel.dma().unmapSingle(device, dma, PAGE, DmaDirection.TO_DEVICE);
                    return dma + PAGE;
                });
    }

    @Test
    void readingAfterTheUnmapFaults() {
        assertFault(
                "0x06] PTE Read",
                (edu, device, va) -> {
                    Kernel kernel = edu.kernel();
                    long dma = kernel.dma().mapSingle(device, va, PAGE, DmaDirection.TO_DEVICE);
                    assertThat(edu.move(dma, BYTES, false)).isTrue();
                    kernel.dma().unmapSingle(device, dma, PAGE, DmaDirection.TO_DEVICE);
                    edu.move(dma, BYTES, false);
                    return dma;
                });
    }

    @Test
    void writingAgainstTheDirectionFaultsAndChangesNothing() {
        assertFault(
                "0x05] PTE Write",
                (edu, device, va) -> {
                    Kernel kernel = edu.kernel();
                    kernel.machine().cpu().store64(va, 0x5a5a_5a5a_5a5a_5a5aL);
                    long dma = kernel.dma().mapSingle(device, va, PAGE, DmaDirection.TO_DEVICE);
                    edu.move(dma, BYTES, true);
                    kernel.dma().unmapSingle(device, dma, PAGE, DmaDirection.TO_DEVICE);
                    assertThat(kernel.machine().cpu().load64(va)).isEqualTo(0x5a5a_5a5a_5a5a_5a5aL);
                    return dma;
                });
    }

    @Test
    void aPhysicalAddressFaults() {
        assertFault(
                "0x06] PTE Read",
                (edu, device, va) -> {
                    long phys = va - AddressLayout.LINEAR_BASE;
                    edu.move(phys, BYTES, false);
                    return phys;
                });
    }

    @Test
    void anOverrunInsideThePageIsNoFaultButAFinding() {
        Simulation.Options options = new Simulation.Options(1, Optional.empty(), STRICT);
        try (Simulation pc = Simulation.boot(Board.of("pc"), options)) {
            Kernel kernel = pc.kernel();
            kernel.findings().enable();
            withEdu(
                    pc,
                    edu -> {
                        Device device = edu.function().device();
                        long va = page(kernel, Gfp.KERNEL);
                        kernel.machine().cpu().fill(va, PAGE, (byte) 1);
                        long dma =
                                kernel.dma().mapSingle(device, va, BYTES, DmaDirection.TO_DEVICE);
                        kernel.dma().mappingError(device, dma);
                        edu.move(dma, BYTES + 16, false);
                        kernel.dma().unmapSingle(device, dma, BYTES, DmaDirection.TO_DEVICE);
                        free(kernel, va);
                    });
            assertThat(faults(kernel)).isEmpty();
            assertThat(kernel.findings().all())
                    .extracting(Finding::id)
                    .containsExactly(FindingId.DEVICE_UNMAPPED_ACCESS);
        }
    }

    @Test
    void manyFaultsAreReportedAtALimitedRate() {
        withEdu(
                STRICT,
                edu -> {
                    Kernel kernel = edu.kernel();
                    for (int i = 0; i < 30; i++) {
                        edu.move(0x10_0000, BYTES, false);
                    }
                    assertThat(faults(kernel)).hasSizeBetween(1, 9);
                    kernel.sched().msleep(6_000);
                    edu.move(0x10_0000, BYTES, false);
                    assertThat(log(kernel))
                            .anyMatch(line ->
                                    line.contains("dmar_fault: ")
                                            && line.endsWith("callbacks suppressed"));
                });
    }

    // Isolation.

    @Test
    void functionsAreInGroupsOfTheirOwnAndOutOfEachOthersReach() {
        onPc(
                STRICT,
                pc -> {
                    Kernel kernel = pc.kernel();
                    EduDriver one = new EduDriver(kernel, PciInterrupts.MSI, true).only(SLOT);
                    EduDriver two = new EduDriver(kernel, PciInterrupts.MSI, true).only(OTHER_SLOT);
                    kernel.run(
                            "edu",
                            () -> {
                                kernel.pci().register(one);
                                kernel.pci().register(two);
                                assertApart(one, two);
                                kernel.pci().unregister(two);
                                kernel.pci().unregister(one);
                            });
                });
    }

    private static void assertApart(EduDriver one, EduDriver two) {
        Kernel kernel = one.kernel();
        assertThat(kernel.iommus().groups())
                .extracting(IommuGroup::devices)
                .contains(List.of(one.function().device()), List.of(two.function().device()));
        long va = page(kernel, Gfp.KERNEL);
        Device device = one.function().device();
        long dma = kernel.dma().mapSingle(device, va, PAGE, DmaDirection.BIDIRECTIONAL);
        kernel.machine().cpu().store64(va, 7);
        assertThat(two.move(dma, BYTES, true)).isTrue();
        assertThat(kernel.machine().cpu().load64(va)).isEqualTo(7);
        assertThat(faults(kernel))
                .containsExactly(
                        String.format(
                                "DMAR: [DMA Write NO_PASID] Request device [00:03.0] fault addr"
                                        + " 0x%x [fault reason 0x05] PTE Write access is not set",
                                dma));
        assertThat(one.move(dma, BYTES, true)).isTrue();
        kernel.dma().unmapSingle(device, dma, PAGE, DmaDirection.BIDIRECTIONAL);
        free(kernel, va);
    }

    @Test
    void aFunctionWithoutADriverReachesNothing() {
        withEdu(
                STRICT,
                edu -> {
                    Kernel kernel = edu.kernel();
                    Translation other = unit(kernel).stream(EMPTY_SLOT << 3, Windows.IDENTITY);
                    MasterPort port = kernel.machine().bus().master("nobody", other, true);
                    assertThat(port.read(0x1000, new byte[8], 0, 8).isDone()).isFalse();
                    kernel.sched().msleep(1);
                    assertThat(faults(kernel))
                            .containsExactly(
                                    "DMAR: [DMA Read NO_PASID] Request device [00:14.0] fault addr"
                                            + " 0x1000 [fault reason 0x02] Present bit in context"
                                            + " entry is clear");
                });
    }

    // Staleness.

    @Test
    void lazilyUnmappedPagesStayInReachForAWhile() {
        withEdu(
                "intel_iommu=on",
                edu -> {
                    Kernel kernel = edu.kernel();
                    Device device = edu.function().device();
                    Translation stream = unit(kernel).stream(SLOT << 3, Windows.IDENTITY);
                    long va = page(kernel, Gfp.KERNEL);
                    long dma = kernel.dma().mapSingle(device, va, PAGE, DmaDirection.TO_DEVICE);
                    assertThat(stream.toPhys(dma, false)).isNotEqualTo(Translation.NONE);
                    kernel.dma().unmapSingle(device, dma, PAGE, DmaDirection.TO_DEVICE);
                    assertThat(domain(edu).iovaToPhys(dma)).isZero();
                    assertThat(stream.toPhys(dma, false)).isNotEqualTo(Translation.NONE);
                    kernel.sched().msleep(20);
                    assertThat(stream.toPhys(dma, false)).isEqualTo(Translation.NONE);
                    free(kernel, va);
                });
    }

    @Test
    void anUnmapWhoseInvalidationIsLeftOutShows() {
        withEdu(
                STRICT,
                edu -> {
                    Kernel kernel = edu.kernel();
                    PagingDomain tables = Objects.requireNonNull(domain(edu).tables());
                    Translation stream = unit(kernel).stream(SLOT << 3, Windows.IDENTITY);
                    tables.mapPages(0x20_0000, 0x30_0000, PAGE, 1, 3, Gfp.ATOMIC);
                    assertThat(stream.toPhys(0x20_0000, true)).isEqualTo(0x30_0000);
                    IotlbGather gather = new IotlbGather();
                    assertThat(tables.unmapPages(0x20_0000, PAGE, 1, gather)).isEqualTo(PAGE);
                    assertThat(stream.toPhys(0x20_0000, true)).isEqualTo(0x30_0000);
                    tables.sync(gather);
                    assertThat(stream.toPhys(0x20_0000, true)).isEqualTo(Translation.NONE);
                });
    }

    @Test
    void aQueueThatStandsStillIsReportedAndGoesOn() {
        withEdu(
                STRICT,
                edu -> {
                    Kernel kernel = edu.kernel();
                    PagingDomain tables = Objects.requireNonNull(domain(edu).tables());
                    Translation stream = unit(kernel).stream(SLOT << 3, Windows.IDENTITY);
                    tables.mapPages(0x20_0000, 0x30_0000, PAGE, 1, 3, Gfp.ATOMIC);
                    assertThat(stream.toPhys(0x20_0000, true)).isEqualTo(0x30_0000);
                    int queue = VtdRegister.IQA.offset();
                    long address = unit(kernel).read(queue, Long.BYTES);
                    unit(kernel).write(queue, Long.BYTES, 1L << 40);
                    tables.unmapPages(0x20_0000, PAGE, 1, new IotlbGather());
                    tables.flushAll();
                    assertThat(log(kernel))
                            .contains(
                                    "DMAR: VT-d detected Invalidation Queue Error: Reason 2",
                                    "DMAR: Invalidation Queue Error (IQE) cleared")
                            .anyMatch(line ->
                                    line.startsWith("DMAR: QI HEAD: IOTLB Invalidation qw0 ="));
                    assertThat(stream.toPhys(0x20_0000, true)).isEqualTo(0x30_0000);
                    unit(kernel).write(queue, Long.BYTES, address);
                    unit(kernel).write(VtdRegister.FSTS.offset(), Integer.BYTES, -1);
                    tables.flushAll();
                    assertThat(stream.toPhys(0x20_0000, true)).isEqualTo(Translation.NONE);
                });
    }

    // Tables.

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void theUnitSeesWhatAModelOfTheDomainSees(long seed) {
        withEdu(
                STRICT,
                edu -> {
                    Kernel kernel = edu.kernel();
                    PagingDomain tables = Objects.requireNonNull(domain(edu).tables());
                    Translation stream = unit(kernel).stream(SLOT << 3, Windows.IDENTITY);
                    new TablesAgainstModel(tables, stream, Rng.named(seed, "tables")).run(3_000);
                    tables.flushAll();
                });
    }

    /** Pages of all sizes in a few places, mapped and unmapped at random. */
    private static final class TablesAgainstModel {
        private static final long BASE = 0x40_0000_0000L - 0x40_0000L;
        private static final int PAGES = 4096;
        private static final long LARGE = 0x20_0000L;

        private final PagingDomain tables;
        private final Translation stream;
        private final Rng rng;
        private final Map<Long, Long> model = new TreeMap<>();
        private final IotlbGather gather = new IotlbGather();

        TablesAgainstModel(PagingDomain tables, Translation stream, Rng rng) {
            this.tables = tables;
            this.stream = stream;
            this.rng = rng;
        }

        void run(int steps) {
            for (int i = 0; i < steps; i++) {
                boolean large = rng.nextInt(4) == 0;
                long size = large ? LARGE : PAGE;
                long count = 1 + rng.nextInt(large ? 3 : 40);
                long iova = BASE + ((rng.nextInt(PAGES) * (long) PAGE) & -size);
                if (rng.nextInt(2) == 0) {
                    map(iova, rng.nextInt(64) * LARGE, size, count);
                } else {
                    unmap(iova, size, count);
                }
                look();
            }
            unmap();
        }

        private void map(long iova, long phys, long size, long count) {
            long mapped = tables.mapPages(iova, phys, size, count, 3, Gfp.ATOMIC);
            long wanted = 0;
            while (wanted < size * count && isFree(iova + wanted, size)) {
                for (long at = 0; at < size; at += PAGE) {
                    model.put(iova + wanted + at, phys + wanted + at);
                }
                wanted += size;
            }
            assertThat(mapped).isEqualTo(wanted);
            assertThat(tables.lastError() == 0).isEqualTo(wanted == size * count);
        }

        private boolean isFree(long iova, long size) {
            for (long at = iova; at < iova + size; at += PAGE) {
                if (model.containsKey(at)) {
                    return false;
                }
            }
            return true;
        }

        private void unmap(long iova, long size, long count) {
            gather.clear();
            long unmapped = tables.unmapPages(iova, size, count, gather);
            // A large page goes as a whole, also what lies before or behind the range.
            long first = gather.isEmpty() ? iova : gather.start();
            for (long at = first; at < iova + unmapped; at += PAGE) {
                assertThat(model.remove(at)).isNotNull();
            }
            if (unmapped < size * count) {
                assertThat(model).doesNotContainKey(iova + unmapped);
            }
            tables.sync(gather);
            for (int i = 0; i < gather.tableCount(); i++) {
                tables.freeTable(gather.table(i));
            }
        }

        private void look() {
            for (int i = 0; i < 8; i++) {
                long iova = BASE + rng.nextInt(PAGES) * (long) PAGE;
                Long phys = model.get(iova);
                assertThat(tables.iovaToPhys(iova)).isEqualTo(phys == null ? 0 : phys);
                assertThat(stream.toPhys(iova, true))
                        .isEqualTo(phys == null ? Translation.NONE : phys);
            }
        }

        private void unmap() {
            while (!model.isEmpty()) {
                unmap(model.keySet().iterator().next(), PAGE, 1);
            }
        }
    }

    @Test
    void nothingIsMappedTwice() {
        withEdu(
                STRICT,
                edu -> {
                    PagingDomain tables = Objects.requireNonNull(domain(edu).tables());
                    assertThat(tables.mapPages(0x1000, 0x5000, PAGE, 2, 3, Gfp.ATOMIC))
                            .isEqualTo(2L * PAGE);
                    assertThat(tables.mapPages(0x0, 0x9000, PAGE, 2, 3, Gfp.ATOMIC))
                            .isEqualTo(PAGE);
                    assertThat(tables.lastError()).isEqualTo(17);
                    assertThat(log(edu.kernel()))
                            .contains(
                                    "DMAR: ERROR: DMA PTE for vPFN 0x1 already set (to 5003 not"
                                            + " a003)");
                    assertThat(tables.unmapPages(0, PAGE, 3, new IotlbGather()))
                            .isEqualTo(3L * PAGE);
                });
    }

    @Test
    void aLargePageTakesThePlaceOfAnEmptyTableOnly() {
        withEdu(
                STRICT,
                edu -> {
                    PagingDomain tables = Objects.requireNonNull(domain(edu).tables());
                    IotlbGather gather = new IotlbGather();
                    long large = 0x20_0000;
                    tables.mapPages(large, 0x5000, PAGE, 1, 3, Gfp.ATOMIC);
                    assertThat(tables.mapPages(large, 0, large, 1, 3, Gfp.ATOMIC)).isZero();
                    tables.unmapPages(large, PAGE, 1, gather);
                    assertThat(gather.tableCount()).isZero();
                    assertThat(tables.mapPages(large, 0, large, 1, 3, Gfp.ATOMIC)).isEqualTo(large);
                    assertThat(tables.unmapPages(large + PAGE, PAGE, 1, gather))
                            .as("to the end of the large page")
                            .isEqualTo(large - PAGE);
                    assertThat(tables.iovaToPhys(large)).isZero();
                    tables.sync(gather);
                });
    }

    @Test
    void tablesThatAreEmptyGoWithALargeUnmap() {
        withEdu(
                STRICT,
                edu -> {
                    PagingDomain tables = Objects.requireNonNull(domain(edu).tables());
                    IotlbGather gather = new IotlbGather();
                    long start = 0x1_0000_0000L - 0x1000;
                    assertThat(tables.mapPages(start, 0, PAGE, 1026, 3, Gfp.ATOMIC))
                            .isEqualTo(1026L * PAGE);
                    assertThat(tables.unmapPages(start, PAGE, 1026, gather))
                            .isEqualTo(1026L * PAGE);
                    assertThat(gather.tableCount()).isEqualTo(2);
                    tables.sync(gather);
                    tables.freeTable(gather.table(0));
                    tables.freeTable(gather.table(1));
                });
    }

    @Test
    void withoutPagesForTablesAMapFailsAndNothingLeaks() {
        withEdu(
                STRICT,
                edu -> {
                    Kernel kernel = edu.kernel();
                    PagingDomain tables = Objects.requireNonNull(domain(edu).tables());
                    List<Long> taken = new ArrayList<>();
                    for (int order = 10; order >= 0; order--) {
                        long block = kernel.mm().pages().take(Gfp.NOWAIT, order);
                        while (block >= 0) {
                            taken.add((block << 4) | order);
                            block = kernel.mm().pages().take(Gfp.NOWAIT, order);
                        }
                    }
                    assertThat(tables.mapPages(0x1000, 0x5000, PAGE, 1, 3, Gfp.NOWAIT)).isZero();
                    assertThat(tables.lastError()).isEqualTo(12);
                    assertThatThrownBy(() ->
                                    kernel.dma()
                                            .mapSingle(
                                                    edu.function().device(),
                                                    AddressLayout.LINEAR_BASE + 0x5000,
                                                    PAGE,
                                                    DmaDirection.TO_DEVICE))
                            .isInstanceOf(KernelException.class);
                    taken.forEach(
                            block -> kernel.mm().pages().give(block >> 4, (int) (block & 15)));
                    assertThat(tables.mapPages(0x1000, 0x5000, PAGE, 1, 3, Gfp.ATOMIC))
                            .isEqualTo(PAGE);
                    tables.unmapPages(0x1000, PAGE, 1, new IotlbGather());
                });
    }

    @Test
    void allPagesComeBackWhenTheDriverLeaves() {
        long withoutUnit = freePagesAfterShutdown("");
        assertThat(freePagesAfterShutdown(STRICT)).isEqualTo(withoutUnit);
        assertThat(freePagesAfterShutdown(STRICT + " iommu.passthrough=1")).isEqualTo(withoutUnit);
    }

    private static long freePagesAfterShutdown(String commandLine) {
        Simulation.Options options = new Simulation.Options(1, Optional.empty(), commandLine);
        try (Simulation pc = Simulation.boot(Board.of("pc"), options)) {
            withEdu(
                    pc,
                    edu -> {
                        Kernel kernel = edu.kernel();
                        long va = page(kernel, Gfp.DMA32);
                        Device device = edu.function().device();
                        long dma = kernel.dma().mapSingle(device, va, PAGE, DmaDirection.TO_DEVICE);
                        kernel.dma().unmapSingle(device, dma, PAGE, DmaDirection.TO_DEVICE);
                        free(kernel, va);
                    });
            Kernel kernel = pc.kernel();
            assertThat(kernel.shutdown()).isEmpty();
            int status = (int) unit(kernel).read(VtdRegister.GSTS.offset(), Integer.BYTES);
            assertThat(VtdRegister.Gsts.TES.isSet(status)).isFalse();
            long free = 0;
            for (Zone zone : Zone.values()) {
                free += kernel.mm().pages().freePages(zone);
            }
            return free;
        }
    }
}
