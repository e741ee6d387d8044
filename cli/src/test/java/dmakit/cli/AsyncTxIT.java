package dmakit.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dmakit.board.Board;
import dmakit.board.Simulation;
import dmakit.cmodule.CModule;
import dmakit.cmodule.CSystem;
import dmakit.cmodule.ModuleSource;
import dmakit.kernel.asynctx.AsyncSubmit;
import dmakit.kernel.asynctx.AsyncTx;
import dmakit.kernel.asynctx.AsyncTxFlags;
import dmakit.kernel.boot.Kernel;
import dmakit.kernel.dmaengine.Descriptor;
import dmakit.kernel.mm.Gfp;
import dmakit.machine.cpu.AddressLayout;
import dmakit.machine.cpu.Cpu;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** async_tx by an engine whose driver is a module in C; the module computes on lent memory. */
class AsyncTxIT {
    private static final Path SOURCES =
            Path.of(System.getProperty("dmakit.root"), "cmodule/src/test/c");
    private static final int BYTES = 512;

    private final Simulation simulation =
            Simulation.boot(
                    Board.of("rpi3-coherent"), new Simulation.Options(1, Optional.empty(), ""));
    private final Kernel kernel = simulation.kernel();
    private final Cpu cpu = kernel.machine().cpu();
    private final CSystem system = CSystem.start(kernel, CSystem.Options.USUAL);

    @BeforeAll
    static void needsACompiler() {
        Corpus.needsACompiler();
    }

    @AfterEach
    void close() {
        system.close();
        simulation.close();
    }

    private CModule insert(Path source) {
        CModule module = system.load(ModuleSource.of(source));
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

    @Test
    void aClientInCUsesIt() {
        CModule engine = insert(SOURCES.resolve("async_engine.c"));
        remove(insert(Corpus.source("clean", "async_functions.c")));
        remove(engine);
        assertThat(kernel.log().buffer().texts()).contains("async_engine: 0 descriptors kept");
    }

    @Test
    void aClientInJavaUsesItInChains() {
        CModule engine = insert(SOURCES.resolve("async_engine.c"));
        kernel.run("client", this::recover);
        remove(engine);
        assertThat(kernel.log().buffer().texts()).contains("async_engine: 0 descriptors kept");
    }

    private void recover() {
        int disks = 11;
        kernel.dmaEngine().get();
        AsyncTx async = kernel.asyncTx();
        AsyncSubmit submit = new AsyncSubmit();
        long[] blocks = new long[disks];
        byte[][] wanted = new byte[disks][BYTES];
        for (int disk = 0; disk < disks; disk++) {
            blocks[disk] = kernel.mm().pages().allocPages(Gfp.KERNEL, 0);
            for (int i = 0; i < BYTES; i++) {
                wanted[disk][i] = (byte) (disk * 71 + i * 5);
            }
            cpu.store(AddressLayout.LINEAR_BASE + blocks[disk], wanted[disk], 0, BYTES);
        }
        submit.init(0, null, null, new long[disks]);
        finish(async, async.genSyndrome(blocks, new long[disks], disks, BYTES, submit));
        byte[] found = new byte[BYTES];
        for (int round = 0; round < 10; round++) {
            int a = round % (disks - 2);
            int b = (a + 4) % (disks - 2);
            cpu.fill(AddressLayout.LINEAR_BASE + blocks[a], BYTES, (byte) 0);
            cpu.fill(AddressLayout.LINEAR_BASE + blocks[b], BYTES, (byte) 0);
            submit.init(AsyncTxFlags.FENCE, null, null, new long[disks]);
            finish(
                    async,
                    async.raid6TwoDataRecov(disks, BYTES, a, b, blocks, new long[disks], submit));
            for (int disk = 0; disk < disks - 2; disk++) {
                cpu.load(AddressLayout.LINEAR_BASE + blocks[disk], found, 0, BYTES);
                assertThat(found).as("disk %d", disk).isEqualTo(wanted[disk]);
            }
        }
        kernel.dmaEngine().put();
    }

    private static void finish(AsyncTx async, @Nullable Descriptor desc) {
        if (desc == null) {
            throw new AssertionError("the CPU did it");
        }
        assertThat(desc.channel().device().dev().name()).isEqualTo("async_engine");
        async.issuePending(desc);
        async.quiesce(desc);
    }
}
