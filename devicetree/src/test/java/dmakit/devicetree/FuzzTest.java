package dmakit.devicetree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dmakit.devicetree.address.MemoryMap;
import dmakit.devicetree.address.Reg;
import dmakit.devicetree.dma.DmaController;
import dmakit.devicetree.dma.DmaRequest;
import dmakit.devicetree.dma.IommuBinding;
import dmakit.devicetree.interrupt.InterruptSpec;
import dmakit.devicetree.topology.DmaTopology;
import dmakit.devicetree.topology.TopologyText;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.LongPredicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Damaged input gives a tree or a {@link DeviceTreeException}, and a tree gives a topology; nothing
 * else, and soon. A failure names the seed of its case, which {@link #aSeed} replays.
 */
@Timeout(120)
class FuzzTest {

    private static final Duration ONE_CASE_MAX = Duration.ofSeconds(5);

    /** A tree with one of everything that the readers take apart. */
    private static final String BOARD =
            """
            /dts-v1/;
            #define IRQ(n) 0 n 4
            /memreserve/ 0 0x1000;
            / {
                model = "Board";
                compatible = "maker,board";
                interrupt-parent = <&gic>;
                #address-cells = <2>;
                #size-cells = <1>;
                aliases { serial0 = &uart; };
                memory@0 { device_type = "memory"; reg = <0 0 0x40000000>; };
                reserved-memory {
                    #address-cells = <2>; #size-cells = <1>; ranges;
                    cma { compatible = "shared-dma-pool"; reusable; size = <0x400000>;
                        alloc-ranges = <0 0 0x10000000>; linux,cma-default; };
                    vram: pool@1000000 { compatible = "shared-dma-pool"; no-map;
                        reg = <0 0x1000000 0x100000>; };
                };
                gic: gic { interrupt-controller; #interrupt-cells = <3>; #address-cells = <0>; };
                smmu: iommu { #iommu-cells = <1>; };
                soc {
                    compatible = "simple-bus";
                    #address-cells = <1>; #size-cells = <1>;
                    ranges = <0x7e000000 0 0x3f000000 0x1000000>;
                    dma-ranges = <0xc0000000 0 0 0x3f000000>;
                    dma: dma@7e007000 { compatible = "maker,dma"; reg = <0x7e007000 0xf00>;
                        #dma-cells = <1>; dma-channels = <16>; dma-channel-mask = <0x7f35>;
                        interrupts = <IRQ(16)>, <IRQ(17)>; };
                    mux: mux { #dma-cells = <2>; dma-masters = <&dma>; };
                    uart: uart@7e201000 { reg = <0x7e201000 0x200>; dmas = <&dma 17>, <&mux 1 2>;
                        dma-names = "rx", "tx"; iommus = <&smmu 5>; memory-region = <&vram>;
                        dma-coherent; interrupts-extended = <&gic IRQ(5)>; };
                    inner { #address-cells = <1>; #size-cells = <1>; ranges; dma-ranges;
                        spi@10 { reg = <0x7e000010 4>; dmas = <&dma 6>; dma-names = "tx";
                            interconnects = <&noc 1>; interconnect-names = "dma-mem"; }; };
                    noc: noc { #interconnect-cells = <1>; };
                    pcie@7e300000 { device_type = "pci"; #address-cells = <3>; #size-cells = <2>;
                        #interrupt-cells = <1>; ranges = <0x2000000 0 0 0x7e300000 0 0x1000>;
                        dma-ranges = <0x2000000 0 0 0xc0000000 0 0x1000000>;
                        interrupt-map-mask = <0 0 0 7>;
                        interrupt-map = <0 0 0 1 &gic IRQ(143)>;
                        iommu-map = <0 &smmu 0x100 0x200>;
                        fn@0 { reg = <0 0 0 0 0>; interrupts = <1>; }; };
                };
            };
            """;

    private static final DeviceTree TREE = TestTrees.files(Map.of("a.dts", BOARD), List.of());
    private static final byte[] DTB = DtbWriter.write(TREE);

    @Test
    void theTreeItselfIsClean() {
        assertThat(DmaTopology.of(TREE).mistakes()).isEmpty();
    }

    @Test
    void damagedBytes() {
        seeds(1, 2000, seed -> readDtb(damaged(DTB, new SplittableRandom(seed))));
    }

    @Test
    void damagedCells() {
        seeds(
                2,
                2000,
                seed -> {
                    SplittableRandom random = new SplittableRandom(seed);
                    byte[] dtb = DTB.clone();
                    for (int hits = 1 + random.nextInt(3); hits > 0; hits--) {
                        int at = 4 * random.nextInt(dtb.length / 4 - 1);
                        ByteBuffer.wrap(dtb).putInt(at, interesting(random));
                    }
                    return readDtb(dtb);
                });
    }

    @Test
    void truncatedFiles() {
        for (int length = 0; length < DTB.length; length++) {
            byte[] cut = Arrays.copyOf(DTB, length);
            readDtb(cut);
            if (length >= 8) {
                readDtb(ByteBuffer.wrap(cut).putInt(4, length).array());
            }
        }
    }

    @Test
    void randomTokens() {
        seeds(3, 2000, seed -> readDtb(randomTokens(new SplittableRandom(seed))));
    }

    /** A dtb whose tokens mostly, but not always, make sense after each other. */
    private static byte[] randomTokens(SplittableRandom random) {
        ByteBuffer struct = ByteBuffer.allocate(2000);
        struct.putInt(DtbReader.BEGIN_NODE).putInt(0);
        int depth = 1;
        for (int tokens = random.nextInt(40); tokens > 0; tokens--) {
            switch (random.nextInt(40)) {
                case 0 -> struct.putInt(interesting(random));
                case 1, 2, 3 -> struct.putInt(DtbReader.NOP);
                case 4, 5, 6, 7, 8, 9, 10, 11 -> {
                    struct.putInt(DtbReader.END_NODE);
                    depth--;
                }
                case 12, 13, 14, 15, 16, 17, 18, 19, 20, 21 -> {
                    struct.putInt(DtbReader.BEGIN_NODE);
                    struct.putInt(('a' + random.nextInt(26)) << 24 | '0' << 16);
                    depth++;
                }
                default -> {
                    int length = 4 * random.nextInt(4);
                    struct.putInt(DtbReader.PROP).putInt(length).putInt(2 * random.nextInt(26));
                    for (int i = 0; i < length; i += 4) {
                        struct.putInt(interesting(random));
                    }
                }
            }
        }
        for (; depth > 0; depth--) {
            struct.putInt(DtbReader.END_NODE);
        }
        struct.putInt(DtbReader.END).flip();
        byte[] names =
                "a\0b\0c\0d\0e\0f\0g\0h\0i\0j\0k\0l\0m\0n\0o\0p\0q\0r\0s\0t\0u\0v\0w\0x\0y\0z\0"
                        .getBytes(StandardCharsets.ISO_8859_1);
        int total = 56 + struct.limit() + names.length;
        return ByteBuffer.allocate(total)
                .putInt(DtbReader.MAGIC)
                .putInt(total)
                .putInt(56)
                .putInt(56 + struct.limit())
                .putInt(40)
                .putInt(17)
                .putInt(16)
                .putInt(0)
                .putInt(names.length)
                .putInt(struct.limit())
                .putLong(0)
                .putLong(0)
                .put(struct)
                .put(names)
                .array();
    }

    /** Values changed inside a well-formed tree, so that the interpretation sees the damage. */
    @Test
    void damagedValues() {
        seeds(
                4,
                1000,
                seed -> {
                    SplittableRandom random = new SplittableRandom(seed);
                    TreeBuilder builder = TreeBuilder.copyOf(TREE);
                    List<Node> nodes = TREE.nodes();
                    for (int hits = 1 + random.nextInt(6); hits > 0; hits--) {
                        Node node = nodes.get(random.nextInt(nodes.size()));
                        List<Property> all = List.copyOf(node.properties());
                        if (!all.isEmpty()) {
                            Property hit = all.get(random.nextInt(all.size()));
                            byte[] value = damagedValue(hit.bytes(), random);
                            builder.node(node.path())
                                    .orElseThrow()
                                    .set(hit.name(), value, hit.origin());
                        }
                    }
                    DeviceTree tree = builder.build();
                    interpret(tree);
                    return orException(() -> allReaders(tree));
                });
    }

    private static byte[] damagedValue(byte[] value, SplittableRandom random) {
        switch (random.nextInt(4)) {
            case 0 -> {
                return Arrays.copyOf(value, random.nextInt(value.length + 9));
            }
            case 1 -> {
                return new byte[0];
            }
            default -> {
                if (value.length >= 4) {
                    int at = 4 * random.nextInt(value.length / 4);
                    ByteBuffer.wrap(value).putInt(at, interesting(random));
                }
                return value;
            }
        }
    }

    @Test
    void damagedSource() {
        byte[] source = BOARD.getBytes(StandardCharsets.ISO_8859_1);
        String[] snippets = {
            "{",
            "}",
            ";",
            "<",
            ">",
            "\"",
            "'",
            "/*",
            "*/",
            "//",
            "\\\n",
            "\n#if 1\n",
            "\n#else\n",
            "\n#endif\n",
            "\n#define a a b\n",
            "\n#define f(x) x##x #x f(x)\n",
            "f(f(1))",
            "(",
            ")",
            "&",
            "&{/soc}",
            "/delete-node/ &dma;",
            "/delete-property/ reg;",
            "/omit-if-no-ref/ ",
            "/bits/ 64 ",
            "/incbin/(\"a.dts\")",
            "/include/ \"a.dts\"",
            "\n#include \"a.dts\"\n",
            "label: ",
            "[00 1",
            "(1 << 70)",
            "(1 / 0)",
            "0x",
            "?",
            ":",
            "/plugin/;",
            "\0",
            "\u00ff"
        };
        seeds(
                5,
                300,
                seed -> {
                    SplittableRandom random = new SplittableRandom(seed);
                    String text =
                            new String(
                                    random.nextInt(3) == 0 ? damaged(source, random) : source,
                                    StandardCharsets.ISO_8859_1);
                    for (int hits = random.nextInt(4); hits > 0; hits--) {
                        int at = random.nextInt(text.length() + 1);
                        String snippet = snippets[random.nextInt(snippets.length)];
                        text = text.substring(0, at) + snippet + text.substring(at);
                    }
                    String damaged = text;
                    return orException(
                            () -> interpret(TestTrees.files(Map.of("a.dts", damaged), List.of())));
                });
    }

    @Test
    void damagedOverlays() {
        byte[] overlay =
                DtbWriter.write(
                        TestTrees.dts(
                                "/plugin/; &uart { status = \"okay\"; dmas = <&dma 1>, <&mine 2>;"
                                        + " }; &{/soc} { mine: engine { #dma-cells = <1>; }; };"));
        seeds(
                6,
                2000,
                seed ->
                        orException(() ->
                                interpret(
                                        Overlays.apply(
                                                TREE,
                                                DtbReader.read(
                                                        damaged(
                                                                overlay,
                                                                new SplittableRandom(seed)),
                                                        "o.dtbo")))));
    }

    /** The longest lists in the deepest nesting that fit: the most work a file can ask for. */
    @Test
    void aTreeMadeToCostTime() {
        int entries = Limits.LIST_CELLS_MAX / 3;
        ByteBuffer pass = ByteBuffer.allocate(entries * 12);
        ByteBuffer windows = ByteBuffer.allocate(entries * 12);
        for (int i = 0; i < entries; i++) {
            boolean last = i == entries - 1; // the one entry that matches is found last
            pass.putInt(last ? 0 : 0x1000).putInt(0).putInt(last ? -1 : 0);
            windows.putInt(i * 8).putInt(i * 16).putInt(4);
        }
        Origin here = new Origin.Made("test");
        byte[] one = {0, 0, 0, 1};
        TreeBuilder tree = new TreeBuilder(here);
        NodeBuilder bus = tree.root();
        for (int depth = 1; depth < Limits.DEPTH_MAX - 2; depth++) {
            bus.set("#address-cells", one, here);
            bus.set("#size-cells", one, here);
            bus = bus.addChild("bus", here);
            bus.set("dma-ranges", pass.array(), here);
        }
        for (int i = 0; i < 300; i++) {
            NodeBuilder leaf = bus.addChild("bus" + i, here);
            leaf.set("dma-ranges", windows.array(), here);
            leaf.addChild("client", here).set("dmas", new byte[0], here);
        }
        byte[] dtb = DtbWriter.write(tree.build());

        assertThat(DmaTopology.of(DtbReader.read(dtb, "slow.dtb")).consumers()).hasSize(300);
    }

    /** Replays one case: put the seed of a failure here. */
    @Test
    void aSeed() {
        readDtb(damaged(DTB, new SplittableRandom(1L << 32)));
    }

    /** Runs cases by their seeds; some of them must be accepted and some refused. */
    private static void seeds(int suite, int cases, LongPredicate accepts) {
        int accepted = 0;
        for (int i = 0; i < cases; i++) {
            long seed = ((long) suite << 32) + i;
            long start = System.nanoTime();
            try {
                accepted += accepts.test(seed) ? 1 : 0;
            } catch (RuntimeException | Error e) {
                fail("seed 0x%x".formatted(seed), e);
            }
            assertThat(Duration.ofNanos(System.nanoTime() - start))
                    .as("seed 0x%x", seed)
                    .isLessThan(ONE_CASE_MAX);
        }
        assertThat(accepted).as("accepted of %d", cases).isBetween(cases / 100, cases * 99 / 100);
    }

    private static byte[] damaged(byte[] good, SplittableRandom random) {
        byte[] bytes = good.clone();
        for (int hits = 1 + random.nextInt(3); hits > 0; hits--) {
            int at = random.nextInt(bytes.length);
            switch (random.nextInt(3)) {
                case 0 -> bytes[at] = (byte) random.nextInt(256);
                case 1 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
                default -> {
                    int length = Math.min(random.nextInt(32), bytes.length - at);
                    int from = random.nextInt(bytes.length - length + 1);
                    System.arraycopy(good, from, bytes, at, length);
                }
            }
        }
        return bytes;
    }

    private static int interesting(SplittableRandom random) {
        return switch (random.nextInt(6)) {
            case 0 -> random.nextInt(20);
            case 1 -> -1 - random.nextInt(4);
            case 2 -> Integer.MIN_VALUE + random.nextInt(3);
            case 3 -> Integer.MAX_VALUE - random.nextInt(4);
            case 4 -> 1 << random.nextInt(32);
            default -> random.nextInt();
        };
    }

    private static boolean readDtb(byte[] dtb) {
        return orException(() -> {
            DeviceTree tree = DtbReader.read(dtb, "fuzz.dtb");
            interpret(tree);
            assertThat(DtbReader.read(DtbWriter.write(tree), "copy").sameAs(tree)).isTrue();
        });
    }

    /** Whether the reader accepted its input; the one exception it may throw is swallowed. */
    private static boolean orException(Runnable reader) {
        try {
            reader.run();
            return true;
        } catch (DeviceTreeException e) {
            assertThat(e.getMessage()).isNotBlank();
            return false;
        }
    }

    /** The topology never throws; the readers for boards throw one kind of exception only. */
    private static void interpret(DeviceTree tree) {
        try {
            assertThat(TopologyText.of(DmaTopology.of(tree))).isNotEmpty();
        } catch (DeviceTreeException e) {
            throw new AssertionError("the topology threw", e);
        }
        orException(() -> allReaders(tree));
        for (Node node : tree.nodes()) {
            orException(() -> Reg.of(node));
            orException(() -> DmaRequest.of(tree, node));
            orException(() -> IommuBinding.of(tree, node));
            orException(() -> InterruptSpec.of(tree, node));
        }
    }

    /** Everything a board asks of a tree. */
    private static void allReaders(DeviceTree tree) {
        MemoryMap.of(tree);
        DmaController.all(tree);
        for (Node node : tree.nodes()) {
            Reg.of(node);
            DmaRequest.of(tree, node);
            IommuBinding.of(tree, node);
            InterruptSpec.of(tree, node);
        }
    }
}
