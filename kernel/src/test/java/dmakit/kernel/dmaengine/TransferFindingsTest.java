package dmakit.kernel.dmaengine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmakit.kernel.DmaException;
import dmakit.kernel.check.Finding;
import dmakit.kernel.check.FindingId;
import dmakit.kernel.check.Findings;
import dmakit.kernel.scatterlist.Scatterlist;
import dmakit.kernel.sync.Completion;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class TransferFindingsTest {
    private static final long DST = 0x1000;
    private static final long SRC = 0x2000;
    private static final SlaveConfig FIFO = SlaveConfig.toDevice(0x3f20_0000L, BusWidth.BYTES_1, 4);

    private final EngineFixture kernel = new EngineFixture();
    private final Findings findings = kernel.sched.calls().findings();
    private SoftwareProvider provider;
    private Channel channel;

    @BeforeEach
    void request() {
        findings.enable();
        kernel.sched.calls().onVainWait(kernel.engine.rules()::waitedInVain);
        kernel.run(() -> {
            provider =
                    kernel.provider(
                            1,
                            TransactionType.MEMCPY,
                            TransactionType.SLAVE,
                            TransactionType.CYCLIC);
            channel =
                    kernel.engine
                            .requestChannel(
                                    Capabilities.of(TransactionType.MEMCPY), ChannelFilter.ANY)
                            .orElseThrow();
        });
    }

    @AfterEach
    void close() {
        kernel.close();
    }

    private Descriptor copy() {
        return channel.prepMemcpy(DST, SRC, 64, PrepFlags.INTERRUPT | PrepFlags.ACK);
    }

    private void finish() {
        provider.channel(0).finish();
        kernel.settle();
    }

    private void release() {
        kernel.engine.release(channel);
    }

    private void only(FindingId id, String message) {
        assertThat(findings.all()).extracting(Finding::id).containsExactly(id);
        assertThat(findings.all().getFirst().message()).contains(message);
        assertThat(findings.all().getFirst().channel()).isEqualTo("dma0chan0");
    }

    private void waitInVain() {
        assertThat(new Completion(kernel.sched).waitForTimeout(10)).isZero();
    }

    @Test
    void aClientThatDoesAllOfItRightIsNotReported() {
        kernel.run(() -> {
            for (int round = 0; round < 2 * Client.TRANSFER_COUNT_MAX; round++) {
                copy().submit();
                copy().submit();
                channel.issuePending();
                finish();
                finish();
            }
            copy().submit();
            channel.issuePending();
            channel.terminateSync();
            channel.slaveConfig(FIFO);
            Scatterlist sg = new Scatterlist(1);
            sg.setDma(0, DST, 64);
            channel.prepSlaveSg(sg, 1, TransferDirection.MEM_TO_DEV, 0).submit();
            channel.issuePending();
            finish();
            Descriptor ring = channel.prepCyclic(DST, 256, 64, TransferDirection.MEM_TO_DEV, 1);
            ring.submit();
            channel.issuePending();
            for (int period = 0; period < 9; period++) {
                finish();
            }
            channel.terminateSync();
            release();
        });
        assertThat(findings.all()).isEmpty();
    }

    @Nested
    class Waiting {
        @Test
        void forWhatWasNeverIssuedIsReported() {
            kernel.run(() -> {
                copy().submit();
                waitInVain();
            });
            only(FindingId.ISSUE_PENDING_MISSING, "never issued");
        }

        @Test
        void forWhatWasNeverSubmittedIsReported() {
            kernel.run(() -> {
                copy();
                channel.issuePending();
                waitInVain();
            });
            only(FindingId.SUBMIT_MISSING, "never submitted");
        }

        @Test
        void forAPausedChannelIsReportedWithTheReason() {
            kernel.run(() -> {
                copy().submit();
                channel.issuePending();
                channel.pause();
                waitInVain();
            });
            only(FindingId.TIMEOUT, "the channel is paused, 64 bytes are left");
        }

        @Test
        void forAPeripheralIsReportedWithTheReason() {
            kernel.run(() -> {
                channel.slaveConfig(FIFO);
                channel.prepSlaveSingle(DST, 64, TransferDirection.MEM_TO_DEV, 1).submit();
                channel.issuePending();
                waitInVain();
            });
            only(FindingId.TIMEOUT, "the peripheral does not ask for data, 64 bytes are left");
        }

        @Test
        void whileSomebodyElseIsNotDoneYetIsNoMistake() {
            kernel.run(() -> {
                Descriptor first = copy();
                waitInVain();
                first.submit();
                waitInVain();
                channel.issuePending();
                channel.pause();
                waitInVain();
                channel.resume();
                finish();
                release();
            });
            assertThat(findings.all()).isEmpty();
        }

        @Test
        void isStillAMistakeWhereAnotherTransferCompletesBehindATerminatedOne() {
            kernel.run(() -> {
                copy().submit();
                channel.issuePending();
                channel.pause();
                waitInVain();
                channel.terminateSync();
                channel.resume();
                copy().submit();
                channel.issuePending();
                finish();
                release();
            });
            only(FindingId.TIMEOUT, "the channel is paused, 64 bytes are left");
        }

        @Test
        void isNoneOfATransferThatSomebodyElseAskedFor() {
            kernel.run(() -> {
                copy().submit();
                channel.issuePending();
                channel.pause();
            });
            kernel.run(TransferFindingsTest.this::waitInVain);
            kernel.run(() -> {
                channel.terminateSync();
                release();
            });
            assertThat(findings.all()).isEmpty();
        }

        @Test
        void forSomethingElseIsNot() {
            kernel.run(() -> {
                copy().submit();
                channel.issuePending();
                finish();
                waitInVain();
                release();
            });
            assertThat(findings.all()).isEmpty();
        }
    }

    @Nested
    class Releasing {
        @Test
        void whileATransferRunsIsReported() {
            kernel.run(() -> {
                copy().submit();
                channel.issuePending();
                release();
            });
            only(FindingId.TERMINATE_MISSING, "released while a transfer runs");
        }

        @Nested
        class OfAProviderThatCannotTerminate {
            @BeforeEach
            void request() {
                kernel.run(() -> {
                    release();
                    kernel.engine.unregister(provider.device());
                    provider =
                            new SoftwareProvider(
                                    kernel.engine,
                                    kernel.device("endless"),
                                    1,
                                    SoftwareProvider.copyingOps(),
                                    TransactionType.MEMCPY);
                    kernel.engine.register(provider.device());
                    channel =
                            kernel.engine.requestChanByMask(
                                    Capabilities.of(TransactionType.MEMCPY));
                });
            }

            @Test
            void whileATransferRunsIsReported() {
                kernel.run(() -> {
                    copy().submit();
                    channel.issuePending();
                    release();
                });
                only(FindingId.TERMINATE_MISSING, "cannot terminate, so that has to be waited for");
            }

            @Test
            void afterAllIsDoneIsNot() {
                kernel.run(() -> {
                    copy().submit();
                    channel.issuePending();
                    finish();
                    release();
                });
                assertThat(findings.all()).isEmpty();
            }

            @Test
            void afterAnEndWasAskedForIsNot() {
                kernel.run(() -> {
                    copy().submit();
                    channel.issuePending();
                    assertThatThrownBy(() -> channel.terminateSync())
                            .isInstanceOf(DmaException.class);
                    release();
                });
                assertThat(findings.all()).isEmpty();
            }

            @Test
            void withWhatWasIssuedAfterThatIsReported() {
                kernel.run(() -> {
                    assertThatThrownBy(() -> channel.terminateSync())
                            .isInstanceOf(DmaException.class);
                    copy().submit();
                    channel.issuePending();
                    release();
                });
                only(FindingId.TERMINATE_MISSING, "released while a transfer runs");
            }
        }

        @Test
        void withADescriptorThatWasNeverIssuedIsReported() {
            kernel.run(() -> {
                copy().submit();
                release();
            });
            only(FindingId.ISSUE_PENDING_MISSING, "never issued");
        }

        @Test
        void withADescriptorThatWasNeverSubmittedIsReported() {
            kernel.run(() -> {
                copy();
                release();
            });
            only(FindingId.SUBMIT_MISSING, "never submitted");
        }

        @Test
        void andUsingItStillIsReported() {
            kernel.run(() -> {
                release();
                channel.issuePending();
            });
            only(FindingId.CHANNEL_USE_AFTER_RELEASE, "dma_async_issue_pending on dma0chan0");
        }

        @Test
        void neverIsReportedWhenTheModuleLeaves() {
            kernel.run(() ->
                    assertThat(kernel.engine.rules().checkLeft(_ -> true))
                            .containsExactly(channel));
            only(FindingId.CHANNEL_LEAK, "still held");
        }
    }

    @Nested
    class Preparing {
        @Test
        void forAPeripheralWithoutAConfigIsReported() {
            kernel.run(() ->
                    channel.prepSlaveSingle(DST, 64, TransferDirection.MEM_TO_DEV, 1).submit());
            only(FindingId.SLAVE_CONFIG_MISSING, "without a dmaengine_slave_config");
        }

        @Test
        void withAWidthTheChannelLacksIsReported() {
            kernel.run(() -> {
                channel.slaveConfig(SlaveConfig.toDevice(0x3f20_0000L, BusWidth.BYTES_8, 4));
                channel.prepSlaveSingle(DST, 64, TransferDirection.MEM_TO_DEV, 1).submit();
            });
            only(FindingId.SLAVE_CONFIG_INVALID, "dst_addr_width is DMA_SLAVE_BUSWIDTH_8_BYTES");
        }

        @Test
        void withRamForAFifoIsReported() {
            kernel.run(() -> {
                channel.slaveConfig(SlaveConfig.toDevice(0x8000, BusWidth.BYTES_1, 4));
                channel.prepSlaveSingle(DST, 64, TransferDirection.MEM_TO_DEV, 1).submit();
            });
            only(FindingId.SLAVE_CONFIG_INVALID, "which is RAM");
        }

        @Test
        void whatTheChannelCannotIsReported() {
            SoftwareProvider few =
                    new SoftwareProvider(
                            kernel.engine,
                            kernel.device("few"),
                            1,
                            SoftwareProvider.fewestOps(),
                            TransactionType.PRIVATE);
            kernel.run(() -> {
                kernel.engine.register(few.device());
                assertThatThrownBy(() -> few.channel(0).prepMemcpy(DST, SRC, 64, 0))
                        .isInstanceOf(DmaException.class);
            });
            assertThat(findings.all().getFirst().id()).isEqualTo(FindingId.CAPABILITY_MISSING);
            assertThat(findings.all().getFirst().message())
                    .contains("offers no device_prep_dma_memcpy");
        }

        @Test
        void withTheErrorAddressIsReported() {
            kernel.run(() -> channel.prepMemcpy(-1, SRC, 64, 0).submit());
            only(FindingId.MAP_ERROR_UNCHECKED, "DMA_MAPPING_ERROR");
        }
    }

    @Nested
    class Repeating {
        private final InterleavedTemplate picture =
                InterleavedTemplate.rectangle(SRC, DST, 4, 16, 16, 0);
        private SoftwareProvider shows;
        private Channel screen;

        private void begin() {
            shows =
                    kernel.provider(
                            1,
                            TransactionType.INTERLEAVE,
                            TransactionType.REPEAT,
                            TransactionType.LOAD_EOT);
            screen =
                    kernel.engine
                            .requestChannel(
                                    Capabilities.of(TransactionType.INTERLEAVE), ChannelFilter.ANY)
                            .orElseThrow();
            screen.prepInterleaved(picture, PrepFlags.REPEAT | PrepFlags.LOAD_EOT).submit();
            screen.issuePending();
        }

        @Test
        void forEverIsNotReported() {
            kernel.run(() -> {
                begin();
                waitInVain();
                screen.terminateSync();
            });
            assertThat(findings.all()).isEmpty();
        }

        @Test
        void isNeverReplacedByWhatDoesNotSayThatItReplaces() {
            kernel.run(() -> {
                begin();
                screen.prepInterleaved(picture, PrepFlags.REPEAT).submit();
                screen.prepInterleaved(picture, PrepFlags.INTERRUPT).submit();
                screen.issuePending();
                waitInVain();
                screen.terminateSync();
            });
            assertThat(findings.all()).extracting(Finding::id).containsOnly(FindingId.TIMEOUT);
            assertThat(findings.all().getFirst().message()).contains("DMA_PREP_LOAD_EOT");
        }
    }

    @Nested
    class Attribution {
        private boolean uses(long dma) {
            var device = provider.device().dev();
            return kernel.engine.rules().using(device, dma, 4, true) != null;
        }

        private void run(Descriptor desc) {
            desc.submit();
            channel.issuePending();
        }

        @Test
        void knowsOperandsAndResultsOfSums() {
            kernel.run(() -> {
                long[] sources = {0x10_000, 0x20_000};
                run(channel.prepXor(DST, sources, 64, 0));
                assertThat(uses(0x10_03c)).isTrue();
                assertThat(uses(0x20_000)).isTrue();
                assertThat(uses(DST)).isTrue();
                assertThat(uses(0x10_040)).isFalse();
                finish();
                assertThat(uses(DST)).isFalse();
                long[] pq = {0x30_000, 0x40_000};
                run(channel.prepPq(pq, sources, new byte[2], 64, PrepFlags.PQ_DISABLE_P));
                assertThat(uses(0x40_000)).isTrue();
                assertThat(uses(0x30_000)).isFalse();
                channel.terminateSync();
            });
        }

        @Test
        void knowsChunksListsPiecesAndValues() {
            kernel.run(() -> {
                run(
                        channel.prepInterleaved(
                                InterleavedTemplate.rectangle(SRC, DST, 2, 16, 16, 0), 0));
                assertThat(uses(SRC + 32)).isTrue();
                assertThat(uses(SRC + 16)).isFalse();
                channel.terminateSync();
                Scatterlist sg = new Scatterlist(1);
                sg.setDma(0, DST, 64);
                run(channel.prepMemsetSg(sg, 1, 0, 0));
                assertThat(uses(DST + 60)).isTrue();
                channel.terminateSync();
                channel.slaveConfig(FIFO);
                run(
                        channel.prepPeripheralVec(
                                new long[] {0x50_000, 0x60_000},
                                new long[] {4, 4},
                                TransferDirection.MEM_TO_DEV,
                                0));
                assertThat(uses(0x60_000)).isTrue();
                assertThat(uses(0x50_004)).isFalse();
                channel.terminateSync();
                run(channel.prepImmData(DST, 1, 0));
                assertThat(uses(DST + 4)).isTrue();
                assertThat(uses(DST + 8)).isFalse();
                channel.terminateSync();
            });
            assertThat(findings.all()).isEmpty();
        }
    }

    @Nested
    class Running {
        @Test
        void aDescriptorThatIsSubmittedTwiceIsReported() {
            kernel.run(() -> {
                Descriptor desc = copy();
                desc.submit();
                assertThatThrownBy(desc::submit).isInstanceOf(IllegalStateException.class);
                channel.terminateSync();
            });
            only(FindingId.DESCRIPTOR_REUSE, "without DMA_CTRL_REUSE");
        }

        @Test
        void aDescriptorThatIsReusedAsSuchIsNot() {
            kernel.run(() -> {
                Descriptor desc = copy();
                desc.setReuse();
                for (int round = 0; round < 3; round++) {
                    desc.submit();
                    channel.issuePending();
                    finish();
                }
                desc.free();
                channel.terminateSync();
            });
            assertThat(findings.all()).isEmpty();
        }

        @Test
        void waitingForCallbacksInACallbackIsReported() {
            kernel.run(() -> {
                copy().callback(() -> channel.terminateSync()).submit();
                channel.issuePending();
                finish();
                channel.synchronize();
                release();
            });
            only(FindingId.TERMINATE_IN_CALLBACK, "dmaengine_synchronize of dma0chan0");
        }

        @Test
        void aRingThatComesRoundBeforeItsCallbackIsReportedOnce() {
            kernel.run(() -> {
                channel.slaveConfig(FIFO);
                channel.prepCyclic(DST, 128, 64, TransferDirection.MEM_TO_DEV, 1).submit();
                channel.issuePending();
                for (int period = 0; period < 5; period++) {
                    provider.channel(0).finish();
                }
                channel.terminateSync();
            });
            only(FindingId.CYCLIC_UNDERRUN, "ring of 2 periods");
        }
    }
}
