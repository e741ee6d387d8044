package dmakit.hardware.i8237;

import static org.assertj.core.api.Assertions.assertThat;

import dmakit.hardware.i8237.IsaBench.Card;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IsaDmaTest {
    private static final int SINGLE = 0x40;
    private static final int BLOCK = 0x80;
    private static final int DEMAND = 0x00;
    private static final int TO_MEMORY = 0x04;
    private static final int FROM_MEMORY = 0x08;
    private static final int AUTO = 0x10;
    private static final int DOWN = 0x20;

    private final IsaBench isa = new IsaBench();

    @AfterEach
    void close() {
        isa.close();
    }

    private Card card(int channel) {
        return isa.cards.get(channel);
    }

    private void request(int channel, boolean level) {
        isa.wires.get(channel).request(level);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3})
    void movesOneByteMoreThanTheCountToMemory(int channel) {
        isa.program(channel, SINGLE | TO_MEMORY, 0x12, 0x3456, 3);
        card(channel).next = 0x41;
        request(channel, true);
        isa.finish();
        assertThat(isa.ram(0x123456, 5)).containsExactly(0x41, 0x42, 0x43, 0x44, 0);
        assertThat(card(channel).ends).isEqualTo(1);
        assertThat(isa.count(channel)).as("one below zero").isEqualTo(0xffff);
        assertThat(isa.address(channel)).isEqualTo(0x345a);
        assertThat(isa.in(8) & 0xf).isEqualTo(1 << channel);
        assertThat(isa.in(8) & 0xf).as("loaded once").isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {5, 6, 7})
    void movesWordsWhoseAddressesCountInWords(int channel) {
        isa.program(channel, SINGLE | FROM_MEMORY, 0x13, 0x1000, 1);
        isa.poke(0x122000, (byte) 1, (byte) 2, (byte) 3, (byte) 4);
        request(channel, true);
        isa.finish();
        assertThat(card(channel).taken).as("page bit 0 is not used").containsExactly(0x201, 0x403);
        assertThat(isa.in(0xd0) & 0xf).isEqualTo(1 << (channel - 4));
    }

    @Test
    void staysInItsPageOf64KiB() {
        isa.program(1, SINGLE | TO_MEMORY, 0x02, 0xfffe, 3);
        card(1).next = 1;
        request(1, true);
        isa.finish();
        assertThat(isa.ram(0x2fffe, 3)).containsExactly(1, 2, 0);
        assertThat(isa.ram(0x20000, 2)).containsExactly(3, 4);
    }

    @Test
    void staysInItsPageOf128KiBOnWordChannels() {
        isa.program(5, SINGLE | TO_MEMORY, 0x02, 0xffff, 1);
        card(5).next = 0x1111;
        request(5, true);
        isa.finish();
        assertThat(isa.ram(0x3fffe, 3)).containsExactly(0x11, 0x11, 0);
        assertThat(isa.ram(0x20000, 2)).containsExactly(0x12, 0x11);
    }

    @Test
    void countsDownwardsOnWish() {
        isa.program(2, SINGLE | FROM_MEMORY | DOWN, 0, 0x8003, 3);
        isa.poke(0x8000, (byte) 1, (byte) 2, (byte) 3, (byte) 4);
        request(2, true);
        isa.finish();
        assertThat(card(2).taken).containsExactly(4, 3, 2, 1);
    }

    @Test
    void verifiesWithoutDataAndStillCounts() {
        isa.program(3, SINGLE, 0, 0x8000, 7);
        request(3, true);
        isa.finish();
        assertThat(card(3).taken).isEmpty();
        assertThat(card(3).next).isZero();
        assertThat(card(3).ends).isEqualTo(1);
        assertThat(isa.address(3)).isEqualTo(0x8008);
    }

    @Nested
    class AtTheEndOfItsCount {
        @Test
        void aChannelIsMasked() {
            isa.program(1, SINGLE | TO_MEMORY, 0, 0x8000, 0);
            request(1, true);
            isa.finish();
            assertThat(isa.in(0xf)).isEqualTo(0xf);
            assertThat(isa.in(8)).as("it still asks").isEqualTo(0x22);
        }

        @Test
        void anAutoInitializingOneBeginsAgain() {
            isa.program(1, SINGLE | TO_MEMORY | AUTO, 0, 0x8000, 3);
            request(1, true);
            while (card(1).ends < 3) {
                isa.finish(1);
            }
            request(1, false);
            isa.finish();
            assertThat(card(1).next).isEqualTo(12);
            assertThat(isa.address(1)).isEqualTo(0x8000);
            assertThat(isa.count(1)).isEqualTo(3);
            assertThat(isa.in(0xf)).as("not masked").isEqualTo(0xd);
        }
    }

    @Nested
    class AServiceOf {
        @Test
        void singleModeMakesOneTransferForEachLookAtTheRequest() {
            isa.program(1, SINGLE | TO_MEMORY, 0, 0x8000, 9);
            request(1, true);
            isa.finish(2);
            request(1, false);
            isa.finish();
            assertThat(card(1).next).isEqualTo(1);
        }

        @Test
        void demandModeLastsAsLongAsTheRequest() {
            isa.program(1, DEMAND | TO_MEMORY, 0, 0x8000, 9);
            request(1, true);
            isa.finish(5);
            request(1, false);
            isa.finish();
            assertThat(card(1).next).isEqualTo(4);
            request(1, true);
            isa.finish();
            assertThat(card(1).next).isEqualTo(10);
        }

        @Test
        void blockModeGoesOnWithoutItsRequest() {
            isa.program(1, BLOCK | TO_MEMORY, 0, 0x8000, 9);
            request(1, true);
            isa.finish(2);
            request(1, false);
            isa.finish();
            assertThat(card(1).next).isEqualTo(10);
            assertThat(card(1).ends).isEqualTo(1);
        }

        @Test
        void softwaresRequestIgnoresTheMaskAndEndsWithTheCount() {
            isa.program(1, BLOCK | TO_MEMORY, 0, 0x8000, 3);
            isa.out(0xa, 0x5); // masked
            isa.out(0x9, 0x5); // asked for
            isa.finish();
            assertThat(card(1).next).isEqualTo(4);
            assertThat(isa.in(8)).isEqualTo(0x02);
        }
    }

    @Nested
    class Priorities {
        private void twoWords(int channel) {
            isa.program(channel, SINGLE | FROM_MEMORY, 0, 0x4000, 1);
            request(channel, true);
        }

        /** The channels in the order of their transfers. */
        private String order() {
            StringBuilder order = new StringBuilder();
            int[] seen = new int[8];
            while (isa.finish(1) > 0) {
                for (int i = 0; i < 8; i++) {
                    if (card(i).taken.size() > seen[i]) {
                        seen[i]++;
                        order.append(i);
                    }
                }
            }
            return order.toString();
        }

        @Test
        void areFixedAfterAResetAndControllerOneComesFirst() {
            for (int channel : new int[] {7, 5, 3, 1}) {
                twoWords(channel);
            }
            assertThat(order()).isEqualTo("11335577");
        }

        @Test
        void rotateOnWish() {
            isa.out(0x08, 0x10);
            isa.out(0xd0, 0x10);
            for (int channel : new int[] {1, 2, 3, 6}) {
                isa.program(channel, SINGLE | FROM_MEMORY, 0, 0x4000, 1);
            }
            for (int channel : new int[] {1, 2, 3, 6}) {
                request(channel, true);
            }
            assertThat(order()).isEqualTo("16263123");
        }

        @Test
        void doNotInterruptAService() {
            isa.program(3, BLOCK | FROM_MEMORY, 0, 0x4000, 3);
            isa.program(0, SINGLE | FROM_MEMORY, 0, 0x4000, 0);
            request(3, true);
            isa.finish(2);
            request(0, true);
            assertThat(order()).isEqualTo("33330");
        }
    }

    @Nested
    class ControllerOne {
        @Test
        void standsStillWhileChannel4IsMasked() {
            isa.out(0xd4, 0x04);
            isa.program(1, SINGLE | TO_MEMORY, 0, 0x8000, 3);
            request(1, true);
            isa.finish();
            assertThat(card(1).next).isZero();
            assertThat(isa.in(0xd0)).as("its request is channel 4's").isEqualTo(0x10);
            isa.out(0xd4, 0x00);
            isa.finish();
            assertThat(card(1).next).isEqualTo(4);
        }

        @Test
        void standsStillWhileEitherIsDisabled() {
            for (int command : new int[] {0x08, 0xd0}) {
                isa.out(command, 0x04);
                isa.program(1, SINGLE | TO_MEMORY, 0, 0x8000, 3);
                request(1, true);
                isa.finish();
                assertThat(card(1).next).isZero();
                isa.out(command, 0x00);
                request(1, false);
                isa.finish();
            }
        }
    }

    @Nested
    class CopyingMemory {
        @Test
        void readsByChannel0AndWritesByChannel1() {
            isa.poke(0x2_0010, (byte) 1, (byte) 2, (byte) 3, (byte) 4);
            isa.program(0, BLOCK | FROM_MEMORY, 2, 0x10, 3);
            isa.program(1, BLOCK | TO_MEMORY, 3, 0x20, 3);
            isa.out(0x08, 0x01);
            isa.out(0x09, 0x04);
            isa.finish();
            assertThat(isa.ram(0x3_0020, 5)).containsExactly(1, 2, 3, 4, 0);
            assertThat(isa.in(0x0d)).as("temporary").isEqualTo(4);
            assertThat(isa.in(0x08)).as("channel 1 ended").isEqualTo(0x02);
            assertThat(card(0).taken).isEmpty();
        }

        @Test
        void fillsMemoryWhereChannel0Stays() {
            isa.poke(0x2_0010, (byte) 7);
            isa.program(0, BLOCK | FROM_MEMORY, 2, 0x10, 3);
            isa.program(1, BLOCK | TO_MEMORY, 3, 0x20, 3);
            isa.out(0x08, 0x03);
            isa.out(0x09, 0x04);
            isa.finish();
            assertThat(isa.ram(0x3_0020, 5)).containsExactly(7, 7, 7, 7, 0);
        }
    }

    @Nested
    class Registers {
        @Test
        void areReachedInHalvesByAFlipFlop() {
            isa.out(0x0c, 0);
            isa.out(0x02, 0x34);
            isa.out(0x02, 0x12);
            assertThat(isa.in(0x02)).isEqualTo(0x34);
            isa.out(0x0c, 0);
            assertThat(isa.in(0x02)).isEqualTo(0x34);
            assertThat(isa.in(0x02)).isEqualTo(0x12);
        }

        @Test
        void keepAddressesAndModesThroughAMasterClear() {
            isa.program(1, SINGLE | TO_MEMORY, 0, 0x8000, 3);
            isa.out(0x0d, 0);
            assertThat(isa.in(0x0f)).isEqualTo(0xf);
            assertThat(isa.address(1)).isEqualTo(0x8000);
            isa.out(0x0e, 0);
            request(1, true);
            isa.finish();
            assertThat(card(1).next).isEqualTo(4);
        }

        @Test
        void takeAccessesOfTwoBytesAsTwoOfOne() {
            isa.machine.bus().ports().write(0x80, 2, 0x1234);
            assertThat(isa.in(0x80)).isEqualTo(0x34);
            assertThat(isa.in(0x81)).isEqualTo(0x12);
            assertThat(isa.machine.bus().ports().read(0x80, 4)).isEqualTo(0x1234);
        }

        @Test
        void sensesRequestsTheOtherWayRoundOnWish() {
            isa.program(1, SINGLE | TO_MEMORY, 0, 0x8000, 3);
            for (int channel : new int[] {0, 2, 3}) {
                isa.out(0x0a, 0x04 | channel);
            }
            isa.out(0x08, 0x40);
            isa.finish();
            assertThat(card(1).next).isEqualTo(4);
        }
    }

    @Test
    void readsOnesWhereNothingAnswers() {
        isa.program(1, SINGLE | FROM_MEMORY, 0xff, 0, 0);
        request(1, true);
        isa.finish();
        assertThat(card(1).taken).containsExactly(0xff);
    }

    @Test
    void compressedTimingSavesAStateOfEachTransfer() {
        assertThat(Timing.transferPs(false, false) - Timing.transferPs(true, false))
                .isEqualTo(Timing.STATE_PS);
    }
}
