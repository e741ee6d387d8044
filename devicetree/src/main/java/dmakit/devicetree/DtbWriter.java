package dmakit.devicetree;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/** Writes a tree as a flattened device tree of version 17, its blocks in the usual order. */
public final class DtbWriter {

    private static final int HEADER_BYTES = 40;
    private static final int MEMRESERVE_BYTES = 16;

    private final ByteArrayOutputStream structBytes = new ByteArrayOutputStream();
    private final DataOutputStream struct = new DataOutputStream(structBytes);
    private final ByteArrayOutputStream strings = new ByteArrayOutputStream();
    private final Map<String, Integer> stringOffsets = new LinkedHashMap<>();

    private DtbWriter() {}

    /** The bytes of a dtb that {@link DtbReader} reads back as the same tree. */
    public static byte[] write(DeviceTree tree) {
        try {
            return new DtbWriter().bytes(tree);
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory failed", e);
        }
    }

    private byte[] bytes(DeviceTree tree) throws IOException {
        node(tree.root());
        struct.writeInt(DtbReader.END);

        int structStart = HEADER_BYTES + MEMRESERVE_BYTES * (tree.memReserves().size() + 1);
        int stringsStart = structStart + structBytes.size();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        out.writeInt(DtbReader.MAGIC);
        out.writeInt(stringsStart + strings.size());
        out.writeInt(structStart);
        out.writeInt(stringsStart);
        out.writeInt(HEADER_BYTES);
        out.writeInt(DtbReader.LAST_VERSION);
        out.writeInt(DtbReader.FIRST_VERSION);
        out.writeInt(tree.bootCpu());
        out.writeInt(strings.size());
        out.writeInt(structBytes.size());
        for (MemReserve reserve : tree.memReserves()) {
            out.writeLong(reserve.address());
            out.writeLong(reserve.size());
        }
        out.writeLong(0);
        out.writeLong(0);
        structBytes.writeTo(out);
        strings.writeTo(out);
        return bytes.toByteArray();
    }

    private void node(Node node) throws IOException {
        struct.writeInt(DtbReader.BEGIN_NODE);
        struct.write(node.name().getBytes(StandardCharsets.ISO_8859_1));
        struct.write(0);
        pad();
        for (Property property : node.properties()) {
            struct.writeInt(DtbReader.PROP);
            struct.writeInt(property.sizeBytes());
            struct.writeInt(stringOffset(property.name()));
            struct.write(property.rawBytes());
            pad();
        }
        for (Node child : node.children()) {
            node(child);
        }
        struct.writeInt(DtbReader.END_NODE);
    }

    private int stringOffset(String name) throws IOException {
        Integer known = stringOffsets.get(name);
        if (known != null) {
            return known;
        }
        int offset = strings.size();
        strings.write(name.getBytes(StandardCharsets.ISO_8859_1));
        strings.write(0);
        stringOffsets.put(name, offset);
        return offset;
    }

    private void pad() throws IOException {
        while (structBytes.size() % 4 != 0) {
            struct.write(0);
        }
    }
}
