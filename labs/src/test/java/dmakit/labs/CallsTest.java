package dmakit.labs;

import static org.assertj.core.api.Assertions.assertThat;

import dmakit.board.Board;
import dmakit.board.Simulation;
import dmakit.machine.trace.TraceEvent;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The calls of the labs' drivers, as the labs' texts have them. */
class CallsTest {
    private static List<TraceEvent.Call> calls(Labs lab) {
        List<TraceEvent.Call> calls = new ArrayList<>();
        lab.run(
                new LabOptions(
                        Board.of("rpi3"),
                        Simulation.Options.seeded(1),
                        List.of(event -> {
                            if (event instanceof TraceEvent.Call call) {
                                calls.add(call);
                            }
                        }),
                        _ -> {}));
        return calls;
    }

    private static List<String> own(Labs lab) {
        return calls(lab).stream()
                .filter(call -> !call.internal())
                .map(TraceEvent.Call::function)
                .toList();
    }

    @Test
    void ram2ramCallsWhatItsTextHasInThatOrderAndNothingElse() {
        assertThat(own(Labs.RAM2RAM))
                .containsExactly(
                        "dma_request_channel",
                        "dma_alloc_coherent",
                        "dma_alloc_coherent",
                        "dmaengine_prep_dma_memcpy",
                        "init_completion",
                        "dmaengine_submit",
                        "dma_async_issue_pending",
                        "wait_for_completion_timeout",
                        "complete",
                        "dma_async_is_tx_complete",
                        "dmaengine_terminate_all",
                        "dma_free_coherent",
                        "dma_free_coherent",
                        "dma_release_channel");
    }

    @Test
    void m2mMapsBothBuffersAroundItsTransferAndUnmapsThemInTurn() {
        assertThat(own(Labs.M2M))
                .containsSubsequence(
                        "copy_from_user",
                        "dma_map_single_attrs",
                        "dma_map_single_attrs",
                        "dmaengine_prep_dma_memcpy",
                        "reinit_completion",
                        "dmaengine_submit",
                        "dma_async_issue_pending",
                        "wait_for_completion_timeout",
                        "complete",
                        "dma_unmap_single_attrs",
                        "dma_unmap_single_attrs");
    }

    @ParameterizedTest
    @EnumSource
    void whatTheProviderDoesForADriverIsInTheTraceAsInternal(Labs lab) {
        assertThat(calls(lab))
                .filteredOn(TraceEvent.Call::internal)
                .extracting(TraceEvent.Call::function)
                .contains("request_threaded_irq", "tasklet_schedule", "iounmap")
                .doesNotContain("dmaengine_submit", "complete");
    }
}
