package dmakit.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dmakit.board.Board;
import dmakit.board.Simulation;
import dmakit.cmodule.CModule;
import dmakit.cmodule.CSystem;
import dmakit.cmodule.ModuleSource;
import dmakit.kernel.boot.Kernel;
import dmakit.kernel.dma.DmaDirection;
import dmakit.kernel.dmaengine.Capabilities;
import dmakit.kernel.dmaengine.Channel;
import dmakit.kernel.dmaengine.ChannelFilter;
import dmakit.kernel.dmaengine.DmaStatus;
import dmakit.kernel.dmaengine.PrepFlags;
import dmakit.kernel.dmaengine.TransactionType;
import dmakit.kernel.dmaengine.TransferResult;
import dmakit.kernel.dmaengine.TxState;
import dmakit.kernel.mapping.StreamingMapping;
import dmakit.kernel.mm.Gfp;
import dmakit.kernel.sync.Completion;
import dmakit.machine.Machine;
import dmakit.machine.cpu.Cpu;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A driver in C for the board's own DMA controller, instead of the built-in one. */
class CProviderIT {
    private static final Path SOURCES =
            Path.of(System.getProperty("dmakit.root"), "cmodule/src/test/c");

    private final Simulation simulation =
            Simulation.boot(
                    Board.of("rpi3"),
                    new Simulation.Options(
                            1,
                            Optional.<Machine.Cache>empty(),
                            "initcall_blacklist=bcm2835_dma_driver_init"));
    private final Kernel kernel = simulation.kernel();
    private final CSystem system = start(kernel);
    private final CModule provider = insert("dma_bcm2835.c");

    @BeforeAll
    static void needsACompiler() {
        assumeTrue(
                Stream.of(System.getenv("PATH").split(":"))
                        .anyMatch(each -> Files.isExecutable(Path.of(each, "gcc"))),
                "gcc is not installed");
    }

    private static CSystem start(Kernel kernel) {
        kernel.findings().enable();
        return CSystem.start(kernel, CSystem.Options.USUAL);
    }

    @AfterEach
    void close() {
        system.close();
        simulation.close();
    }

    private CModule insert(String name) {
        CModule module = system.load(ModuleSource.of(SOURCES.resolve(name)));
        assertThat(kernel.call("insmod", module::init))
                .as("%s", kernel.log().buffer().texts())
                .isZero();
        return module;
    }

    private void remove(CModule module) {
        kernel.run(
                "rmmod",
                () -> {
                    module.exit();
                    module.unload();
                });
    }

    private Channel requested() {
        return kernel.dmaEngine()
                .requestChannel(Capabilities.of(TransactionType.MEMCPY), ChannelFilter.ANY)
                .orElseThrow();
    }

    private void everythingIsClean() {
        remove(provider);
        assertThat(kernel.findings().all()).isEmpty();
        assertThat(kernel.dmaEngine().devices()).isEmpty();
    }

    @Test
    void servesAClientInC() {
        CModule client = insert("dma_client.c");
        assertThat(kernel.log().buffer().texts()).contains("dma_client: 3 copies on dma0chan0, 0");
        remove(client);
        everythingIsClean();
    }

    @Test
    void servesWhatModulesExpectOfDmaengine() {
        remove(insert("dma_api.c"));
        assertThat(kernel.log().buffer().texts()).contains("dma_api: 0 failures");
        everythingIsClean();
    }

    @Test
    void servesAClientInJava() {
        int bytes = 5000;
        Cpu cpu = kernel.machine().cpu();
        kernel.run(
                "client",
                () -> {
                    Channel channel = requested();
                    var device = channel.device().dev();
                    long source = kernel.mm().slab().kmalloc(bytes, Gfp.KERNEL);
                    long destination = kernel.mm().slab().kzalloc(bytes, Gfp.KERNEL);
                    cpu.fill(source, bytes, (byte) 0x5a);
                    var results = new ArrayList<TransferResult>();
                    for (int round = 0; round < 3; round++) {
                        Completion done = new Completion(kernel.sched());
                        try (StreamingMapping from =
                                        kernel.dma()
                                                .map(
                                                        device,
                                                        source,
                                                        bytes,
                                                        DmaDirection.TO_DEVICE);
                                StreamingMapping to =
                                        kernel.dma()
                                                .map(
                                                        device,
                                                        destination,
                                                        bytes,
                                                        DmaDirection.FROM_DEVICE)) {
                            int cookie =
                                    channel.prepMemcpy(
                                                    to.dma(),
                                                    from.dma(),
                                                    bytes,
                                                    PrepFlags.INTERRUPT | PrepFlags.ACK)
                                            .callbackResult((result, _) -> {
                                                results.add(result);
                                                done.complete();
                                            })
                                            .submit();
                            TxState state = new TxState();
                            assertThat(channel.txStatus(cookie, state))
                                    .isEqualTo(DmaStatus.IN_PROGRESS);
                            channel.issuePending();
                            assertThat(channel.txStatus(cookie, state))
                                    .isEqualTo(DmaStatus.IN_PROGRESS);
                            assertThat(state.residue()).isPositive();
                            assertThat(done.waitForTimeout(250)).isPositive();
                            assertThat(channel.txStatus(cookie, state))
                                    .isEqualTo(DmaStatus.COMPLETE);
                            assertThat(state.last()).isEqualTo(cookie);
                        }
                    }
                    byte[] copy = new byte[bytes];
                    cpu.load(destination, copy, 0, bytes);
                    assertThat(copy).containsOnly(0x5a);
                    assertThat(results).isEqualTo(Collections.nCopies(3, TransferResult.NOERROR));
                    kernel.mm().slab().kfree(source);
                    kernel.mm().slab().kfree(destination);
                    kernel.dmaEngine().release(channel);
                });
        everythingIsClean();
    }

    @ParameterizedTest
    @CsvSource({
        "0, ''",
        "1, SUBMIT_MISSING",
        "2, ISSUE_PENDING_MISSING",
        "3, TERMINATE_MISSING",
        "4, ''",
        "5, ''",
        "6, ''",
    })
    void seesWhatAClientInCLeavesUndone(int how, String expected) {
        CModule client =
                system.load(
                        new ModuleSource(
                                "dma_leaves",
                                List.of(SOURCES.resolve("dma_leaves.c")),
                                List.of(),
                                List.of(),
                                Map.of("how", Integer.toString(how)),
                                ModuleSource.USUAL_VERSION));
        assertThat(kernel.call("insmod", client::init)).isZero();
        remove(client);
        assertThat(kernel.findings().all())
                .extracting(finding -> finding.id().name())
                .isEqualTo(expected.isEmpty() ? List.of() : List.of(expected));
        remove(provider);
    }

    @Test
    void dropsWhatItsClientTerminates() {
        kernel.run(
                "client",
                () -> {
                    Channel channel = requested();
                    var device = channel.device().dev();
                    var ring = kernel.dma().allocCoherent(device, 1 << 20, Gfp.KERNEL);
                    List<TransferResult> results = new ArrayList<>();
                    channel.prepMemcpy(
                                    ring.dma(),
                                    ring.dma() + (1 << 19),
                                    1 << 19,
                                    PrepFlags.INTERRUPT)
                            .callbackResult((result, _) -> results.add(result))
                            .submit();
                    channel.issuePending();
                    channel.terminateSync();
                    kernel.sched().msleep(50);
                    assertThat(results).isEmpty();
                    kernel.dma().freeCoherent(device, ring);
                    kernel.dmaEngine().release(channel);
                });
        everythingIsClean();
    }
}
