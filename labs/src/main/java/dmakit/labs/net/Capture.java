package dmakit.labs.net;

import dmakit.labs.Count;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * Frames as a pcap file holds them: the classic format, in either byte order, with microseconds or
 * nanoseconds.
 *
 * @param frames in their order
 */
public record Capture(List<Frame> frames) {
    /** Most bytes of a file. */
    public static final int FILE_BYTES_MAX = 64 << 20;

    /** Most frames of a file. */
    public static final int FRAME_COUNT_MAX = 200_000;

    /** Least bytes of a frame: two addresses and a type. */
    public static final int FRAME_BYTES_MIN = 14;

    /** Most bytes of a frame without its check sequence; four more with a VLAN tag. */
    public static final int FRAME_BYTES_MAX = 1514;

    private static final int TAG_BYTES = 4;
    private static final int TYPE_AT = 12;
    private static final int TYPE_VLAN = 0x8100;

    private static final int MICROSECONDS = 0xa1b2_c3d4;
    private static final int NANOSECONDS = 0xa1b2_3c4d;
    private static final int MODIFIED = 0xa1b2_cd34;
    private static final int NEXT_GENERATION = 0x0a0d_0d0a;
    private static final int LINK_ETHERNET = 1;
    private static final int LINK_MASK = 0x0fff_ffff;
    private static final int VERSION_MAJOR = 2;
    private static final int VERSION_MINOR = 4;
    private static final int HEADER_BYTES = 24;
    private static final int RECORD_BYTES = 16;
    private static final int LINK_AT = 20;
    private static final int SNAP_BYTES = 1 << 16;
    private static final long NS_PER_SECOND = 1_000_000_000L;
    private static final int NS_PER_US = 1_000;
    private static final String REPAIR = "'editcap' keeps the frames before";

    /**
     * One frame.
     *
     * @param timeNs when, in nanoseconds
     * @param bytes from the first address on, without preamble and check sequence
     */
    @SuppressWarnings("ArrayRecordComponent") // nobody compares frames
    public record Frame(long timeNs, byte[] bytes) {}

    /** Copies the list. */
    public Capture {
        frames = List.copyOf(frames);
    }

    /**
     * Reads a file.
     *
     * @throws CaptureException when it is no pcap file of whole Ethernet frames, or beyond a limit
     */
    public static Capture read(byte[] file) {
        if (file.length > FILE_BYTES_MAX) {
            throw new CaptureException(
                    "has %d bytes, most are %d; 'editcap -c 1000' makes several of it",
                    file.length, FILE_BYTES_MAX);
        }
        if (file.length < HEADER_BYTES) {
            throw new CaptureException(
                    "has %s, a pcap file begins with a header of %d",
                    Count.of(file.length, "byte"), HEADER_BYTES);
        }
        ByteBuffer in = ByteBuffer.wrap(file);
        boolean nanoseconds = isInNanoseconds(in);
        int major = in.getShort(Integer.BYTES);
        if (major != VERSION_MAJOR) {
            throw new CaptureException("is pcap of version %d, wanted %d", major, VERSION_MAJOR);
        }
        int link = in.getInt(LINK_AT) & LINK_MASK;
        if (link != LINK_ETHERNET) {
            throw new CaptureException(
                    "has frames of link type %d (%s), wanted %d (Ethernet); capture on one Ethernet"
                            + " interface, as with 'tcpdump -i eth0'",
                    link, linkName(link), LINK_ETHERNET);
        }
        List<Frame> frames = new ArrayList<>();
        in.position(HEADER_BYTES);
        while (in.hasRemaining()) {
            frames.add(frame(in, frames.size() + 1, nanoseconds));
        }
        return new Capture(frames);
    }

    /** What is captured most often that is no Ethernet. */
    private static String linkName(int link) {
        return switch (link) {
            case 0, 108 -> "a loopback interface";
            case 9 -> "PPP";
            case 12, 14, 101, 228, 229 -> "IP without Ethernet";
            case 105 -> "IEEE 802.11";
            case 113, 276 -> "all interfaces of a Linux host";
            case 127 -> "IEEE 802.11 with radio data";
            case 189, 220, 249 -> "USB";
            default -> "another one";
        };
    }

    /** Finds out the byte order, and sets it, and the unit of time. */
    private static boolean isInNanoseconds(ByteBuffer in) {
        int magic = in.getInt(0);
        if (magic == NEXT_GENERATION) {
            throw new CaptureException(
                    "is of the pcapng format, wanted pcap; 'editcap -F pcap' makes such a file of"
                            + " it");
        }
        if (magic != MICROSECONDS && magic != NANOSECONDS) {
            in.order(ByteOrder.LITTLE_ENDIAN);
            magic = in.getInt(0);
        }
        if (magic == MODIFIED || magic == Integer.reverseBytes(MODIFIED)) {
            throw new CaptureException(
                    "is of Kuznetzov's modified pcap format; 'editcap -F pcap' makes plain pcap of"
                            + " it");
        }
        if (magic != MICROSECONDS && magic != NANOSECONDS) {
            throw new CaptureException(
                    "is no pcap file: it begins with 0x%08x",
                    in.order(ByteOrder.BIG_ENDIAN).getInt(0));
        }
        return magic == NANOSECONDS;
    }

    private static Frame frame(ByteBuffer in, int number, boolean nanoseconds) {
        int at = in.position();
        if (in.remaining() < RECORD_BYTES) {
            throw new CaptureException(
                    "is cut off inside the header of frame %d, at byte %d; %s", number, at, REPAIR);
        }
        if (number > FRAME_COUNT_MAX) {
            throw new CaptureException("more than %d frames", FRAME_COUNT_MAX);
        }
        long seconds = Integer.toUnsignedLong(in.getInt());
        long fraction = Integer.toUnsignedLong(in.getInt());
        int kept = in.getInt();
        int whole = in.getInt();
        if (kept < 0 || kept > in.remaining()) {
            throw new CaptureException(
                    "is cut off or damaged: frame %d, at byte %d, has %s bytes, %d are left; %s",
                    number, at, Integer.toUnsignedString(kept), in.remaining(), REPAIR);
        }
        if (kept != whole) {
            throw new CaptureException(
                    "frame %d, at byte %d, is not whole: %d of %s bytes were captured;"
                            + " 'tcpdump -s 0' captures all",
                    number, at, kept, Integer.toUnsignedString(whole));
        }
        byte[] bytes = new byte[kept];
        in.get(bytes);
        checkLength(bytes, number, at);
        long timeNs = seconds * NS_PER_SECOND + fraction * (nanoseconds ? 1 : NS_PER_US);
        return new Frame(timeNs, bytes);
    }

    private static void checkLength(byte[] bytes, int number, int at) {
        if (bytes.length < FRAME_BYTES_MIN) {
            throw new CaptureException(
                    "frame %d, at byte %d, has %d bytes, least are %d",
                    number, at, bytes.length, FRAME_BYTES_MIN);
        }
        int type = (bytes[TYPE_AT] & 0xff) << Byte.SIZE | (bytes[TYPE_AT + 1] & 0xff);
        int most = type == TYPE_VLAN ? FRAME_BYTES_MAX + TAG_BYTES : FRAME_BYTES_MAX;
        if (bytes.length > most) {
            throw new CaptureException(
                    "frame %d, at byte %d, has %d bytes, most are %d; a host that was to send it"
                            + " may have joined several, 'ethtool -K eth0 tso off gso off gro off'"
                            + " keeps it from that",
                    number, at, bytes.length, most);
        }
    }

    /** The file of these frames: little-endian, with nanoseconds. */
    public byte[] toBytes() {
        int size = HEADER_BYTES;
        for (Frame frame : frames) {
            size = Math.addExact(size, RECORD_BYTES + frame.bytes().length);
        }
        ByteBuffer out = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
        out.putInt(NANOSECONDS).putShort((short) VERSION_MAJOR).putShort((short) VERSION_MINOR);
        out.putInt(0).putInt(0).putInt(SNAP_BYTES).putInt(LINK_ETHERNET);
        for (Frame frame : frames) {
            out.putInt((int) (frame.timeNs() / NS_PER_SECOND));
            out.putInt((int) (frame.timeNs() % NS_PER_SECOND));
            out.putInt(frame.bytes().length).putInt(frame.bytes().length);
            out.put(frame.bytes());
        }
        return out.array();
    }
}
