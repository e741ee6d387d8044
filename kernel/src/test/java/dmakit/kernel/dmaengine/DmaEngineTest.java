package dmakit.kernel.dmaengine;

import static dmakit.kernel.dmaengine.TransactionType.CYCLIC;
import static dmakit.kernel.dmaengine.TransactionType.MEMCPY;
import static dmakit.kernel.dmaengine.TransactionType.MEMSET;
import static dmakit.kernel.dmaengine.TransactionType.PRIVATE;
import static dmakit.kernel.dmaengine.TransactionType.SLAVE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmakit.kernel.DmaException;
import dmakit.kernel.Errno;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class DmaEngineTest {
    private static final Capabilities COPIES = Capabilities.of(MEMCPY);

    private final EngineFixture fixture = new EngineFixture();
    private final DmaEngine engine = fixture.engine;

    @AfterEach
    void close() {
        fixture.close();
    }

    private Optional<Channel> request() {
        return engine.requestChannel(COPIES, ChannelFilter.ANY);
    }

    private static void refuses(Errno errno, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        DmaException.class, e -> assertThat(e.errno()).isEqualTo(errno));
    }

    @Nested
    class Registration {
        @Test
        void namesChannelsByProviderAndNumber() {
            fixture.provider(2, MEMCPY);
            fixture.provider(1, SLAVE);
            assertThat(engine.channelNames())
                    .containsExactly("dma0chan0", "dma0chan1", "dma1chan0");
        }

        @Test
        void givesTheLowestFreeNumber() {
            SoftwareProvider first = fixture.provider(1, MEMCPY);
            fixture.provider(1, MEMCPY);
            engine.unregister(first.device());
            assertThat(first.device().id()).isEqualTo(-1);
            assertThat(fixture.provider(1, MEMCPY).device().id()).isZero();
            assertThat(fixture.provider(1, MEMCPY).device().id()).isEqualTo(2);
        }

        @Test
        void refusesACapabilityWithoutItsOperation() {
            for (TransactionType type :
                    List.of(
                            MEMCPY,
                            MEMSET,
                            TransactionType.INTERRUPT,
                            CYCLIC,
                            TransactionType.XOR,
                            TransactionType.INTERLEAVE)) {
                SoftwareProvider liar =
                        new SoftwareProvider(
                                engine,
                                fixture.device("liar"),
                                1,
                                SoftwareProvider.fewestOps(),
                                type);
                refuses(Errno.EIO, () -> engine.register(liar.device()));
                assertThat(fixture.logLines())
                        .last()
                        .asString()
                        .endsWith(
                                "liar: Device claims capability "
                                        + type.symbol()
                                        + ", but op is not defined");
            }
            assertThat(engine.devices()).isEmpty();
        }

        @Test
        void doesNotAskForOperationsOfSlaveAndFillLists() {
            SoftwareProvider modest =
                    new SoftwareProvider(
                            engine,
                            fixture.device("modest"),
                            1,
                            SoftwareProvider.fewestOps(),
                            SLAVE,
                            TransactionType.MEMSET_SG,
                            PRIVATE);
            engine.register(modest.device());
            assertThat(engine.devices()).containsExactly(modest.device());
        }

        @Test
        void happensOnce() {
            SoftwareProvider provider = fixture.provider(1, MEMCPY);
            assertThatThrownBy(() -> engine.register(provider.device()))
                    .isInstanceOf(IllegalStateException.class);
            engine.unregister(provider.device());
            assertThatThrownBy(() -> engine.unregister(provider.device()))
                    .isInstanceOf(IllegalStateException.class);
        }

        @Test
        void endsWithAWarningWhileClientsHoldChannels() {
            SoftwareProvider provider = fixture.provider(1, MEMCPY);
            request();
            engine.unregister(provider.device());
            assertThat(fixture.logLines())
                    .contains(
                            "__dma_async_device_channel_unregister called while 1 clients hold a"
                                    + " reference");
        }

        @Test
        void warnsOnceOnly() {
            for (int i = 0; i < 2; i++) {
                SoftwareProvider provider = fixture.provider(1, MEMCPY);
                request();
                engine.unregister(provider.device());
            }
            assertThat(fixture.logLines())
                    .filteredOn(line -> line.startsWith("__dma_async_device_channel_unregister"))
                    .hasSize(1);
        }

        @Test
        void endsWhatItsClientsHadRunning() {
            SoftwareProvider provider = fixture.provider(1, MEMCPY);
            fixture.run(() -> {
                Channel channel = request().orElseThrow();
                int cookie = channel.prepMemcpy(1, 2, 3, PrepFlags.INTERRUPT).submit();
                channel.issuePending();
                Descriptor late = channel.prepMemcpy(1, 2, 3, 0);
                engine.unregister(provider.device());
                assertThat(late.submit()).isEqualTo(-Errno.ENODEV.number());
                assertThat(provider.channel(0).isIdle()).isTrue();
                assertThat(provider.freed).containsExactly(channel);
                assertThat(channel.syncWait(cookie)).isEqualTo(DmaStatus.ERROR);
                refuses(Errno.ENODEV, () -> channel.prepMemcpy(1, 2, 3, 0));
                channel.terminateSync();
                engine.release(channel);
                assertThat(provider.freed).hasSize(1);
            });
        }

        @Test
        void ofAProviderThatOutlivesItsDriverLeavesItToItsClients() {
            List<DmaDevice> gone = new ArrayList<>();
            ProviderOps ops = SoftwareProvider.allOps().release(gone::add);
            var provider = new SoftwareProvider(engine, fixture.device("kept"), 1, ops, MEMCPY);
            engine.register(provider.device());
            fixture.run(() -> {
                Channel channel = request().orElseThrow();
                engine.unregister(provider.device());
                assertThat(engine.devices()).isEmpty();
                assertThat(channel.prepMemcpy(1, 2, 3, 0)).isNotNull();
                assertThat(gone).isEmpty();
                engine.release(channel);
                assertThat(gone).containsExactly(provider.device());
            });
            assertThat(fixture.logLines()).noneMatch(line -> line.contains("hold a reference"));
        }

        @Test
        void ofAnIdleProviderReleasesItAtOnce() {
            List<DmaDevice> gone = new ArrayList<>();
            ProviderOps ops = SoftwareProvider.allOps().release(gone::add);
            var provider = new SoftwareProvider(engine, fixture.device("kept"), 1, ops, MEMCPY);
            engine.register(provider.device());
            engine.unregister(provider.device());
            assertThat(gone).containsExactly(provider.device());
        }

        @Test
        void marksAProviderThatServesEveryOperationOfAsyncTx() {
            TransactionType[] all = {
                MEMCPY,
                TransactionType.INTERRUPT,
                TransactionType.XOR,
                TransactionType.XOR_VAL,
                TransactionType.PQ,
                TransactionType.PQ_VAL
            };
            assertThat(fixture.provider(1, all).device().capabilities())
                    .matches(caps -> caps.has(TransactionType.ASYNC_TX));
            assertThat(fixture.provider(1, MEMCPY).device().capabilities())
                    .matches(caps -> !caps.has(TransactionType.ASYNC_TX));
        }

        @Test
        void ofADriverEndsWithItsDevice() {
            SoftwareProvider provider = fixture.unregistered(1, MEMCPY);
            engine.devmRegister(provider.device());
            provider.device().dev().devres().releaseAll();
            assertThat(engine.devices()).isEmpty();
        }

        @Test
        void takesChannelsUpToItsMaximum() {
            SoftwareProvider full = fixture.unregistered(DmaDevice.CHANNEL_COUNT_MAX, MEMCPY);
            refuses(Errno.ENOSPC, () -> new SoftwareProvider.Soft(full.device()));
        }

        @Test
        void takesProvidersUpToItsMaximum() {
            for (int i = 0; i < DmaEngine.PROVIDER_COUNT_MAX; i++) {
                fixture.provider(0, MEMCPY);
            }
            refuses(Errno.ENOSPC, () -> fixture.provider(0, MEMCPY));
        }

        @Test
        void takesAChannelThatComesLater() {
            SoftwareProvider provider = fixture.provider(2, MEMCPY, PRIVATE);
            var late = new SoftwareProvider.Soft(provider.device());
            assertThat(provider.device().channels()).doesNotContain(late);
            engine.register(late, "");
            assertThat(late.name()).isEqualTo("dma0chan2");
            engine.unregister(provider.channel(0));
            assertThat(engine.channelNames()).containsExactly("dma0chan1", "dma0chan2");
            var other = new SoftwareProvider.Soft(provider.device());
            engine.register(other, "wq0");
            assertThat(other.name()).isEqualTo("wq0");
            assertThat(other.index()).isZero();
            assertThatThrownBy(() -> engine.register(other, ""))
                    .isInstanceOf(IllegalStateException.class);
        }
    }

    @Nested
    class ExclusiveRequest {
        @Test
        void takesTheFirstFreeChannelOfTheFirstCapableProvider() {
            fixture.provider(1, SLAVE);
            SoftwareProvider second = fixture.provider(2, MEMCPY, PRIVATE);
            fixture.provider(1, MEMCPY);
            assertThat(request()).contains(second.channel(0));
            assertThat(request()).contains(second.channel(1));
            assertThat(request()).map(Channel::name).contains("dma2chan0");
            assertThat(request()).isEmpty();
        }

        @Test
        void asksTheFilterOfFreeChannelsAlone() {
            SoftwareProvider provider = fixture.provider(3, MEMCPY, PRIVATE);
            fixture.provider(1, SLAVE);
            request();
            List<Channel> asked = new ArrayList<>();
            Optional<Channel> found =
                    engine.requestChannel(
                            COPIES,
                            channel -> {
                                asked.add(channel);
                                return channel == provider.channel(2);
                            });
            assertThat(found).contains(provider.channel(2));
            assertThat(asked).containsExactly(provider.channel(1), provider.channel(2));
        }

        @Test
        void isRefusedByAPublicProviderWithAChannelInUse() {
            SoftwareProvider provider = fixture.provider(2, MEMCPY);
            engine.get();
            assertThat(provider.channel(0).clientCount()).isEqualTo(1);
            assertThat(request()).isEmpty();
            engine.put();
            assertThat(request()).contains(provider.channel(0));
        }

        @Test
        void makesAPublicProviderPrivateWhileItLasts() {
            SoftwareProvider provider = fixture.provider(2, MEMCPY);
            Channel first = request().orElseThrow();
            assertThat(provider.device().capabilities().has(PRIVATE)).isTrue();
            Channel second = request().orElseThrow();
            assertThat(second).isSameAs(provider.channel(1));
            engine.release(first);
            assertThat(provider.device().capabilities().has(PRIVATE)).isTrue();
            engine.release(second);
            assertThat(provider.device().capabilities().has(PRIVATE)).isFalse();
        }

        @Test
        void leavesAProviderThatIsPrivateByItselfPrivate() {
            SoftwareProvider provider = fixture.provider(1, MEMCPY, PRIVATE);
            engine.release(request().orElseThrow());
            assertThat(provider.device().capabilities().has(PRIVATE)).isTrue();
        }

        @Test
        void allocatesWithTheFirstClientAndFreesWithTheLast() {
            SoftwareProvider provider = fixture.provider(1, MEMCPY);
            fixture.run(() -> {
                Channel channel = request().orElseThrow();
                assertThat(channel.clientCount()).isEqualTo(1);
                assertThat(provider.allocated).containsExactly(channel);
                assertThat(provider.freed).isEmpty();
                engine.release(channel);
                assertThat(channel.clientCount()).isZero();
                assertThat(provider.freed).containsExactly(channel);
            });
        }

        @Test
        void goesOnToTheNextProviderWhenOneHasNoResources() {
            SoftwareProvider broke = fixture.provider(1, MEMCPY);
            broke.refusal = Errno.ENOMEM;
            SoftwareProvider rich = fixture.provider(1, MEMCPY);
            assertThat(request()).contains(rich.channel(0));
            assertThat(broke.device().capabilities().has(PRIVATE)).isFalse();
            assertThat(broke.channel(0).clientCount()).isZero();
        }

        @Test
        void byMaskTellsNoProviderFromNoneThatFits() {
            refuses(Errno.EPROBE_DEFER, () -> engine.requestChanByMask(COPIES));
            fixture.provider(1, SLAVE);
            refuses(Errno.ENODEV, () -> engine.requestChanByMask(COPIES));
            SoftwareProvider fits = fixture.provider(1, MEMCPY);
            assertThat(engine.requestChanByMask(COPIES)).isSameAs(fits.channel(0));
            refuses(Errno.ENODEV, () -> engine.requestChanByMask(COPIES));
        }

        @Test
        void releasedTwiceIsWarnedOf() {
            fixture.provider(1, MEMCPY);
            engine.get();
            engine.get();
            engine.release(engine.findChannel(MEMCPY).orElseThrow());
            assertThat(fixture.logLines()).contains("chan reference count 2 != 1");
        }
    }

    @Nested
    class RequestByDeviceName {
        private SoftwareProvider provider(int channels) {
            SoftwareProvider provider = fixture.unregistered(channels, SLAVE, PRIVATE);
            provider.device()
                    .slaveMap(
                            List.of(
                                    new DmaSlaveMap("uart.0", "rx", chan -> chan.index() == 1),
                                    new DmaSlaveMap("uart.0", "tx", ChannelFilter.ANY)));
            engine.register(provider.device());
            return provider;
        }

        @Test
        void findsTheChannelThatAProviderKnowsTheDeviceBy() {
            SoftwareProvider provider = provider(2);
            Channel rx = engine.requestChan(fixture.device("uart.0"), "rx");
            assertThat(rx).isSameAs(provider.channel(1));
            assertThat(rx.slaveName()).isEqualTo("rx");
            assertThat(engine.requestChan(fixture.device("uart.0"), "tx"))
                    .isSameAs(provider.channel(0));
        }

        @Test
        void isDeferredWhileNoProviderKnowsTheDeviceOrItsChannelIsBusy() {
            refuses(Errno.EPROBE_DEFER, () -> engine.requestChan(fixture.device("uart.0"), "rx"));
            provider(2);
            refuses(Errno.EPROBE_DEFER, () -> engine.requestChan(fixture.device("uart.1"), "rx"));
            refuses(Errno.EPROBE_DEFER, () -> engine.requestChan(fixture.device("uart.0"), "aux"));
            engine.requestChan(fixture.device("uart.0"), "rx");
            refuses(Errno.EPROBE_DEFER, () -> engine.requestChan(fixture.device("uart.0"), "rx"));
        }

        @Test
        void failsWithWhatTheProviderRefusesWith() {
            provider(1).refusal = Errno.ENOMEM;
            refuses(Errno.ENOMEM, () -> engine.requestChan(fixture.device("uart.0"), "tx"));
        }

        @Test
        void saysNothingInItsOldForm() {
            assertThat(engine.requestSlaveChannel(fixture.device("uart.0"), "rx")).isEmpty();
            SoftwareProvider provider = provider(2);
            assertThat(engine.requestSlaveChannel(fixture.device("uart.0"), "rx"))
                    .contains(provider.channel(1));
        }

        @Test
        void fallsBackToAMaskAndAFilterInItsCompatibleForm() {
            SoftwareProvider provider = provider(2);
            assertThat(
                            engine.requestSlaveChannelCompat(
                                    Capabilities.of(SLAVE),
                                    ChannelFilter.ANY,
                                    fixture.device("uart.0"),
                                    "rx"))
                    .contains(provider.channel(1));
            assertThat(
                            engine.requestSlaveChannelCompat(
                                    Capabilities.of(SLAVE),
                                    ChannelFilter.ANY,
                                    fixture.device("unknown"),
                                    "rx"))
                    .contains(provider.channel(0));
        }
    }

    @Nested
    class WaitingForADependency {
        @Test
        void ofNothingIsOver() {
            assertThat(engine.waitForAsyncTx(null)).isEqualTo(DmaStatus.COMPLETE);
        }

        @Test
        void endsWithItsCompletion() {
            SoftwareProvider provider = fixture.provider(1, MEMCPY);
            fixture.run(() -> {
                Channel channel = request().orElseThrow();
                Descriptor desc = channel.prepMemcpy(1, 2, 3, 0);
                desc.submit();
                channel.issuePending();
                provider.channel(0).finish();
                assertThat(engine.waitForAsyncTx(desc)).isEqualTo(DmaStatus.COMPLETE);
            });
        }

        @Test
        void givesUpAfterFiveSecondsWhenNothingSubmitsIt() {
            fixture.provider(1, MEMCPY);
            fixture.run(() -> {
                Channel channel = request().orElseThrow();
                Descriptor first = channel.prepMemcpy(1, 2, 3, 0);
                Descriptor second = channel.prepMemcpy(4, 5, 6, 0);
                first.chain(second);
                assertThat(engine.waitForAsyncTx(second)).isEqualTo(DmaStatus.ERROR);
                channel.terminateSync();
            });
            assertThat(fixture.logLines())
                    .last()
                    .asString()
                    .endsWith("dma_wait_for_async_tx timeout waiting for descriptor submission");
        }
    }

    @Nested
    class PublicUse {
        @Test
        void referencesEveryChannelOfEveryPublicProvider() {
            SoftwareProvider open = fixture.provider(2, MEMCPY);
            SoftwareProvider closed = fixture.provider(1, MEMCPY, PRIVATE);
            engine.get();
            SoftwareProvider late = fixture.provider(1, MEMCPY);
            assertThat(open.channel(1).clientCount()).isEqualTo(1);
            assertThat(closed.channel(0).clientCount()).isZero();
            assertThat(late.channel(0).clientCount()).isEqualTo(1);
            engine.get();
            assertThat(open.channel(0).clientCount()).isEqualTo(2);
        }

        @Test
        void givesALateProviderAllReferencesAtOnce() {
            engine.get();
            engine.get();
            engine.get();
            assertThat(fixture.provider(1, MEMCPY).channel(0).clientCount()).isEqualTo(3);
        }

        @Test
        void findsTheLeastLoadedChannelPerOperation() {
            SoftwareProvider provider = fixture.provider(2, MEMCPY, MEMSET);
            assertThat(engine.findChannel(MEMCPY)).isEmpty();
            engine.get();
            assertThat(engine.findChannel(MEMCPY)).contains(provider.channel(0));
            assertThat(engine.findChannel(MEMSET)).contains(provider.channel(1));
            assertThat(engine.findChannel(CYCLIC)).isEmpty();
        }

        @Test
        void findingTakesNoReference() {
            SoftwareProvider provider = fixture.provider(1, MEMCPY);
            engine.get();
            engine.findChannel(MEMCPY);
            assertThat(provider.channel(0).clientCount()).isEqualTo(1);
        }

        @Test
        void issuesOnAllPublicChannels() {
            SoftwareProvider open = fixture.provider(1, MEMCPY);
            SoftwareProvider closed = fixture.provider(1, MEMCPY, PRIVATE);
            engine.get();
            fixture.run(() -> {
                open.channel(0).prepMemcpy(1, 2, 3, 0).submit();
                closed.channel(0).prepMemcpy(1, 2, 3, 0).submit();
                engine.issuePendingAll();
            });
            assertThat(open.channel(0).isIdle()).isFalse();
            assertThat(closed.channel(0).isIdle()).isTrue();
        }

        @Test
        void thatNobodyBeganCannotEnd() {
            assertThatThrownBy(engine::put).isInstanceOf(IllegalStateException.class);
        }
    }

    @Nested
    class Views {
        @Test
        void summaryHasAProvidersOwnLines() {
            ProviderOps ops = SoftwareProvider.allOps().summary(_ -> " all is well\n");
            engine.register(
                    new SoftwareProvider(engine, fixture.device("own"), 1, ops, SLAVE).device());
            assertThat(engine.summary())
                    .isEqualTo("dma0 (own): number of channels: 1\n all is well\n");
        }

        @Test
        void summaryListsProvidersAndBusyChannels() {
            fixture.provider(3, MEMCPY, PRIVATE);
            fixture.provider(1, SLAVE);
            request();
            Channel second = request().orElseThrow();
            second.slave(fixture.device("fe203000.i2s"), "tx");
            assertThat(engine.summary())
                    .isEqualTo(
                            """
                            dma0 (soft0): number of channels: 3
                             dma0chan0    | in-use
                             dma0chan1    | fe203000.i2s:tx

                            dma1 (soft1): number of channels: 1
                            """);
        }
    }
}
