package dmakit.hardware.ethernet;

import java.util.zip.CRC32;

/** What a frame looks like. IEEE 802.3, clause 3. */
final class Frames {
    /** Two addresses and the type. */
    static final int HEADER_BYTES = 14;

    /** The frame check sequence. */
    static final int FCS_BYTES = 4;

    /** Least bytes of a frame with its check sequence. */
    static final int MIN_BYTES = 64;

    /** Most bytes of a frame with its check sequence; a tagged one may have four more. */
    static final int MAX_BYTES = 1518;

    /** Bytes of a VLAN tag. */
    static final int TAG_BYTES = 4;

    /** Preamble and start of frame. */
    static final int PREAMBLE_BYTES = 8;

    /** Least bytes between two frames. */
    static final int GAP_BYTES = 12;

    /** Bytes of an address. */
    static final int ADDRESS_BYTES = 6;

    /** Types from here on are no lengths. */
    static final int TYPE_MIN = 0x600;

    static final int TYPE_VLAN = 0x8100;
    static final int TYPE_CONTROL = 0x8808;

    /** Where the type is. */
    static final int TYPE_AT = 12;

    private Frames() {}

    static int word16(byte[] frame, int at) {
        return (frame[at] & 0xff) << 8 | (frame[at + 1] & 0xff);
    }

    static boolean isBroadcast(byte[] frame) {
        for (int i = 0; i < ADDRESS_BYTES; i++) {
            if (frame[i] != (byte) 0xff) {
                return false;
            }
        }
        return true;
    }

    static boolean isMulticast(byte[] frame) {
        return (frame[0] & 1) != 0 && !isBroadcast(frame);
    }

    /** The check sequence of so many bytes, as the wire's lowest byte first. */
    static int fcs(byte[] frame, int bytes) {
        CRC32 crc = new CRC32();
        crc.update(frame, 0, bytes);
        return (int) crc.getValue();
    }

    static void putFcs(byte[] frame, int at, int fcs) {
        for (int i = 0; i < FCS_BYTES; i++) {
            frame[at + i] = (byte) (fcs >>> (Byte.SIZE * i));
        }
    }

    /** Whether the last bytes are the check sequence of those before. */
    static boolean isIntact(byte[] frame, int bytes) {
        int at = bytes - FCS_BYTES;
        if (at < 0) {
            return false;
        }
        int fcs = fcs(frame, at);
        for (int i = 0; i < FCS_BYTES; i++) {
            if (frame[at + i] != (byte) (fcs >>> (Byte.SIZE * i))) {
                return false;
            }
        }
        return true;
    }

    /** Ones' complement sum of 16-bit words behind the header, as checksums are made of. */
    static int rawSum(byte[] frame, int from, int to) {
        int sum = 0;
        for (int at = from; at < to; at += 2) {
            sum += at + 1 < to ? word16(frame, at) : (frame[at] & 0xff) << 8;
            sum = (sum & 0xffff) + (sum >>> 16);
        }
        return sum;
    }
}
