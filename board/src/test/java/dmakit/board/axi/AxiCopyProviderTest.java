package dmakit.board.axi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmakit.board.Board;
import dmakit.board.BoardException;
import dmakit.board.Simulation;
import dmakit.kernel.DmaException;
import dmakit.kernel.boot.Kernel;
import dmakit.kernel.check.Finding;
import dmakit.kernel.dma.CoherentBuffer;
import dmakit.kernel.dmaengine.Capabilities;
import dmakit.kernel.dmaengine.Channel;
import dmakit.kernel.dmaengine.DmaStatus;
import dmakit.kernel.dmaengine.PrepFlags;
import dmakit.kernel.dmaengine.TransactionType;
import dmakit.kernel.dmaengine.TransferResult;
import dmakit.kernel.dmaengine.TxState;
import dmakit.kernel.mm.Gfp;
import dmakit.kernel.sync.Completion;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AxiCopyProviderTest {
    private static final int FLAGS = PrepFlags.INTERRUPT | PrepFlags.ACK;
    private static final int BYTES = 1 << 20;

    private static List<Finding> with(Board board, BiConsumer<Kernel, Channel> action) {
        try (Simulation simulation = Simulation.boot(board, Simulation.Options.seeded(3))) {
            Kernel kernel = simulation.kernel();
            kernel.findings().enable();
            kernel.run(
                    "test",
                    () -> {
                        Channel channel =
                                kernel.dmaEngine()
                                        .requestChannel(
                                                Capabilities.of(TransactionType.MEMCPY),
                                                AxiCopyProviderTest::isOurs)
                                        .orElseThrow();
                        action.accept(kernel, channel);
                        kernel.dmaEngine().release(channel);
                    });
            return kernel.findings().all();
        }
    }

    private static boolean isOurs(Channel channel) {
        return channel.device().dev().name().contains("a0060000");
    }

    private static Board changed(String properties) {
        return Board.of("zynqmp")
                .withOverlay("/dts-v1/; /plugin/;\n&axi_copy { " + properties + " };", "test.dtso");
    }

    @ParameterizedTest
    @ValueSource(strings = {"zynqmp", "zynqmp-smmu"})
    void copiesCompleteInOrderWithTheirBytes(String board) {
        List<Finding> findings =
                with(
                        Board.of(board),
                        (kernel, channel) -> {
                            CoherentBuffer buffer =
                                    kernel.dma()
                                            .allocCoherent(
                                                    channel.device().dev(), 8192, Gfp.KERNEL);
                            for (int i = 0; i < 64; i++) {
                                kernel.machine()
                                        .cpu()
                                        .store64(buffer.va() + 8L * i, i * 0x0101_0101L);
                            }
                            List<Integer> heard = new ArrayList<>();
                            Completion all = new Completion(kernel.sched());
                            for (int i = 0; i < 8; i++) {
                                int number = i;
                                channel.prepMemcpy(
                                                buffer.dma() + 4096 + 64L * i,
                                                buffer.dma() + 64L * i,
                                                64,
                                                FLAGS)
                                        .callback(() -> {
                                            heard.add(number);
                                            if (number == 7) {
                                                all.complete();
                                            }
                                        })
                                        .submit();
                            }
                            channel.issuePending();
                            all.waitFor();
                            assertThat(heard).containsExactly(0, 1, 2, 3, 4, 5, 6, 7);
                            for (int i = 0; i < 64; i++) {
                                assertThat(
                                                kernel.machine()
                                                        .cpu()
                                                        .load64(buffer.va() + 4096 + 8L * i))
                                        .isEqualTo(i * 0x0101_0101L);
                            }
                            kernel.dma().freeCoherent(channel.device().dev(), buffer);
                        });
        assertThat(findings).isEmpty();
    }

    @Test
    void theResidueFallsAndTerminatingEndsTheTransfer() {
        List<Finding> findings =
                with(
                        Board.of("zynqmp"),
                        (kernel, channel) -> {
                            CoherentBuffer buffer =
                                    kernel.dma()
                                            .allocCoherent(
                                                    channel.device().dev(), 2 * BYTES, Gfp.KERNEL);
                            int cookie =
                                    channel.prepMemcpy(
                                                    buffer.dma() + BYTES,
                                                    buffer.dma(),
                                                    BYTES,
                                                    FLAGS)
                                            .callback(() -> {
                                                throw new AssertionError(
                                                        "a callback of a terminated transfer");
                                            })
                                            .submit();
                            channel.issuePending();
                            TxState state = new TxState();
                            kernel.sched().udelay(20);
                            assertThat(channel.txStatus(cookie, state))
                                    .isEqualTo(DmaStatus.IN_PROGRESS);
                            int first = state.residue();
                            kernel.sched().udelay(20);
                            channel.txStatus(cookie, state);
                            assertThat(state.residue()).isPositive().isLessThan(first);
                            channel.terminateSync();
                            kernel.dma().freeCoherent(channel.device().dev(), buffer);
                        });
        assertThat(findings).isEmpty();
    }

    @Test
    void aRefusedReadIsTheResultOfItsDescriptorAlone() {
        List<Finding> findings =
                with(
                        Board.of("zynqmp"),
                        (kernel, channel) -> {
                            CoherentBuffer buffer =
                                    kernel.dma()
                                            .allocCoherent(
                                                    channel.device().dev(), 8192, Gfp.KERNEL);
                            List<String> heard = new ArrayList<>();
                            Completion all = new Completion(kernel.sched());
                            long nowhere = 0xf000_0000L;
                            channel.prepMemcpy(buffer.dma(), nowhere, 4096, FLAGS)
                                    .callbackResult(
                                            (result, residue) -> heard.add(result + " " + residue))
                                    .submit();
                            channel.prepMemcpy(buffer.dma() + 4096, buffer.dma(), 4096, FLAGS)
                                    .callbackResult((result, residue) -> {
                                        heard.add(result + " " + residue);
                                        all.complete();
                                    })
                                    .submit();
                            channel.issuePending();
                            all.waitFor();
                            assertThat(heard)
                                    .containsExactly(
                                            TransferResult.READ_FAILED + " 4096",
                                            TransferResult.NOERROR + " 0");
                            kernel.dma().freeCoherent(channel.device().dev(), buffer);
                        });
        assertThat(findings).hasSize(1);
    }

    @Test
    void aCopyOfNothingIsRefused() {
        with(
                Board.of("zynqmp"),
                (_, channel) ->
                        assertThatThrownBy(() -> channel.prepMemcpy(4096, 8192, 0, FLAGS))
                                .isInstanceOf(DmaException.class));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "dmakit,burst-beats = <0>;",
                "dmakit,burst-beats = <257>;",
                "dmakit,beat-bytes = <3>;",
                "dmakit,beat-bytes = <32>;",
                "dmakit,arbiter = \"whoever\";",
                "dmakit,priorities = <16>;"
            })
    void whatANodeMayNotSayKeepsTheDriverAway(String property) {
        try (Simulation simulation =
                Simulation.boot(changed(property), Simulation.Options.seeded(1))) {
            assertThat(
                            simulation.kernel().dmaEngine().devices().stream()
                                    .filter(device -> device.dev().name().contains("a0060000")))
                    .isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"dmakit,bus-bytes = <12>;", "dma-channels = <17>;"})
    void whatCannotBeBuiltIsRefused(String property) {
        assertThatThrownBy(() -> Simulation.boot(changed(property), Simulation.Options.seeded(1)))
                .isInstanceOf(BoardException.class);
    }
}
