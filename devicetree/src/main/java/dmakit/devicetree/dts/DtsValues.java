package dmakit.devicetree.dts;

import dmakit.devicetree.Limits;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** What stands behind the equals sign of a property. */
final class DtsValues {

    private final DtsScanner in;
    private final SourceFinder finder;
    private final List<String> includePath;
    private final DraftTree tree;

    DtsValues(DtsScanner in, SourceFinder finder, List<String> includePath, DraftTree tree) {
        this.in = in;
        this.finder = finder;
        this.includePath = includePath;
        this.tree = tree;
    }

    /** Reads one part of a value, labels around it included. */
    void value(Draft.Value value) throws IOException {
        in.labels();
        int start = in.skipSpace();
        switch (in.peek()) {
            case '"' -> add(value, in.stringLiteral(), start);
            case '<' -> cells(value, 32);
            case '[' -> byteString(value);
            case '&' -> value.parts.add(new Draft.PathOf(in.reference(), in.position(start)));
            default -> {
                if (in.keyword("/bits/")) {
                    cells(value, bits());
                } else if (in.keyword("/incbin/")) {
                    add(value, incbin(start), start);
                } else {
                    throw in.unexpected("a value");
                }
            }
        }
        in.labels();
    }

    private void add(Draft.Value value, byte[] bytes, int start) {
        tree.chargeValue(bytes.length, in.position(start));
        value.add(bytes);
    }

    private int bits() {
        int start = in.skipSpace();
        long bits = in.number();
        if (bits != 8 && bits != 16 && bits != 32 && bits != 64) {
            throw in.malformed(
                    start,
                    "/bits/ %s, wanted 8, 16, 32 or 64".formatted(Long.toUnsignedString(bits)));
        }
        return (int) bits;
    }

    private void cells(Draft.Value value, int bits) {
        in.expect('<');
        while (true) {
            in.labels();
            int start = in.skipSpace();
            if (in.accept('>')) {
                return;
            }
            tree.chargeValue(bits / 8, in.position(start));
            if (in.peek() == '&') {
                if (bits != 32) {
                    throw in.malformed(
                            start, "a reference among %d-bit elements, wanted 32".formatted(bits));
                }
                value.parts.add(new Draft.PhandleOf(in.reference(), in.position(start)));
                continue;
            }
            value.add(element(in.number(), bits, start));
        }
    }

    private byte[] element(long number, int bits, int start) {
        if (bits < 64) {
            long mask = (1L << bits) - 1;
            // what fits, and what is negative and fits when cut off
            if (Long.compareUnsigned(number, mask) > 0 && (number | mask) != -1) {
                throw in.malformed(start, "0x%x does not fit in %d bits".formatted(number, bits));
            }
        }
        byte[] bytes = new byte[bits / 8];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (number >>> (bits - 8 * (i + 1)));
        }
        return bytes;
    }

    private void byteString(Draft.Value value) {
        int start = in.at();
        in.expect('[');
        byte[] bytes = new byte[16];
        int count = 0;
        while (true) {
            in.labels();
            in.skipSpace();
            if (in.accept(']')) {
                add(value, Arrays.copyOf(bytes, count), start);
                return;
            }
            int next = in.hexByte();
            if (count == bytes.length) {
                bytes = Arrays.copyOf(bytes, count * 2);
            }
            bytes[count++] = (byte) next;
        }
    }

    private byte[] incbin(int start) throws IOException {
        in.expect('(');
        in.skipSpace();
        if (in.peek() != '"') {
            throw in.unexpected("a file name in quotes");
        }
        byte[] quoted = in.stringLiteral();
        String name = new String(quoted, 0, quoted.length - 1, StandardCharsets.ISO_8859_1);
        long offset = 0;
        long length = -1;
        if (in.accept(',')) {
            offset = in.number();
            if (!in.accept(',')) {
                throw in.unexpected("',' and a length");
            }
            length = in.number();
        }
        in.expect(')');
        Position position = in.position(start);
        byte[] bytes = binary(name, position);
        long available = bytes.length - offset;
        if (offset < 0 || available < 0 || length > available || length < -1) {
            throw position.malformed(
                    "%s has %d bytes, wanted %s from %s on"
                            .formatted(
                                    name,
                                    bytes.length,
                                    length < 0 ? "some" : Long.toString(length),
                                    Long.toUnsignedString(offset)));
        }
        int end = (int) (length < 0 ? bytes.length : offset + length);
        return Arrays.copyOfRange(bytes, (int) offset, end);
    }

    private byte[] binary(String name, Position position) throws IOException {
        for (String candidate : SourcePaths.candidates(name, position.file(), includePath)) {
            Optional<byte[]> bytes = finder.read(candidate, Limits.FILE_BYTES_MAX);
            if (bytes.isPresent()) {
                if (bytes.get().length > Limits.FILE_BYTES_MAX) {
                    throw position.malformed(
                            "%s has more than %d bytes".formatted(name, Limits.FILE_BYTES_MAX));
                }
                return bytes.get();
            }
        }
        throw position.malformed("no file " + name);
    }

    /** The bytes of a string, the final NUL included. */
    static byte[] string(String value) {
        byte[] bytes = value.getBytes(StandardCharsets.ISO_8859_1);
        return Arrays.copyOf(bytes, bytes.length + 1);
    }
}
