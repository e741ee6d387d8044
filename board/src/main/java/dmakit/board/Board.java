package dmakit.board;

import dmakit.devicetree.DeviceTree;
import dmakit.devicetree.DeviceTreeException;
import dmakit.devicetree.Node;
import dmakit.devicetree.Overlays;
import dmakit.devicetree.dma.Coherence;
import dmakit.devicetree.dma.DmaController;
import dmakit.devicetree.dts.DtsReader;
import dmakit.devicetree.dts.SourceFinder;
import dmakit.devicetree.file.DeviceTreeFiles;
import dmakit.machine.Machine;
import dmakit.machine.memory.Ram;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The plan of a machine: a device tree, and what it says of RAM, caches and coherence.
 *
 * <p>A board is built in, or any tree a user has; {@link #withOverlay} changes it.
 */
public final class Board {
    private static final List<String> BUILT_IN =
            List.of(
                    "rpi3",
                    "rpi3-coherent",
                    "rpi3-smmu",
                    "stratix10",
                    "stratix10-smmu",
                    "pc",
                    "lan9691",
                    "zynqmp",
                    "zynqmp-smmu");

    private static final String CONTROLLER = "dma-controller";

    private final String name;
    private final String source;
    private final DeviceTree tree;

    private Board(String name, String source, DeviceTree tree) {
        this.name = name;
        this.source = source;
        this.tree = tree;
    }

    /** The names of the boards that come with dmakit. */
    public static List<String> builtInNames() {
        return BUILT_IN;
    }

    /**
     * A board that comes with dmakit, or the one a file describes.
     *
     * @param nameOrFile one of {@link #builtInNames}, or a {@code .dtb} or {@code .dts} file
     * @throws BoardException when it is neither, or the file is no valid tree
     */
    public static Board of(String nameOrFile) {
        if (BUILT_IN.contains(nameOrFile)) {
            return builtIn(nameOrFile);
        }
        Path file = Path.of(nameOrFile);
        if (nameOrFile.isEmpty() || !Files.exists(file)) {
            throw new BoardException(
                    "no board '%s': neither built in (%s) nor a file"
                            .formatted(nameOrFile, String.join(", ", BUILT_IN)));
        }
        return new Board(stem(file), nameOrFile, read(file, nameOrFile));
    }

    private static DeviceTree read(Path file, String named) {
        if (Files.isDirectory(file)) {
            throw new BoardException("%s is a folder, not a device tree".formatted(named));
        }
        try {
            return DeviceTreeFiles.read(file);
        } catch (DeviceTreeException e) {
            throw new BoardException(String.valueOf(e.getMessage()), e);
        } catch (NoSuchFileException e) {
            throw new BoardException("%s: no such file".formatted(named), e);
        } catch (AccessDeniedException e) {
            throw new BoardException("%s: permission denied".formatted(named), e);
        } catch (IOException e) {
            throw new BoardException("%s: %s".formatted(named, e.getMessage()), e);
        }
    }

    /** Its name: built in, or that of the file without its ending. */
    public String name() {
        return name;
    }

    /** Where it comes from: {@code built in}, or the file. */
    public String source() {
        return source;
    }

    /** Its device tree. */
    public DeviceTree tree() {
        return tree;
    }

    /** What the tree calls the machine. */
    public String model() {
        return tree.root().string("model").orElse(name);
    }

    /**
     * The same board with an overlay applied.
     *
     * @param overlaySource tree source that starts with {@code /dts-v1/; /plugin/;}
     * @param origin what messages call it
     * @throws BoardException when it does not fit the board
     */
    public Board withOverlay(String overlaySource, String origin) {
        byte[] text = overlaySource.getBytes(StandardCharsets.UTF_8);
        SourceFinder finder =
                (path, _) -> path.equals(origin) ? Optional.of(text) : Optional.empty();
        try {
            return with(DtsReader.read(origin, finder, List.of()));
        } catch (DeviceTreeException | IOException e) {
            throw new BoardException(String.valueOf(e.getMessage()), e);
        }
    }

    /**
     * The same board with the overlay of a file applied.
     *
     * @param file a {@code .dtbo} or {@code .dtso}
     * @throws BoardException when it cannot be read, or does not fit the board
     */
    public Board withOverlay(Path file) {
        return with(read(file, file.toString()));
    }

    private Board with(DeviceTree overlay) {
        try {
            return new Board(name, source, Overlays.apply(tree, overlay));
        } catch (DeviceTreeException e) {
            throw new BoardException(
                    "%s (applied to board '%s')".formatted(e.getMessage(), name), e);
        }
    }

    /**
     * The RAM of the machine.
     *
     * @throws BoardException when the tree describes none
     */
    public List<Ram.Bank> ram() {
        try {
            return RamBanks.of(tree);
        } catch (DeviceTreeException | IllegalArgumentException e) {
            throw new BoardException(String.valueOf(e.getMessage()), e);
        }
    }

    /** The CPU's caches as the tree describes them; without eviction where it does not. */
    public Machine.Cache cache() {
        return CpuCaches.of(tree).<Machine.Cache>map(lru -> lru).orElse(new Machine.Cache.None());
    }

    /** The DMA controllers of the board that are enabled, in source order; PCI functions last. */
    public List<Controller> controllers() {
        return Stream.concat(
                        dmaControllers().map(Board::controller),
                        pciFunctions().stream()
                                .filter(function -> isController(function.path()))
                                .map(function ->
                                        new Controller(
                                                function.path(),
                                                function.compatible(),
                                                function.modelled())))
                .toList();
    }

    private boolean isController(String path) {
        return tree.node(path).filter(node -> node.baseName().equals(CONTROLLER)).isPresent();
    }

    /**
     * A DMA controller of a board.
     *
     * @param path of its node
     * @param compatible what it is, the most special name first
     * @param modelled whether dmakit has a model of it
     */
    public record Controller(String path, List<String> compatible, boolean modelled) {}

    /** Whether every device of the board that moves data by itself snoops the CPU's caches. */
    public boolean isCoherent() {
        return masters().findAny().isPresent()
                && masters().allMatch(node -> Coherence.of(tree, node) == Coherence.COHERENT);
    }

    /** The PCI functions that the tree describes, in source order. */
    public List<PciFunction> pciFunctions() {
        return hostBridges()
                .flatMap(bridge -> bridge.children().stream())
                .filter(Node::isAvailable)
                .map(node ->
                        new PciFunction(node.path(), node.compatible(), PciSlots.isModelled(node)))
                .toList();
    }

    /**
     * A PCI function of a board.
     *
     * @param path of its node
     * @param compatible what it is, the most special name first
     * @param modelled whether dmakit has a model of it
     */
    public record PciFunction(String path, List<String> compatible, boolean modelled) {}

    /** The peripherals of the board that are enabled and modelled, in source order. */
    public List<Peripheral> peripherals() {
        return tree.nodes().stream()
                .filter(Node::isReachable)
                .flatMap(node ->
                        Chips.peripheral(node)
                                .map(kind -> new Peripheral(kind, node.path(), node.compatible()))
                                .stream())
                .toList();
    }

    private Stream<Node> masters() {
        return Stream.concat(dmaControllers(), hostBridges());
    }

    private Stream<Node> dmaControllers() {
        return DmaController.all(tree).stream().map(DmaController::node).filter(Node::isReachable);
    }

    private Stream<Node> hostBridges() {
        return tree.compatibleWith(Chips.PCI_HOST).stream().filter(Node::isReachable);
    }

    private static Controller controller(Node node) {
        return new Controller(node.path(), node.compatible(), Chips.isModelled(node));
    }

    @Override
    public String toString() {
        return name;
    }

    private static Board builtIn(String name) {
        try {
            DeviceTree tree = DtsReader.read(name + ".dts", Board::resource, List.of());
            return new Board(name, "built in", tree);
        } catch (IOException e) {
            throw new IllegalStateException("the built-in board " + name + " is missing", e);
        }
    }

    private static Optional<byte[]> resource(String path, int bytesMax) throws IOException {
        try (InputStream in = Board.class.getResourceAsStream(path)) {
            if (in == null) {
                return Optional.empty();
            }
            return Optional.of(in.readNBytes(bytesMax + 1));
        }
    }

    private static String stem(Path file) {
        Path last = file.getFileName();
        String fileName = last == null ? file.toString() : last.toString();
        int dot = fileName.lastIndexOf('.');
        return dot > 0 ? fileName.substring(0, dot) : fileName;
    }
}
