package dmakit.hardware.ethernet;

import static dmakit.hardware.ethernet.MacBench.frame;
import static org.assertj.core.api.Assertions.assertThat;

import dmakit.datasheet.xilinx.EthernetCounter;
import dmakit.datasheet.xilinx.EthernetRegister;
import dmakit.datasheet.xilinx.EthernetRegister.Emmc;
import dmakit.datasheet.xilinx.EthernetRegister.Fmi;
import dmakit.datasheet.xilinx.EthernetRegister.InterruptStatus;
import dmakit.datasheet.xilinx.EthernetRegister.Raf;
import dmakit.datasheet.xilinx.EthernetRegister.Rcw1;
import dmakit.datasheet.xilinx.EthernetRegister.Tc;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class AxiEthernetTest {
    private static final long STATION = 0x000a_3500_0002L;
    private static final long OTHER = 0x000a_3500_0003L;
    private static final long BROADCAST = 0xffff_ffff_ffffL;
    private static final long MULTICAST = 0x0100_5e00_0001L;
    private static final int IPV4 = 0x0800;
    private static final long BYTE_PS = 8_000;

    private final MacBench bench = new MacBench();

    @AfterEach
    void close() {
        bench.close();
    }

    private void addressFilterOn() {
        bench.b.write(EthernetRegister.FMI, 0);
        bench.b.write(EthernetRegister.UAW0, 0x0035_0a00);
        bench.b.write(EthernetRegister.UAW1, 0x0200);
    }

    @Test
    void registersHaveTheResetValuesOfTheManual() {
        for (EthernetRegister register : EthernetRegister.values()) {
            assertThat(bench.a.read(register)).as("%s", register).isEqualTo(register.reset());
        }
    }

    @Nested
    class AFrame {
        @Test
        void arrivesAsItWasSentWithItsLength() {
            byte[] sent = frame(STATION, IPV4, 1000);
            bench.a.send(sent);
            assertThat(bench.take(bench.b)).isEqualTo(sent);
            assertThat(bench.b.received.word(4)).isEqualTo(1014);
            assertThat(bench.a.counter(EthernetCounter.TX_GOOD_FRAMES)).isEqualTo(1);
            assertThat(bench.a.counter(EthernetCounter.TX_BYTES)).isEqualTo(1018);
            assertThat(bench.b.counter(EthernetCounter.RX_GOOD_FRAMES)).isEqualTo(1);
            assertThat(bench.b.counter(EthernetCounter.RX_512_1023_BYTE_FRAMES)).isEqualTo(1);
        }

        @Test
        void isPaddedToSixtyFourBytes() {
            byte[] sent = frame(STATION, IPV4, 1);
            bench.a.send(sent);
            assertThat(bench.take(bench.b)).isEqualTo(Arrays.copyOf(sent, 60));
            assertThat(bench.b.counter(EthernetCounter.RX_64_BYTE_FRAMES)).isEqualTo(1);
        }

        @Test
        void takesTheTimeOfTheWire() {
            bench.b.write(EthernetRegister.IE, InterruptStatus.RX_CMPLT.mask());
            bench.a.send(frame(STATION, IPV4, 46));
            while (!bench.b.irq.isAsserted()) {
                bench.finish(1);
            }
            // Preamble and frame on the wire, and 10 m of it; nothing else takes time for so few.
            assertThat(bench.machine.clock().now())
                    .isEqualTo((8 + 64) * BYTE_PS + EthernetWire.DELAY_PS);
        }

        @Test
        void keepsTheGapToTheOneBefore() {
            for (int i = 0; i < 10; i++) {
                bench.a.send(frame(STATION, IPV4, 46));
            }
            while (bench.b.counter(EthernetCounter.RX_GOOD_FRAMES) < 10) {
                bench.finish(1);
            }
            assertThat(bench.machine.clock().now())
                    .isEqualTo(
                            9 * (8 + 64 + 12) * BYTE_PS
                                    + (8 + 64) * BYTE_PS
                                    + EthernetWire.DELAY_PS);
        }

        @Test
        void isTenTimesSlowerAtOneHundredMegabit() {
            bench.a.write(EthernetRegister.EMMC, Emmc.LINK_SPEED.of(1));
            bench.b.write(EthernetRegister.EMMC, Emmc.LINK_SPEED.of(1));
            bench.a.send(frame(STATION, IPV4, 46));
            while (bench.b.counter(EthernetCounter.RX_GOOD_FRAMES) < 1) {
                bench.finish(1);
            }
            assertThat(bench.machine.clock().now())
                    .isEqualTo((8 + 64) * BYTE_PS * 10 + EthernetWire.DELAY_PS);
        }

        @Test
        void isNotHeardAtAnotherSpeed() {
            bench.b.write(EthernetRegister.EMMC, Emmc.LINK_SPEED.of(1));
            bench.a.send(frame(STATION, IPV4, 46));
            bench.finish(1000);
            assertThat(bench.b.counter(EthernetCounter.RX_BYTES)).isZero();
        }

        @Test
        void thatIsTooLongIsNotSent() {
            bench.a.send(frame(STATION, IPV4, 1501));
            bench.a.send(frame(STATION, IPV4, 1500));
            assertThat(bench.take(bench.b)).hasSize(1514);
            assertThat(bench.a.counter(EthernetCounter.TX_OVERSIZE_FRAMES)).isEqualTo(1);
        }

        @Test
        void mayBeLongerWhereBothSidesAllowThat() {
            bench.a.write(EthernetRegister.TC, Tc.TX.mask() | Tc.JUM.mask());
            bench.b.write(EthernetRegister.RCW1, Rcw1.RX.mask() | Rcw1.JUM.mask());
            bench.a.send(frame(STATION, IPV4, 4000));
            assertThat(bench.take(bench.b)).hasSize(4014);
        }

        @Test
        void longerThanTheTransmitMemoryIsTakenAndLost() {
            bench.a.write(EthernetRegister.TC, Tc.TX.mask() | Tc.JUM.mask());
            byte[] half = new byte[MacBench.MEMORY / 2];
            for (int i = 0; i < 3; i++) {
                bench.a.toSend.put(half, 0, half.length, i == 2, new int[5]);
                bench.finish(1000);
            }
            assertThat(bench.a.toSend.available()).isZero();
            assertThat(bench.a.counter(EthernetCounter.TX_OVERSIZE_FRAMES)).isEqualTo(1);
            bench.a.send(frame(STATION, IPV4, 46));
            assertThat(bench.take(bench.b)).hasSize(60);
        }

        @Test
        void thatTheWireDamagesIsDroppedAndCounted() {
            bench.wire.noise((frame, _) -> frame[20] ^= 4);
            bench.a.send(frame(STATION, IPV4, 100));
            assertThat(bench.take(bench.b)).isEmpty();
            assertThat(bench.b.counter(EthernetCounter.RX_FCS_ERRORS)).isEqualTo(1);
            assertThat(bench.b.counter(EthernetCounter.RX_GOOD_FRAMES)).isZero();
            assertThat(InterruptStatus.RX_REJECT.isSet(bench.b.read(EthernetRegister.IS))).isTrue();
        }

        @Test
        void thatIsDamagedMayBeWanted() {
            bench.b.write(EthernetRegister.RAF, Raf.RX_BAD_FRM_EN.mask());
            bench.wire.noise((frame, _) -> frame[20] ^= 4);
            bench.a.send(frame(STATION, IPV4, 100));
            assertThat(bench.take(bench.b)).hasSize(114);
        }

        @Test
        void withALengthThatIsWrongIsDropped() {
            bench.a.send(frame(STATION, 200, 100));
            assertThat(bench.take(bench.b)).isEmpty();
            assertThat(bench.b.counter(EthernetCounter.RX_LENGTH_ERRORS)).isEqualTo(1);
            bench.b.write(EthernetRegister.RCW1, Rcw1.RX.mask() | Rcw1.LT_DIS.mask());
            bench.a.send(frame(STATION, 200, 100));
            assertThat(bench.take(bench.b)).hasSize(114);
        }

        @Test
        void bringsItsCheckSequenceWhereThatIsWanted() {
            bench.b.write(EthernetRegister.RCW1, Rcw1.RX.mask() | Rcw1.FCS.mask());
            byte[] sent = frame(STATION, IPV4, 46);
            bench.a.send(sent);
            byte[] got = bench.take(bench.b);
            assertThat(got).hasSize(64);
            assertThat(Frames.isIntact(got, 64)).isTrue();
        }

        @Test
        void getsAChecksumOverARangeWhenItsWordsSayThat() {
            byte[] sent = frame(STATION, IPV4, 46);
            sent[50] = 0;
            sent[51] = 0;
            bench.a.send(sent, new int[] {1, 34 << 16 | 50, 0, 0, 0});
            byte[] got = bench.take(bench.b);
            assertThat(Frames.rawSum(got, 34, 60)).isEqualTo(0xffff);
        }
    }

    @Test
    void theCheckSequenceIsThatOfTheStandard() {
        byte[] digits = "123456789".getBytes(StandardCharsets.US_ASCII);
        assertThat(Frames.fcs(digits, 9)).isEqualTo(0xcbf4_3926);
    }

    @Nested
    class TheAddressFilter {
        private boolean takes(long to) {
            bench.a.send(frame(to, IPV4, 46));
            return bench.take(bench.b).length != 0;
        }

        @Test
        void letsEverythingInFromPowerOn() {
            assertThat(takes(OTHER)).isTrue();
            assertThat(takes(MULTICAST)).isTrue();
        }

        @Test
        void letsInItsStationAndBroadcast() {
            addressFilterOn();
            assertThat(takes(STATION)).isTrue();
            assertThat(takes(BROADCAST)).isTrue();
            assertThat(takes(OTHER)).isFalse();
            assertThat(takes(MULTICAST)).isFalse();
            assertThat(bench.b.counter(EthernetCounter.USER_DEFINED_1)).isEqualTo(2);
        }

        @Test
        void letsInWhatAFilterMatches() {
            addressFilterOn();
            bench.b.write(EthernetRegister.FMI, Fmi.IND.of(2));
            bench.b.write(EthernetRegister.AF0, 0x005e_0001);
            bench.b.write(EthernetRegister.AF1, 0);
            bench.b.write(EthernetRegister.AM0, 0x00ff_ffff);
            bench.b.write(EthernetRegister.AM1, 0);
            assertThat(takes(MULTICAST)).isTrue();
            bench.b.write(EthernetRegister.FFE, 0);
            assertThat(takes(MULTICAST)).isFalse();
        }

        @Test
        void rejectsBroadcastAndMulticastOnDemand() {
            bench.b.write(EthernetRegister.RAF, Raf.BCST_REJ.mask() | Raf.MCST_REJ.mask());
            assertThat(takes(BROADCAST)).isFalse();
            assertThat(takes(MULTICAST)).isFalse();
            assertThat(takes(OTHER)).isTrue();
        }
    }

    @Nested
    class TheReceiveMemory {
        @Test
        void losesAndCountsWhatItHasNoRoomFor() {
            bench.b.write(EthernetRegister.IE, InterruptStatus.RX_FIFO_OVR.mask());
            for (int i = 0; i < 6; i++) {
                while (bench.a.toSend.room() < 1014) {
                    bench.finish(1);
                }
                bench.a.send(frame(STATION, IPV4, 1000));
            }
            bench.finish(100_000);
            // 4096 bytes hold three of 1014 and one is at the stream already.
            assertThat(bench.b.counter(EthernetCounter.RX_GOOD_FRAMES)).isEqualTo(6);
            assertThat(bench.b.counter(EthernetCounter.USER_DEFINED_0)).isEqualTo(3);
            assertThat(bench.b.irq.isAsserted()).isTrue();
            for (int i = 0; i < 3; i++) {
                assertThat(bench.take(bench.b)).hasSize(1014);
            }
            assertThat(bench.take(bench.b)).isEmpty();
        }

        @Test
        void isFreeAgainWhenItsStreamIsReset() {
            for (int i = 0; i < 3; i++) {
                bench.a.send(frame(STATION, IPV4, 1000));
                bench.finish(100_000);
            }
            bench.b.received.reset();
            bench.a.send(frame(STATION, IPV4, 100));
            bench.finish(100_000);
            assertThat(bench.take(bench.b)).hasSize(1014);
            assertThat(bench.take(bench.b)).hasSize(1014);
            assertThat(bench.take(bench.b)).hasSize(114);
            assertThat(bench.b.counter(EthernetCounter.USER_DEFINED_0)).isZero();
        }
    }

    @Nested
    class Pauses {
        private static byte[] pause(int quanta) {
            byte[] frame = frame(0x0180_c200_0001L, 0x8808, 46);
            frame[14] = 0;
            frame[15] = 1;
            frame[16] = (byte) (quanta >>> 8);
            frame[17] = (byte) quanta;
            return frame;
        }

        @Test
        void keepTheTransmitterStill() {
            bench.b.send(pause(100));
            bench.finish(100_000);
            long paused = bench.machine.clock().now();
            bench.a.send(frame(STATION, IPV4, 46));
            while (bench.a.counter(EthernetCounter.TX_GOOD_FRAMES) == 0) {
                bench.finish(1);
            }
            assertThat(bench.a.counter(EthernetCounter.RX_PAUSE_FRAMES)).isEqualTo(1);
            assertThat(bench.machine.clock().now() - paused)
                    .isBetween(99L * 64 * BYTE_PS, 100L * 64 * BYTE_PS);
            assertThat(bench.take(bench.a)).isEmpty();
        }

        @Test
        void areOrdinaryFramesWhereFlowControlIsOff() {
            bench.a.write(EthernetRegister.FCC, 0);
            bench.b.send(pause(100));
            assertThat(bench.take(bench.a)).hasSize(60);
        }
    }

    @Test
    void statisticsAreHeldAtZeroOnDemand() {
        bench.a.send(frame(STATION, IPV4, 46));
        bench.finish(1000);
        bench.a.write(EthernetRegister.RAF, Raf.STATS_RST.mask());
        assertThat(bench.a.counter(EthernetCounter.TX_GOOD_FRAMES)).isZero();
    }

    @Test
    void nothingIsSentOrReceivedWithTheHalvesOff() {
        bench.a.write(EthernetRegister.TC, 0);
        bench.a.send(frame(STATION, IPV4, 46));
        bench.finish(1000);
        assertThat(bench.a.toSend.available()).isEqualTo(60);
        bench.b.write(EthernetRegister.RCW1, 0);
        bench.a.write(EthernetRegister.TC, Tc.TX.mask());
        assertThat(bench.take(bench.b)).isEmpty();
    }
}
