package dmakit.board.pci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmakit.board.Board;
import dmakit.board.Simulation;
import dmakit.kernel.DmaException;
import dmakit.kernel.Errno;
import dmakit.kernel.boot.Kernel;
import dmakit.kernel.device.Device;
import dmakit.kernel.dma.DmaAttrs;
import dmakit.kernel.dma.DmaDirection;
import dmakit.kernel.dmaengine.Capabilities;
import dmakit.kernel.dmaengine.Channel;
import dmakit.kernel.dmaengine.Descriptor;
import dmakit.kernel.dmaengine.DmaStatus;
import dmakit.kernel.dmaengine.PrepFlags;
import dmakit.kernel.dmaengine.TransactionType;
import dmakit.kernel.dmaengine.TransferResult;
import dmakit.kernel.irq.IrqStatistics;
import dmakit.kernel.mm.Gfp;
import dmakit.kernel.mm.PageAllocator;
import dmakit.kernel.pci.PciDevice;
import dmakit.kernel.pci.PciDriver;
import dmakit.kernel.sched.Jiffies;
import dmakit.kernel.sync.Completion;
import dmakit.machine.cpu.AddressLayout;
import dmakit.machine.cpu.Cpu;
import dmakit.machine.random.Rng;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PlxTest {
    private static final String NAME = "0000:00:04.0";
    private static final int FLAGS = PrepFlags.INTERRUPT | PrepFlags.ACK;
    private static final long FOUR_GIB = 1L << 32;

    /** A kernel with the channel taken, and what a client does with it. */
    private static final class Client {
        private final Kernel kernel;
        private final Cpu cpu;
        private final Channel channel;
        private final Device dev;
        private final List<TransferResult> results = new ArrayList<>();
        private final List<Integer> residues = new ArrayList<>();
        private final Completion done;

        Client(Kernel kernel) {
            this.kernel = kernel;
            cpu = kernel.machine().cpu();
            channel =
                    kernel.dmaEngine()
                            .requestChannel(
                                    Capabilities.of(TransactionType.MEMCPY),
                                    found -> found.device().dev().name().equals(NAME))
                            .orElseThrow();
            dev = channel.device().dev();
            done = new Completion(kernel.sched());
        }

        long buffer(int bytes) {
            return kernel.mm().pages().getFreePages(Gfp.KERNEL, PageAllocator.orderFor(bytes));
        }

        void freeBuffer(long va, int bytes) {
            kernel.mm().pages().freePagesAt(va, PageAllocator.orderFor(bytes));
        }

        void fill(long va, int bytes, int first) {
            byte[] pattern = new byte[bytes];
            for (int i = 0; i < bytes; i++) {
                pattern[i] = (byte) (first + i * 7);
            }
            cpu.store(va, pattern, 0, bytes);
        }

        byte[] load(long va, int bytes) {
            byte[] into = new byte[bytes];
            cpu.load(va, into, 0, bytes);
            return into;
        }

        /** Prepares, submits and issues a copy whose end is noted. */
        int copy(long to, long from, int bytes) {
            Descriptor desc = channel.prepMemcpy(to, from, bytes, FLAGS);
            desc.callbackResult((result, residue) -> {
                results.add(result);
                residues.add(residue);
                done.complete();
            });
            int cookie = desc.submit();
            channel.issuePending();
            return cookie;
        }

        boolean awaited() {
            return done.waitForTimeout(Jiffies.ofMillis(1000)) > 0;
        }

        /** Copies between two buffers through mappings, and compares. */
        void copyMapped(int bytes, int first) {
            long from = buffer(bytes);
            long to = buffer(bytes);
            fill(from, bytes, first);
            fill(to, bytes, 0);
            long source = kernel.dma().mapSingle(dev, from, bytes, DmaDirection.TO_DEVICE);
            long target = kernel.dma().mapSingle(dev, to, bytes, DmaDirection.FROM_DEVICE);
            kernel.dma().mappingError(dev, source);
            kernel.dma().mappingError(dev, target);
            int cookie = copy(target, source, bytes);
            assertThat(awaited()).isTrue();
            assertThat(channel.txStatus(cookie, null)).isEqualTo(DmaStatus.COMPLETE);
            kernel.dma().unmapSingle(dev, source, bytes, DmaDirection.TO_DEVICE);
            kernel.dma().unmapSingle(dev, target, bytes, DmaDirection.FROM_DEVICE);
            assertThat(load(to, bytes)).isEqualTo(load(from, bytes));
            freeBuffer(from, bytes);
            freeBuffer(to, bytes);
        }
    }

    private interface Body {
        void run(Client client);
    }

    private static void onPc(String commandLine, Body body) {
        Simulation.Options options = new Simulation.Options(1, Optional.empty(), commandLine);
        try (Simulation pc = Simulation.boot(Board.of("pc"), options)) {
            Kernel kernel = pc.kernel();
            kernel.run(
                    "client",
                    () -> {
                        Client client = new Client(kernel);
                        body.run(client);
                        if (client.channel.clientCount() > 0) {
                            kernel.dmaEngine().release(client.channel);
                        }
                    });
            assertThat(kernel.shutdown()).isEmpty();
            assertThat(kernel.irqs().requested())
                    .extracting(IrqStatistics::names)
                    .doesNotContain("plx_dma");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "intel_iommu=on iommu.strict=1",
                "intel_iommu=on iommu.strict=0",
                "intel_iommu=on iommu=pt",
                "swiotlb=force"
            })
    void copiesOnEveryWayToMemory(String commandLine) {
        onPc(
                commandLine,
                client -> {
                    for (int bytes : new int[] {1, 4, 100, 4096, 12345}) {
                        client.copyMapped(bytes, bytes);
                    }
                    assertThat(client.results).containsOnly(TransferResult.NOERROR);
                    assertThat(client.residues).containsOnly(0);
                });
    }

    @Test
    void reachesMemoryAbove4GiBWithAddressesOf64Bits() {
        onPc(
                "",
                client -> {
                    long va = client.buffer(4096);
                    assertThat(va - AddressLayout.LINEAR_BASE)
                            .as("the kernel gives high memory first")
                            .isGreaterThanOrEqualTo(FOUR_GIB);
                    long dma =
                            client.kernel
                                    .dma()
                                    .mapSingle(client.dev, va, 4096, DmaDirection.BIDIRECTIONAL);
                    client.kernel.dma().mappingError(client.dev, dma);
                    assertThat(dma).isGreaterThanOrEqualTo(FOUR_GIB);
                    client.fill(va, 2048, 5);
                    client.kernel
                            .dma()
                            .syncSingleForDevice(client.dev, dma, 4096, DmaDirection.BIDIRECTIONAL);
                    client.copy(dma + 2048, dma, 2048);
                    assertThat(client.awaited()).isTrue();
                    client.kernel
                            .dma()
                            .unmapSingle(client.dev, dma, 4096, DmaDirection.BIDIRECTIONAL);
                    assertThat(client.load(va + 2048, 2048)).isEqualTo(client.load(va, 2048));
                    client.freeBuffer(va, 4096);
                });
    }

    @Test
    void goesAroundItsRingMoreThanOnce() {
        onPc(
                "",
                client -> {
                    for (int i = 0; i < 2100; i++) {
                        client.copyMapped(16, i);
                    }
                });
    }

    @Test
    void refusesOneDescriptorMoreThanItsRingHolds() {
        onPc(
                "",
                client -> {
                    for (int i = 0; i < 2047; i++) {
                        client.channel.prepMemcpy(0x10_0000, 0x20_0000, 4, 0).submit();
                    }
                    assertThatThrownBy(() -> client.channel.prepMemcpy(0x10_0000, 0x20_0000, 4, 0))
                            .isInstanceOf(DmaException.class);
                    assertThatThrownBy(() ->
                                    client.channel.prepMemcpy(0x10_0000, 0x20_0000, 1 << 27, 0))
                            .isInstanceOf(DmaException.class);
                });
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "intel_iommu=on iommu.strict=1"})
    void theCardsMemoryIsASourceAndADestinationAsAMappedResource(String commandLine) {
        onPc(
                commandLine,
                client -> {
                    PciDevice function = client.kernel.pci().device(NAME).orElseThrow();
                    long phys = function.region(2).orElseThrow().start().orElseThrow();
                    long own =
                            client.kernel
                                    .dma()
                                    .mapResource(
                                            client.dev,
                                            phys,
                                            4096,
                                            DmaDirection.BIDIRECTIONAL,
                                            DmaAttrs.NONE);
                    client.kernel.dma().mappingError(client.dev, own);
                    long va = client.buffer(4096);
                    client.fill(va, 2000, 3);
                    long dma =
                            client.kernel
                                    .dma()
                                    .mapSingle(client.dev, va, 4096, DmaDirection.BIDIRECTIONAL);
                    client.kernel.dma().mappingError(client.dev, dma);
                    client.copy(own + 8, dma, 2000);
                    assertThat(client.awaited()).isTrue();
                    client.copy(dma + 2000, own + 8, 2000);
                    assertThat(client.awaited()).isTrue();
                    client.kernel
                            .dma()
                            .unmapSingle(client.dev, dma, 4096, DmaDirection.BIDIRECTIONAL);
                    client.kernel
                            .dma()
                            .unmapResource(
                                    client.dev,
                                    own,
                                    4096,
                                    DmaDirection.BIDIRECTIONAL,
                                    DmaAttrs.NONE);
                    assertThat(client.load(va + 2000, 2000)).isEqualTo(client.load(va, 2000));
                    long window = function.iomap(2, 0);
                    assertThat(client.cpu.load32(window + 8)).isEqualTo(client.cpu.load32(va));
                    client.kernel.mm().io().iounmap(window);
                    client.freeBuffer(va, 4096);
                });
    }

    @Test
    void whatCannotBeReadOrWrittenIsToldWithItsResidue() {
        onPc(
                "",
                client -> {
                    long nowhere = 0xe000_0000L;
                    long va = client.buffer(4096);
                    long dma =
                            client.kernel
                                    .dma()
                                    .mapSingle(client.dev, va, 4096, DmaDirection.BIDIRECTIONAL);
                    client.kernel.dma().mappingError(client.dev, dma);
                    client.copy(dma, nowhere, 64);
                    assertThat(client.awaited()).isTrue();
                    client.copy(nowhere, dma, 64);
                    assertThat(client.awaited()).isTrue();
                    assertThat(client.results)
                            .containsExactly(
                                    TransferResult.READ_FAILED, TransferResult.WRITE_FAILED);
                    assertThat(client.residues).containsExactly(64, 64);
                    client.kernel
                            .dma()
                            .unmapSingle(client.dev, dma, 4096, DmaDirection.BIDIRECTIONAL);
                    client.freeBuffer(va, 4096);
                    client.copyMapped(64, 1);
                });
    }

    @Test
    void aReleaseAbortsWhatIsNotDoneAndLeavesNothingRunning() {
        onPc(
                "",
                client -> {
                    long va = client.buffer(1 << 20);
                    long dma =
                            client.kernel
                                    .dma()
                                    .mapSingle(client.dev, va, 1 << 20, DmaDirection.BIDIRECTIONAL);
                    client.kernel.dma().mappingError(client.dev, dma);
                    for (int i = 0; i < 8; i++) {
                        client.copy(dma + (1 << 19), dma, 1 << 18);
                    }
                    client.kernel.dmaEngine().release(client.channel);
                    assertThat(client.results)
                            .hasSize(8)
                            .contains(TransferResult.ABORTED)
                            .endsWith(TransferResult.ABORTED);
                    client.kernel.sched().msleep(10);
                    assertThat(client.results).hasSize(8);
                    client.kernel
                            .dma()
                            .unmapSingle(client.dev, dma, 1 << 20, DmaDirection.BIDIRECTIONAL);
                    client.freeBuffer(va, 1 << 20);
                });
    }

    @Test
    void aDriverThatLeavesInTheMiddleStopsTheEngineAndItsChannelGivesNothingMore() {
        onPc(
                "",
                client -> {
                    PciDevice function = client.kernel.pci().device(NAME).orElseThrow();
                    long va = client.buffer(1 << 20);
                    long dma = va - AddressLayout.LINEAR_BASE; // a mapping would outlive it
                    client.copy(dma + (1 << 19), dma, 1 << 18);
                    client.copy(dma + (1 << 19), dma, 1 << 18);
                    PciDriver driver = function.driver();
                    assertThat(driver).isNotNull();
                    client.kernel.pci().unbind(function);
                    assertThat(client.results).hasSize(2).endsWith(TransferResult.ABORTED);
                    assertThatThrownBy(() -> client.channel.prepMemcpy(dma, dma, 4, 0))
                            .isInstanceOf(DmaException.class)
                            .extracting(e -> ((DmaException) e).errno())
                            .isEqualTo(Errno.ENODEV);
                    client.channel.issuePending();
                    client.freeBuffer(va, 1 << 20);
                    client.kernel.dmaEngine().release(client.channel);
                    client.kernel.pci().attach(function);
                    Client again = new Client(client.kernel);
                    again.copyMapped(100, 1);
                    client.kernel.dmaEngine().release(again.channel);
                });
    }

    @Test
    void itMayBeReleasedOrLeftAtAnyMoment() {
        Rng rng = new Rng(3);
        onPc(
                "",
                client -> {
                    Kernel kernel = client.kernel;
                    PciDevice function = kernel.pci().device(NAME).orElseThrow();
                    kernel.dmaEngine().release(client.channel);
                    long va = client.buffer(1 << 20);
                    for (int round = 0; round < 300; round++) {
                        endAtAnyMoment(kernel, function, va, rng);
                    }
                    client.freeBuffer(va, 1 << 20);
                });
    }

    /** Every callback comes once, the last one before the call that ends it all returns. */
    private static void endAtAnyMoment(Kernel kernel, PciDevice function, long va, Rng rng) {
        Client client = new Client(kernel);
        int copies = 1 + rng.nextInt(20);
        int bytes = 1 << rng.nextInt(18);
        long dma = va - AddressLayout.LINEAR_BASE;
        for (int i = 0; i < copies; i++) {
            client.copy(dma + (1 << 19), dma, bytes);
        }
        kernel.machine().cpu().spend(rng.nextLong(200_000_000L));
        if (rng.oneIn(2)) {
            kernel.pci().unbind(function);
            assertThat(client.results).hasSize(copies);
            kernel.dmaEngine().release(client.channel);
            kernel.pci().attach(function);
        } else {
            kernel.dmaEngine().release(client.channel);
        }
        assertThat(client.results).hasSize(copies);
        int before = kernel.machine().cpu().load32(va + (1 << 19));
        kernel.machine().cpu().store32(va + (1 << 19), ~before);
        kernel.sched().msleep(2);
        assertThat(client.results).hasSize(copies);
        assertThat(kernel.machine().cpu().load32(va + (1 << 19)))
                .as("nobody writes any more")
                .isEqualTo(~before);
    }

    @Test
    void saysWhatLinuxSays() {
        try (Simulation pc = Simulation.boot(Board.of("pc"), Simulation.Options.seeded(1))) {
            assertThat(pc.kernel().log().buffer().texts())
                    .contains(
                            "plx_dma 0000:00:04.0: enabling device (0000 -> 0002)",
                            "plx_dma 0000:00:04.0: enabling bus mastering",
                            "plx_dma 0000:00:04.0: PLX DMA Channel Registered");
        }
    }
}
