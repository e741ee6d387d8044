package dmakit.datasheet;

import static dmakit.datasheet.Access.RO;
import static dmakit.datasheet.Access.RW;
import static dmakit.datasheet.Access.W1C;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class RegisterMapTest {
    enum Flags implements Field {
        TOP(31, 31, RW),
        LEVEL(11, 8, RO),
        FAIL(1, 1, W1C),
        RUN(0, 0, RW);

        private final Bits bits;

        Flags(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    enum Whole implements Field {
        ADDR;

        @Override
        public Bits bits() {
            return new Bits(31, 0, RW);
        }
    }

    enum Good implements Register {
        CS(0x00, 0x300, Flags.values()),
        ADDR(0x08, 0, Whole.values());

        private final Row row;

        Good(int offset, int reset, Field... fields) {
            row = new Row(offset, reset, fields);
        }

        @Override
        public Row row() {
            return row;
        }
    }

    /** One register whose every property a test chooses. */
    enum Odd implements Register {
        MISALIGNED(0x02, 0),
        SAME_AS_NEXT(0x04, 0),
        NEXT(0x04, 0),
        BEYOND(0x10, 0),
        RESETS_RESERVED(0x00, 0x4, Flags.RUN),
        OVERLAPPING_FIELDS(0x00, 0, Flags.LEVEL, Flags.LEVEL),
        ASCENDING_FIELDS(0x00, 0, Flags.RUN, Flags.FAIL);

        private final Row row;

        Odd(int offset, int reset, Field... fields) {
            row = new Row(offset, reset, fields);
        }

        @Override
        public Row row() {
            return row;
        }
    }

    private static void rejects(String message, Odd... registers) {
        assertThatThrownBy(() -> new RegisterMap<>("odd", 0x10, registers))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }

    @Nested
    class Building {
        @Test
        void rejectsAnOffsetThatIsNoMultipleOfFour() {
            rejects("MISALIGNED at a misaligned offset 0x2", Odd.MISALIGNED);
        }

        @Test
        void rejectsTwoRegistersAtOneOffset() {
            rejects("NEXT at an offset taken or out of order 0x4", Odd.SAME_AS_NEXT, Odd.NEXT);
        }

        @Test
        void rejectsRegistersOutOfAddressOrder() {
            rejects("taken or out of order", Odd.NEXT, Odd.OVERLAPPING_FIELDS);
        }

        @Test
        void rejectsARegisterBeyondTheEnd() {
            rejects("BEYOND at an offset beyond the end 0x10", Odd.BEYOND);
        }

        @Test
        void rejectsAResetValueWithReservedBits() {
            rejects("RESETS_RESERVED resets reserved bits 0x4", Odd.RESETS_RESERVED);
        }

        @Test
        void rejectsFieldsThatOverlap() {
            rejects("OVERLAPPING_FIELDS.LEVEL overlaps", Odd.OVERLAPPING_FIELDS);
        }

        @Test
        void rejectsFieldsOutOfOrder() {
            rejects("ASCENDING_FIELDS.FAIL overlaps or is out of order", Odd.ASCENDING_FIELDS);
        }

        @Test
        void rejectsABlockLargerThanTheMaximum() {
            assertThatThrownBy(
                            () -> new RegisterMap<>("b", RegisterMap.SIZE_MAX + 4, Good.values()))
                    .isInstanceOf(IllegalArgumentException.class);
        }

        @Test
        void rejectsBitsOutsideTheRegister() {
            assertThatThrownBy(() -> new Bits(32, 0, RW))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> new Bits(3, 4, RW))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Nested
    class Looking {
        private final RegisterMap<Good> map = new RegisterMap<>("good", 0x10, Good.values());

        @Test
        void findsARegisterByAnyOfItsBytes() {
            assertThat(map.at(0x08)).isEqualTo(Good.ADDR);
            assertThat(map.at(0x0b)).isEqualTo(Good.ADDR);
        }

        @Test
        void findsNothingInGapsAndOutside() {
            assertThat(map.at(0x04)).isNull();
            assertThat(map.at(0x10)).isNull();
            assertThat(map.at(-4)).isNull();
            assertThat(map.at(Long.MAX_VALUE)).isNull();
        }

        @Test
        void aGoodMapListsItsRegistersInOrder() {
            assertThat(map.registers()).containsExactly(Good.CS, Good.ADDR);
        }
    }

    @Nested
    class Describing {
        @Test
        void namesFlagsAndShowsNumbers() {
            assertThat(RegisterMap.describe(Good.CS, 0x8000_0501)).isEqualTo("CS=TOP|LEVEL:5|RUN");
        }

        @Test
        void showsZeroAsZero() {
            assertThat(RegisterMap.describe(Good.CS, 0)).isEqualTo("CS=0");
        }

        @Test
        void showsReservedBitsLast() {
            assertThat(RegisterMap.describe(Good.CS, 0x11)).isEqualTo("CS=RUN|0x10");
            assertThat(RegisterMap.describe(Good.CS, 0x10)).isEqualTo("CS=0x10");
        }

        @Test
        void showsAWholeWordInHexadecimal() {
            assertThat(RegisterMap.describe(Good.ADDR, 0xc000_1000)).isEqualTo("ADDR=0xc0001000");
        }
    }

    @Nested
    class Fields {
        @Test
        void answerAndReplaceTheirBitsOnly() {
            assertThat(Flags.LEVEL.get(0xffff_f5ff)).isEqualTo(5);
            assertThat(Flags.LEVEL.with(0xffff_ffff, 5)).isEqualTo(0xffff_f5ff);
            assertThat(Flags.TOP.get(0x8000_0000)).isEqualTo(1);
            assertThat(Flags.TOP.with(0, true)).isEqualTo(0x8000_0000);
            assertThat(Flags.FAIL.isSet(0x2)).isTrue();
            assertThat(Flags.FAIL.isSet(~0x2)).isFalse();
        }

        @Test
        void ofThirtyTwoBitsTakeEveryValue() {
            assertThat(Whole.ADDR.with(0x1234, -1)).isEqualTo(-1);
            assertThat(Whole.ADDR.get(-1)).isEqualTo(-1);
        }

        @Test
        void readAsTwosComplementWhereAsked() {
            assertThat(Flags.LEVEL.getSigned(0xf00)).isEqualTo(-1);
            assertThat(Flags.LEVEL.getSigned(0x700)).isEqualTo(7);
            assertThat(Whole.ADDR.getSigned(-5)).isEqualTo(-5);
        }

        @Test
        void refuseAValueWithOneBitTooMany() {
            assertThat(Flags.LEVEL.of(0xf)).isEqualTo(0xf00);
            assertThatThrownBy(() -> Flags.LEVEL.of(0x10))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("0x10 does not fit into LEVEL, which has 4 bits");
            assertThatThrownBy(() -> Flags.LEVEL.of(-1))
                    .isInstanceOf(IllegalArgumentException.class);
        }

        @Test
        void thatSoftwareCannotStoreAreNotWritable() {
            assertThat(Good.CS.writableMask()).isEqualTo(0x8000_0003);
        }
    }
}
