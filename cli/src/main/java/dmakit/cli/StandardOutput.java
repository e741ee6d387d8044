package dmakit.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Standard output that remembers why it failed; a {@link java.io.PrintWriter} forgets. */
final class StandardOutput extends OutputStream {
    /** What the system answers when the reader of a pipe is gone. */
    private static final String READER_GONE = "Broken pipe";

    private final OutputStream to = new FileOutputStream(FileDescriptor.out);
    private @Nullable IOException failure;

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int from, int count) throws IOException {
        try {
            to.write(bytes, from, count);
        } catch (IOException e) {
            failure = e;
            throw e;
        }
    }

    /**
     * Says why something written so far was lost.
     *
     * @return empty when nothing was, or when the reader wanted no more, as {@code head} does
     */
    Optional<String> loss() {
        return Optional.ofNullable(failure)
                .map(IOException::getMessage)
                .filter(why -> !why.equals(READER_GONE));
    }
}
