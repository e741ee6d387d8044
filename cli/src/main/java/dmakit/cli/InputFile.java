package dmakit.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** A file that an option names, and that is read as a whole: a pipe, as well. */
final class InputFile {
    private static final int BYTES_PER_KIB = 1024;

    private InputFile() {}

    /**
     * What a file contains.
     *
     * @param option that names it, for messages, as {@code --in}
     * @param bytesMax a file that goes on behind so many is refused
     * @throws CouldNotRun when it cannot be read, or is longer
     */
    static byte[] read(String option, Path file, int bytesMax) {
        if (file.toString().isEmpty()) {
            throw new CouldNotRun(option + ": the name of the file is empty");
        }
        String named = option + " " + file;
        if (Files.isDirectory(file)) {
            throw new CouldNotRun(named + ": is a folder");
        }
        try (InputStream in = Files.newInputStream(file)) {
            byte[] content = in.readNBytes(bytesMax + 1);
            if (content.length > bytesMax) {
                throw new CouldNotRun(
                        "%s: has more than %d KiB, the most that is read; cut it"
                                .formatted(named, bytesMax / BYTES_PER_KIB));
            }
            return content;
        } catch (NoSuchFileException e) {
            throw new CouldNotRun(named + ": no such file", e);
        } catch (AccessDeniedException e) {
            throw new CouldNotRun(named + ": permission denied", e);
        } catch (IOException e) {
            throw new CouldNotRun(named + ": " + WholeFile.reason(e), e);
        }
    }
}
