package dmakit.datasheet.vtd;

import static org.assertj.core.api.Assertions.assertThat;

import dmakit.datasheet.Bits;
import dmakit.datasheet.Field;
import dmakit.datasheet.Register;
import dmakit.datasheet.Witness;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The tables here against {@code spec/vtd.txt}, transcribed apart by the manual's numbers. */
class VtdWitnessTest {
    /** A field of one or of several words that follow each other, as the document numbers it. */
    private record Row(String table, int offset, String field, int msb, int lsb) {
        /** The same field, when this is its low part and {@code high} goes on in the next word. */
        boolean goesOnIn(String highField, Bits high, int shift) {
            boolean sameField = highField.equals(field) || highField.equals(field + "_HIGH");
            return sameField && high.lsb() == 0 && msb + 1 == shift;
        }

        @Override
        public String toString() {
            return String.format("%s 0x%02x %s %d %d", table, offset, field, msb, lsb);
        }
    }

    /** Words named {@code X_UPPER} continue X; with {@code whole} all words are one table. */
    private static void addRows(
            List<Row> into, String table, boolean whole, List<? extends Register> words) {
        String name = table;
        int start = 0;
        for (Register word : words) {
            if (!whole && !word.name().endsWith("_UPPER")) {
                name = word.name();
                start = word.offset();
            }
            int shift = (word.offset() - start) * Byte.SIZE;
            for (Field field : word.fields().reversed()) {
                Bits bits = field.bits();
                Row low = lowPart(into, name, field.name(), bits, shift);
                if (low != null) {
                    into.set(
                            into.indexOf(low),
                            new Row(name, start, low.field(), bits.msb() + shift, low.lsb()));
                } else {
                    into.add(
                            new Row(
                                    name,
                                    start,
                                    field.name(),
                                    bits.msb() + shift,
                                    bits.lsb() + shift));
                }
            }
        }
    }

    private static @Nullable Row lowPart(
            List<Row> rows, String table, String field, Bits bits, int shift) {
        String wanted = table.equals("RTADDR") && field.equals("ADDRESS") ? "RTA" : field;
        String name = table.equals("IQA") && field.equals("ADDRESS") ? "IQA" : wanted;
        return rows.stream()
                .filter(row -> row.table().equals(table) && row.goesOnIn(name, bits, shift))
                .findFirst()
                .orElse(null);
    }

    @Test
    void everyTableAgrees() {
        List<Row> rows = new ArrayList<>();
        addRows(rows, "", false, VtdRegister.MAP.registers());
        addRows(rows, "", false, IotlbRegister.MAP.registers());
        addRows(rows, "FaultRecord", true, FaultRecord.MAP.registers());
        addRows(rows, "RootEntry", true, RootEntry.MAP.registers());
        addRows(rows, "ContextEntry", true, ContextEntry.MAP.registers());
        addRows(rows, "SecondLevelEntry", true, SecondLevelEntry.MAP.registers());
        addRows(rows, "ContextInvalidation", true, ContextInvalidation.MAP.registers());
        addRows(rows, "IotlbInvalidation", true, IotlbInvalidation.MAP.registers());
        addRows(rows, "InvalidationWait", true, InvalidationWait.MAP.registers());
        assertThat(rows.stream().map(Row::toString).toList()).isEqualTo(Witness.lines("vtd.txt"));
    }

    @Test
    void capabilitiesSayWhereThingsAre() {
        int cap = VtdRegister.CAP.reset();
        int upper = VtdRegister.CAP_UPPER.reset();
        int ecap = VtdRegister.ECAP.reset();
        assertThat(VtdRegister.Cap.FRO.get(cap) * VtdRegister.OFFSET_UNIT)
                .isEqualTo(VtdRegister.FAULT_RECORDS);
        assertThat(VtdRegister.CapUpper.NFR.get(upper) + 1)
                .isEqualTo(VtdRegister.FAULT_RECORD_COUNT);
        assertThat(VtdRegister.Ecap.IRO.get(ecap) * VtdRegister.OFFSET_UNIT)
                .isEqualTo(VtdRegister.IOTLB);
    }

    @Test
    void anAddressIsTheFieldOfItsTwoWords() {
        long low = SecondLevelEntry.Low.ADDR.mask() & 0xffff_ffffL;
        long high = (long) SecondLevelEntry.High.ADDR.mask() << Integer.SIZE;
        assertThat(SecondLevelEntry.ADDRESS).isEqualTo(high | low);
    }

    @Test
    void reasonsAreTheirCodes() {
        for (FaultReason reason : FaultReason.values()) {
            assertThat(reason.code()).isEqualTo(reason.ordinal() + 1);
            assertThat(FaultReason.of(reason.code())).isEqualTo(reason);
        }
        assertThat(FaultReason.of(0)).isNull();
        assertThat(FaultReason.of(0xe)).isNull();
    }
}
