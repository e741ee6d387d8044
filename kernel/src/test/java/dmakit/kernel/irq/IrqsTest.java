package dmakit.kernel.irq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmakit.kernel.TestKernel;
import dmakit.kernel.sched.AtomicContextViolation;
import dmakit.kernel.sched.KernelPanic;
import dmakit.machine.irq.InterruptController;
import dmakit.machine.trace.TraceEvent;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class IrqsTest {
    private static final int IRQ = 5;

    private final TestKernel kernel = new TestKernel();
    private final Irqs irqs = kernel.irqs;
    private final List<String> heard = new ArrayList<>();
    private final Object first = new Object();
    private final Object second = new Object();

    @AfterEach
    void close() {
        kernel.close();
    }

    /** A handler that silences its line. */
    private IrqHandler quiet(String name) {
        return (irq, _) -> {
            kernel.line(irq).set(false);
            heard.add(name);
            return IrqReturn.HANDLED;
        };
    }

    private IrqHandler foreign(String name) {
        return (_, _) -> {
            heard.add(name);
            return IrqReturn.NONE;
        };
    }

    private List<String> log() {
        return kernel.log.buffer().texts();
    }

    /** Asserts the line and gives the CPU time to take it. */
    private void interrupt() {
        kernel.line(IRQ).set(true);
        kernel.sched.udelay(5);
    }

    @Nested
    class ARequest {
        @Test
        void bringsTheHandlerIntoHardirqContext() {
            kernel.run(() -> {
                irqs.request(
                        IRQ,
                        (irq, devId) -> {
                            kernel.line(irq).set(false);
                            assertThat(kernel.sched.contexts().inHardIrq()).isTrue();
                            assertThat(kernel.sched.contexts().irqsDisabled()).isTrue();
                            assertThat(devId).isSameAs(first);
                            heard.add("irq " + irq);
                            return IrqReturn.HANDLED;
                        },
                        "dev",
                        first);
                interrupt();
            });

            assertThat(heard).containsExactly("irq 5");
        }

        @Test
        void wakesAnIdleCpu() {
            kernel.run(() -> {
                irqs.request(IRQ, quiet("irq"), "dev", first);
                kernel.raiseIn(TestKernel.MS, IRQ);
                kernel.sched.msleep(10);
            });

            assertThat(heard).containsExactly("irq");
        }

        @Test
        void forALineInUseIsRefused() {
            kernel.run(() -> {
                irqs.request(IRQ, quiet("a"), "a", first);
                assertThatThrownBy(() -> irqs.request(IRQ, quiet("b"), "b", second))
                        .hasMessageStartingWith("-EBUSY");
            });

            assertThat(log())
                    .containsExactly("genirq: Flags mismatch irq 5. 00000000 (b) vs. 00000000 (a)");
        }

        @Test
        void isRefusedUnlessBothShare() {
            kernel.run(() -> {
                irqs.request(IRQ, quiet("a"), IrqFlags.SHARED, "a", first);
                assertThatThrownBy(() -> irqs.request(IRQ, quiet("b"), "b", second))
                        .hasMessageStartingWith("-EBUSY");
            });
        }

        @Test
        void toShareNeedsADevId() {
            kernel.run(() ->
                    assertThatThrownBy(
                                    () -> irqs.request(IRQ, quiet("a"), IrqFlags.SHARED, "a", null))
                            .hasMessageStartingWith("-EINVAL"));
        }

        @Test
        void forALineThatCannotBeIsRefused() {
            kernel.run(() -> {
                for (int irq : new int[] {-1, InterruptController.LINE_COUNT_MAX}) {
                    assertThatThrownBy(() -> irqs.request(irq, quiet("a"), "a", first))
                            .hasMessageStartingWith("-EINVAL");
                }
            });
        }

        @Test
        void mayKeepTheLineDisabledAtFirst() {
            kernel.run(() -> {
                irqs.request(IRQ, quiet("irq"), IrqFlags.NO_AUTOEN, "dev", first);
                interrupt();
                assertThat(heard).isEmpty();
                irqs.enable(IRQ);
                kernel.sched.udelay(5);
            });

            assertThat(heard).containsExactly("irq");
        }
    }

    @Nested
    class ASharedLine {
        @Test
        void asksEveryHandler() {
            kernel.run(() -> {
                irqs.request(IRQ, foreign("a"), IrqFlags.SHARED, "a", first);
                irqs.request(IRQ, quiet("b"), IrqFlags.SHARED, "b", second);
                interrupt();
            });

            assertThat(heard).containsExactly("a", "b");
            assertThat(irqs.statistics(IRQ).unhandledCount()).isZero();
        }

        @Test
        void staysEnabledUntilTheLastOneLeaves() {
            kernel.run(() -> {
                irqs.request(IRQ, foreign("a"), IrqFlags.SHARED, "a", first);
                irqs.request(IRQ, quiet("b"), IrqFlags.SHARED, "b", second);
                irqs.free(IRQ, first);
                interrupt();
                irqs.free(IRQ, second);
                interrupt();
            });

            assertThat(heard).containsExactly("b");
            assertThat(kernel.line(IRQ).isMasked()).isTrue();
        }
    }

    @Nested
    class ALineNobodyWants {
        @Test
        void doesNotHangTheMachine() {
            kernel.run(() -> interrupt());

            assertThat(kernel.line(IRQ).isMasked()).isTrue();
        }

        @Test
        void isDisabledAfterTooManyInterruptsNobodyTook() {
            kernel.run(() -> {
                irqs.request(IRQ, (_, _) -> IrqReturn.NONE, "dev", first);
                interrupt();
            });

            assertThat(irqs.statistics(IRQ).count()).isEqualTo(IrqDesc.CHECK_COUNT);
            assertThat(log())
                    .containsExactly(
                            "irq 5: nobody cared (try booting with the \"irqpoll\" option)",
                            "handlers:",
                            "dev",
                            "Disabling IRQ #5");
            assertThat(kernel.line(IRQ).isMasked()).isTrue();
        }

        @Test
        void staysWhenOneInAThousandIsTaken() {
            int[] count = {0};
            kernel.run(() -> {
                irqs.request(
                        IRQ,
                        (_, _) -> {
                            count[0]++;
                            if (count[0] == IrqDesc.CHECK_COUNT + 1) {
                                kernel.line(IRQ).set(false);
                            }
                            return count[0] % 999 == 0 ? IrqReturn.HANDLED : IrqReturn.NONE;
                        },
                        "dev",
                        first);
                interrupt();
            });

            assertThat(log()).isEmpty();
            assertThat(kernel.line(IRQ).isMasked()).isFalse();
        }

        @Test
        void isTakenOffWhenItsHandlerNeverSilencesIt() {
            kernel.run(() -> {
                irqs.request(IRQ, (_, _) -> IrqReturn.HANDLED, "dev", first);
                interrupt();
            });

            assertThat(irqs.statistics(IRQ).count()).isEqualTo(Irqs.STORM_COUNT_MAX);
            assertThat(log()).contains("Disabling IRQ #5");
        }

        @Test
        void isTakenOffWhenItAndAnotherKeepRaisingEachOther() {
            kernel.run(() -> {
                irqs.request(IRQ, (irq, _) -> passOn(irq, IRQ + 1), "a", first);
                irqs.request(IRQ + 1, (irq, _) -> passOn(irq, IRQ), "b", first);
                interrupt();
            });

            long all = irqs.statistics(IRQ).count() + irqs.statistics(IRQ + 1).count();
            assertThat(all).isEqualTo(Irqs.STORM_COUNT_MAX);
            assertThat(log()).contains("Disabling IRQ #5");
        }

        private IrqReturn passOn(int from, int to) {
            kernel.line(from).set(false);
            kernel.line(to).set(true);
            return IrqReturn.HANDLED;
        }

        @Test
        void thatDoesNotExistIsRefusedEverywhere() {
            int beyond = InterruptController.LINE_COUNT_MAX;
            kernel.run(() -> {
                assertThatThrownBy(() -> irqs.disableNoSync(beyond))
                        .isInstanceOf(IllegalArgumentException.class);
                assertThatThrownBy(() -> irqs.free(Integer.MAX_VALUE, first))
                        .isInstanceOf(IllegalArgumentException.class);
                assertThatThrownBy(() -> irqs.statistics(-1))
                        .isInstanceOf(IllegalArgumentException.class);
            });
        }
    }

    @Nested
    class Disabling {
        @Test
        void nestsAndLosesNothing() {
            kernel.run(() -> {
                irqs.request(IRQ, quiet("irq"), "dev", first);
                irqs.disable(IRQ);
                irqs.disableNoSync(IRQ);
                interrupt();
                irqs.enable(IRQ);
                kernel.sched.udelay(5);
                assertThat(heard).isEmpty();
                irqs.enable(IRQ);
                kernel.sched.udelay(5);
            });

            assertThat(heard).containsExactly("irq");
        }

        @Test
        void isUndoneNoMoreThanItWasDone() {
            kernel.run(() -> {
                irqs.request(IRQ, quiet("irq"), "dev", first);
                irqs.enable(IRQ);
            });

            assertThat(log()).contains("Unbalanced enable for IRQ 5");
        }
    }

    @Nested
    class Freeing {
        @Test
        void twiceIsToldSo() {
            kernel.run(() -> {
                irqs.request(IRQ, quiet("irq"), "dev", first);
                irqs.free(IRQ, first);
                irqs.free(IRQ, first);
            });

            assertThat(log()).contains("Trying to free already-free IRQ 5");
        }

        @Test
        void inAnInterruptIsABug() {
            assertThatThrownBy(() ->
                            kernel.run(() -> {
                                irqs.request(
                                        IRQ,
                                        (_, _) -> {
                                            irqs.free(IRQ, first);
                                            return IrqReturn.HANDLED;
                                        },
                                        "dev",
                                        first);
                                interrupt();
                            }))
                    .isInstanceOf(KernelPanic.class)
                    .hasRootCauseInstanceOf(AtomicContextViolation.class);

            assertThat(log()).contains("Trying to free IRQ 5 from IRQ context!");
        }
    }

    @Nested
    class AThreadedHandler {
        @Test
        void runsInATaskThatMaySleep() {
            kernel.run(() -> {
                irqs.requestThreaded(
                        IRQ,
                        (_, _) -> {
                            kernel.line(IRQ).set(false);
                            return IrqReturn.WAKE_THREAD;
                        },
                        (_, _) -> {
                            kernel.sched.msleep(1);
                            heard.add(kernel.sched.current().name());
                            return IrqReturn.HANDLED;
                        },
                        0,
                        "dev",
                        first);
                interrupt();
                irqs.synchronize(IRQ);
                heard.add("synchronized");
            });

            assertThat(heard).containsExactly("irq/5-dev", "synchronized");
        }

        @Test
        void withOneshotKeepsTheLineMaskedMeanwhile() {
            kernel.run(() -> {
                irqs.requestThreaded(
                        IRQ,
                        null,
                        (_, _) -> {
                            assertThat(kernel.line(IRQ).isMasked()).isTrue();
                            kernel.sched.msleep(1);
                            kernel.line(IRQ).set(false);
                            return IrqReturn.HANDLED;
                        },
                        IrqFlags.ONESHOT,
                        "dev",
                        first);
                interrupt();
                kernel.sched.msleep(20);
            });

            assertThat(irqs.statistics(IRQ).count()).isEqualTo(1);
            assertThat(kernel.line(IRQ).isMasked()).isFalse();
        }

        @Test
        void aloneNeedsOneshot() {
            kernel.run(() ->
                    assertThatThrownBy(() ->
                                    irqs.requestThreaded(
                                            IRQ,
                                            null,
                                            (_, _) -> IrqReturn.HANDLED,
                                            0,
                                            "dev",
                                            first))
                            .hasMessageStartingWith("-EINVAL"));

            assertThat(log())
                    .containsExactly(
                            "genirq: Threaded irq requested with handler=NULL and !ONESHOT for dev"
                                    + " (irq 5)");
        }

        @Test
        void endsWithItsRequest() {
            kernel.run(() -> {
                irqs.requestThreaded(
                        IRQ,
                        null,
                        (_, _) -> {
                            kernel.line(IRQ).set(false);
                            heard.add("thread");
                            return IrqReturn.HANDLED;
                        },
                        IrqFlags.ONESHOT,
                        "dev",
                        first);
                interrupt();
                irqs.free(IRQ, first);
                interrupt();
                kernel.sched.msleep(10);
            });

            assertThat(heard).containsExactly("thread");
        }
    }

    @Test
    void theAccountTellsEntryHandlerAndExit() {
        List<TraceEvent.Interrupt> traced = new ArrayList<>();
        kernel.machine
                .trace()
                .addSink(event -> {
                    if (event instanceof TraceEvent.Interrupt interrupt) {
                        traced.add(interrupt);
                    }
                });
        kernel.run(() -> {
            irqs.request(
                    IRQ,
                    (_, _) -> {
                        kernel.line(IRQ).set(false);
                        kernel.sched.udelay(3);
                        return IrqReturn.HANDLED;
                    },
                    "dev",
                    first);
            interrupt();
        });

        IrqStatistics account = irqs.statistics(IRQ);
        assertThat(account.count()).isEqualTo(1);
        assertThat(account.handlerPs()).isEqualTo(3 * TestKernel.US);
        assertThat(account.lastHandlerPs() - account.lastEntryPs())
                .isEqualTo(kernel.machine.cpu().cost().interruptEntry());
        assertThat(traced)
                .containsExactly(
                        new TraceEvent.Interrupt(
                                account.lastHandlerPs(), account.lastExitPs(), IRQ, "dev"));
    }

    @Test
    void procInterruptsListsTheLinesInUse() {
        kernel.run(() -> {
            irqs.request(IRQ, quiet("irq"), IrqFlags.SHARED, "a", first);
            irqs.request(IRQ, quiet("irq"), IrqFlags.SHARED, "b", second);
            interrupt();
        });

        assertThat(irqs.procInterrupts())
                .isEqualTo(
                        """
                                    CPU0\s\s\s\s\s\s\s
                           5:          1   dmakit    5 Level     a, b
                        """);
    }
}
