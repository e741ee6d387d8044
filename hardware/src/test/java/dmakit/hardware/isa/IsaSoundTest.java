package dmakit.hardware.isa;

import static org.assertj.core.api.Assertions.assertThat;

import dmakit.hardware.IsaDmaWires;
import dmakit.machine.irq.InterruptController;
import dmakit.machine.irq.IrqLine;
import dmakit.machine.random.Rng;
import dmakit.machine.time.Clock;
import dmakit.machine.trace.Trace;
import org.junit.jupiter.api.Test;

/** Offsets and bits here are those of the card's manual, not of the table under test. */
class IsaSoundTest {
    private static final int PLAY = 1;
    private static final int RECORD = 2;
    private static final int LOOP = 4;
    private static final int INTERRUPT = 8;
    private static final int RESET = 0x80;

    private final Clock clock = new Clock();
    private final IsaDmaWires play = new IsaDmaWires("play");
    private final IsaDmaWires record = new IsaDmaWires("record");
    private final IrqLine irq = new InterruptController(clock, new Trace(), new Rng(1), 1).line(5);
    private final IsaSound card =
            new IsaSound(clock, new Trace(), "sound", play, 1, record, 2, irq);

    private int in(int port) {
        return (int) card.read(port, 1);
    }

    private void out(int port, int value) {
        card.write(port, 1, value);
    }

    /** So many beats of 10 us. */
    private void beats(int count) {
        clock.advanceBy(count * 10_000_000L);
    }

    private void atTenMicroseconds() {
        out(6, 1000 & 0xff);
        out(7, 1000 >>> 8);
    }

    @Test
    void isKnownByItsLetters() {
        assertThat(in(0)).isEqualTo('d');
        assertThat(in(1)).isEqualTo('k');
        assertThat(in(7) << 8 | in(6)).as("150 kB/s").isEqualTo(1500);
    }

    @Test
    void asksForBytesWhileItPlaysAndHasRoom() {
        assertThat(play.isRequested()).isFalse();
        out(2, PLAY);
        for (int i = 0; i < 16; i++) {
            assertThat(play.isRequested()).isTrue();
            play.write(1, i + 1);
        }
        assertThat(play.isRequested()).isFalse();
        assertThat(in(4)).isEqualTo(16);
    }

    @Test
    void playsAByteAtEachBeatAndInterruptsWhenTheLastOneIsOut() {
        atTenMicroseconds();
        out(2, PLAY | INTERRUPT);
        play.write(1, 5);
        play.write(1, 250);
        play.terminalCount();
        beats(1);
        assertThat(irq.isAsserted()).isFalse();
        beats(1);
        assertThat(irq.isAsserted()).isTrue();
        assertThat(in(0xc) | in(0xd) << 8).isEqualTo(255);
        out(3, 1);
        assertThat(irq.isAsserted()).isFalse();
        beats(5);
        assertThat(in(0xa)).as("no underrun behind the end").isZero();
    }

    @Test
    void countsAnUnderrunWhereTheNextByteIsLate() {
        atTenMicroseconds();
        out(2, PLAY);
        play.write(1, 5);
        beats(3);
        assertThat(in(0xa)).isEqualTo(1);
        assertThat(in(3)).isEqualTo(4);
    }

    @Test
    void recordsNumbersAndCountsWhatNobodyTakes() {
        atTenMicroseconds();
        out(9, 0x20);
        out(2, RECORD);
        beats(1);
        assertThat(record.isRequested()).as("a word wants two").isFalse();
        beats(1);
        assertThat(record.isRequested()).isTrue();
        assertThat(record.read(2)).isEqualTo(0x2120);
        beats(18);
        assertThat(in(5)).isEqualTo(16);
        assertThat(in(0xb)).isEqualTo(2);
        record.terminalCount();
        assertThat(in(3)).isEqualTo(8 | 2);
    }

    @Test
    void recordsWhatItPlaysInALoop() {
        atTenMicroseconds();
        out(2, PLAY | RECORD | LOOP);
        play.write(1, 0x11);
        play.write(1, 0x22);
        beats(4);
        assertThat(record.read(2)).isEqualTo(0x2211);
        assertThat(in(5)).isZero();
    }

    @Test
    void forgetsEverythingAtAReset() {
        out(2, PLAY);
        play.write(1, 1);
        out(2, RESET);
        assertThat(in(2)).isZero();
        assertThat(in(4)).isZero();
        assertThat(play.isRequested()).isFalse();
    }

    @Test
    void takesAndGivesBytesAtItsDataPortToo() {
        out(8, 0x33);
        assertThat(in(4)).isEqualTo(1);
        assertThat(in(8)).as("nothing recorded").isEqualTo(0xff);
    }
}
