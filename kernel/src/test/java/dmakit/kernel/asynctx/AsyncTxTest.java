package dmakit.kernel.asynctx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmakit.kernel.asynctx.AsyncFixture.Called;
import dmakit.kernel.dmaengine.Descriptor;
import dmakit.kernel.dmaengine.SumCheck;
import dmakit.kernel.dmaengine.TransactionType;
import dmakit.kernel.raid.FieldOracle;
import dmakit.kernel.sched.KernelPanic;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class AsyncTxTest {
    private static final int PAGE = 4096;

    private final AsyncFixture fixture = new AsyncFixture(3);
    private final AsyncTx async = fixture.async;
    private final AsyncSubmit submit = fixture.submit;

    @AfterEach
    void close() {
        fixture.close();
    }

    @Nested
    class WithoutAnEngine {
        @Test
        void aCopyIsDoneAndHasCalledBackWhenItAnswersNothing() {
            fixture.run(() -> {
                long from = fixture.page();
                long to = fixture.page();
                byte[] bytes = fixture.random(100);
                fixture.store(from, 10, bytes);
                Called called = fixture.new Called();
                submit.init(AsyncTxFlags.ACK, null, called, null);
                assertThat(async.memcpy(to, from, 20, 10, 100, submit)).isNull();
                assertThat(called.times).isEqualTo(1);
                assertThat(fixture.load(to, 20, 100)).isEqualTo(bytes);
            });
        }

        @Test
        void aFillIsOfTheLowByte() {
            fixture.run(() -> {
                long to = fixture.page();
                submit.init(AsyncTxFlags.ACK, null, null, null);
                assertThat(async.memset(to, 0x1ab, 3, 50, submit)).isNull();
                assertThat(fixture.load(to, 3, 50)).containsOnly(0xab);
            });
        }

        @Test
        void exclusiveOrTakesTheDestinationForASourceUnlessToldNotTo() {
            fixture.run(() -> {
                byte[][] blocks = new byte[7][];
                long[] sources = new long[7];
                for (int i = 0; i < sources.length; i++) {
                    blocks[i] = fixture.random(PAGE);
                    sources[i] = fixture.page();
                    fixture.store(sources[i], 0, blocks[i]);
                }
                long to = fixture.page();
                byte[] before = fixture.random(PAGE);
                fixture.store(to, 0, before);
                submit.init(AsyncTxFlags.ACK, null, null, new long[7]);
                async.xor(to, sources, 0, 7, PAGE, submit);
                byte[] sum = FieldOracle.p(blocks, PAGE);
                assertThat(fixture.load(to, 0, PAGE))
                        .isEqualTo(FieldOracle.p(new byte[][] {before, sum}, PAGE));

                submit.init(AsyncTxFlags.ACK | AsyncTxFlags.XOR_ZERO_DST, null, null, new long[7]);
                async.xor(to, sources, 0, 7, PAGE, submit);
                assertThat(fixture.load(to, 0, PAGE)).isEqualTo(sum);

                submit.init(AsyncTxFlags.ACK | AsyncTxFlags.XOR_DROP_DST, null, null, new long[7]);
                async.xor(sources[0], sources, 0, 7, PAGE, submit);
                assertThat(fixture.load(sources[0], 0, PAGE)).isEqualTo(sum);
            });
        }

        @Test
        void theTableOfSourcesIsOverwrittenWithoutScribbleSpaceOnly() {
            fixture.run(() -> {
                long to = fixture.page();
                long[] sources = {fixture.page(), fixture.page(), fixture.page()};
                long[] kept = sources.clone();
                submit.init(AsyncTxFlags.ACK | AsyncTxFlags.XOR_ZERO_DST, null, null, new long[3]);
                async.xor(to, sources, 8, 3, 64, submit);
                assertThat(sources).isEqualTo(kept);
                submit.init(AsyncTxFlags.ACK | AsyncTxFlags.XOR_ZERO_DST, null, null, null);
                async.xor(to, sources, 8, 3, 64, submit);
                for (int i = 0; i < 3; i++) {
                    assertThat(sources[i]).isEqualTo(Parts.va(kept[i], 8));
                }
            });
        }

        @Test
        void aCheckOfSumsModifiesTheDestinationAndCallsBackTwice() {
            fixture.run(() -> {
                long to = fixture.page();
                byte[] one = fixture.random(PAGE);
                fixture.store(to, 0, one);
                long other = fixture.page();
                fixture.store(other, 0, one);
                SumCheck result = new SumCheck();
                Called called = fixture.new Called();
                long[] sources = {to, other};
                submit.init(AsyncTxFlags.ACK, null, called, new long[2]);
                assertThat(async.xorVal(to, sources, 0, 2, PAGE, result, submit)).isNull();
                assertThat(result.bits()).isZero();
                assertThat(called.times).isEqualTo(2);
                assertThat(fixture.load(to, 0, PAGE)).containsOnly(0);

                submit.init(AsyncTxFlags.ACK, null, null, new long[2]);
                async.xorVal(to, sources, 0, 2, PAGE, result, submit);
                assertThat(result.bits()).isEqualTo(SumCheck.P);
            });
        }

        @Test
        void aTriggeredCallbackRunsAtOnce() {
            fixture.run(() -> {
                Called called = fixture.new Called();
                submit.init(AsyncTxFlags.ACK, null, called, null);
                assertThat(async.triggerCallback(submit)).isNull();
                assertThat(called.times).isEqualTo(1);
            });
        }

        @Test
        void fewerThanTwoSourcesAreABug() {
            fixture.run(() -> {
                long page = fixture.page();
                assertThatThrownBy(() -> async.xor(page, new long[] {page}, 0, 1, 64, submit))
                        .isInstanceOf(IllegalStateException.class);
                assertThatThrownBy(() ->
                                async.xorVal(
                                        page, new long[] {page}, 0, 1, 64, new SumCheck(), submit))
                        .isInstanceOf(IllegalStateException.class);
            });
        }
    }

    @Nested
    class WithAnEngine {
        @Test
        void aCopyIsSubmittedAndRunsWhenItIsIssued() {
            ParityProvider raid = fixture.provider(AsyncFixture.EVERYTHING);
            fixture.run(() -> {
                long from = fixture.page();
                long to = fixture.page();
                byte[] bytes = fixture.random(PAGE);
                fixture.store(from, 0, bytes);
                Called called = fixture.new Called();
                submit.init(AsyncTxFlags.ACK, null, called, null);
                Descriptor desc = async.memcpy(to, from, 0, 0, PAGE, submit);
                assertThat(desc).isNotNull();
                fixture.kernel.sched().msleep(1);
                assertThat(called.times).isZero();
                async.issuePending(desc);
                called.await();
                assertThat(fixture.load(to, 0, PAGE)).isEqualTo(bytes);
                assertThat(raid.openMappings()).isZero();
                assertThat(raid.unacknowledged()).isZero();
            });
        }

        @Test
        void whatIsNotAlignedIsDoneByTheCpu() {
            ParityProvider raid = fixture.provider(AsyncFixture.EVERYTHING);
            raid.device.lg2CopyAlign(4).lg2FillAlign(4).lg2XorAlign(4).lg2PqAlign(4);
            fixture.run(() -> {
                long from = fixture.page();
                long to = fixture.page();
                submit.init(AsyncTxFlags.ACK, null, null, new long[4]);
                assertThat(async.memcpy(to, from, 0, 8, 64, submit)).isNull();
                assertThat(async.memset(to, 1, 0, 65, submit)).isNull();
                submit.init(AsyncTxFlags.ACK, null, null, new long[4]);
                assertThat(async.xor(to, new long[] {from, from}, 1, 2, 64, submit)).isNull();
                long[] blocks = {from, from, to, to};
                long[] offsets = {0, 64, 128, 200};
                submit.init(AsyncTxFlags.ACK, null, null, new long[4]);
                assertThat(async.genSyndrome(blocks, offsets, 4, 16, submit)).isNull();
                assertThat(raid.done).isEmpty();
                assertThat(fixture.kernel.log().buffer().texts())
                        .filteredOn(line -> line.contains("no space for dma address conversion"))
                        .hasSize(1);
            });
        }

        @Test
        void moreSourcesThanItTakesAreSummedUpInAChain() {
            ParityProvider raid = fixture.provider(AsyncFixture.EVERYTHING);
            fixture.run(() -> {
                int count = 12;
                byte[][] blocks = new byte[count][];
                long[] sources = new long[count];
                for (int i = 0; i < count; i++) {
                    blocks[i] = fixture.random(PAGE);
                    sources[i] = fixture.page();
                    fixture.store(sources[i], 0, blocks[i]);
                }
                sources[3] = AsyncTx.NO_PAGE;
                blocks[3] = null;
                long to = fixture.page();
                Called called = fixture.new Called();
                submit.init(
                        AsyncTxFlags.ACK | AsyncTxFlags.XOR_ZERO_DST,
                        null,
                        called,
                        new long[count]);
                async.xor(to, sources, 0, count, PAGE, submit);
                called.await();
                assertThat(fixture.load(to, 0, PAGE)).isEqualTo(FieldOracle.p(blocks, PAGE));
                assertThat(called.times).isEqualTo(1);
                // 11 sources: 5, then 4 and the sum so far, then 2 and that.
                assertThat(raid.done)
                        .containsExactly("raid0.0 xor 5", "raid0.0 xor 5", "raid0.0 xor 3");
                assertThat(raid.unacknowledged()).isZero();
                assertThat(raid.openMappings()).isZero();
            });
        }

        @Test
        void aCheckWritesItsResultBeforeTheCallback() {
            fixture.provider(AsyncFixture.EVERYTHING);
            fixture.run(() -> {
                long one = fixture.page();
                long other = fixture.page();
                byte[] bytes = fixture.random(PAGE);
                fixture.store(one, 0, bytes);
                fixture.store(other, 0, bytes);
                SumCheck result = new SumCheck();
                int[] inCallback = {-1};
                long[] sources = {one, other};
                submit.init(0, null, () -> inCallback[0] = result.bits(), new long[2]);
                Descriptor desc = async.xorVal(one, sources, 0, 2, PAGE, result, submit);
                fixture.finish(desc);
                assertThat(inCallback[0]).isZero();
                assertThat(fixture.load(one, 0, PAGE)).isEqualTo(bytes);

                bytes[4000] ^= 1;
                fixture.store(other, 0, bytes);
                submit.init(0, null, () -> inCallback[0] = result.bits(), new long[2]);
                fixture.finish(async.xorVal(one, sources, 0, 2, PAGE, result, submit));
                assertThat(inCallback[0]).isEqualTo(SumCheck.P);
            });
        }

        @Test
        void aProviderWithoutDescriptorsIsAskedUntilItHasOne() {
            ParityProvider raid = fixture.provider(AsyncFixture.EVERYTHING);
            fixture.run(() -> {
                long to = fixture.page();
                long[] sources = {fixture.page(), fixture.page()};
                raid.refusals = 50;
                submit.init(AsyncTxFlags.ACK, null, null, new long[2]);
                assertThat(async.xor(to, sources, 0, 2, PAGE, submit)).isNotNull();
                assertThat(raid.refusals).isZero();
            });
        }

        @Test
        void aProviderThatNeverHasOneIsALockup() {
            ParityProvider raid = fixture.provider(AsyncFixture.EVERYTHING);
            fixture.run(() -> {
                long to = fixture.page();
                long[] sources = {fixture.page(), fixture.page()};
                raid.refusals = Integer.MAX_VALUE;
                submit.init(AsyncTxFlags.ACK, null, null, new long[2]);
                assertThatThrownBy(() -> async.xor(to, sources, 0, 2, PAGE, submit))
                        .isInstanceOf(IllegalStateException.class);
                assertThat(fixture.kernel.log().buffer().texts())
                        .anyMatch(line -> line.contains("soft lockup - CPU#0 stuck for 22s!"));
            });
        }

        @Test
        void aCopyThatCannotBePreparedIsDoneByTheCpu() {
            ParityProvider raid = fixture.provider(AsyncFixture.EVERYTHING);
            fixture.run(() -> {
                raid.refusals = 1;
                submit.init(AsyncTxFlags.ACK, null, null, null);
                assertThat(async.memcpy(fixture.page(), fixture.page(), 0, 0, PAGE, submit))
                        .isNull();
                assertThat(raid.openMappings()).isZero();
            });
        }

        @Test
        void aPageTheDeviceDoesNotReachIsTheCpus() {
            ParityProvider raid = fixture.provider(AsyncFixture.EVERYTHING);
            raid.dev.dma().dmaMask(0xfff);
            fixture.run(() -> {
                long[] pages = {fixture.page(), fixture.page(), fixture.page(), fixture.page()};
                byte[] bytes = fixture.random(PAGE);
                fixture.store(pages[0], 0, bytes);
                submit.init(AsyncTxFlags.ACK, null, null, new long[4]);
                assertThat(async.memcpy(pages[1], pages[0], 0, 0, PAGE, submit)).isNull();
                assertThat(fixture.load(pages[1], 0, PAGE)).isEqualTo(bytes);
                submit.init(AsyncTxFlags.ACK, null, null, new long[4]);
                assertThat(async.genSyndrome(pages, new long[4], 4, PAGE, submit)).isNull();
                assertThat(fixture.load(pages[2], 0, PAGE)).containsOnly(0);
                assertThat(raid.done).isEmpty();
                assertThat(raid.openMappings()).isZero();
            });
        }

        @Test
        void aDescriptorNobodyAcknowledgesStaysWithItsProvider() {
            ParityProvider raid = fixture.provider(AsyncFixture.EVERYTHING);
            fixture.run(() -> {
                for (int i = 0; i < 3; i++) {
                    submit.init(0, null, null, null);
                    async.issuePending(
                            async.memcpy(fixture.page(), fixture.page(), 0, 0, PAGE, submit));
                }
                fixture.kernel.sched().msleep(1);
                assertThat(raid.unacknowledged()).isEqualTo(3);
            });
        }
    }

    @Nested
    class Chains {
        @Test
        void onOneChannelAreASequenceInItsQueue() {
            ParityProvider raid = fixture.provider(AsyncFixture.EVERYTHING);
            fixture.run(() -> {
                long[] pages = {fixture.page(), fixture.page(), fixture.page()};
                byte[] bytes = fixture.random(PAGE);
                fixture.store(pages[0], 0, bytes);
                submit.init(AsyncTxFlags.FENCE, null, null, null);
                Descriptor first = async.memcpy(pages[1], pages[0], 0, 0, PAGE, submit);
                submit.init(0, first, null, null);
                Descriptor second = async.memcpy(pages[2], pages[1], 0, 0, PAGE, submit);
                assertThat(first.isAcked()).isTrue();
                assertThat(second.isAcked()).isFalse();
                assertThat(second.cookie()).isEqualTo(first.cookie() + 1);
                fixture.finish(second);
                assertThat(raid.unacknowledged()).isZero();
                assertThat(raid.openMappings()).isZero();
                assertThat(fixture.load(pages[2], 0, PAGE)).isEqualTo(bytes);
            });
        }

        @Test
        void goOnToAnotherChannelByAnInterrupt() {
            ParityProvider copier =
                    fixture.provider(TransactionType.MEMCPY, TransactionType.INTERRUPT);
            ParityProvider adder = fixture.provider(TransactionType.XOR, TransactionType.INTERRUPT);
            fixture.run(() -> {
                long[] pages = {fixture.page(), fixture.page(), fixture.page(), fixture.page()};
                byte[] one = fixture.random(PAGE);
                byte[] other = fixture.random(PAGE);
                fixture.store(pages[0], 0, one);
                fixture.store(pages[2], 0, other);
                submit.init(AsyncTxFlags.FENCE, null, null, null);
                Descriptor copied = async.memcpy(pages[1], pages[0], 0, 0, PAGE, submit);
                submit.init(
                        AsyncTxFlags.FENCE | AsyncTxFlags.XOR_DROP_DST, copied, null, new long[2]);
                Descriptor added =
                        async.xor(pages[1], new long[] {pages[1], pages[2]}, 0, 2, PAGE, submit);
                assertThat(added.cookie()).isEqualTo(-16);
                // It waits, so what depends on it waits, too, on yet another channel.
                Called called = fixture.new Called();
                submit.init(AsyncTxFlags.ACK, added, called, null);
                Descriptor back = async.memcpy(pages[3], pages[1], 0, 0, PAGE, submit);
                assertThat(back.cookie()).isEqualTo(-16);
                called.await();
                assertThat(fixture.load(pages[3], 0, PAGE))
                        .isEqualTo(FieldOracle.p(new byte[][] {one, other}, PAGE));
                assertThat(copier.done)
                        .containsExactly("raid0.0 memcpy", "raid0.0 interrupt", "raid0.0 memcpy");
                assertThat(adder.done).containsExactly("raid1.0 xor 2", "raid1.0 interrupt");
                assertThat(copier.unacknowledged() + adder.unacknowledged()).isZero();
                assertThat(copier.openMappings() + adder.openMappings()).isZero();
            });
        }

        @Test
        void areNoMistakeAlthoughTheyLendOnePageToManyOperations() {
            fixture.provider(TransactionType.MEMCPY, TransactionType.INTERRUPT);
            fixture.provider(TransactionType.XOR, TransactionType.PQ, TransactionType.INTERRUPT);
            fixture.kernel.findings().enable();
            fixture.run(() -> {
                long[] blocks = new long[7];
                for (int i = 0; i < blocks.length; i++) {
                    blocks[i] = fixture.page();
                    fixture.store(blocks[i], 0, fixture.random(PAGE));
                }
                submit.init(0, null, null, new long[7]);
                fixture.finish(async.raid6TwoDataRecov(7, PAGE, 1, 3, blocks, new long[7], submit));
                submit.init(0, null, null, new long[7]);
                fixture.finish(async.raid6DataPRecov(7, PAGE, 2, blocks, new long[7], submit));
            });
            assertThat(fixture.kernel.findings().all()).isEmpty();
        }

        @Test
        void waitForTheOtherChannelWhereItHasNoInterrupts() {
            ParityProvider copier = fixture.provider(TransactionType.MEMCPY);
            fixture.provider(TransactionType.XOR);
            fixture.run(() -> {
                long[] pages = {fixture.page(), fixture.page(), fixture.page()};
                submit.init(AsyncTxFlags.FENCE, null, null, null);
                Descriptor copied = async.memcpy(pages[1], pages[0], 0, 0, PAGE, submit);
                submit.init(AsyncTxFlags.XOR_DROP_DST, copied, null, new long[2]);
                Descriptor added =
                        async.xor(pages[1], new long[] {pages[1], pages[2]}, 0, 2, PAGE, submit);
                assertThat(copier.done).containsExactly("raid0.0 memcpy");
                assertThat(added.cookie()).isEqualTo(2);
                fixture.finish(added);
            });
        }

        @Test
        void endInACallbackThatIsTriggered() {
            ParityProvider raid = fixture.provider(AsyncFixture.EVERYTHING);
            fixture.run(() -> {
                submit.init(0, null, null, null);
                Descriptor copied =
                        async.memcpy(fixture.page(), fixture.page(), 0, 0, PAGE, submit);
                Called called = fixture.new Called();
                submit.init(AsyncTxFlags.ACK, copied, called, null);
                assertThat(async.triggerCallback(submit)).isNotNull();
                assertThat(called.times).isZero();
                called.await();
                assertThat(raid.done).containsExactly("raid0.0 memcpy", "raid0.0 interrupt");
            });
        }

        /** In Linux, too: a result that bounces is there when it is unmapped, not before. */
        @Test
        void doNotSeeResultsThatBounce() {
            fixture.provider(AsyncFixture.EVERYTHING);
            fixture.run(() -> {
                long[] pages = {fixture.page(), fixture.page(), fixture.page()};
                byte[] bytes = fixture.random(8);
                byte[] before = fixture.random(8);
                fixture.store(pages[0], 0, bytes);
                fixture.store(pages[1], 0, before);
                submit.init(AsyncTxFlags.FENCE, null, null, null);
                Descriptor first = async.memcpy(pages[1], pages[0], 0, 0, 8, submit);
                submit.init(0, first, null, null);
                fixture.finish(async.memcpy(pages[2], pages[1], 0, 0, 8, submit));
                assertThat(fixture.load(pages[1], 0, 8)).isEqualTo(bytes);
                assertThat(fixture.load(pages[2], 0, 8)).isEqualTo(before);
            });
        }

        @Test
        void stepOntoTheCpuBehindWhatRuns() {
            fixture.provider(TransactionType.MEMCPY);
            fixture.run(() -> {
                long[] pages = {fixture.page(), fixture.page(), fixture.page()};
                byte[] one = fixture.random(PAGE);
                byte[] other = fixture.random(PAGE);
                fixture.store(pages[0], 0, one);
                fixture.store(pages[2], 0, other);
                submit.init(AsyncTxFlags.FENCE, null, null, null);
                Descriptor copied = async.memcpy(pages[1], pages[0], 0, 0, PAGE, submit);
                submit.init(
                        AsyncTxFlags.ACK | AsyncTxFlags.XOR_DROP_DST, copied, null, new long[2]);
                assertThat(async.xor(pages[1], new long[] {pages[1], pages[2]}, 0, 2, PAGE, submit))
                        .isNull();
                assertThat(submit.dependTx()).isNull();
                assertThat(copied.isAcked()).isTrue();
                assertThat(fixture.load(pages[1], 0, PAGE))
                        .isEqualTo(FieldOracle.p(new byte[][] {one, other}, PAGE));
            });
        }

        @Test
        void dependOnNothingThatWasAcknowledged() {
            fixture.provider(AsyncFixture.EVERYTHING);
            fixture.run(() -> {
                submit.init(AsyncTxFlags.ACK, null, null, null);
                Descriptor acked = async.memcpy(fixture.page(), fixture.page(), 0, 0, PAGE, submit);
                submit.init(0, acked, null, null);
                assertThatThrownBy(() ->
                                async.memcpy(fixture.page(), fixture.page(), 0, 0, PAGE, submit))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("acknowledged before");
                assertThatThrownBy(() -> async.quiesce(acked))
                        .isInstanceOf(IllegalStateException.class);
            });
        }

        @Test
        void haveOneDependentPerDescriptor() {
            fixture.provider(TransactionType.MEMCPY, TransactionType.INTERRUPT);
            ParityProvider adder = fixture.provider(TransactionType.XOR, TransactionType.INTERRUPT);
            fixture.run(() -> {
                long[] pages = {fixture.page(), fixture.page()};
                submit.init(0, null, null, null);
                Descriptor copied = async.memcpy(pages[1], pages[0], 0, 0, PAGE, submit);
                submit.init(0, copied, null, new long[2]);
                Descriptor waiting = async.xor(pages[1], pages.clone(), 0, 2, PAGE, submit);
                submit.init(0, waiting, null, new long[2]);
                async.xor(pages[1], pages.clone(), 0, 2, PAGE, submit);
                // Now it has a dependent, and was acknowledged for it.
                Descriptor third = adder.engines.getFirst().prepInterrupt(0);
                submit.init(0, waiting, null, null);
                assertThatThrownBy(() -> async.submit(third.channel(), third, submit))
                        .isInstanceOf(IllegalStateException.class);
            });
        }

        @Test
        void thatNobodyIssuesPanicWhoWaitsForThem() {
            ParityProvider copier =
                    fixture.provider(TransactionType.MEMCPY, TransactionType.INTERRUPT);
            assertThatThrownBy(() ->
                            fixture.run(() -> {
                                Descriptor never = copier.engines.getFirst().prepInterrupt(0);
                                Descriptor waiting = copier.engines.getFirst().prepInterrupt(0);
                                never.chain(waiting);
                                async.quiesce(waiting);
                            }))
                    .isInstanceOf(KernelPanic.class)
                    .hasMessageContaining("async_tx_quiesce: DMA error waiting for transaction");
            assertThat(fixture.kernel.log().buffer().texts())
                    .anyMatch(line ->
                            line.contains(
                                    "dma_wait_for_async_tx timeout waiting for descriptor"
                                            + " submission"));
        }
    }
}
