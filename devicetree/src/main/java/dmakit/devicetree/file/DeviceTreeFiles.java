package dmakit.devicetree.file;

import dmakit.devicetree.DeviceTree;
import dmakit.devicetree.DeviceTreeException;
import dmakit.devicetree.DtbReader;
import dmakit.devicetree.Limits;
import dmakit.devicetree.Origin;
import dmakit.devicetree.dts.DtsReader;
import dmakit.devicetree.dts.SourceFinder;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads device trees from files, {@code .dtb} and {@code .dts} alike. */
public final class DeviceTreeFiles {

    private static final SourceFinder FILES = DeviceTreeFiles::readSource;

    private DeviceTreeFiles() {}

    /**
     * Reads a tree; includes are looked for beside their includer and, for a source inside a kernel
     * checkout, where the kernel's own build looks.
     *
     * @param file a dtb, known by its first bytes, or tree source
     * @throws IOException when a file cannot be read
     * @throws DeviceTreeException when it is no valid tree or a limit is passed
     */
    public static DeviceTree read(Path file) throws IOException {
        return read(file, List.of());
    }

    /**
     * Reads a tree, with folders for the includes of tree source.
     *
     * @param file a dtb, known by its first bytes, or tree source
     * @param includePath searched in front of the kernel's folders
     * @throws IOException when a file cannot be read
     * @throws DeviceTreeException when it is no valid tree or a limit is passed
     */
    public static DeviceTree read(Path file, List<Path> includePath) throws IOException {
        byte[] bytes = bytes(file, Limits.FILE_BYTES_MAX);
        if (bytes.length > Limits.FILE_BYTES_MAX) {
            throw new DeviceTreeException(
                    new Origin.Offset(file.toString(), Limits.FILE_BYTES_MAX),
                    "the file goes on, wanted at most %d bytes".formatted(Limits.FILE_BYTES_MAX));
        }
        if (DtbReader.looksLikeDtb(bytes)) {
            return DtbReader.read(bytes, file.toString());
        }
        if (!looksLikeText(bytes)) {
            throw new DeviceTreeException(
                    new Origin.Offset(file.toString(), 0),
                    "neither a dtb, which starts with 0x%08x, nor tree source"
                            .formatted(DtbReader.MAGIC));
        }
        List<String> folders = new ArrayList<>();
        includePath.forEach(folder -> folders.add(folder.toString()));
        folders.addAll(kernelIncludePath(file));
        return DtsReader.read(file.toString(), FILES, folders);
    }

    private static boolean looksLikeText(byte[] bytes) {
        for (int i = 0; i < Math.min(bytes.length, 512); i++) {
            if (bytes[i] >= 0 && bytes[i] < ' ' && !Character.isWhitespace(bytes[i])) {
                return false;
            }
        }
        return true;
    }

    /** {@code scripts/dtc/include-prefixes} or {@code include} of the checkout a file lies in. */
    private static List<String> kernelIncludePath(Path file) {
        for (Path at = file.toAbsolutePath().normalize().getParent();
                at != null;
                at = at.getParent()) {
            Path prefixes = at.resolve("scripts/dtc/include-prefixes");
            if (Files.isDirectory(prefixes)) {
                return List.of(prefixes.toString());
            }
            if (Files.isDirectory(at.resolve("include/dt-bindings"))) {
                return List.of(at.resolve("include").toString());
            }
        }
        return List.of();
    }

    private static Optional<byte[]> readSource(String path, int bytesMax) throws IOException {
        Path file = Path.of(path);
        return Files.isRegularFile(file) ? Optional.of(bytes(file, bytesMax)) : Optional.empty();
    }

    /** At most one byte more than the maximum. */
    private static byte[] bytes(Path file, int bytesMax) throws IOException {
        if (Files.isDirectory(file)) {
            throw new NoSuchFileException(file.toString(), null, "is a folder");
        }
        try (InputStream in = Files.newInputStream(file)) {
            return in.readNBytes(bytesMax + 1);
        }
    }
}
