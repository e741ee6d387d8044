package dmakit.devicetree;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads a flattened device tree, version 16 or 17 or a later one that says it is compatible.
 *
 * <p>Every offset and length is checked before it is used; what does not hold gives a {@link
 * DeviceTreeException} with the offset. Stricter than Linux in one point: two nodes or properties
 * of one name in one node are refused, because no later reader could tell them apart.
 */
public final class DtbReader {

    /** The first four bytes of a dtb, big-endian. */
    public static final int MAGIC = 0xd00dfeed;

    static final int FIRST_VERSION = 16;
    static final int LAST_VERSION = 17;
    static final int BEGIN_NODE = 1;
    static final int END_NODE = 2;
    static final int PROP = 3;
    static final int NOP = 4;
    static final int END = 9;

    private static final int HEADER_BYTES_V16 = 36;
    private static final int HEADER_BYTES_V17 = 40;
    private static final int MEMRESERVE_BYTES = 16;

    private final String file;
    private final ByteBuffer data;
    private final TreeBuilder tree;
    private final Map<Integer, String> propertyNames = new LinkedHashMap<>();
    private int totalBytes;
    private int structStart;
    private int structEnd;
    private int stringsStart;
    private int stringsEnd;

    private DtbReader(byte[] bytes, String file) {
        this.file = file;
        this.data = ByteBuffer.wrap(bytes);
        this.tree = new TreeBuilder(new Origin.Offset(file, 0));
    }

    /**
     * Reads a tree. Bytes behind the length that the header gives are ignored.
     *
     * @param bytes the file
     * @param file its name, for messages
     * @throws DeviceTreeException when the bytes are no valid tree or a limit is passed
     */
    public static DeviceTree read(byte[] bytes, String file) {
        return new DtbReader(bytes, file).read();
    }

    /** Whether the bytes start like a dtb. */
    public static boolean looksLikeDtb(byte[] bytes) {
        return bytes.length >= 4 && ByteBuffer.wrap(bytes).getInt() == MAGIC;
    }

    private DeviceTree read() {
        if (data.limit() > Limits.FILE_BYTES_MAX) {
            throw malformed(
                    0,
                    "the file has %d bytes, wanted at most %d"
                            .formatted(data.limit(), Limits.FILE_BYTES_MAX));
        }
        int memReserves = readHeader();
        readMemReserves(memReserves);
        readStructure();
        return tree.build();
    }

    /** Checks the header and returns the offset of the memory reservation block. */
    private int readHeader() {
        if (data.limit() < HEADER_BYTES_V16) {
            throw malformed(
                    0,
                    "the file has %d bytes, a header takes %d"
                            .formatted(data.limit(), HEADER_BYTES_V16));
        }
        if (data.getInt(0) != MAGIC) {
            throw malformed(
                    0, "starts with 0x%08x, wanted 0x%08x".formatted(data.getInt(0), MAGIC));
        }
        int version = data.getInt(20);
        int compatible = data.getInt(24);
        if (version < FIRST_VERSION) {
            throw malformed(20, "version %d, wanted %d or later".formatted(version, FIRST_VERSION));
        }
        if (compatible < 0 || compatible > LAST_VERSION) {
            throw malformed(
                    24,
                    "readable since version %d, wanted at most %d"
                            .formatted(compatible, LAST_VERSION));
        }
        totalBytes = block(4, HEADER_BYTES_V16, 0, data.limit(), "total size");
        structStart = block(8, 0, 4, totalBytes, "structure block offset");
        stringsStart = block(12, 0, 1, totalBytes, "strings block offset");
        int memReserves = block(16, 0, 8, totalBytes, "memory reservation block offset");
        tree.bootCpu(data.getInt(28));
        stringsEnd = stringsStart + block(32, 0, 1, totalBytes - stringsStart, "strings size");
        structEnd = totalBytes;
        if (version >= 17) {
            if (totalBytes < HEADER_BYTES_V17) {
                throw malformed(4, "total size %d is less than the header".formatted(totalBytes));
            }
            structEnd = structStart + block(36, 0, 4, totalBytes - structStart, "structure size");
        }
        return memReserves;
    }

    /** A header field that must lie in [min, max] and be a multiple of align (0 for any). */
    private int block(int at, int min, int align, int max, String what) {
        int value = data.getInt(at);
        if (value < min || value > max) {
            throw malformed(
                    at,
                    "%s %s, wanted %d to %d"
                            .formatted(what, Integer.toUnsignedString(value), min, max));
        }
        if (align > 1 && value % align != 0) {
            throw malformed(at, "%s %d is no multiple of %d".formatted(what, value, align));
        }
        return value;
    }

    private void readMemReserves(int start) {
        for (int at = start; ; at += MEMRESERVE_BYTES) {
            if (at > totalBytes - MEMRESERVE_BYTES) {
                throw malformed(at, "the memory reservations have no final zero entry");
            }
            MemReserve reserve = new MemReserve(data.getLong(at), data.getLong(at + 8));
            if (reserve.address() == 0 && reserve.size() == 0) {
                return;
            }
            tree.addMemReserve(reserve, new Origin.Offset(file, at));
        }
    }

    private void readStructure() {
        int at = structStart;
        @Nullable NodeBuilder node = null;
        boolean sawRoot = false;
        while (true) {
            int tokenAt = at;
            int token = cell(at, "a token");
            at += 4;
            switch (token) {
                case BEGIN_NODE -> {
                    String name = nodeName(at);
                    at = align4(at + name.length() + 1);
                    Origin origin = new Origin.Offset(file, tokenAt);
                    if (node != null) {
                        node = node.addChild(name, origin);
                    } else if (sawRoot) {
                        throw malformed(tokenAt, "a second root node " + name);
                    } else if (!name.isEmpty() && !name.equals("/")) {
                        throw malformed(tokenAt, "the root node is named " + name);
                    } else {
                        node = tree.root();
                        sawRoot = true;
                    }
                }
                case END_NODE -> {
                    if (node == null) {
                        throw malformed(tokenAt, "the end of a node outside any node");
                    }
                    node = node.parent().orElse(null);
                }
                case PROP -> {
                    if (node == null) {
                        throw malformed(tokenAt, "a property outside any node");
                    }
                    at = readProperty(node, tokenAt);
                }
                case NOP -> {}
                case END -> {
                    if (node != null) {
                        throw malformed(tokenAt, "the tree ends inside node " + node.path());
                    }
                    if (!sawRoot) {
                        throw malformed(tokenAt, "the tree has no root node");
                    }
                    return;
                }
                default ->
                        throw malformed(
                                tokenAt, "token 0x%x, wanted 1, 2, 3, 4 or 9".formatted(token));
            }
        }
    }

    /** Reads the property whose token is at {@code tokenAt}; returns where the next token is. */
    private int readProperty(NodeBuilder node, int tokenAt) {
        int length = cell(tokenAt + 4, "a property length");
        int nameOffset = cell(tokenAt + 8, "a property name offset");
        int valueAt = tokenAt + 12;
        if (length < 0 || length > structEnd - valueAt) {
            throw malformed(
                    tokenAt + 4,
                    "property length %s, the structure block has %d bytes left"
                            .formatted(Integer.toUnsignedString(length), structEnd - valueAt));
        }
        if (nameOffset < 0 || nameOffset >= stringsEnd - stringsStart) {
            throw malformed(
                    tokenAt + 8,
                    "property name offset %s, the strings block has %d bytes"
                            .formatted(
                                    Integer.toUnsignedString(nameOffset),
                                    stringsEnd - stringsStart));
        }
        String name =
                propertyNames.computeIfAbsent(
                        nameOffset, offset -> text(stringsStart + offset, stringsEnd, "property"));
        if (node.has(name)) {
            throw malformed(tokenAt, "second property %s in %s".formatted(name, node.path()));
        }
        byte[] value = new byte[length];
        data.get(valueAt, value);
        node.set(name, value, new Origin.Offset(file, tokenAt));
        return align4(valueAt + length);
    }

    private String nodeName(int at) {
        return text(at, structEnd, "node");
    }

    private String text(int start, int end, String what) {
        int limit = Math.min(end, start + Limits.NAME_CHARS_MAX + 1);
        for (int at = start; at < limit; at++) {
            if (data.get(at) == 0) {
                return new String(data.array(), start, at - start, StandardCharsets.ISO_8859_1);
            }
        }
        throw malformed(
                start,
                "a %s name that no NUL byte ends within %d bytes"
                        .formatted(what, Math.max(0, limit - start)));
    }

    private int cell(int at, String what) {
        if (at > structEnd - 4) {
            throw malformed(at, "the structure block ends where %s is wanted".formatted(what));
        }
        return data.getInt(at);
    }

    private static int align4(int at) {
        return (at + 3) & ~3;
    }

    private DeviceTreeException malformed(int at, String problem) {
        return new DeviceTreeException(new Origin.Offset(file, at), problem);
    }
}
