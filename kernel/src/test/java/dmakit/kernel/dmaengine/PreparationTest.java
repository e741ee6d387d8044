package dmakit.kernel.dmaengine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmakit.kernel.DmaException;
import dmakit.kernel.Errno;
import dmakit.kernel.scatterlist.Scatterlist;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class PreparationTest {
    private static final long[] SOURCES = {0x1000, 0x2000, 0x3000};
    private static final long[] PQ = {0x8000, 0x9000};
    private static final byte[] COEFFICIENTS = {1, 2, 4};

    private final EngineFixture fixture = new EngineFixture();

    @AfterEach
    void close() {
        fixture.close();
    }

    private Channel taken(SoftwareProvider provider) {
        fixture.engine.register(provider.device());
        return fixture.engine.getSlaveChannel(provider.channel(0)).orElseThrow();
    }

    private Channel able(TransactionType... types) {
        return taken(fixture.unregistered(1, types));
    }

    private Channel unable() {
        return taken(
                new SoftwareProvider(
                        fixture.engine, fixture.device("few"), 1, SoftwareProvider.fewestOps()));
    }

    private static void refuses(Errno errno, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        DmaException.class, e -> assertThat(e.errno()).isEqualTo(errno));
    }

    private static Scatterlist oneEntry() {
        Scatterlist sg = new Scatterlist(1);
        sg.setDma(0, 0x4000, 64);
        return sg;
    }

    @Test
    void everyOperationTheProviderHasIsPreparedOnce() {
        Channel channel = able();
        List<Descriptor> prepared =
                List.of(
                        channel.prepXor(0x8000, SOURCES, 64, 0),
                        channel.prepXorVal(SOURCES, 64, new SumCheck(), 0),
                        channel.prepPq(PQ, SOURCES, COEFFICIENTS, 64, 0),
                        channel.prepPqVal(PQ, SOURCES, COEFFICIENTS, 64, new SumCheck(), 0),
                        channel.prepMemsetSg(oneEntry(), 1, 0x5a, 0),
                        channel.prepInterleaved(
                                InterleavedTemplate.rectangle(0, 0x8000, 2, 8, 8, 0), 0),
                        channel.prepPeripheralVec(
                                SOURCES, new long[] {1, 2, 3}, TransferDirection.MEM_TO_DEV, 0),
                        channel.prepImmData(0x8000, 0x1122334455667788L, 0));
        assertThat(prepared).doesNotHaveDuplicates().allMatch(d -> d.channel() == channel);
        prepared.forEach(Descriptor::submit);
        assertThat(channel.txStatus(2, null)).isEqualTo(DmaStatus.IN_PROGRESS);
    }

    @Test
    void anOperationTheProviderLacksIsRefusedAsNotImplemented() {
        Channel channel = unable();
        refuses(Errno.ENOSYS, () -> channel.prepXor(0x8000, SOURCES, 64, 0));
        refuses(Errno.ENOSYS, () -> channel.prepXorVal(SOURCES, 64, new SumCheck(), 0));
        refuses(Errno.ENOSYS, () -> channel.prepPq(PQ, SOURCES, COEFFICIENTS, 64, 0));
        refuses(
                Errno.ENOSYS,
                () -> channel.prepPqVal(PQ, SOURCES, COEFFICIENTS, 64, new SumCheck(), 0));
        refuses(Errno.ENOSYS, () -> channel.prepMemsetSg(oneEntry(), 1, 0, 0));
        refuses(
                Errno.ENOSYS,
                () -> channel.prepInterleaved(InterleavedTemplate.rectangle(0, 0, 1, 8, 0, 0), 0));
        refuses(
                Errno.ENOSYS,
                () ->
                        channel.prepPeripheralVec(
                                SOURCES, new long[3], TransferDirection.MEM_TO_DEV, 0));
        refuses(Errno.ENOSYS, () -> channel.prepImmData(0x8000, 1, 0));
    }

    @Nested
    class Operands {
        @Test
        void areAtMostWhatTheProviderSays() {
            SoftwareProvider provider = fixture.unregistered(1);
            provider.device().maxXor(3).maxPq(2, false);
            Channel channel = taken(provider);
            assertThat(channel.prepXor(0x8000, SOURCES, 64, 0)).isNotNull();
            refuses(Errno.EINVAL, () -> channel.prepXor(0x8000, new long[4], 64, 0));
            refuses(Errno.EINVAL, () -> channel.prepXorVal(new long[4], 64, new SumCheck(), 0));
            refuses(Errno.EINVAL, () -> channel.prepPq(PQ, SOURCES, COEFFICIENTS, 64, 0));
        }

        @Test
        void areAtLeastOne() {
            Channel channel = able();
            refuses(Errno.EINVAL, () -> channel.prepXor(0x8000, new long[0], 64, 0));
            refuses(Errno.EINVAL, () -> channel.prepMemsetSg(oneEntry(), 0, 0, 0));
        }

        @Test
        void ofASyndromeHaveACoefficientEachAndAtLeastOneResult() {
            Channel channel = able();
            refuses(Errno.EINVAL, () -> channel.prepPq(PQ, SOURCES, new byte[2], 64, 0));
            int neither = PrepFlags.PQ_DISABLE_P | PrepFlags.PQ_DISABLE_Q;
            refuses(Errno.EINVAL, () -> channel.prepPq(PQ, SOURCES, COEFFICIENTS, 64, neither));
            assertThat(channel.prepPq(PQ, SOURCES, COEFFICIENTS, 64, PrepFlags.PQ_DISABLE_P))
                    .isNotNull();
        }

        @Test
        void ofASyndromeThatGoesOnTakeTheirPlacesFromTheSources() {
            DmaDevice device = fixture.unregistered(1).device().maxPq(8, false);
            assertThat(device.maxPq(0)).isEqualTo(8);
            assertThat(device.maxPq(PrepFlags.CONTINUE)).isEqualTo(5);
            assertThat(device.maxPq(PrepFlags.CONTINUE | PrepFlags.PQ_DISABLE_P)).isEqualTo(7);
            assertThat(device.maxPq(8, true).maxPq(PrepFlags.CONTINUE)).isEqualTo(8);
            assertThat(device.maxPq()).isEqualTo(8);
        }
    }

    @Nested
    class Interleaved {
        @Test
        void repeatsOnlyWhereTheProviderDoes() {
            InterleavedTemplate rows = InterleavedTemplate.rectangle(0, 0x8000, 2, 8, 8, 0);
            Channel once = able(TransactionType.INTERLEAVE);
            refuses(Errno.EINVAL, () -> once.prepInterleaved(rows, PrepFlags.REPEAT));
            Channel again = able(TransactionType.INTERLEAVE, TransactionType.REPEAT);
            assertThat(again.prepInterleaved(rows, PrepFlags.REPEAT)).isNotNull();
        }

        @Test
        void goesOnBySizeAndGapWhereTheAddressDoes() {
            List<String> moved = new ArrayList<>();
            InterleavedTemplate.rectangle(0x100, 0x800, 3, 16, 48, 0)
                    .forEach((from, to, size) -> moved.add("%x>%x:%d".formatted(from, to, size)));
            assertThat(moved).containsExactly("100>800:16", "140>810:16", "180>820:16");
        }

        @Test
        void staysAtTheAddressOfAFifo() {
            var template =
                    new InterleavedTemplate(
                            0x100,
                            0x7000,
                            TransferDirection.MEM_TO_DEV,
                            true,
                            false,
                            true,
                            true,
                            2,
                            List.of(
                                    new InterleavedTemplate.Chunk(4, 12),
                                    new InterleavedTemplate.Chunk(8, 0)));
            List<String> moved = new ArrayList<>();
            template.forEach((from, to, size) -> moved.add("%x>%x:%d".formatted(from, to, size)));
            assertThat(moved)
                    .containsExactly("100>7000:4", "110>7000:8", "118>7000:4", "128>7000:8");
            assertThat(template.bytes()).isEqualTo(24);
            assertThat(template.sourceStride()).isEqualTo(24);
            assertThat(template.destinationStride()).isZero();
        }

        @Test
        void aSidesOwnGapWinsAndTheCommonOneNeedsAScatteredSide() {
            var chunk = new InterleavedTemplate.Chunk(4, 16, 32, 0);
            var template =
                    new InterleavedTemplate(
                            0,
                            0,
                            TransferDirection.MEM_TO_MEM,
                            true,
                            true,
                            false,
                            false,
                            1,
                            List.of(chunk));
            assertThat(template.sourceGap(chunk)).isZero();
            assertThat(template.destinationGap(chunk)).isEqualTo(32);
        }

        @Test
        void aFrameOfOneChunkTooManyIsRefused() {
            var chunks = new ArrayList<InterleavedTemplate.Chunk>();
            for (int i = 0; i <= InterleavedTemplate.CHUNK_COUNT_MAX; i++) {
                chunks.add(new InterleavedTemplate.Chunk(1, 0));
            }
            assertThatThrownBy(() -> template(chunks)).isInstanceOf(IllegalArgumentException.class);
            chunks.removeLast();
            assertThat(template(chunks).bytes()).isEqualTo(chunks.size());
        }

        private static InterleavedTemplate template(List<InterleavedTemplate.Chunk> chunks) {
            return new InterleavedTemplate(
                    0, 0, TransferDirection.MEM_TO_MEM, true, true, true, true, 1, chunks);
        }

        @Test
        void touchesItsChunksAndNotTheGaps() {
            var extent =
                    new Extent.Frames(
                            InterleavedTemplate.rectangle(0x1000, 0x8000, 3, 16, 48, 112));
            long[][] hits = {{0x1000, 1}, {0x104f, 1}, {0x108f, 1}, {0x8100, 4}, {0xff0, 17}};
            for (long[] hit : hits) {
                assertThat(extent.touches(hit[0], hit[1])).as("%x", hit[0]).isTrue();
            }
            long[][] misses = {{0x1010, 48}, {0x1090, 64}, {0xff0, 16}, {0x8010, 112}, {0x8110, 9}};
            for (long[] miss : misses) {
                assertThat(extent.touches(miss[0], miss[1])).as("%x", miss[0]).isFalse();
            }
        }
    }

    @Nested
    class Metadata {
        private final List<String> heard = new ArrayList<>();
        private final MetadataOps ops =
                new MetadataOps() {
                    @Override
                    public void attach(Descriptor desc, long va, long length) {
                        heard.add("attached %x %d".formatted(va, length));
                    }

                    @Override
                    public Metadata pointer(Descriptor desc) {
                        return new Metadata(0x5000, 4, 20);
                    }
                };

        private Descriptor prepared(MetadataMode... modes) {
            SoftwareProvider provider = fixture.unregistered(1);
            provider.device().metadataModes(modes);
            SoftwareProvider.of(taken(provider)).metadataOps = ops;
            return provider.channel(0).prepMemcpy(0, 0, 4, 0);
        }

        @Test
        void ofTheClientIsHandedToTheProvider() {
            prepared(MetadataMode.CLIENT).attachMetadata(0x77, 12);
            assertThat(heard).containsExactly("attached 77 12");
        }

        @Test
        void ofTheProviderIsShown() {
            Descriptor desc = prepared(MetadataMode.CLIENT, MetadataMode.ENGINE);
            assertThat(desc.metadata()).isEqualTo(new MetadataOps.Metadata(0x5000, 4, 20));
            refuses(Errno.EINVAL, () -> desc.attachMetadata(0x77, 12));
        }

        @Test
        void isNotSupportedWithoutTheModeOrTheOperation() {
            Descriptor engineOnly = prepared(MetadataMode.ENGINE);
            refuses(Errno.ENOTSUPP, () -> engineOnly.attachMetadata(0x77, 12));
            refuses(Errno.ENOTSUPP, () -> engineOnly.metadataLength(4));
            SoftwareProvider without = fixture.unregistered(1);
            without.device().metadataModes(MetadataMode.CLIENT);
            Descriptor desc = taken(without).prepMemcpy(0, 0, 4, 0);
            refuses(Errno.ENOTSUPP, () -> desc.attachMetadata(0x77, 12));
        }

        @Test
        void beginsAnewWithEveryTransfer() {
            SoftwareProvider provider = fixture.unregistered(1);
            provider.device().metadataModes(MetadataMode.CLIENT, MetadataMode.ENGINE);
            Channel channel = taken(provider);
            provider.channel(0).metadataOps = ops;
            Descriptor desc = channel.prepMemcpy(0, 0, 4, 0);
            desc.attachMetadata(0x77, 12);
            channel.terminateAsync();
            Descriptor again = channel.prepMemcpy(0, 0, 4, 0);
            assertThat(again).isSameAs(desc);
            assertThat(again.metadata().maxBytes()).isEqualTo(20);
        }
    }

    @Test
    void aChannelMayOfferLessThanItsProvider() {
        ProviderOps ops =
                SoftwareProvider.allOps()
                        .caps((chan, caps) ->
                                new SlaveCaps(
                                        caps.sourceWidths(),
                                        caps.destinationWidths(),
                                        caps.directions(),
                                        caps.burstWordsMin(),
                                        chan.index() == 0 ? 1 : caps.burstWordsMax(),
                                        caps.sgBurstCountMax(),
                                        caps.canPause(),
                                        caps.canResume(),
                                        caps.canTerminate(),
                                        caps.residueGranularity(),
                                        caps.descriptorReuse()));
        var provider =
                new SoftwareProvider(
                        fixture.engine, fixture.device("two"), 2, ops, TransactionType.SLAVE);
        provider.device().sgBurstCountMax(7);
        fixture.engine.register(provider.device());
        assertThat(provider.channel(0).slaveCaps().burstWordsMax()).isEqualTo(1);
        assertThat(provider.channel(1).slaveCaps().burstWordsMax()).isEqualTo(8);
        assertThat(provider.channel(1).slaveCaps().sgBurstCountMax()).isEqualTo(7);
    }
}
