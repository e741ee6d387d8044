package dmakit.datasheet.vtd;

import static dmakit.datasheet.Access.RW;
import static dmakit.datasheet.Bits.NOT_MODELLED;

import dmakit.datasheet.Access;
import dmakit.datasheet.Bits;
import dmakit.datasheet.Field;
import dmakit.datasheet.Register;
import dmakit.datasheet.RegisterMap;
import dmakit.datasheet.Row;

/**
 * An entry of a second-level table, 64 bits, 512 per table. Intel VT-d, section 9.8. The level of a
 * table counts from 1, whose entries are pages of 4 KiB.
 */
public enum SecondLevelEntry implements Register {
    // offset, fields
    LOW(0x00, Low.values()),
    HIGH(0x04, High.values());

    /** Bytes of an entry. */
    public static final int SIZE = 8;

    /** Entries of a table, as log2. */
    public static final int LG2_ENTRIES = 9;

    /** The highest level of a table whose entries may be large pages: 3, of 1 GiB. */
    public static final int LARGE_LEVEL_MAX = 3;

    /** The address, in the whole entry. */
    public static final long ADDRESS = 0x000f_ffff_ffff_f000L;

    /** What an address is shifted by at level 1; each level more adds {@link #LG2_ENTRIES}. */
    public static final int LG2_PAGE = 12;

    /** The checked layout. */
    public static final RegisterMap<SecondLevelEntry> MAP =
            new RegisterMap<>("vt-d second-level entry", SIZE, values());

    private final Row row;

    SecondLevelEntry(int offset, Field... fields) {
        row = Row.inMemory(offset, fields);
    }

    @Override
    public Row row() {
        return row;
    }

    /** Bits 31:0. */
    public enum Low implements Field {
        /** Physical address, bits 31:12, of a table or of a page. */
        ADDR(31, 12, RW),
        /** Accesses snoop. */
        SNP(11, 11, RW, NOT_MODELLED),
        /** Dirty. */
        D(9, 9, RW, NOT_MODELLED),
        /** Accessed. */
        A(8, 8, RW, NOT_MODELLED),
        /** A large page, in levels above 1. */
        PS(7, 7, RW),
        /** Ignore the CPU's memory type. */
        IPAT(6, 6, RW, NOT_MODELLED),
        /** Memory type. */
        EMT(5, 3, RW, NOT_MODELLED),
        /** Execute. */
        X(2, 2, RW, NOT_MODELLED),
        /** Writable. */
        W(1, 1, RW),
        /** Readable. */
        R(0, 0, RW);

        private final Bits bits;

        Low(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        Low(int msb, int lsb, Access access, boolean modelled) {
            bits = new Bits(msb, lsb, access, modelled);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Bits 63:32. */
    public enum High implements Field {
        /** Transient mapping. */
        TM(30, 30, RW, NOT_MODELLED),
        /** Physical address, bits 51:32. */
        ADDR(19, 0, RW);

        private final Bits bits;

        High(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        High(int msb, int lsb, Access access, boolean modelled) {
            bits = new Bits(msb, lsb, access, modelled);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }
}
