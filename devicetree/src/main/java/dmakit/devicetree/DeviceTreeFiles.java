package dmakit.devicetree;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** Reads device trees from files. */
public final class DeviceTreeFiles {

    private DeviceTreeFiles() {}

    /**
     * Reads a {@code .dtb}.
     *
     * @throws IOException when the file cannot be read
     * @throws DeviceTreeException when it is no valid tree or a limit is passed
     */
    public static DeviceTree read(Path file) throws IOException {
        return DtbReader.read(bytes(file), file.toString());
    }

    /**
     * The content of a file of at most {@link Limits#FILE_BYTES_MAX} bytes.
     *
     * @throws DeviceTreeException when it is larger
     */
    static byte[] bytes(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(Limits.FILE_BYTES_MAX + 1);
            if (bytes.length > Limits.FILE_BYTES_MAX) {
                throw new DeviceTreeException(
                        new Origin.Offset(file.toString(), Limits.FILE_BYTES_MAX),
                        "the file goes on, wanted at most %d bytes"
                                .formatted(Limits.FILE_BYTES_MAX));
            }
            return bytes;
        }
    }
}
