package dmakit.machine.irq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmakit.machine.random.Rng;
import dmakit.machine.time.Clock;
import dmakit.machine.trace.Trace;
import java.util.LinkedHashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class InterruptControllerTest {
    private static final int DELAY_PS_MAX = 1000;

    private final Clock clock = new Clock();
    private final InterruptController controller = controller(clock, 1);

    private static InterruptController controller(Clock clock, long seed) {
        return new InterruptController(clock, new Trace(), new Rng(seed), DELAY_PS_MAX);
    }

    private void letDelayPass() {
        clock.advanceBy(DELAY_PS_MAX);
    }

    @Test
    void anAssertedLineIsSignalledWithinTheDelay() {
        controller.line(5).set(true);
        assertThat(controller.isSignalled()).isFalse();
        letDelayPass();
        assertThat(controller.isSignalled()).isTrue();
        assertThat(controller.claim()).isEqualTo(5);
    }

    @Test
    void aLineStaysClaimableAndSignalledUntilItsChipLowersIt() {
        IrqLine line = controller.line(5);
        line.set(true);
        letDelayPass();
        assertThat(controller.claim()).isEqualTo(5);
        assertThat(controller.claim()).isEqualTo(5);
        assertThat(controller.isSignalled()).isTrue();
        line.set(false);
        assertThat(controller.claim()).isEqualTo(InterruptController.NONE);
        assertThat(controller.isSignalled()).isFalse();
    }

    @Test
    void aLineLoweredBeforeDeliveryIsNeverSignalled() {
        controller.line(5).set(true);
        controller.line(5).set(false);
        letDelayPass();
        assertThat(controller.isSignalled()).isFalse();
        assertThat(controller.claim()).isEqualTo(InterruptController.NONE);
        assertThat(clock.nextAt()).isEqualTo(Clock.NEVER);
    }

    @Test
    void aLineLoweredBeforeDeliveryDoesNotTakeAnotherWithIt() {
        controller.line(5).set(true);
        controller.line(6).set(true);
        controller.line(5).set(false);
        letDelayPass();
        assertThat(controller.isSignalled()).isTrue();
        assertThat(controller.claim()).isEqualTo(6);
    }

    @Test
    void aMaskedLineIsNotSignalled() {
        controller.line(5).mask();
        controller.line(5).set(true);
        letDelayPass();
        assertThat(controller.isSignalled()).isFalse();
        assertThat(controller.claim()).isEqualTo(InterruptController.NONE);
    }

    @Test
    void aLineAssertedBehindItsMaskIsDeliveredOnceUnmasked() {
        IrqLine line = controller.line(5);
        line.mask();
        line.set(true);
        letDelayPass();
        line.unmask();
        letDelayPass();
        assertThat(controller.isSignalled()).isTrue();
        assertThat(controller.claim()).isEqualTo(5);
    }

    @Test
    void aLineThatCameAndWentBehindItsMaskIsForgotten() {
        IrqLine line = controller.line(5);
        line.mask();
        line.set(true);
        line.set(false);
        line.unmask();
        letDelayPass();
        assertThat(controller.isSignalled()).isFalse();
    }

    @Test
    void maskingTheOnlyWaitingLineTakesTheSignalBack() {
        IrqLine line = controller.line(5);
        line.set(true);
        letDelayPass();
        line.mask();
        assertThat(controller.isSignalled()).isFalse();
        line.unmask();
        line.unmask();
        letDelayPass();
        assertThat(controller.claim()).isEqualTo(5);
    }

    @Test
    void aLineAssertedAgainWhileItIsHandledIsSignalledAgain() {
        IrqLine line = controller.line(5);
        line.set(true);
        letDelayPass();
        line.set(false);
        line.set(true);
        assertThat(controller.claim()).isEqualTo(5);
        letDelayPass();
        assertThat(controller.isSignalled()).isTrue();
    }

    @Test
    void theLowestWaitingLineComesFirst() {
        for (int number : new int[] {1023, 64, 63, 700, 0}) {
            controller.line(number).set(true);
        }
        for (int number : new int[] {0, 63, 64, 700, 1023}) {
            assertThat(controller.claim()).isEqualTo(number);
            controller.line(number).set(false);
        }
    }

    @Test
    void thereIsNoLineBeyondTheLimit() {
        controller.line(InterruptController.LINE_COUNT_MAX - 1);
        assertThatThrownBy(() -> controller.line(InterruptController.LINE_COUNT_MAX))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> controller.line(-1)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void differentSeedsDeliverAtDifferentTimesAndOneSeedAtOne() {
        Set<Long> times = new LinkedHashSet<>();
        for (long seed = 0; seed < 50; seed++) {
            long first = deliveredAt(seed);
            assertThat(deliveredAt(seed)).as("seed %d", seed).isEqualTo(first);
            times.add(first);
        }
        assertThat(times).hasSizeGreaterThan(30).allMatch(at -> at >= 0 && at < DELAY_PS_MAX);
    }

    private static long deliveredAt(long seed) {
        Clock clock = new Clock();
        InterruptController controller = controller(clock, seed);
        controller.line(1).set(true);
        long at = clock.nextAt();
        clock.advanceTo(at);
        assertThat(controller.isSignalled()).isTrue();
        return at;
    }

    /** Random levels and masks: after the delay the signal says exactly what the lines say. */
    @Test
    void noLineIsLostAndNoneInvented() {
        for (long seed = 0; seed < 200; seed++) {
            Clock time = new Clock();
            InterruptController lines = controller(time, seed);
            Rng rng = Rng.named(seed, "lines");
            for (int i = 0; i < 200; i++) {
                IrqLine line = lines.line(rng.nextInt(4));
                switch (rng.nextInt(4)) {
                    case 0 -> line.set(true);
                    case 1 -> line.set(false);
                    case 2 -> line.mask();
                    default -> line.unmask();
                }
                int lowest = lowestWaiting(lines);
                assertThat(lines.claim()).as("seed %d step %d", seed, i).isEqualTo(lowest);
                if (lines.isSignalled()) {
                    assertThat(lowest).isNotEqualTo(InterruptController.NONE);
                }
                if (rng.oneIn(3)) {
                    time.advanceBy(DELAY_PS_MAX);
                    assertThat(lines.isSignalled())
                            .as("seed %d step %d", seed, i)
                            .isEqualTo(lowest != InterruptController.NONE);
                }
            }
        }
    }

    private static int lowestWaiting(InterruptController lines) {
        for (int i = 0; i < 4; i++) {
            if (lines.line(i).isAsserted() && !lines.line(i).isMasked()) {
                return i;
            }
        }
        return InterruptController.NONE;
    }
}
