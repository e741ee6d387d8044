package dmakit.datasheet.xilinx;

import static dmakit.datasheet.Access.RO;
import static dmakit.datasheet.Access.RW;
import static dmakit.datasheet.Access.W1C;
import static dmakit.datasheet.Access.W1SC;

import dmakit.datasheet.Access;
import dmakit.datasheet.Bits;
import dmakit.datasheet.Field;
import dmakit.datasheet.Register;
import dmakit.datasheet.RegisterMap;
import dmakit.datasheet.Row;

/**
 * Registers of the 1G/2.5G Ethernet subsystem but for its statistics, which are {@link
 * EthernetCounter}, and the tables of its extended mode. PG138, "Register Space", and of the MAC
 * inside, PG051, "Register Space".
 */
public enum EthernetRegister implements Register {
    //  offset reset        fields
    RAF(0x000, 0x0000_0000, Raf.values()),
    TPF(0x004, 0x0000_0000, Tpf.values()),
    IFGP(0x008, 0x0000_0000, Ifgp.values()),
    IS(0x00c, 0x0000_01c0, InterruptStatus.values()),
    IP(0x010, 0x0000_0000, InterruptPending.values()),
    IE(0x014, 0x0000_0000, InterruptEnable.values()),
    TTAG(0x018, 0x0000_0000, Ttag.values()),
    RTAG(0x01c, 0x0000_0000, Rtag.values()),
    UAWL(0x020, 0x0000_0000, Uawl.values()),
    UAWU(0x024, 0x0000_0000, Uawu.values()),
    TPID0(0x028, 0x0000_0000, Tpid0.values()),
    TPID1(0x02c, 0x0000_0000, Tpid1.values()),
    RCW0(0x400, 0x0000_0000, Rcw0.values()),
    RCW1(0x404, 0x1000_0000, Rcw1.values()),
    TC(0x408, 0x1000_0000, Tc.values()),
    FCC(0x40c, 0x6000_0000, Fcc.values()),
    EMMC(0x410, 0x8000_0000, Emmc.values()),
    RXFC(0x414, 0x0000_07d0, Rxfc.values()),
    TXFC(0x418, 0x0000_07d0, Txfc.values()),
    ID(0x4f8, 0x0900_0000, Id.values()),
    ABILITY(0x4fc, 0x0000_0507, Ability.values()),
    MDIO_MC(0x500, 0x0000_0000, MdioMc.values()),
    MDIO_MCR(0x504, 0x0000_0080, MdioMcr.values()),
    MDIO_MWD(0x508, 0x0000_0000, MdioMwd.values()),
    MDIO_MRD(0x50c, 0x0000_ffff, MdioMrd.values()),
    UAW0(0x700, 0x0000_0000, Uaw0.values()),
    UAW1(0x704, 0x0000_0000, Uaw1.values()),
    FMI(0x708, 0x8000_0000, Fmi.values()),
    FFE(0x70c, 0x0000_0001, Ffe.values()),
    AF0(0x710, 0xffff_ffff, Af0.values()),
    AF1(0x714, 0x0000_ffff, Af1.values()),
    AM0(0x750, 0xffff_ffff, Am0.values()),
    AM1(0x754, 0x0000_ffff, Am1.values());

    /** Bytes of the subsystem's block of registers, tables included. */
    public static final int SIZE = 0x40000;

    /** Bytes of it that the map describes. */
    public static final int MAP_SIZE = 0x800;

    /** Frame filters, which {@code FMI.IND} chooses from. */
    public static final int FILTER_COUNT = 4;

    /** The checked map. */
    public static final RegisterMap<EthernetRegister> MAP =
            new RegisterMap<>("axi ethernet", MAP_SIZE, values());

    private final Row row;

    EthernetRegister(int offset, int reset, Field[] fields) {
        row = new Row(offset, reset, fields);
    }

    @Override
    public Row row() {
        return row;
    }

    /** Reset and address filter. */
    public enum Raf implements Field {
        /** Passes frames with errors on to the stream. */
        RX_BAD_FRM_EN(14, 14, RW),
        /** Keeps the statistics at zero. */
        STATS_RST(13, 13, RW),
        /** Filters multicast by the table of the extended mode. */
        EMULTI_FLTR_ENBL(12, 12, RW, Bits.NOT_MODELLED),
        /** Turns the extended functions on. */
        NEW_FNC_ENBL(11, 11, RW, Bits.NOT_MODELLED),
        /** Strips VLAN tags of received frames. */
        RX_VSTRP_MODE(10, 9, RW, Bits.NOT_MODELLED),
        /** Strips VLAN tags of sent frames. */
        TX_VSTRP_MODE(8, 7, RW, Bits.NOT_MODELLED),
        /** Tags received frames. */
        RX_VTAG_MODE(6, 5, RW, Bits.NOT_MODELLED),
        /** Tags sent frames. */
        TX_VTAG_MODE(4, 3, RW, Bits.NOT_MODELLED),
        /** Rejects broadcast. */
        BCST_REJ(2, 2, RW),
        /** Rejects multicast. */
        MCST_REJ(1, 1, RW);

        private final Bits bits;

        Raf(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        Raf(int msb, int lsb, Access access, boolean modelled) {
            bits = new Bits(msb, lsb, access, modelled);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Transmit pause frame. */
    public enum Tpf implements Field {
        /** Sends a pause of so many units. */
        TPFV(15, 0, RW, Bits.NOT_MODELLED);

        private final Bits bits;

        Tpf(int msb, int lsb, Access access, boolean modelled) {
            bits = new Bits(msb, lsb, access, modelled);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Transmit inter-frame gap adjustment. */
    public enum Ifgp implements Field {
        /** Bytes between frames, with TC.IFG; less than 12 counts as 12. */
        IFGP0(7, 0, RW);

        private final Bits bits;

        Ifgp(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Interrupt status. */
    public enum InterruptStatus implements Field {
        /** The PHY is out of reset. */
        PHY_RST_CMPLT(8, 8, W1C),
        /** The serial transceiver is ready. */
        MGT_RDY(7, 7, W1C),
        /** The receiver's clock is locked. */
        RX_DCM_LOCK(6, 6, W1C),
        /** A frame was sent. */
        TX_CMPLT(5, 5, W1C),
        /** A frame found no room in the receive memory. */
        RX_FIFO_OVR(4, 4, W1C),
        /** A frame was rejected. */
        RX_REJECT(3, 3, W1C),
        /** A frame was received. */
        RX_CMPLT(2, 2, W1C),
        /** The link has been negotiated. */
        AUTO_NEG(1, 1, W1C),
        /** A register access is complete. */
        HARD_ACS_CMPLT(0, 0, W1C);

        private final Bits bits;

        InterruptStatus(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Interrupt pending. */
    public enum InterruptPending implements Field {
        /** The PHY is out of reset, and may interrupt. */
        PHY_RST_CMPLT(8, 8, RO),
        /** The serial transceiver is ready, and may interrupt. */
        MGT_RDY(7, 7, RO),
        /** The receiver's clock is locked, and may interrupt. */
        RX_DCM_LOCK(6, 6, RO),
        /** A frame was sent, and may interrupt. */
        TX_CMPLT(5, 5, RO),
        /** A frame found no room in the receive memory, and may interrupt. */
        RX_FIFO_OVR(4, 4, RO),
        /** A frame was rejected, and may interrupt. */
        RX_REJECT(3, 3, RO),
        /** A frame was received, and may interrupt. */
        RX_CMPLT(2, 2, RO),
        /** The link has been negotiated, and may interrupt. */
        AUTO_NEG(1, 1, RO),
        /** A register access is complete, and may interrupt. */
        HARD_ACS_CMPLT(0, 0, RO);

        private final Bits bits;

        InterruptPending(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Interrupt enable. */
    public enum InterruptEnable implements Field {
        /** Lets that interrupt: the PHY is out of reset. */
        PHY_RST_CMPLT(8, 8, RW),
        /** Lets that interrupt: the serial transceiver is ready. */
        MGT_RDY(7, 7, RW),
        /** Lets that interrupt: the receiver's clock is locked. */
        RX_DCM_LOCK(6, 6, RW),
        /** Lets that interrupt: a frame was sent. */
        TX_CMPLT(5, 5, RW),
        /** Lets that interrupt: a frame found no room in the receive memory. */
        RX_FIFO_OVR(4, 4, RW),
        /** Lets that interrupt: a frame was rejected. */
        RX_REJECT(3, 3, RW),
        /** Lets that interrupt: a frame was received. */
        RX_CMPLT(2, 2, RW),
        /** Lets that interrupt: the link has been negotiated. */
        AUTO_NEG(1, 1, RW),
        /** Lets that interrupt: a register access is complete. */
        HARD_ACS_CMPLT(0, 0, RW);

        private final Bits bits;

        InterruptEnable(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Transmit VLAN tag. */
    public enum Ttag implements Field {
        /** What tags are made of. */
        VALUE(31, 0, RW, Bits.NOT_MODELLED);

        private final Bits bits;

        Ttag(int msb, int lsb, Access access, boolean modelled) {
            bits = new Bits(msb, lsb, access, modelled);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Receive VLAN tag. */
    public enum Rtag implements Field {
        /** What tags are made of. */
        VALUE(31, 0, RW, Bits.NOT_MODELLED);

        private final Bits bits;

        Rtag(int msb, int lsb, Access access, boolean modelled) {
            bits = new Bits(msb, lsb, access, modelled);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Unicast address word lower, of the extended mode. */
    public enum Uawl implements Field {
        /** Bytes 3 to 0. */
        VALUE(31, 0, RW, Bits.NOT_MODELLED);

        private final Bits bits;

        Uawl(int msb, int lsb, Access access, boolean modelled) {
            bits = new Bits(msb, lsb, access, modelled);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Unicast address word upper, of the extended mode. */
    public enum Uawu implements Field {
        /** Bytes 5 and 4. */
        VALUE(15, 0, RW, Bits.NOT_MODELLED);

        private final Bits bits;

        Uawu(int msb, int lsb, Access access, boolean modelled) {
            bits = new Bits(msb, lsb, access, modelled);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** VLAN TPID word 0. */
    public enum Tpid0 implements Field {
        /** Two tag types. */
        VALUE(31, 0, RW, Bits.NOT_MODELLED);

        private final Bits bits;

        Tpid0(int msb, int lsb, Access access, boolean modelled) {
            bits = new Bits(msb, lsb, access, modelled);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** VLAN TPID word 1. */
    public enum Tpid1 implements Field {
        /** Two tag types. */
        VALUE(31, 0, RW, Bits.NOT_MODELLED);

        private final Bits bits;

        Tpid1(int msb, int lsb, Access access, boolean modelled) {
            bits = new Bits(msb, lsb, access, modelled);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Receiver configuration word 0. */
    public enum Rcw0 implements Field {
        /** Bytes 3 to 0 of the address that pause frames are for, beside the common one. */
        PAUSE_ADDR(31, 0, RW);

        private final Bits bits;

        Rcw0(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Receiver configuration word 1. */
    public enum Rcw1 implements Field {
        /** Resets the receiver. */
        RST(31, 31, W1SC),
        /** Takes frames of more than 1518 bytes. */
        JUM(30, 30, RW),
        /** Leaves the frame check sequence in the frame. */
        FCS(29, 29, RW),
        /** Turns the receiver on. */
        RX(28, 28, RW),
        /** Allows four bytes more to tagged frames. */
        VLAN(27, 27, RW),
        /** Does not compare the length field with the frame. */
        LT_DIS(25, 25, RW),
        /** Does not check the length of control frames. */
        CL_DIS(24, 24, RW),
        /** Bytes 5 and 4. */
        PAUSE_ADDR(15, 0, RW);

        private final Bits bits;

        Rcw1(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Transmitter configuration. */
    public enum Tc implements Field {
        /** Resets the transmitter. */
        RST(31, 31, W1SC),
        /** Sends frames of more than 1518 bytes. */
        JUM(30, 30, RW),
        /** The stream brings the frame check sequence, and no padding is made. */
        FCS(29, 29, RW),
        /** Turns the transmitter on. */
        TX(28, 28, RW),
        /** Allows four bytes more to tagged frames. */
        VLAN(27, 27, RW),
        /** Lets IFGP lengthen the gap between frames. */
        IFG(25, 25, RW);

        private final Bits bits;

        Tc(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Flow control configuration. */
    public enum Fcc implements Field {
        /** Sends pause frames. */
        FCTX(30, 30, RW, Bits.NOT_MODELLED),
        /** Obeys pause frames and takes them out. */
        FCRX(29, 29, RW);

        private final Bits bits;

        Fcc(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        Fcc(int msb, int lsb, Access access, boolean modelled) {
            bits = new Bits(msb, lsb, access, modelled);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** MAC mode configuration. */
    public enum Emmc implements Field {
        /** 0 for 10, 1 for 100, 2 for 1000 Mbit/s. */
        LINK_SPEED(31, 30, RW);

        private final Bits bits;

        Emmc(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Receiver frame length. */
    public enum Rxfc implements Field {
        /** Uses the length. */
        ENABLE(16, 16, RW),
        /** Most bytes of a frame. */
        MAX(14, 0, RW);

        private final Bits bits;

        Rxfc(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Transmitter frame length. */
    public enum Txfc implements Field {
        /** Uses the length. */
        ENABLE(16, 16, RW),
        /** Most bytes of a frame. */
        MAX(14, 0, RW);

        private final Bits bits;

        Txfc(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Identification. */
    public enum Id implements Field {
        /** Major revision. */
        MAJOR(31, 24, RO),
        /** Minor revision. */
        MINOR(23, 16, RO),
        /** Patch level. */
        PATCH(7, 0, RO);

        private final Bits bits;

        Id(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Ability. */
    public enum Ability implements Field {
        /** Has frame filters. */
        FRAME_FILTER(10, 10, RO),
        /** Knows half duplex. */
        HALF_DUPLEX(9, 9, RO),
        /** Has statistics. */
        STATS(8, 8, RO),
        /** Knows 1 Gbit/s. */
        SPEED_1G(2, 2, RO),
        /** Knows 100 Mbit/s. */
        SPEED_100M(1, 1, RO),
        /** Knows 10 Mbit/s. */
        SPEED_10M(0, 0, RO);

        private final Bits bits;

        Ability(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** MDIO setup. */
    public enum MdioMc implements Field {
        /** Turns the management port on. */
        MDIO_EN(6, 6, RW),
        /** Divides the clock of the port. */
        CLOCK_DIVIDE(5, 0, RW);

        private final Bits bits;

        MdioMc(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** MDIO control. */
    public enum MdioMcr implements Field {
        /** Address of a PHY. */
        PHYAD(28, 24, RW, Bits.NOT_MODELLED),
        /** Number of its register. */
        REGAD(20, 16, RW, Bits.NOT_MODELLED),
        /** 1 to write, 2 to read. */
        OP(15, 14, RW, Bits.NOT_MODELLED),
        /** Begins; nothing is at the port, reads find ones. */
        INITIATE(11, 11, W1SC, Bits.NOT_MODELLED),
        /** Nothing is under way. */
        READY(7, 7, RO);

        private final Bits bits;

        MdioMcr(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        MdioMcr(int msb, int lsb, Access access, boolean modelled) {
            bits = new Bits(msb, lsb, access, modelled);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** MDIO write data. */
    public enum MdioMwd implements Field {
        /** What to write. */
        DATA(15, 0, RW, Bits.NOT_MODELLED);

        private final Bits bits;

        MdioMwd(int msb, int lsb, Access access, boolean modelled) {
            bits = new Bits(msb, lsb, access, modelled);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** MDIO read data. */
    public enum MdioMrd implements Field {
        /** What was read. */
        DATA(15, 0, RO);

        private final Bits bits;

        MdioMrd(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Unicast address word 0. */
    public enum Uaw0 implements Field {
        /** Bytes 3 to 0 of the station's address, byte 0 the first on the wire. */
        ADDRESS(31, 0, RW);

        private final Bits bits;

        Uaw0(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Unicast address word 1. */
    public enum Uaw1 implements Field {
        /** Bytes 5 and 4. */
        ADDRESS(15, 0, RW);

        private final Bits bits;

        Uaw1(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Frame filter control. */
    public enum Fmi implements Field {
        /** Takes frames to any address. */
        PM(31, 31, RW),
        /** Which filter AF, AM and FFE are of. */
        IND(3, 0, RW);

        private final Bits bits;

        Fmi(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Frame filter enable. */
    public enum Ffe implements Field {
        /** Uses the filter. */
        ENABLE(0, 0, RW);

        private final Bits bits;

        Ffe(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Frame filter value, bytes 3 to 0. */
    public enum Af0 implements Field {
        /** What a frame begins with. */
        VALUE(31, 0, RW);

        private final Bits bits;

        Af0(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Frame filter value, bytes 7 to 4. */
    public enum Af1 implements Field {
        /** What a frame begins with. */
        VALUE(31, 0, RW);

        private final Bits bits;

        Af1(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Frame filter mask, bytes 3 to 0. */
    public enum Am0 implements Field {
        /** Bits that count. */
        MASK(31, 0, RW);

        private final Bits bits;

        Am0(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Frame filter mask, bytes 7 to 4. */
    public enum Am1 implements Field {
        /** Bits that count. */
        MASK(31, 0, RW);

        private final Bits bits;

        Am1(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }
}
