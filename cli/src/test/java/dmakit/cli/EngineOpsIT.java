package dmakit.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmakit.board.Board;
import dmakit.board.Simulation;
import dmakit.cmodule.CModule;
import dmakit.cmodule.CSystem;
import dmakit.cmodule.ModuleSource;
import dmakit.kernel.DmaException;
import dmakit.kernel.Errno;
import dmakit.kernel.boot.Kernel;
import dmakit.kernel.device.Device;
import dmakit.kernel.dmaengine.BusWidth;
import dmakit.kernel.dmaengine.Capabilities;
import dmakit.kernel.dmaengine.Channel;
import dmakit.kernel.dmaengine.ChannelFilter;
import dmakit.kernel.dmaengine.Descriptor;
import dmakit.kernel.dmaengine.InterleavedTemplate;
import dmakit.kernel.dmaengine.PrepFlags;
import dmakit.kernel.dmaengine.SlaveConfig;
import dmakit.kernel.dmaengine.SumCheck;
import dmakit.kernel.dmaengine.TransactionType;
import dmakit.kernel.dmaengine.TransferDirection;
import dmakit.kernel.mm.Gfp;
import dmakit.kernel.scatterlist.Scatterlist;
import dmakit.kernel.sync.Completion;
import dmakit.machine.Machine;
import dmakit.machine.cpu.Cpu;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Every operation of dmaengine, across the languages: clients and providers in Java and in C. */
class EngineOpsIT {
    private static final Path SOURCES =
            Path.of(System.getProperty("dmakit.root"), "cmodule/src/test/c");
    private static final int LENGTH = 64;

    private final Simulation simulation =
            Simulation.boot(
                    Board.of("rpi3"),
                    new Simulation.Options(
                            1,
                            Optional.<Machine.Cache>empty(),
                            "initcall_blacklist=bcm2835_dma_driver_init"));
    private final Kernel kernel = simulation.kernel();
    private final Cpu cpu = kernel.machine().cpu();
    private final CSystem system = start(kernel);

    @BeforeAll
    static void needsACompiler() {
        Corpus.needsACompiler();
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
        assertThat(kernel.call("insmod", module::init)).as("%s", log()).isZero();
        return module;
    }

    private Iterable<String> log() {
        return kernel.log().buffer().texts();
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
    void aClientInCUsesAProviderInC() {
        CModule provider = insert("dma_soft.c");
        remove(insert("dma_ops.c"));
        assertThat(log()).contains("dma_ops: 0 failures");
        remove(provider);
        assertThat(log()).contains("dma_soft: released");
        assertThat(kernel.findings().all()).isEmpty();
    }

    @Test
    void aClientInCUsesAProviderInJava() {
        var provider = new SoftEngine(kernel, new Device("soft", "platform", null, null));
        kernel.dmaEngine().register(provider.device());
        remove(insert("dma_ops.c"));
        assertThat(log()).contains("dma_ops: 0 failures");
        assertThat(kernel.findings().all()).isEmpty();
    }

    @Test
    void aClientInJavaUsesAProviderInC() {
        CModule provider = insert("dma_soft.c");
        kernel.run("client", () -> withChannel(channel -> new Client(channel).useAll()));
        remove(provider);
        assertThat(log()).contains("dma_soft: released");
        assertThat(kernel.findings().all()).isEmpty();
    }

    @Test
    void aClientInJavaUsesAProviderInJava() {
        var provider = new SoftEngine(kernel, new Device("soft", "platform", null, null));
        kernel.dmaEngine().register(provider.device());
        kernel.run("client", () -> withChannel(channel -> new Client(channel).useAll()));
        assertThat(kernel.findings().all()).isEmpty();
    }

    @Test
    void aProviderInCWritesItsOwnLinesIntoTheSummary() {
        CModule provider = insert("dma_soft.c");
        CModule client = insert("dma_ops.c");
        assertThat(kernel.dmaEngine().summary())
                .isEqualTo(
                        """
                        dma0 (dma_soft): number of channels: 2
                         soft0: 1 clients
                         soft1: 0 clients
                        """);
        remove(client);
        remove(provider);
    }

    @Test
    void aProviderInCSeesAClientInJavaInItsStructs() {
        CModule provider = insert("dma_soft.c");
        kernel.run(
                "client",
                () ->
                        withChannel(channel ->
                                assertThat(kernel.dmaEngine().summary())
                                        .contains("soft0: 1 clients")));
        assertThat(kernel.dmaEngine().summary()).contains("soft0: 0 clients");
        remove(provider);
    }

    @Test
    void aProviderInCPutsAnObjectUnderItsChannelInSysfs() {
        CModule provider = insert("dma_soft.c");
        Device channel =
                kernel.devices().all().stream()
                        .filter(device -> device.name().equals("dma0chan0"))
                        .findFirst()
                        .orElseThrow();
        assertThat(kernel.sysfs().directory(channel).find("about")).isPresent();
        remove(provider);
        assertThat(kernel.devices().all()).doesNotContain(channel);
        assertThat(kernel.findings().all()).isEmpty();
    }

    @Test
    void aClientInCSeesWhoHoldsAChannelOfJava() {
        try (Simulation other = Simulation.boot(Board.of("zynqmp"), Simulation.Options.seeded(1));
                CSystem modules = start(other.kernel())) {
            CModule module = modules.load(ModuleSource.of(SOURCES.resolve("dma_usage.c")));
            assertThat(other.kernel().call("insmod", module::init)).isZero();
            assertThat(other.kernel().log().buffer().texts()).contains("dma_usage: 0 failures");
        }
    }

    @Test
    void aDeviceGetsAChannelByItsNameFromAFilterMapInC() {
        CModule provider = insert("dma_soft.c");
        kernel.run(
                "client",
                () -> {
                    var user = new Device("dma_soft_user", "platform", null, null);
                    Channel channel = kernel.dmaEngine().requestChan(user, "tx");
                    assertThat(channel.name()).isEqualTo("dma0chan1");
                    assertThat(provider.useCount()).isEqualTo(1);
                    kernel.dmaEngine().release(channel);
                });
        assertThat(provider.useCount()).isZero();
        remove(provider);
    }

    private void withChannel(Consumer<Channel> use) {
        Channel channel =
                kernel.dmaEngine()
                        .requestChannel(
                                Capabilities.of(TransactionType.XOR, TransactionType.PQ_VAL),
                                ChannelFilter.ANY)
                        .orElseThrow();
        use.accept(channel);
        channel.terminateSync();
        kernel.dmaEngine().release(channel);
    }

    /** The same as {@code dma_ops.c}. */
    private final class Client {
        private final Channel channel;
        private final long va = kernel.mm().slab().kmalloc(5 * LENGTH, Gfp.KERNEL);
        private final long p = va + 3 * LENGTH;
        private final long q = va + 4 * LENGTH;
        private final long[] sources = {phys(va), phys(va + LENGTH), phys(va + 2 * LENGTH)};
        private final long[] pq = {phys(p), phys(q)};
        private final byte[] coefficients = {1, 2, 4};
        private final SumCheck sum = new SumCheck();

        Client(Channel channel) {
            this.channel = channel;
        }

        private long phys(long address) {
            return kernel.mm().virtual().virtToPhys(address);
        }

        private int at(long address) {
            return Byte.toUnsignedInt(cpu.load8(address));
        }

        private void ends(Descriptor desc) {
            Completion done = new Completion(kernel.sched());
            desc.callback(done::complete);
            desc.submit();
            channel.issuePending();
            assertThat(done.waitForTimeout(250)).isPositive();
        }

        void useAll() {
            for (int i = 0; i < 5 * LENGTH; i++) {
                cpu.store8(va + i, (byte) (i * 7 + (i >> 6)));
            }
            configures();
            sums();
            lists();
            metadata();
            kernel.mm().slab().kfree(va);
        }

        private void configures() {
            assertThat(channel.device().maxXor()).isEqualTo(16);
            assertThat(channel.device().maxPq(PrepFlags.CONTINUE)).isEqualTo(13);
            assertThat(channel.device().isPqAligned(4, 8, 12)).isFalse();
            long opaque = kernel.mm().slab().kmalloc(1, Gfp.KERNEL);
            cpu.store8(opaque, (byte) 99);
            SlaveConfig fifo = SlaveConfig.fromDevice(0x3f20_1000, BusWidth.BYTES_1, 4);
            channel.slaveConfig(
                    fifo.withPortWindows(33, 0)
                            .withDeviceFlowControl(true)
                            .withPeripheralConfig(opaque, 1));
            assertThat(channel.slaveCaps())
                    .matches(caps -> caps.sgBurstCountMax() == 33)
                    .matches(caps -> caps.burstWordsMin() == 7 && caps.burstWordsMax() == 99)
                    .matches(caps -> caps.canTerminate() && !caps.canPause());
            SlaveConfig odd = SlaveConfig.fromDevice(0x3f20_1000, BusWidth.BYTES_3, 4);
            assertThatThrownBy(() -> channel.slaveConfig(odd))
                    .isInstanceOfSatisfying(
                            DmaException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EINVAL));
            channel.slaveConfig(fifo);
            assertThat(channel.slaveCaps().burstWordsMin()).isEqualTo(1);
            kernel.mm().slab().kfree(opaque);
        }

        private void sums() {
            int flags = PrepFlags.INTERRUPT | PrepFlags.ACK;
            ends(channel.prepXor(pq[0], sources, LENGTH, flags));
            assertThat(at(p + 5)).isEqualTo(at(va + 5) ^ at(va + 69) ^ at(va + 133));
            long[] all = {sources[0], sources[1], sources[2], pq[0]};
            sum.set(3);
            ends(channel.prepXorVal(all, LENGTH, sum, flags));
            assertThat(sum.bits()).isZero();
            cpu.store8(p, (byte) (at(p) ^ 1));
            ends(channel.prepXorVal(all, LENGTH, sum, flags));
            assertThat(sum.bits()).isEqualTo(SumCheck.P);
            sum.set(0);
            int cookie = channel.prepXorVal(all, LENGTH, sum, PrepFlags.ACK).submit();
            channel.syncWait(cookie);
            assertThat(sum.bits()).isEqualTo(SumCheck.P);
            ends(channel.prepPq(pq, sources, coefficients, LENGTH, flags));
            ends(channel.prepPqVal(pq, sources, coefficients, LENGTH, sum, flags));
            assertThat(sum.bits()).isZero();
            cpu.store8(q, (byte) (at(q) ^ 1));
            ends(channel.prepPqVal(pq, sources, coefficients, LENGTH, sum, flags));
            assertThat(sum.bits()).isEqualTo(SumCheck.Q);
            channel.prepXorVal(all, LENGTH, sum, flags).submit();
            channel.terminateSync();
        }

        private void lists() {
            int flags = PrepFlags.INTERRUPT | PrepFlags.ACK;
            Scatterlist sg = new Scatterlist(2);
            sg.setDma(0, pq[0], 3);
            sg.setDma(1, pq[1], 5);
            ends(channel.prepMemsetSg(sg, 2, 0x5a, flags));
            assertThat(at(p + 2)).isEqualTo(0x5a);
            assertThat(at(q + 4)).isEqualTo(0x5a);
            long[] sizes = {4, 4};
            ends(channel.prepPeripheralVec(pq, sizes, TransferDirection.DEV_TO_MEM, flags));
            assertThat(at(q + 3)).isEqualTo(0x77);
            ends(channel.prepImmData(pq[0], 0x1122334455667788L, flags));
            assertThat(at(p + 7)).isEqualTo(0x11);
            ends(channel.prepInterrupt(flags));
            ends(
                    channel.prepInterleaved(
                            InterleavedTemplate.rectangle(sources[0], pq[0], 3, 2, 6, 1), flags));
            assertThat(at(p + 3)).isEqualTo(at(va + 8));
            assertThat(at(p + 7)).isEqualTo(at(va + 17));
        }

        private void metadata() {
            int flags = PrepFlags.INTERRUPT | PrepFlags.ACK;
            long tag = kernel.mm().slab().kmalloc(4, Gfp.KERNEL);
            cpu.fill(tag, 4, (byte) 0x0f);
            Descriptor tagged = channel.prepMemcpy(pq[0], sources[0], 4, flags);
            tagged.attachMetadata(tag, 4);
            ends(tagged);
            assertThat(at(tag + 3)).isEqualTo(0xf0);
            kernel.mm().slab().kfree(tag);
            Descriptor own = channel.prepMemcpy(pq[0], sources[0], 4, flags);
            assertThat(own.metadata().maxBytes()).isEqualTo(16);
            own.metadataLength(3);
            assertThat(own.metadata().payloadBytes()).isEqualTo(3);
            ends(own);
        }
    }
}
