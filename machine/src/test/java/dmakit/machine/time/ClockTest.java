package dmakit.machine.time;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmakit.machine.InvariantViolation;
import dmakit.machine.random.Rng;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class ClockTest {
    private final Clock clock = new Clock();
    private final List<String> fired = new ArrayList<>();

    private Alarm alarm(String name) {
        return new Alarm(name, () -> fired.add(name + "@" + clock.now()));
    }

    @Test
    void alarmsFireInOrderOfTimeAndThenOfSetting() {
        Alarm a = alarm("a");
        Alarm b = alarm("b");
        Alarm c = alarm("c");
        clock.setAt(a, 20);
        clock.setAt(b, 10);
        clock.setAt(c, 20);
        clock.advanceTo(20);
        assertThat(fired).containsExactly("b@10", "a@20", "c@20");
        assertThat(clock.now()).isEqualTo(20);
        assertThat(clock.nextAt()).isEqualTo(Clock.NEVER);
    }

    @Test
    void anAlarmDueLaterWaits() {
        clock.setAt(alarm("a"), 11);
        clock.advanceBy(10);
        assertThat(fired).isEmpty();
        clock.advanceBy(1);
        assertThat(fired).containsExactly("a@11");
    }

    @Test
    void aSetAlarmMovesAndTakesItsPlaceBehindOthersOfTheTime() {
        Alarm a = alarm("a");
        clock.setAt(a, 5);
        clock.setAt(alarm("b"), 7);
        clock.setAt(a, 7);
        clock.advanceTo(7);
        assertThat(fired).containsExactly("b@7", "a@7");
    }

    @Test
    void aCancelledAlarmDoesNotFireAndMayBeSetAgain() {
        Alarm a = alarm("a");
        clock.setAt(a, 5);
        clock.cancel(a);
        clock.cancel(a);
        assertThat(a.isSet()).isFalse();
        clock.advanceTo(6);
        clock.setIn(a, 1);
        clock.advanceTo(7);
        assertThat(fired).containsExactly("a@7");
    }

    @Test
    void actionsMaySetAlarmsForNowAndThoseFireInTheSameAdvance() {
        Alarm second = alarm("second");
        clock.setAt(new Alarm("first", () -> clock.setIn(second, 0)), 5);
        clock.advanceTo(9);
        assertThat(fired).containsExactly("second@5");
        assertThat(clock.now()).isEqualTo(9);
    }

    @Test
    void actionsMayCancelOthersThatAreDue() {
        Alarm victim = alarm("victim");
        clock.setAt(new Alarm("killer", () -> clock.cancel(victim)), 5);
        clock.setAt(victim, 5);
        clock.advanceTo(9);
        assertThat(fired).isEmpty();
    }

    @Test
    void theOrderIsThatOfAStableSortWhateverWasSetMovedAndCancelled() {
        for (long seed = 0; seed < 200; seed++) {
            agreesWithASortedList(new Rng(seed), "seed " + seed);
        }
    }

    private static void agreesWithASortedList(Rng rng, String when) {
        record Entry(long atPs, int order, int index) {}
        Clock clock = new Clock();
        List<Integer> fired = new ArrayList<>();
        List<Alarm> alarms = new ArrayList<>();
        List<Entry> expected = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            int index = i;
            alarms.add(new Alarm("a" + i, () -> fired.add(index)));
        }
        for (int order = 0; order < 500; order++) {
            int index = rng.nextInt(alarms.size());
            expected.removeIf(entry -> entry.index() == index);
            if (rng.oneIn(3)) {
                clock.cancel(alarms.get(index));
            } else {
                long atPs = rng.nextInt(30);
                clock.setAt(alarms.get(index), atPs);
                expected.add(new Entry(atPs, order, index));
            }
        }
        expected.sort(Comparator.comparingLong(Entry::atPs).thenComparingInt(Entry::order));
        clock.advanceTo(15);
        clock.advanceBy(100);
        assertThat(fired)
                .as(when)
                .containsExactlyElementsOf(expected.stream().map(Entry::index).toList());
    }

    @Nested
    class Refuses {
        @Test
        void timeMovedByAnActionHoweverLittle() {
            clock.setAt(new Alarm("pusher", () -> clock.advanceBy(0)), 5);
            assertThatThrownBy(() -> clock.advanceTo(6)).isInstanceOf(InvariantViolation.class);
            assertThat(clock.now()).isEqualTo(5);
            clock.advanceBy(3);
            assertThat(clock.now()).isEqualTo(8);
        }

        @Test
        void timeMovedByAnActionWhenNothingElseIsSet() {
            clock.setAt(new Alarm("pusher", () -> clock.advanceBy(100)), 5);
            assertThatThrownBy(() -> clock.advanceTo(6)).isInstanceOf(InvariantViolation.class);
        }

        @Test
        void timeThatGoesBack() {
            clock.advanceTo(10);
            assertThatThrownBy(() -> clock.advanceTo(9))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> clock.advanceBy(-1))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> clock.setAt(alarm("late"), 9))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> clock.setIn(alarm("late"), -1))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThat(clock.now()).isEqualTo(10);
        }

        @Test
        void whatLiesAtOrPastTheEndOfTime() {
            clock.advanceTo(10);
            assertThatThrownBy(() -> clock.setIn(alarm("far"), Long.MAX_VALUE))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> clock.setAt(alarm("far"), Clock.NEVER))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> clock.advanceBy(Long.MAX_VALUE))
                    .isInstanceOf(IllegalArgumentException.class);
            clock.setAt(alarm("last"), Clock.NEVER - 1);
            assertThat(clock.nextAt()).isEqualTo(Clock.NEVER - 1);
        }

        @Test
        void oneAlarmInTwoClocks() {
            Alarm a = alarm("a");
            clock.setAt(a, 5);
            Clock other = new Clock();
            assertThatThrownBy(() -> other.setAt(a, 5)).isInstanceOf(InvariantViolation.class);
        }

        @Test
        void oneAlarmMoreThanTheLimit() {
            for (int i = 0; i < Clock.ALARM_COUNT_MAX; i++) {
                clock.setAt(new Alarm("many", () -> {}), i);
            }
            assertThatThrownBy(() -> clock.setAt(alarm("one more"), 1))
                    .isInstanceOf(InvariantViolation.class)
                    .hasMessageContaining(String.valueOf(Clock.ALARM_COUNT_MAX));
        }

        @Test
        void alarmsThatSetEachOtherWithoutTimePassing() {
            Alarm[] endless = new Alarm[1];
            endless[0] = new Alarm("endless", () -> clock.setIn(endless[0], 0));
            clock.setAt(endless[0], 5);
            assertThatThrownBy(() -> clock.advanceTo(6))
                    .isInstanceOf(InvariantViolation.class)
                    .hasMessageContaining("no time passes");
        }
    }

    @Test
    void anActionThatFailsLeavesTheRestOfTheQueueInPlace() {
        clock.setAt(
                new Alarm(
                        "broken",
                        () -> {
                            throw new IllegalStateException("broken");
                        }),
                5);
        clock.setAt(alarm("next"), 6);
        assertThatThrownBy(() -> clock.advanceTo(10)).hasMessage("broken");
        assertThat(clock.now()).isEqualTo(5);
        clock.advanceTo(10);
        assertThat(fired).containsExactly("next@6");
    }
}
