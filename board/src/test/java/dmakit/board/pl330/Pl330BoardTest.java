package dmakit.board.pl330;

import static dmakit.board.pl330.Pl330System.FLAGS;
import static dmakit.board.pl330.Pl330System.LOG;
import static dmakit.board.pl330.Pl330System.bytes;
import static dmakit.board.pl330.Pl330System.dev;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmakit.board.Board;
import dmakit.datasheet.fifo.LoopbackFifoRegister;
import dmakit.kernel.DmaException;
import dmakit.kernel.Errno;
import dmakit.kernel.dma.CoherentBuffer;
import dmakit.kernel.dma.DmaDirection;
import dmakit.kernel.dmaengine.BusWidth;
import dmakit.kernel.dmaengine.Channel;
import dmakit.kernel.dmaengine.Descriptor;
import dmakit.kernel.dmaengine.DmaStatus;
import dmakit.kernel.dmaengine.ResidueGranularity;
import dmakit.kernel.dmaengine.SlaveCaps;
import dmakit.kernel.dmaengine.SlaveConfig;
import dmakit.kernel.dmaengine.TransferDirection;
import dmakit.kernel.dmaengine.TxState;
import dmakit.kernel.mm.Gfp;
import dmakit.kernel.scatterlist.Scatterlist;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The PL330 of board {@code stratix10}, and Linux's driver for it. */
class Pl330BoardTest {
    private static final int GUARD = 64;
    private static final int MIB = 1 << 20;

    private Pl330System system = new Pl330System();

    @AfterEach
    void close() {
        system.close();
    }

    private void reboot(Board board, String commandLine) {
        system.close();
        system = new Pl330System(board, commandLine);
    }

    private void overlaid(String overlay) {
        reboot(
                Board.of("stratix10").withOverlay("/dts-v1/; /plugin/; " + overlay, "overlay.dtso"),
                "");
    }

    /** Copies by streaming mappings and compares, with guards around the destination. */
    private void copies(Channel chan, int sourceOffset, int destinationOffset, int length) {
        byte[] data = bytes(length, length + 31L * sourceOffset);
        byte[] guards = bytes(length + 2 * GUARD, 99);
        int room = guards.length + destinationOffset;
        long source = system.buffer(length + sourceOffset);
        long destination = system.buffer(room);
        system.store(source + sourceOffset, data);
        system.store(destination + destinationOffset, guards);
        long src = system.map(chan, source + sourceOffset, length, DmaDirection.TO_DEVICE);
        long dst =
                system.map(
                        chan,
                        destination + destinationOffset,
                        guards.length,
                        DmaDirection.BIDIRECTIONAL);
        assertThat(system.finishes(chan.prepMemcpy(dst + GUARD, src, length, FLAGS))).isTrue();
        system.unmap(chan, dst, guards.length, DmaDirection.BIDIRECTIONAL);
        system.unmap(chan, src, length, DmaDirection.TO_DEVICE);
        System.arraycopy(data, 0, guards, GUARD, length);
        byte[] got = system.load(destination + destinationOffset, guards.length);
        assertThat(Arrays.equals(got, guards))
                .as("%d bytes from +%d to +%d", length, sourceOffset, destinationOffset)
                .isTrue();
        system.free(source, length + sourceOffset);
        system.free(destination, room);
    }

    @Test
    void theDriverSaysWhatItFound() {
        assertThat(system.log)
                .anyMatch(line -> line.endsWith(LOG + "Loaded driver for PL330 DMAC-341330"))
                .anyMatch(line ->
                        line.endsWith(
                                LOG
                                        + "\tDBUFF-512x8bytes Num_Chans-8 Num_Peri-32"
                                        + " Num_Events-8"));
    }

    @Test
    void capabilitiesAreThoseOfTheDriver() {
        system.run(() -> {
            Channel tx = system.tx(1);
            SlaveCaps caps = tx.slaveCaps();
            assertThat(caps.residueGranularity()).isEqualTo(ResidueGranularity.BURST);
            assertThat(caps.canPause()).isTrue();
            assertThat(caps.canResume()).isFalse();
            assertThat(caps.canTerminate()).isTrue();
            assertThat(caps.burstWordsMax()).isEqualTo(16);
            assertThat(caps.sourceWidths())
                    .contains(BusWidth.BYTES_1, BusWidth.BYTES_8)
                    .doesNotContain(BusWidth.BYTES_16);
            system.release(tx);
        });
    }

    @Nested
    class Copies {
        @Test
        void ofEveryAlignmentAndSmallLengthArrive() {
            system.run(() -> {
                Channel chan = system.copier();
                for (int offset = 0; offset < 9; offset++) {
                    for (int length : new int[] {1, 2, 3, 4, 5, 8, 15, 16, 17, 64, 127, 256}) {
                        copies(chan, offset, offset * 5 % 8, length);
                    }
                }
                system.release(chan);
            });
        }

        @ParameterizedTest
        @ValueSource(ints = {2047, 2048, 32_768, 65_536, 65_537, 131_080, 400_001})
        void ofAnyLengthArrive(int length) {
            system.run(() -> {
                Channel chan = system.copier();
                copies(chan, 0, 0, length);
                copies(chan, 3, 2, length);
                system.release(chan);
            });
        }

        @ParameterizedTest
        @ValueSource(ints = {2 * MIB, 2 * MIB + 1, 3 * MIB + 17})
        void longerThanAProgramOfBytesTakeSeveral(int length) {
            system.run(() -> {
                Channel chan = system.copier();
                copies(chan, 1, 0, length);
                system.release(chan);
            });
        }

        @Test
        void completeInOrderTwoProgramsAtATime() {
            List<Integer> heard = new ArrayList<>();
            system.run(() -> {
                Channel chan = system.copier();
                CoherentBuffer buffer =
                        system.kernel.dma().allocCoherent(dev(chan), 4096, Gfp.KERNEL);
                for (int i = 0; i < 20; i++) {
                    int number = i;
                    chan.prepMemcpy(buffer.dma() + 2048, buffer.dma(), 64 + i, FLAGS)
                            .callback(() -> heard.add(number))
                            .submit();
                }
                assertThat(heard).isEmpty();
                assertThat(
                                system.finishes(
                                        chan.prepMemcpy(
                                                buffer.dma() + 2048, buffer.dma(), 8, FLAGS)))
                        .isTrue();
                system.kernel.dma().freeCoherent(dev(chan), buffer);
                system.release(chan);
            });
            assertThat(heard).isSorted().hasSize(20);
        }

        @Test
        void runOnEightThreadsAndNoMore() {
            system.run(() -> {
                List<Channel> channels = new ArrayList<>();
                for (int i = 0; i < 8; i++) {
                    channels.add(system.copier());
                }
                assertThat(system.tryCopier()).isEmpty();
                channels.forEach(chan -> copies(chan, 1, 1, 3000));
                system.release(channels.removeFirst());
                channels.add(system.copier());
                channels.forEach(chan -> copies(chan, 0, 0, 4096));
                channels.forEach(system::release);
            });
        }

        @ParameterizedTest
        @CsvSource({
            "stratix10, ''",
            "stratix10, swiotlb=force",
            "stratix10-smmu, iommu.strict=1",
            "stratix10-smmu, iommu.strict=0",
            "stratix10-smmu, iommu.passthrough=1"
        })
        void arriveWhateverLiesBetween(String board, String commandLine) {
            reboot(Board.of(board), commandLine);
            system.run(() -> {
                Channel chan = system.copier();
                copies(chan, 0, 0, 40_000);
                copies(chan, 5, 1, 40_001);
                system.release(chan);
            });
        }

        @Test
        void arriveThroughAPortThatSnoops() {
            overlaid("&pdma { dma-coherent; };");
            system.run(() -> {
                Channel chan = system.copier();
                copies(chan, 5, 1, 40_001);
                system.release(chan);
            });
        }

        @Test
        void arriveOnARevisionThatNeedsBarriers() {
            overlaid("&{/} { compatible = \"xlnx,zynq-7000\"; };");
            assertThat(system.said("Loaded driver for PL330 DMAC-241330")).isTrue();
            system.run(() -> {
                Channel chan = system.copier();
                copies(chan, 5, 1, 40_001);
                system.release(chan);
            });
        }

        @Test
        void ofNothingAndBeyond32BitsAreRefused() {
            system.run(() -> {
                Channel chan = system.copier();
                assertThatThrownBy(() -> chan.prepMemcpy(0x1000, 0x2000, 0, FLAGS))
                        .isInstanceOf(DmaException.class);
                assertThatThrownBy(() -> chan.prepMemcpy(0xffff_f000L, 0x2000, 0x1001, FLAGS))
                        .isInstanceOf(DmaException.class);
                system.release(chan);
            });
        }
    }

    @Nested
    class Peripherals {
        private void loops(int burstWords, int words, int... pieces) {
            Channel tx = system.tx(burstWords);
            Channel rx = system.rx(burstWords);
            int size = words * 4;
            byte[] data = bytes(size, words);
            long out = system.buffer(size);
            long in = system.buffer(size);
            system.store(out, data);
            long outDma = system.map(tx, out, size, DmaDirection.TO_DEVICE);
            long inDma = system.map(rx, in, size, DmaDirection.FROM_DEVICE);
            Descriptor receive;
            if (pieces.length == 0) {
                receive = rx.prepSlaveSingle(inDma, size, TransferDirection.DEV_TO_MEM, FLAGS);
            } else {
                Scatterlist list = new Scatterlist(pieces.length);
                long at = inDma;
                for (int i = 0; i < pieces.length; i++) {
                    list.setDma(i, at, pieces[i] * 4L);
                    at += pieces[i] * 4L;
                }
                receive = rx.prepSlaveSg(list, pieces.length, TransferDirection.DEV_TO_MEM, FLAGS);
            }
            tx.prepSlaveSingle(outDma, size, TransferDirection.MEM_TO_DEV, FLAGS).submit();
            tx.issuePending();
            system.loop(40_000_000, burstWords);
            assertThat(system.finishes(receive)).isTrue();
            system.unmap(rx, inDma, size, DmaDirection.FROM_DEVICE);
            system.unmap(tx, outDma, size, DmaDirection.TO_DEVICE);
            assertThat(system.load(in, size)).isEqualTo(data);
            assertThat(system.fifo(LoopbackFifoRegister.TX_OVERRUNS)).isZero();
            assertThat(system.fifo(LoopbackFifoRegister.RX_UNDERRUNS)).isZero();
            system.release(tx, rx);
            system.free(out, size);
            system.free(in, size);
        }

        @ParameterizedTest
        @CsvSource({"1, 1", "1, 1000", "4, 1000", "8, 1024", "16, 4096"})
        void areServedInSinglesAndInBursts(int burstWords, int words) {
            system.run(() -> loops(burstWords, words));
        }

        @Test
        void areServedFromLists() {
            system.run(() -> loops(4, 1000, 4, 396, 200, 400));
        }

        @Test
        void areServedBehindAnIommu() {
            reboot(Board.of("stratix10-smmu"), "");
            system.run(() -> loops(8, 1024));
            // Strict mode throws when the controller's device still holds anything.
            system.run(
                    () -> system.kernel.platform().unbind(system.device(Pl330System.CONTROLLER)));
        }

        @ParameterizedTest
        @ValueSource(strings = {"arm,pl330-broken-no-flushp", "arm,pl330-periph-burst"})
        void areServedWithTheQuirksOfATree(String quirk) {
            overlaid("&pdma { " + quirk + "; };");
            system.run(() -> loops(4, 1000));
        }

        @Test
        void thatTheBuildLacksAreRefusedByName() {
            overlaid("&fifo { dmas = <&pdma 30>, <&pdma 32>; };");
            system.run(() -> {
                assertThatThrownBy(() -> system.rx(1))
                        .isInstanceOf(DmaException.class)
                        .extracting(e -> ((DmaException) e).errno())
                        .isEqualTo(Errno.ENODEV);
                system.release(system.tx(1));
            });
        }

        @Test
        void needADirection() {
            system.run(() -> {
                Channel tx = system.tx(1);
                assertThatThrownBy(() ->
                                tx.prepSlaveSingle(0x1000, 64, TransferDirection.MEM_TO_MEM, FLAGS))
                        .isInstanceOf(DmaException.class);
                system.release(tx);
            });
        }

        @Test
        void residueCountsBurstsAndStandsStillWhenPaused() {
            system.run(() -> {
                int size = 4096;
                Channel rx = system.rx(4);
                long in = system.buffer(size);
                long inDma = system.map(rx, in, size, DmaDirection.FROM_DEVICE);
                Descriptor desc =
                        rx.prepSlaveSingle(inDma, size, TransferDirection.DEV_TO_MEM, FLAGS);
                int cookie = desc.submit();
                TxState state = new TxState();
                assertThat(rx.txStatus(cookie, state)).isEqualTo(DmaStatus.IN_PROGRESS);
                rx.issuePending();
                system.source(1_000_000, 4);
                system.kernel.sched().usleepRange(1000, 1000);
                assertThat(rx.txStatus(cookie, state)).isEqualTo(DmaStatus.IN_PROGRESS);
                int residue = state.residue();
                assertThat(residue).isBetween(size - 1100, size - 900);
                assertThat(residue % 16).isZero();

                rx.pause();
                assertThat(rx.txStatus(cookie, state)).isEqualTo(DmaStatus.PAUSED);
                residue = state.residue();
                system.kernel.sched().usleepRange(1000, 1000);
                assertThat(rx.txStatus(cookie, state)).isEqualTo(DmaStatus.PAUSED);
                assertThat(state.residue()).isEqualTo(residue);
                assertThatThrownBy(rx::resume)
                        .isInstanceOf(DmaException.class)
                        .extracting(e -> ((DmaException) e).errno())
                        .isEqualTo(Errno.ENOSYS);

                rx.terminateSync();
                assertThat(rx.txStatus(cookie, state)).isEqualTo(DmaStatus.COMPLETE);
                system.unmap(rx, inDma, size, DmaDirection.FROM_DEVICE);
                byte[] got = system.load(in, size - residue);
                for (int i = 0; i < got.length; i += 4) {
                    assertThat(got[i]).isEqualTo((byte) (i / 4));
                }
                system.release(rx);
                system.free(in, size);
            });
        }

        @Test
        void ringsGoRoundUntilTerminated() {
            List<Integer> residues = new ArrayList<>();
            system.run(() -> {
                int size = 4096;
                Channel rx = system.rx(4);
                CoherentBuffer ring = system.kernel.dma().allocCoherent(dev(rx), size, Gfp.KERNEL);
                TxState state = new TxState();
                Descriptor desc =
                        rx.prepCyclic(
                                ring.dma(), size, size / 4, TransferDirection.DEV_TO_MEM, FLAGS);
                int[] cookie = new int[1];
                desc.callback(() -> {
                    rx.txStatus(cookie[0], state);
                    residues.add(state.residue());
                });
                cookie[0] = desc.submit();
                rx.issuePending();
                system.source(4_000_000, 4);
                while (residues.size() < 11) {
                    system.kernel.sched().usleepRange(50, 50);
                }
                rx.terminateSync();
                int periods = residues.size();
                system.kernel.sched().usleepRange(2000, 2000);
                assertThat(residues).hasSize(periods);
                system.kernel.dma().freeCoherent(dev(rx), ring);
                system.release(rx);
            });
            // What is left to the end of the ring, a quarter less after every period.
            for (int i = 0; i < residues.size(); i++) {
                int wanted = 4096 - (i + 1) % 4 * 1024;
                assertThat(residues.get(i)).as("period %d", i).isBetween(wanted - 256, wanted);
            }
            assertThat(system.fifo(LoopbackFifoRegister.RX_OVERRUNS)).isLessThan(4000);
        }

        @Test
        void aRingMayEndItselfAndDescriptorsAreGivenBackOnce() {
            int[] periods = new int[1];
            system.run(() -> {
                int size = 4096;
                Channel rx = system.rx(4);
                CoherentBuffer ring = system.kernel.dma().allocCoherent(dev(rx), size, Gfp.KERNEL);
                rx.prepCyclic(ring.dma(), size, size / 2, TransferDirection.DEV_TO_MEM, FLAGS)
                        .callback(() -> {
                            periods[0]++;
                            rx.terminateAsync();
                        })
                        .submit();
                rx.issuePending();
                system.source(4_000_000, 4);
                system.kernel.sched().usleepRange(3000, 3000);
                rx.synchronize();
                List<Descriptor> others = new ArrayList<>();
                for (int i = 0; i < 4; i++) {
                    others.add(
                            rx.prepSlaveSingle(
                                    ring.dma(), 64, TransferDirection.DEV_TO_MEM, FLAGS));
                }
                assertThat(others).doesNotHaveDuplicates();
                others.forEach(Descriptor::submit);
                rx.terminateSync();
                system.kernel.dma().freeCoherent(dev(rx), ring);
                system.release(rx);
            });
            assertThat(periods[0]).isEqualTo(1);
        }

        @Test
        void ringsMustBeWholePeriods() {
            system.run(() -> {
                Channel rx = system.rx(4);
                assertThatThrownBy(() ->
                                rx.prepCyclic(
                                        0x1000, 4096, 1000, TransferDirection.DEV_TO_MEM, FLAGS))
                        .isInstanceOf(DmaException.class);
                assertThatThrownBy(() ->
                                rx.prepCyclic(
                                        0x1000,
                                        (1 << 16) + 1,
                                        1,
                                        TransferDirection.DEV_TO_MEM,
                                        FLAGS))
                        .hasMessageContaining("periods");
                system.release(rx);
            });
        }

        @Test
        void aWidthThatTheBusLacksEndsInAFault() {
            system.run(() -> {
                Channel rx = system.rx(1);
                rx.slaveConfig(SlaveConfig.fromDevice(Pl330System.DATA, BusWidth.BYTES_16, 1));
                CoherentBuffer to = system.kernel.dma().allocCoherent(dev(rx), 64, Gfp.KERNEL);
                system.finishes(
                        rx.prepSlaveSingle(to.dma(), 64, TransferDirection.DEV_TO_MEM, FLAGS));
                system.kernel.dma().freeCoherent(dev(rx), to);
                system.release(rx);
            });
            assertThat(system.said("Reset Channel-0\t CS-f FTC-2")).isTrue();
        }
    }

    @Nested
    class Errors {
        @Test
        void aRefusedReadResetsTheChannelWhichGoesOn() {
            system.run(() -> {
                Channel chan = system.copier();
                CoherentBuffer to = system.kernel.dma().allocCoherent(dev(chan), 64, Gfp.KERNEL);
                // Linux's driver completes what failed, as if nothing had been the matter.
                assertThat(system.finishes(chan.prepMemcpy(to.dma(), 0xc000_0000L, 64, FLAGS)))
                        .isTrue();
                copies(chan, 0, 0, 4096);
                system.kernel.dma().freeCoherent(dev(chan), to);
                system.release(chan);
            });
            assertThat(system.said(LOG + "Reset Channel-0\t CS-f FTC-40000")).isTrue();
        }

        @Test
        void aWriteThatTheIommuStopsDoesLikewise() {
            reboot(Board.of("stratix10-smmu"), "");
            system.run(() -> {
                Channel chan = system.copier();
                CoherentBuffer from = system.kernel.dma().allocCoherent(dev(chan), 64, Gfp.KERNEL);
                system.finishes(chan.prepMemcpy(0x1234_5000L, from.dma(), 64, FLAGS));
                copies(chan, 0, 0, 4096);
                system.kernel.dma().freeCoherent(dev(chan), from);
                system.release(chan);
            });
            assertThat(system.said("Reset Channel-0\t CS-f FTC-20000")).isTrue();
            assertThat(system.said("iova=0x12345000")).isTrue();
        }
    }

    @Nested
    class Ends {
        @Test
        void terminatingStopsTheThreadAndTheCallbacks() {
            int[] heard = new int[1];
            system.run(() -> {
                Channel chan = system.copier();
                CoherentBuffer buffer =
                        system.kernel.dma().allocCoherent(dev(chan), 2 * MIB, Gfp.KERNEL);
                for (int i = 0; i < 4; i++) {
                    chan.prepMemcpy(buffer.dma() + MIB, buffer.dma(), MIB, FLAGS)
                            .callback(() -> heard[0]++)
                            .submit();
                }
                chan.issuePending();
                system.kernel.sched().usleepRange(100, 100);
                chan.terminateSync();
                system.store(buffer.va(), bytes(4096, 5));
                byte[] before = system.load(buffer.va() + MIB, 4096);
                system.kernel.sched().usleepRange(5000, 5000);
                assertThat(system.load(buffer.va() + MIB, 4096)).isEqualTo(before);
                copies(chan, 0, 0, 4096);
                system.kernel.dma().freeCoherent(dev(chan), buffer);
                system.release(chan);
            });
            assertThat(heard[0]).isZero();
        }

        @Test
        void unbindingWithTransfersUnderWayLeavesNothing() {
            system.run(() -> {
                Channel chan = system.copier();
                CoherentBuffer buffer =
                        system.kernel.dma().allocCoherent(dev(chan), 2 * MIB, Gfp.KERNEL);
                chan.prepMemcpy(buffer.dma() + MIB, buffer.dma(), MIB, FLAGS).submit();
                chan.issuePending();
                system.kernel.sched().usleepRange(100, 100);
                chan.terminateSync();
                system.kernel.dma().freeCoherent(dev(chan), buffer);
                system.release(chan);
                system.kernel.platform().unbind(system.device(Pl330System.CONTROLLER));
            });
            assertThat(system.kernel.dmaEngine().channelNames()).containsExactly("dma1chan0");
            system.run(() -> {
                system.kernel.platform().attach(system.device(Pl330System.CONTROLLER));
                Channel chan = system.copier();
                copies(chan, 1, 0, 4096);
                system.release(chan);
            });
        }
    }
}
