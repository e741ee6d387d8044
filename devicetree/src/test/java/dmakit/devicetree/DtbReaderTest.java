package dmakit.devicetree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class DtbReaderTest {

    private static final Origin HERE = new Origin.Made("test");

    private static final int TOTAL_SIZE_AT = 4;
    private static final int STRUCT_OFFSET_AT = 8;
    private static final int VERSION_AT = 20;
    private static final int COMPATIBLE_AT = 24;
    private static final int STRUCT_SIZE_AT = 36;

    /** A root with one property and one child. */
    private static TreeBuilder small() {
        TreeBuilder tree = new TreeBuilder(HERE);
        tree.bootCpu(3);
        tree.addMemReserve(new MemReserve(0x1000, 0x2000), HERE);
        tree.root().set("model", bytes("board\0"), HERE);
        tree.root().addChild("dma@10", HERE).set("#dma-cells", new byte[] {0, 0, 0, 1}, HERE);
        return tree;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] smallDtb() {
        return DtbWriter.write(small().build());
    }

    private static byte[] with(byte[] dtb, int at, int value) {
        byte[] changed = dtb.clone();
        ByteBuffer.wrap(changed).putInt(at, value);
        return changed;
    }

    private static DeviceTree read(byte[] dtb) {
        return DtbReader.read(dtb, "a.dtb");
    }

    @Test
    void readsBackWhatTheWriterWrote() {
        DeviceTree tree = read(smallDtb());

        assertThat(tree.sameAs(small().build())).isTrue();
        assertThat(tree.bootCpu()).isEqualTo(3);
        assertThat(tree.memReserves()).containsExactly(new MemReserve(0x1000, 0x2000));
        assertThat(tree.root().string("model")).contains("board");
        assertThat(tree.node("/dma@10").orElseThrow().u32("#dma-cells")).hasValue(1);
    }

    @Test
    void anOriginIsTheOffsetOfTheToken() {
        DeviceTree tree = read(smallDtb());

        assertThat(tree.root().property("model").orElseThrow().origin()).hasToString("a.dtb+0x50");
    }

    @Test
    void ignoresBytesBehindTheTotalSize() {
        byte[] dtb = smallDtb();

        assertThat(read(Arrays.copyOf(dtb, dtb.length + 100)).sameAs(small().build())).isTrue();
    }

    @Test
    void readsVersion16WhichHasNoStructureSize() {
        byte[] dtb = with(with(smallDtb(), VERSION_AT, 16), STRUCT_SIZE_AT, -1);

        assertThat(read(dtb).sameAs(small().build())).isTrue();
    }

    @Test
    void readsALaterVersionThatCallsItselfCompatible() {
        assertThat(read(with(smallDtb(), VERSION_AT, 99)).sameAs(small().build())).isTrue();
    }

    @Nested
    class Refuses {

        @Test
        void anEmptyFile() {
            assertRefused(new byte[0], "a.dtb+0x0: the file has 0 bytes, a header takes 36");
        }

        @Test
        void anotherMagic() {
            assertRefused(
                    with(smallDtb(), 0, 0x7f454c46),
                    "a.dtb+0x0: starts with 0x7f454c46, wanted 0xd00dfeed");
        }

        @Test
        void aVersionBefore16() {
            assertRefused(
                    with(smallDtb(), VERSION_AT, 3), "a.dtb+0x14: version 3, wanted 16 or later");
        }

        @Test
        void aFormatThatOnlyLaterReadersKnow() {
            assertRefused(
                    with(smallDtb(), COMPATIBLE_AT, 18),
                    "a.dtb+0x18: readable since version 18, wanted at most 17");
        }

        @Test
        void aTotalSizeBeyondTheFile() {
            byte[] dtb = smallDtb();
            assertRefused(
                    with(dtb, TOTAL_SIZE_AT, dtb.length + 1),
                    "a.dtb+0x4: total size %d, wanted 36 to %d"
                            .formatted(dtb.length + 1, dtb.length));
        }

        @Test
        void anUnalignedStructureBlock() {
            assertRefused(
                    with(smallDtb(), STRUCT_OFFSET_AT, 74),
                    "a.dtb+0x8: structure block offset 74 is no multiple of 4");
        }

        @Test
        void aStructureThatEndsEarly() {
            assertRefused(
                    with(smallDtb(), STRUCT_SIZE_AT, 8),
                    "a.dtb+0x50: the structure block ends where a token is wanted");
        }

        @Test
        void anUnknownToken() {
            assertRefused(
                    with(smallDtb(), 0x50, 7), "a.dtb+0x50: token 0x7, wanted 1, 2, 3, 4 or 9");
        }

        @Test
        void aPropertyLengthBeyondTheStructure() {
            assertRefused(
                    with(smallDtb(), 0x54, 0xffff_fff0),
                    "a.dtb+0x54: property length 4294967280, the structure block has 48 bytes"
                            + " left");
        }

        @Test
        void aPropertyNameBeyondTheStrings() {
            assertRefused(
                    with(smallDtb(), 0x58, 17),
                    "a.dtb+0x58: property name offset 17, the strings block has 17 bytes");
        }

        @Test
        void twoPropertiesOfOneName() {
            byte[] dtb = smallDtb();
            int second = new String(dtb, StandardCharsets.ISO_8859_1).indexOf("dma@10") + 8;
            ByteBuffer.wrap(dtb).putInt(second + 8, 0);
            DeviceTree renamed = read(dtb);
            assertThat(renamed.node("/dma@10").orElseThrow().has("model")).isTrue();

            TreeBuilder tree = small();
            tree.root().set("mode1", new byte[0], HERE);
            byte[] twice = DtbWriter.write(tree.build());
            int name = new String(twice, StandardCharsets.ISO_8859_1).indexOf("mode1");
            twice[name + 4] = 'l';
            assertRefused(twice, "a.dtb+0x64: second property model in /");
        }

        @Test
        void aNameThatCouldNotStandInAPath() {
            byte[] dtb = smallDtb();
            int name = new String(dtb, StandardCharsets.ISO_8859_1).indexOf("dma@10");
            dtb[name + 3] = '/';
            assertRefused(dtb, "a.dtb+0x64: a node name with the character 0x2f at 3");
        }
    }

    @Nested
    class Limit {

        @Test
        void ofDepth() {
            assertThat(read(nested(Limits.DEPTH_MAX)).nodes()).hasSize(Limits.DEPTH_MAX);
            assertThatThrownBy(() -> read(nested(Limits.DEPTH_MAX + 1)))
                    .isInstanceOf(DeviceTreeException.class)
                    .hasMessageEndingWith("nodes nest deeper than 64 levels");
        }

        /** A dtb of that many levels, written by hand because the builder refuses too many. */
        private static byte[] nested(int levels) {
            ByteBuffer struct = ByteBuffer.allocate(levels * 12 + 4);
            for (int level = 1; level <= levels; level++) {
                struct.putInt(DtbReader.BEGIN_NODE).put((byte) (level == 1 ? 0 : 'n'));
                struct.position(struct.position() + 3);
            }
            for (int level = 1; level <= levels; level++) {
                struct.putInt(DtbReader.END_NODE);
            }
            return around(struct.putInt(DtbReader.END));
        }

        private static byte[] around(ByteBuffer struct) {
            int structAt = 56;
            return ByteBuffer.allocate(structAt + struct.position())
                    .putInt(DtbReader.MAGIC)
                    .putInt(structAt + struct.position())
                    .putInt(structAt)
                    .putInt(structAt)
                    .putInt(40)
                    .putInt(17)
                    .putInt(16)
                    .putInt(0)
                    .putInt(0)
                    .putInt(struct.position())
                    .position(structAt)
                    .put(struct.flip())
                    .array();
        }

        @Test
        void ofNodes() {
            assertThat(read(siblings(Limits.NODE_COUNT_MAX)).nodes())
                    .hasSize(Limits.NODE_COUNT_MAX);
            assertThatThrownBy(() -> read(siblings(Limits.NODE_COUNT_MAX + 1)))
                    .isInstanceOf(DeviceTreeException.class)
                    .hasMessageEndingWith("more than 65536 nodes");
        }

        private static byte[] siblings(int nodes) {
            ByteBuffer struct = ByteBuffer.allocate(nodes * 16 + 4);
            struct.putInt(DtbReader.BEGIN_NODE).putInt(0);
            for (int i = 1; i < nodes; i++) {
                byte[] name = bytes(Integer.toString(1_000_000 + i));
                struct.putInt(DtbReader.BEGIN_NODE).put(name).put((byte) 0);
                struct.putInt(DtbReader.END_NODE);
            }
            return around(struct.putInt(DtbReader.END_NODE).putInt(DtbReader.END));
        }

        @Test
        void ofProperties() {
            int perNode = 1024;
            TreeBuilder tree = new TreeBuilder(HERE);
            for (int node = 0; node < Limits.PROPERTY_COUNT_MAX / perNode; node++) {
                NodeBuilder child = tree.root().addChild("n" + node, HERE);
                for (int i = 0; i < perNode; i++) {
                    child.set("p" + i, new byte[0], HERE);
                }
            }
            assertThat(read(DtbWriter.write(tree.build())).sameAs(tree.build())).isTrue();
            assertThatThrownBy(() -> tree.root().set("one-more", new byte[0], HERE))
                    .isInstanceOf(DeviceTreeException.class)
                    .hasMessageEndingWith("more than 131072 properties");
        }

        @Test
        void ofNames() {
            TreeBuilder tree = new TreeBuilder(HERE);
            tree.root().addChild("n".repeat(Limits.NAME_CHARS_MAX), HERE);
            byte[] dtb = DtbWriter.write(tree.build());
            assertThat(read(dtb).sameAs(tree.build())).isTrue();

            dtb[56 + 8 + 4 + Limits.NAME_CHARS_MAX] = 'n';
            assertThatThrownBy(() -> read(dtb))
                    .isInstanceOf(DeviceTreeException.class)
                    .hasMessageEndingWith("a node name that no NUL byte ends within 256 bytes");
        }

        @Test
        void ofReservations() {
            TreeBuilder tree = new TreeBuilder(HERE);
            for (int i = 1; i <= Limits.MEMRESERVE_COUNT_MAX; i++) {
                tree.addMemReserve(new MemReserve(i, 1), HERE);
            }
            assertThat(read(DtbWriter.write(tree.build())).memReserves())
                    .hasSize(Limits.MEMRESERVE_COUNT_MAX);
            assertThatThrownBy(() -> tree.addMemReserve(new MemReserve(1, 1), HERE))
                    .isInstanceOf(DeviceTreeException.class)
                    .hasMessageEndingWith("more than 4096 memory reservations");
        }

        @Test
        void ofFileSize() {
            byte[] dtb = Arrays.copyOf(smallDtb(), Limits.FILE_BYTES_MAX);
            assertThat(read(dtb).sameAs(small().build())).isTrue();
            assertRefused(
                    Arrays.copyOf(dtb, Limits.FILE_BYTES_MAX + 1),
                    "a.dtb+0x0: the file has 2097153 bytes, wanted at most 2097152");
        }
    }

    private static void assertRefused(byte[] dtb, String message) {
        assertThatThrownBy(() -> read(dtb))
                .isInstanceOf(DeviceTreeException.class)
                .hasMessage(message);
    }
}
