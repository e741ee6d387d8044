package dmakit.cmodule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmakit.kernel.Errno;
import dmakit.kernel.sched.KernelPanic;
import dmakit.machine.Machine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CModuleIT {
    private static final Path MEMCPY_ONCE =
            HostFixture.SOURCES.resolve("../../main/c/example/memcpy_once.c").normalize();

    @TempDir Path folder;

    @BeforeAll
    static void needsACompiler() {
        HostFixture.compiler();
    }

    private static KernelFixture kernel() {
        return new KernelFixture(new Machine.Cache.None(), 1);
    }

    @Test
    void aTransferBetweenCoherentBuffersCompletesAndTheBuffersAreEqual() {
        try (var kernel = kernel()) {
            CModule module = kernel.load(MEMCPY_ONCE);
            assertThat(kernel.call(module::init)).isZero();
            kernel.call(() -> {
                module.exit();
                return 0;
            });
            List<String> lines = kernel.lines();
            assertThat(lines).contains("memcpy_once: the buffers are equal");
            assertThat(lines).endsWith("memcpy_once: unloaded");
            assertThat(lines)
                    .anyMatch(line ->
                            line.matches(
                                    "memcpy_once: dma0chan0, 0x[0-9a-f]{16} to"
                                            + " 0x[0-9a-f]{16}"));
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void itDoesSoWhateverTheCacheLikes(long seed) {
        try (var kernel = new KernelFixture(new Machine.Cache.Adversary(), seed)) {
            CModule module = kernel.load(MEMCPY_ONCE);
            assertThat(kernel.call(module::init)).isZero();
        }
    }

    @Test
    void theSameSeedGivesTheSameLogToThePicosecond() {
        assertThat(dmesg()).isEqualTo(dmesg()).contains("equal");
    }

    private static String dmesg() {
        try (var kernel = kernel()) {
            CModule module = kernel.load(MEMCPY_ONCE);
            kernel.call(module::init);
            return kernel.kernel.log().buffer().dmesg() + kernel.machine.clock().now();
        }
    }

    @Test
    void aTransferThatNeverEndsTimesOutAfterThreeSeconds() {
        try (var kernel = kernel()) {
            CModule module = kernel.load(MEMCPY_ONCE);
            kernel.provider.stuck = true;
            assertThat(kernel.call(module::init)).isEqualTo(-Errno.ETIMEDOUT.number());
            assertThat(kernel.machine.clock().now())
                    .isBetween(3_000_000_000_000L, 3_200_000_000_000L);
            assertThat(kernel.lines()).contains("memcpy_once: failed");
        }
    }

    @Test
    void aFilterOfCodeInCChooses() throws IOException {
        try (var kernel = kernel()) {
            CModule module = kernel.load(filtering("!strlen(param)"));
            assertThat(kernel.call(module::init)).isEqualTo(-Errno.ENODEV.number());
        }
        try (var kernel = kernel()) {
            CModule module = kernel.load(filtering("!memcmp(dma_chan_name(chan), param, 5)"));
            assertThat(kernel.call(module::init)).isZero();
        }
    }

    private Path filtering(String condition) throws IOException {
        return source(
                """
                static bool chosen(struct dma_chan *chan, void *param) { return %s; }

                static int __init start(void)
                {
                    struct dma_chan *chan;
                    dma_cap_mask_t mask;

                    dma_cap_zero(mask);
                    dma_cap_set(DMA_MEMCPY, mask);
                    chan = dma_request_channel(mask, chosen, "dma0chan0");
                    if (!chan)
                        return -ENODEV;
                    dma_release_channel(chan);
                    return 0;
                }
                module_init(start);
                """
                        .formatted(condition));
    }

    @Test
    void manyTransfersReuseTheirDescriptorsAndMemory() throws IOException {
        Path source = source(TRANSFERS);
        try (var kernel = kernel()) {
            CModule module = kernel.load(source);
            assertThat(kernel.call(module::init)).isZero();
            assertThat(kernel.lines()).contains("2000 transfers");
        }
    }

    private static final String TRANSFERS =
            """
            static void finished(void *param) { complete(param); }

            static int __init start(void)
            {
                struct dma_chan *chan;
                dma_cap_mask_t mask;
                struct completion done;
                dma_addr_t src_dma, dst_dma;
                u64 *src, *dst;
                int i;

                init_completion(&done);
                dma_cap_zero(mask);
                dma_cap_set(DMA_MEMCPY, mask);
                chan = dma_request_channel(mask, NULL, NULL);
                src = dma_alloc_coherent(chan->device->dev, 4096, &src_dma, GFP_KERNEL);
                dst = dma_alloc_coherent(chan->device->dev, 4096, &dst_dma, GFP_KERNEL);
                for (i = 0; i < 2000; i++) {
                    struct dma_async_tx_descriptor *desc;

                    src[0] = i;
                    desc = dmaengine_prep_dma_memcpy(chan, dst_dma, src_dma, 64, 0);
                    if (!desc)
                        return -ENOMEM;
                    desc->callback = finished;
                    desc->callback_param = &done;
                    dmaengine_submit(desc);
                    dma_async_issue_pending(chan);
                    wait_for_completion(&done);
                    if (dst[0] != i)
                        return -EIO;
                }
                pr_info("%d transfers\\n", i);
                return 0;
            }
            module_init(start);
            """;

    @Test
    void aModuleThatHoldsEveryDescriptorGetsNoMore() throws IOException {
        Path source =
                source(
                        """
                        static int __init start(void)
                        {
                            struct dma_chan *chan;
                            dma_cap_mask_t mask;
                            int count = 0;

                            dma_cap_zero(mask);
                            chan = dma_request_channel(mask, NULL, NULL);
                            while (dmaengine_prep_dma_memcpy(chan, 0, 0, 64, 0))
                                count++;
                            dmaengine_terminate_sync(chan);
                            if (!dmaengine_prep_dma_memcpy(chan, 0, 0, 64, 0))
                                return -ENOMEM;
                            return count;
                        }
                        module_init(start);
                        """);
        try (var kernel = kernel()) {
            CModule module = kernel.load(source);
            assertThat(kernel.call(module::init)).isEqualTo(65_535);
            assertThat(kernel.lines()).endsWith("a module holds more than 65535 descriptors");
        }
    }

    @Test
    void oneCompletionMoreThanTheMaximumEndsTheModule() throws IOException {
        Path source =
                source(
                        """
                        static struct completion many[%d];

                        static int __init start(void)
                        {
                            int i;

                            for (i = 0; i < %d; i++)
                                init_completion(&many[i]);
                            complete(&many[i]);
                            return 0;
                        }
                        module_init(start);
                        """
                                .formatted(65_536 + 1, 65_536));
        try (var kernel = kernel()) {
            CModule module = kernel.load(source);
            assertThatThrownBy(() -> kernel.call(module::init))
                    .isInstanceOf(HostEnded.class)
                    .hasMessageContaining("more than 65536 of: completion");
        }
    }

    @Test
    void aCrashInInitIsInTheKernelLogWithItsLine() throws IOException {
        Path source =
                source(
                        """
                        static int __init start(void)
                        {
                            WRITE_ONCE(*(int *)8, 1);
                            return 0;
                        }
                        module_init(start);
                        """);
        try (var kernel = kernel()) {
            CModule module = kernel.load(source);
            assertThatThrownBy(() -> kernel.call(module::init)).isInstanceOf(HostEnded.class);
            assertThat(String.join("\n", kernel.lines()))
                    .contains(
                            "NULL pointer dereference at virtual address 0000000000000008 (store)")
                    .contains("Call trace:\n start " + source + ":8");
        }
    }

    @Test
    void aCrashInACallbackStopsTheKernel() throws IOException {
        String crashing = TRANSFERS.replace("complete(param)", "WRITE_ONCE(*(int *)8, 1)");
        try (var kernel = kernel()) {
            CModule module = kernel.load(source(crashing));
            assertThatThrownBy(() -> kernel.call(module::init))
                    .isInstanceOf(KernelPanic.class)
                    .hasRootCauseInstanceOf(HostEnded.class);
            assertThat(String.join("\n", kernel.lines()))
                    .contains("Kernel panic - not syncing: Oops: Fatal exception in interrupt");
        }
    }

    @Test
    void memoryThatWasFreedIsOutOfReach() throws IOException {
        Path source =
                source(
                        """
                        static int __init start(void)
                        {
                            struct dma_chan *chan;
                            dma_cap_mask_t mask;
                            dma_addr_t dma;
                            volatile u32 *va;

                            dma_cap_zero(mask);
                            chan = dma_request_channel(mask, NULL, NULL);
                            va = dma_alloc_coherent(chan->device->dev, 64, &dma, GFP_KERNEL);
                            va[0] = 1;
                            dma_free_coherent(chan->device->dev, 64, (void *)va, dma);
                            return va[0];
                        }
                        module_init(start);
                        """);
        try (var kernel = kernel()) {
            CModule module = kernel.load(source);
            assertThatThrownBy(() -> kernel.call(module::init))
                    .isInstanceOf(HostEnded.class)
                    .hasMessageContaining("Unable to handle kernel paging request");
        }
    }

    @Test
    void aModuleWithoutFunctionsLoadsAndGoes() throws IOException {
        try (var kernel = kernel()) {
            CModule module = kernel.load(source("int nothing;\n"));
            assertThat(kernel.call(module::init)).isZero();
            assertThat(module.symbol("nothing")).isNotZero();
            assertThat(module.symbol("exit")).isZero();
            module.unload();
        }
    }

    private Path source(String body) throws IOException {
        return Files.writeString(
                folder.resolve("module-of-test.c"),
                """
                #include <linux/completion.h>
                #include <linux/dma-mapping.h>
                #include <linux/dmaengine.h>
                #include <linux/module.h>

                """
                        + body);
    }
}
