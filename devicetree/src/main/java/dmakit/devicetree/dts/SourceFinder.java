package dmakit.devicetree.dts;

import java.io.IOException;
import java.util.Optional;

/** Where a source and what it includes are read from. */
@FunctionalInterface
public interface SourceFinder {

    /**
     * The content of a file.
     *
     * @param path parts separated by {@code /}, as the includes spell it
     * @param bytesMax how much the caller can use; a longer file may be cut off behind one more
     *     byte
     * @return empty when there is no such file
     * @throws IOException when there is one but it cannot be read
     */
    Optional<byte[]> read(String path, int bytesMax) throws IOException;
}
