package dmakit.hardware;

import static org.assertj.core.api.Assertions.assertThat;

import dmakit.datasheet.Register;
import dmakit.datasheet.xilinx.EthernetRegister;
import dmakit.machine.time.Clock;
import dmakit.machine.trace.Trace;
import dmakit.machine.trace.TraceEvent;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ChipTraceTest {
    private enum State {
        IDLE,
        BUSY
    }

    private final Clock clock = new Clock();
    private final Trace trace = new Trace();
    private final ChipTrace chip = new ChipTrace(clock, trace, "mac0");
    private final List<TraceEvent> events = new ArrayList<>();

    @Test
    void aStoreTellsWhatItTouchesWithoutEffect() {
        trace.addSink(events::add);
        Register register = EthernetRegister.TTAG;
        chip.stored(register, 0x8000_0001);
        chip.loaded("1_", register, 0x40, 0x8000_0001);
        assertThat(events)
                .containsExactly(
                        new TraceEvent.RegisterAccess(
                                0,
                                "mac0",
                                "TTAG (not modelled: 0x80000001)",
                                register.offset(),
                                4,
                                0x8000_0001L,
                                true),
                        new TraceEvent.RegisterAccess(
                                0, "mac0", "1_TTAG", 0x40, 4, 0x8000_0001L, false));
    }

    @Test
    void stayingInAStateIsNoEvent() {
        trace.addSink(events::add);
        chip.entered(State.IDLE, State.IDLE, "");
        chip.entered(State.IDLE, State.BUSY, "by hand");
        assertThat(events)
                .containsExactly(new TraceEvent.StateChange(0, "mac0", "IDLE", "BUSY", "by hand"));
    }

    @Test
    void aPieceIsToldOnceWithItsFirstAddresses() {
        trace.addSink(events::add);
        Piece piece = new Piece();
        piece.begin(7, 0x8000_0000, 0x100);
        piece.add(16);
        piece.begin(9, 0x8000_0010, 0x110);
        piece.add(16);
        piece.report(chip);
        piece.report(chip);
        assertThat(events)
                .containsExactly(new TraceEvent.Transfer(7, 0, "mac0", 0x8000_0000L, 0x100, 32));
    }

    @Test
    void nobodyHearsWhileTheTraceIsOff() {
        chip.stored(EthernetRegister.TTAG, 1);
        trace.addSink(events::add);
        assertThat(events).isEmpty();
    }
}
