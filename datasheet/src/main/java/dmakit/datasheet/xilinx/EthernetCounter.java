package dmakit.datasheet.xilinx;

import dmakit.datasheet.Register;

/**
 * The statistics of the Ethernet subsystem: counters of 64 bits in two registers each, the low half
 * first. PG051, "Statistics Counters". They count on and cannot be stored to.
 */
public enum EthernetCounter {
    /** Bytes of received frames, from the first address to the check sequence. */
    RX_BYTES,
    /** Bytes of sent frames, likewise. */
    TX_BYTES,
    /** Good frames of less than 64 bytes. */
    RX_UNDERSIZE_FRAMES,
    /** Frames of less than 64 bytes with a wrong check sequence. */
    RX_FRAGMENT_FRAMES,
    /** Good frames of 64 bytes that were received. */
    RX_64_BYTE_FRAMES,
    /** Good frames of 65 to 127 bytes that were received. */
    RX_65_127_BYTE_FRAMES,
    /** Good frames of 128 to 255 bytes that were received. */
    RX_128_255_BYTE_FRAMES,
    /** Good frames of 256 to 511 bytes that were received. */
    RX_256_511_BYTE_FRAMES,
    /** Good frames of 512 to 1023 bytes that were received. */
    RX_512_1023_BYTE_FRAMES,
    /** Good frames of 1024 to the most bytes that were received. */
    RX_1024_MAX_BYTE_FRAMES,
    /** Good frames that are too long. */
    RX_OVERSIZE_FRAMES,
    /** Good frames of 64 bytes that were sent. */
    TX_64_BYTE_FRAMES,
    /** Good frames of 65 to 127 bytes that were sent. */
    TX_65_127_BYTE_FRAMES,
    /** Good frames of 128 to 255 bytes that were sent. */
    TX_128_255_BYTE_FRAMES,
    /** Good frames of 256 to 511 bytes that were sent. */
    TX_256_511_BYTE_FRAMES,
    /** Good frames of 512 to 1023 bytes that were sent. */
    TX_512_1023_BYTE_FRAMES,
    /** Good frames of 1024 to the most bytes that were sent. */
    TX_1024_MAX_BYTE_FRAMES,
    /** Frames that are too long to be sent. */
    TX_OVERSIZE_FRAMES,
    /** Frames without an error. */
    RX_GOOD_FRAMES,
    /** Frames of 64 bytes or more with a wrong check sequence. */
    RX_FCS_ERRORS,
    /** Broadcast frames that were received. */
    RX_BROADCAST_FRAMES,
    /** Multicast frames that were received. */
    RX_MULTICAST_FRAMES,
    /** Control frames that were received. */
    RX_CONTROL_FRAMES,
    /** Frames whose length field is wrong. */
    RX_LENGTH_ERRORS,
    /** Vlan frames that were received. */
    RX_VLAN_FRAMES,
    /** Pause frames that were received. */
    RX_PAUSE_FRAMES,
    /** Control opcode errors. */
    RX_CONTROL_OPCODE_ERRORS,
    /** Good frames that were sent. */
    TX_GOOD_FRAMES,
    /** Broadcast frames that were sent. */
    TX_BROADCAST_FRAMES,
    /** Multicast frames that were sent. */
    TX_MULTICAST_FRAMES,
    /** Frames whose end came too late; the core sends none before it has all of it. */
    TX_UNDERRUN_ERRORS,
    /** Control frames that were sent. */
    TX_CONTROL_FRAMES,
    /** Vlan frames that were sent. */
    TX_VLAN_FRAMES,
    /** Pause frames that were sent. */
    TX_PAUSE_FRAMES,
    /** Single collision frames that were sent. */
    TX_SINGLE_COLLISION_FRAMES,
    /** Multiple collision frames that were sent. */
    TX_MULTIPLE_COLLISION_FRAMES,
    /** Deferred frames that were sent. */
    TX_DEFERRED_FRAMES,
    /** Late collisions. */
    TX_LATE_COLLISIONS,
    /** Excess collisions. */
    TX_EXCESS_COLLISIONS,
    /** Excess deferrals. */
    TX_EXCESS_DEFERRALS,
    /** Alignment errors. */
    RX_ALIGNMENT_ERRORS,
    /** Pfc frames that were sent. */
    TX_PFC_FRAMES,
    /** Pfc frames that were received. */
    RX_PFC_FRAMES,
    /** Free for the design: here good frames that found no room in the receive memory. */
    USER_DEFINED_0,
    /** Free for the design: here frames that no address filter let in. */
    USER_DEFINED_1,
    /** Free for the design: here unused. */
    USER_DEFINED_2;

    /** Where the first counter's low half is. */
    public static final int BASE = 0x200;

    private static final int SIZE = 2 * Register.BYTES;

    /** Where the counter's low half is; the high one is behind it. */
    public int offset() {
        return BASE + ordinal() * SIZE;
    }

    /** Where the counters end. */
    public static int end() {
        return BASE + values().length * SIZE;
    }
}
