package dmakit.kernel.dmaengine;

import static dmakit.kernel.dmaengine.DmaStatus.COMPLETE;
import static dmakit.kernel.dmaengine.DmaStatus.ERROR;
import static dmakit.kernel.dmaengine.DmaStatus.IN_PROGRESS;
import static dmakit.kernel.dmaengine.DmaStatus.PAUSED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmakit.kernel.DmaException;
import dmakit.kernel.Errno;
import dmakit.kernel.sched.AtomicContextViolation;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class ChannelTest {
    private static final int FLAGS = PrepFlags.INTERRUPT | PrepFlags.ACK;

    private final EngineFixture fixture = new EngineFixture();
    private final SoftwareProvider provider =
            fixture.provider(
                    1,
                    TransactionType.MEMCPY,
                    TransactionType.MEMSET,
                    TransactionType.INTERRUPT,
                    TransactionType.SLAVE,
                    TransactionType.CYCLIC);
    private final SoftwareProvider.Soft chan = provider.channel(0);
    private final List<String> heard = new ArrayList<>();

    @AfterEach
    void close() {
        fixture.close();
    }

    private Descriptor copy(String name) {
        return chan.prepMemcpy(0x1000, 0x2000, 64, FLAGS).callback(() -> heard.add(name));
    }

    @Nested
    class Cookie {
        @Test
        void ofTheFirstDescriptorIsTwo() {
            fixture.run(() -> {
                assertThat(copy("a").submit()).isEqualTo(2);
                assertThat(copy("b").submit()).isEqualTo(3);
            });
        }

        @Test
        void isGivenInTheOrderOfSubmissionNotOfPreparation() {
            fixture.run(() -> {
                Descriptor first = copy("first");
                Descriptor second = copy("second");
                assertThat(first.cookie()).isZero();
                assertThat(second.submit()).isEqualTo(2);
                assertThat(first.submit()).isEqualTo(3);
            });
        }

        @Test
        void wrapsToOneAndStaysInOrder() {
            fixture.run(() -> {
                chan.cookiesAt(Integer.MAX_VALUE - 1);
                int last = copy("last").submit();
                int wrapped = copy("wrapped").submit();
                chan.issuePending();
                assertThat(last).isEqualTo(Integer.MAX_VALUE);
                assertThat(wrapped).isEqualTo(1);
                chan.finish();
                assertThat(chan.txStatus(last, null)).isEqualTo(COMPLETE);
                assertThat(chan.txStatus(wrapped, null)).isEqualTo(IN_PROGRESS);
                chan.finish();
                assertThat(chan.txStatus(wrapped, null)).isEqualTo(COMPLETE);
            });
        }

        @Test
        void pairTellsOfOthersWithoutTheHardware() {
            fixture.run(() -> {
                int first = copy("a").submit();
                int second = copy("b").submit();
                chan.issuePending();
                chan.finish();
                TxState state = new TxState();
                assertThat(chan.isTxComplete(second, state)).isEqualTo(IN_PROGRESS);
                assertThat(state.last()).isEqualTo(first);
                assertThat(state.used()).isEqualTo(second);
                assertThat(Cookies.isComplete(first, state.last(), state.used()))
                        .isEqualTo(COMPLETE);
            });
        }
    }

    @Nested
    class Submitting {
        @Test
        void doesNotStart() {
            fixture.run(() -> {
                copy("a").submit();
                assertThat(chan.isIdle()).isTrue();
                chan.issuePending();
                assertThat(chan.isIdle()).isFalse();
            });
        }

        @Test
        void twiceIsRefused() {
            fixture.run(() -> {
                Descriptor desc = copy("a");
                desc.submit();
                assertThatThrownBy(desc::submit)
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("dma0chan0");
            });
        }

        @Test
        void whatWasNotIssuedWaitsForTheNextIssue() {
            fixture.run(() -> {
                copy("a").submit();
                chan.issuePending();
                copy("b").submit();
                chan.finish();
                assertThat(chan.isIdle()).isTrue();
                chan.issuePending();
                chan.finish();
                fixture.settle();
            });
            assertThat(heard).containsExactly("a", "b");
        }

        @Test
        void nothingAndIssuingIsHarmless() {
            fixture.run(chan::issuePending);
            assertThat(chan.isIdle()).isTrue();
        }
    }

    @Nested
    class Callback {
        @Test
        void runsInATaskletInTheOrderOfSubmission() {
            fixture.run(() -> {
                copy("a").submit();
                chan.prepMemcpy(0x1000, 0x2000, 64, FLAGS)
                        .callback(() ->
                                heard.add(
                                        fixture.sched.contexts().inServingSoftIrq()
                                                ? "softirq"
                                                : "elsewhere"))
                        .submit();
                copy("c").submit();
                chan.issuePending();
                chan.finish();
                chan.finish();
                assertThat(heard).isEmpty();
                fixture.settle();
                assertThat(heard).containsExactly("a", "softirq");
                chan.finish();
                fixture.settle();
            });
            assertThat(heard).containsExactly("a", "softirq", "c");
        }

        @Test
        void withResultWinsOverThePlainOne() {
            fixture.run(() -> {
                copy("plain")
                        .callbackResult((result, residue) -> heard.add(result + " " + residue))
                        .submit();
                chan.issuePending();
                chan.finish(TransferResult.READ_FAILED, 48);
                fixture.settle();
            });
            assertThat(heard).containsExactly("READ_FAILED 48");
        }

        @Test
        void withResultHearsOfNoErrorAndNoResidueByDefault() {
            fixture.run(() -> {
                for (int i = 0; i < 2; i++) {
                    chan.prepMemcpy(1, 2, 64, FLAGS)
                            .callbackResult((result, residue) -> heard.add(result + " " + residue))
                            .submit();
                    chan.issuePending();
                    chan.finish(i == 0 ? TransferResult.ABORTED : TransferResult.NOERROR, 0);
                    fixture.settle();
                }
            });
            assertThat(heard).containsExactly("ABORTED 0", "NOERROR 0");
        }

        @Test
        void mayPrepareSubmitAndIssueTheNext() {
            fixture.run(() -> {
                chan.prepMemcpy(1, 2, 64, FLAGS)
                        .callback(() -> {
                            copy("second").submit();
                            chan.issuePending();
                        })
                        .submit();
                chan.issuePending();
                chan.finish();
                fixture.settle();
                chan.finish();
                fixture.settle();
            });
            assertThat(heard).containsExactly("second");
        }

        @Test
        void mayTerminateButNotSynchronize() {
            fixture.run(() -> {
                chan.prepMemcpy(1, 2, 64, FLAGS)
                        .callback(() -> {
                            chan.terminateAsync();
                            assertThatThrownBy(chan::synchronize)
                                    .isInstanceOf(AtomicContextViolation.class);
                            heard.add("done");
                        })
                        .submit();
                copy("dropped").submit();
                chan.issuePending();
                chan.finish();
                fixture.settle();
            });
            assertThat(heard).containsExactly("done");
            assertThat(chan.isIdle()).isTrue();
        }

        @Test
        void givesTheDescriptorBackForTheNextTransfer() {
            fixture.run(() -> {
                Descriptor first = copy("a");
                first.submit();
                chan.issuePending();
                chan.finish();
                fixture.settle();
                assertThat(copy("b")).isSameAs(first);
                assertThat(first.cookie()).isZero();
            });
        }
    }

    @Nested
    class CyclicCallback {
        private Descriptor ring() {
            return chan.prepCyclic(0x1000, 256, 64, TransferDirection.MEM_TO_DEV, FLAGS)
                    .callback(() -> heard.add("period"));
        }

        @Test
        void runsOncePerPeriod() {
            fixture.run(() -> {
                ring().submit();
                chan.issuePending();
                for (int i = 0; i < 3; i++) {
                    chan.finish();
                    fixture.settle();
                }
            });
            assertThat(heard).hasSize(3);
        }

        @Test
        void coalescesPeriodsThatElapseWhileItWaits() {
            fixture.run(() -> {
                ring().submit();
                chan.issuePending();
                chan.finish();
                chan.finish();
                chan.finish();
                fixture.settle();
            });
            assertThat(heard).hasSize(1);
        }

        @Test
        void isDroppedByTermination() {
            fixture.run(() -> {
                ring().submit();
                chan.issuePending();
                chan.finish();
                chan.terminateSync();
                fixture.settle();
            });
            assertThat(heard).isEmpty();
            assertThat(chan.released).hasSize(1);
        }

        @Test
        void mayTerminateItsOwnTransfer() {
            fixture.run(() -> {
                ring().callback(
                                () -> {
                                    heard.add("period");
                                    chan.terminateAsync();
                                })
                        .submit();
                chan.issuePending();
                chan.finish();
                fixture.settle();
                chan.synchronize();
            });
            assertThat(heard).hasSize(1);
            assertThat(chan.isIdle()).isTrue();
        }

        @Test
        void neverCompletesTheCookie() {
            fixture.run(() -> {
                int cookie = ring().submit();
                chan.issuePending();
                chan.finish();
                assertThat(chan.txStatus(cookie, null)).isEqualTo(IN_PROGRESS);
            });
        }
    }

    @Nested
    class Terminating {
        @Test
        void dropsPreparedSubmittedIssuedAndCompletedOnes() {
            fixture.run(() -> {
                copy("completed").submit();
                copy("active").submit();
                copy("issued").submit();
                chan.issuePending();
                chan.finish();
                copy("submitted").submit();
                copy("prepared");
                chan.terminateSync();
                fixture.settle();
            });
            assertThat(heard).isEmpty();
            assertThat(chan.released).hasSize(5).doesNotHaveDuplicates();
        }

        @Test
        void leavesCookiesInProgressUntilALaterOneCompletes() {
            fixture.run(() -> {
                int dropped = copy("dropped").submit();
                chan.issuePending();
                chan.terminateSync();
                assertThat(chan.txStatus(dropped, null)).isEqualTo(IN_PROGRESS);
                copy("later").submit();
                chan.issuePending();
                chan.finish();
                assertThat(chan.txStatus(dropped, null)).isEqualTo(COMPLETE);
            });
        }

        @Test
        void anIdleChannelDoesNothing() {
            fixture.run(chan::terminateSync);
            assertThat(chan.released).isEmpty();
        }

        @Test
        void asynchronouslyIsAllowedUnderALockAndSynchronizingIsNot() {
            fixture.run(() -> {
                copy("a").submit();
                fixture.sched.contexts().preemptDisable();
                chan.terminateAsync();
                assertThatThrownBy(chan::synchronize)
                        .isInstanceOf(AtomicContextViolation.class)
                        .hasMessageContaining("dmaengine_synchronize");
                fixture.sched.contexts().preemptEnable();
            });
        }
    }

    @Nested
    class Residue {
        private final TxState state = new TxState();

        @Test
        void isZeroBeforeIssueFullWhileIssuedPartWhileActiveAndZeroWhenComplete() {
            fixture.run(() -> {
                int active = copy("a").submit();
                int issued = copy("b").submit();
                chan.issuePending();
                int submitted = copy("c").submit();
                chan.moved = 24;
                chan.txStatus(active, state);
                assertThat(state.residue()).isEqualTo(40);
                chan.txStatus(issued, state);
                assertThat(state.residue()).isEqualTo(64);
                assertThat(chan.txStatus(submitted, state)).isEqualTo(IN_PROGRESS);
                assertThat(state.residue()).isZero();
                chan.finish();
                assertThat(chan.txStatus(active, state)).isEqualTo(COMPLETE);
                assertThat(state.residue()).isZero();
                assertThat(state.inFlightBytes()).isZero();
            });
        }

        @Test
        void stateMayBeLeftOut() {
            fixture.run(() -> {
                int cookie = copy("a").submit();
                assertThat(chan.txStatus(cookie, null)).isEqualTo(IN_PROGRESS);
            });
        }
    }

    @Nested
    class SyncWait {
        @Test
        void issuesAndEndsWithTheCookie() {
            fixture.run(() -> {
                int cookie = copy("a").submit();
                fixture.sched.kthreadRun("hardware", chan::finish);
                assertThat(chan.isIdle()).isTrue();
                chan.issuePending();
                fixture.sched.condResched();
                assertThat(chan.syncWait(cookie)).isEqualTo(COMPLETE);
            });
        }

        @Test
        void endsAtOnceOnAPausedChannel() {
            fixture.run(() -> {
                int cookie = copy("a").submit();
                chan.pause();
                assertThat(chan.syncWait(cookie)).isEqualTo(PAUSED);
            });
        }

        @Test
        void givesUpAfterFiveSeconds() {
            fixture.run(() -> {
                int cookie = copy("a").submit();
                long before = fixture.machine.clock().now();
                assertThat(chan.syncWait(cookie)).isEqualTo(ERROR);
                assertThat(fixture.machine.clock().now() - before)
                        .isBetween(5_000_000_000_000L, 5_001_000_000_000L);
            });
            assertThat(fixture.logLines()).last().asString().endsWith("dma_sync_wait: timeout!");
        }
    }

    @Nested
    class ReusedDescriptor {
        @Test
        void isPreparedAgainAfterItsCallback() {
            fixture.run(() -> {
                Descriptor desc = copy("a");
                desc.setReuse();
                for (int i = 0; i < 3; i++) {
                    desc.submit();
                    chan.issuePending();
                    chan.finish();
                    fixture.settle();
                }
                assertThat(heard).hasSize(3);
                assertThat(chan.released).isEmpty();
                desc.free();
                assertThat(chan.released).hasSize(1);
            });
        }

        @Test
        void isPreparedAgainByTermination() {
            fixture.run(() -> {
                Descriptor desc = copy("a");
                desc.setReuse();
                desc.submit();
                chan.issuePending();
                chan.terminateSync();
                assertThat(chan.released).isEmpty();
                assertThat(desc.submit()).isEqualTo(3);
            });
        }

        @Test
        void isTheProvidersToFreeOtherwise() {
            fixture.run(() -> {
                Descriptor desc = copy("a");
                assertThatThrownBy(desc::free)
                        .isInstanceOfSatisfying(
                                DmaException.class,
                                e -> assertThat(e.errno()).isEqualTo(Errno.EPERM));
                desc.setReuse();
                desc.clearReuse();
                assertThatThrownBy(desc::free).isInstanceOf(DmaException.class);
            });
        }

        @Test
        void isRefusedWhereTheProviderHasNone() {
            SoftwareProvider plain = fixture.provider(1, TransactionType.SLAVE);
            plain.device().descriptorReuse(false);
            SoftwareProvider memory = fixture.provider(1, TransactionType.MEMCPY);
            fixture.run(() -> {
                Descriptor a = plain.channel(0).prepMemcpy(1, 2, 3, 0);
                assertThatThrownBy(a::setReuse)
                        .isInstanceOfSatisfying(
                                DmaException.class,
                                e -> assertThat(e.errno()).isEqualTo(Errno.EPERM));
                Descriptor b = memory.channel(0).prepMemcpy(1, 2, 3, 0);
                assertThatThrownBy(b::setReuse)
                        .isInstanceOfSatisfying(
                                DmaException.class,
                                e -> assertThat(e.errno()).isEqualTo(Errno.ENXIO));
            });
        }

        @Test
        void isFreedWithItsChannel() {
            fixture.run(() -> {
                Channel taken =
                        fixture.engine
                                .requestChannel(
                                        Capabilities.of(TransactionType.MEMCPY), ChannelFilter.ANY)
                                .orElseThrow();
                Descriptor desc = copy("a");
                desc.setReuse();
                fixture.engine.release(taken);
            });
            assertThat(chan.released).hasSize(1);
        }
    }

    @Nested
    class WithFewOperations {
        private final SoftwareProvider few =
                new SoftwareProvider(
                        fixture.engine,
                        fixture.device("few"),
                        1,
                        SoftwareProvider.fewestOps(),
                        TransactionType.SLAVE);
        private final Channel poor = few.channel(0);

        private void refuses(Errno errno, Runnable call) {
            assertThatThrownBy(call::run)
                    .isInstanceOfSatisfying(
                            DmaException.class, e -> assertThat(e.errno()).isEqualTo(errno));
        }

        @Test
        void eachMissingOneIsAnsweredAsInLinux() {
            fixture.engine.register(few.device());
            fixture.run(() -> {
                refuses(Errno.ENOSYS, poor::pause);
                refuses(Errno.ENOSYS, poor::resume);
                refuses(Errno.ENOSYS, poor::terminateAll);
                refuses(Errno.EINVAL, poor::terminateAsync);
                refuses(Errno.EINVAL, poor::terminateSync);
                refuses(Errno.ENOSYS, () -> poor.slaveConfig(SlaveConfig.NONE));
                refuses(Errno.ENOSYS, () -> poor.prepMemcpy(1, 2, 3, 0));
                refuses(Errno.ENOSYS, () -> poor.prepMemset(1, 2, 3, 0));
                refuses(Errno.ENOSYS, () -> poor.prepInterrupt(0));
                refuses(
                        Errno.ENOSYS,
                        () -> poor.prepSlaveSingle(1, 2, TransferDirection.MEM_TO_DEV, 0));
                refuses(
                        Errno.ENOSYS,
                        () -> poor.prepCyclic(1, 4, 2, TransferDirection.MEM_TO_DEV, 0));
                poor.synchronize();
            });
        }

        @Test
        void theirAbsenceShowsInTheCaps() {
            SlaveCaps caps = poor.slaveCaps();
            assertThat(caps.canPause()).isFalse();
            assertThat(caps.canResume()).isFalse();
            assertThat(caps.canTerminate()).isFalse();
        }
    }

    @Test
    void slaveCapsAreTheProviders() {
        SlaveCaps caps = chan.slaveCaps();
        assertThat(caps.directions()).containsExactly(TransferDirection.MEM_TO_DEV);
        assertThat(caps.sourceWidths()).containsExactly(BusWidth.BYTES_4);
        assertThat(caps.destinationWidths()).containsExactly(BusWidth.BYTES_1);
        assertThat(caps.burstWordsMax()).isEqualTo(8);
        assertThat(caps.canPause()).isTrue();
        assertThat(caps.canTerminate()).isTrue();
        assertThat(caps.residueGranularity()).isEqualTo(ResidueGranularity.BURST);
        assertThat(caps.descriptorReuse()).isTrue();
    }

    @Test
    void slaveCapsOfAMemoryProviderAreRefused() {
        Channel memory = fixture.provider(1, TransactionType.MEMCPY).channel(0);
        assertThatThrownBy(memory::slaveCaps)
                .isInstanceOfSatisfying(
                        DmaException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ENXIO));
    }

    @Test
    void aConfigurationReachesTheProvider() {
        SlaveConfig config = SlaveConfig.toDevice(0x3f20_3004L, BusWidth.BYTES_4, 8);
        fixture.run(() -> chan.slaveConfig(config));
        assertThat(chan.config).isEqualTo(config);
    }

    @Test
    void fillsInterruptsAndPeripheralsGoThroughTheSameQueue() {
        fixture.run(() -> {
            chan.prepMemset(0x1000, 7, 64, FLAGS).callback(() -> heard.add("fill")).submit();
            chan.prepInterrupt(FLAGS).callback(() -> heard.add("interrupt")).submit();
            chan.prepSlaveSingle(0x1000, 32, TransferDirection.MEM_TO_DEV, FLAGS)
                    .callback(() -> heard.add("slave"))
                    .submit();
            chan.issuePending();
            chan.finish();
            chan.finish();
            chan.finish();
            fixture.settle();
        });
        assertThat(heard).containsExactly("fill", "interrupt", "slave");
    }

    @Test
    void acknowledgementIsAFlagOfTheDescriptor() {
        Descriptor desc = chan.prepMemcpy(1, 2, 3, 0);
        assertThat(desc.isAcked()).isFalse();
        desc.ack();
        assertThat(desc.isAcked()).isTrue();
    }

    @Test
    void alignmentIsAskedInBits() {
        DmaDevice device = provider.device().lg2CopyAlign(3).lg2FillAlign(0);
        assertThat(device.isCopyAligned(8, 16, 24)).isTrue();
        assertThat(device.isCopyAligned(8, 16, 20)).isFalse();
        assertThat(device.isFillAligned(1, 3, 5)).isTrue();
        assertThatThrownBy(() -> device.lg2CopyAlign(9))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
