package dmakit.hardware;

import static org.assertj.core.api.Assertions.assertThat;

import dmakit.hardware.RequestLine.Acknowledge;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RequestLineTest {
    private final RequestLine line = new RequestLine("uart rx");
    private final List<Acknowledge> heard = new ArrayList<>();
    private int changes;

    @Test
    void asksForNothingAtFirst() {
        assertThat(line.isAsserted()).isFalse();
        assertThat(line.isSingle()).isFalse();
        assertThat(line.isLast()).isFalse();
        assertThat(line.isPanicking()).isFalse();
    }

    @Test
    void eachWireHasItsOwnLevel() {
        line.setSingle(true);
        line.setLast(true);

        assertThat(line.isSingle()).isTrue();
        assertThat(line.isLast()).isTrue();
        assertThat(line.isAsserted()).isFalse();
    }

    @Test
    void tellsTheControllerOfEveryChangeAndOfNothingElse() {
        line.onChange(() -> changes++);

        line.set(true);
        line.set(true);
        line.setSingle(true);
        line.setSingle(true);
        line.setLast(true);
        line.setPanic(true);
        line.set(false);

        assertThat(changes).isEqualTo(5);
    }

    @Test
    void tellsThePeripheralWhatTheControllerHasDone() {
        line.onAcknowledge(heard::add);

        line.acknowledge(Acknowledge.BURST);
        line.acknowledge(Acknowledge.SINGLE);
        line.acknowledge(Acknowledge.FLUSH);

        assertThat(heard).containsExactly(Acknowledge.BURST, Acknowledge.SINGLE, Acknowledge.FLUSH);
    }
}
