package dmakit.cmodule.user;

import dmakit.cmodule.UserPrograms;
import java.io.BufferedInputStream;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The process between the programs of one command and this JVM: {@code user/guard.c}.
 *
 * <p>It ends every process of the command when it is told to, and when this JVM ends.
 */
final class Guard implements AutoCloseable {
    private static final int END_PATIENCE_MS = 15_000;
    private static final Wire.Frame[] FRAMES = Wire.Frame.values();

    private final Process process;
    private final RandomAccessFile down;
    private final RandomAccessFile up;
    private final InputStream in;

    /** What the guard said. */
    static final class Frame {
        private final Wire.Frame kind;
        private final int peer;
        private final int extra;
        private final byte[] data;

        private Frame(Wire.Frame kind, int peer, int extra, byte[] data) {
            this.kind = kind;
            this.peer = peer;
            this.extra = extra;
            this.data = data;
        }

        /** What it is about. */
        Wire.Frame kind() {
            return kind;
        }

        /** Number of the thread it is about, where it is about one. */
        int peer() {
            return peer;
        }

        /** Another number; its meaning depends on the kind. */
        int extra() {
            return extra;
        }

        /** What it carries. */
        byte[] data() {
            return data;
        }
    }

    private Guard(Process process, RandomAccessFile down, RandomAccessFile up) throws IOException {
        this.process = process;
        this.down = down;
        this.up = up;
        in = new BufferedInputStream(new FileInputStream(up.getFD()), 2 * Wire.MESSAGE_MAX);
    }

    /**
     * Starts a guard and, by it, the command.
     *
     * @param folder of this command alone, in which two named pipes are made
     * @param address a name that no other guard on this computer has
     */
    static Guard start(
            UserPrograms programs, Path folder, String address, UserSession.Command command)
            throws IOException {
        Path downPath = folder.resolve("down");
        Path upPath = folder.resolve("up");
        Fifo.make(downPath);
        Fifo.make(upPath);
        // Opened for both directions, which waits for nobody. The guard sees the end of "down" when
        // this JVM ends; this side hears of the guard's end from its process.
        RandomAccessFile down = new RandomAccessFile(downPath.toFile(), "rw");
        RandomAccessFile up = new RandomAccessFile(upPath.toFile(), "rw");
        var arguments = new ArrayList<String>();
        arguments.addAll(
                List.of(
                        programs.guard().toString(),
                        folder.toString(),
                        Long.toString(ProcessHandle.current().pid()),
                        address,
                        Long.toString(command.timeout().toMillis()),
                        flags(command),
                        programs.library().toString()));
        arguments.addAll(command.words());
        var builder = new ProcessBuilder(arguments);
        builder.redirectInput(command.input());
        builder.redirectOutput(command.output());
        builder.redirectError(command.errors());
        builder.environment().putAll(command.environment());
        Process process;
        try {
            process = builder.start();
        } catch (IOException e) {
            down.close();
            up.close();
            throw e;
        }
        Guard guard = new Guard(process, down, up);
        var _ = process.onExit().thenRun(guard::announceEnd);
        return guard;
    }

    private static String flags(UserSession.Command command) {
        return "-" + (command.hasTerminal() ? "t" : "") + (command.outputToErrors() ? "e" : "");
    }

    private void announceEnd() {
        try {
            up.write(frame(Wire.Frame.DEAD, 0, 0, new byte[0]));
        } catch (IOException _) {
            // This side has closed the pipe: nobody listens any more.
        }
    }

    /** Waits for the next frame. */
    Frame next() {
        try {
            ByteBuffer head =
                    ByteBuffer.wrap(in.readNBytes(Wire.FRAME_BYTES)).order(ByteOrder.LITTLE_ENDIAN);
            int length = head.getInt(0);
            int kind = head.getInt(4);
            if (length < 0 || length > Wire.MESSAGE_MAX || kind < 0 || kind >= FRAMES.length) {
                throw new ProtocolException("the guard sent a frame of kind " + kind);
            }
            byte[] data = in.readNBytes(length);
            return new Frame(FRAMES[kind], head.getInt(8), head.getInt(12), data);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot hear the guard", e);
        }
    }

    /** The next frame when it is there, else null. */
    @Nullable Frame poll() {
        try {
            return in.available() > 0 ? next() : null;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot hear the guard", e);
        }
    }

    /** Sends a frame; to a guard that has ended it sends nothing. */
    void send(Wire.Frame kind, int peer, int extra, byte[] data) {
        if (!process.isAlive()) {
            return;
        }
        try {
            down.write(frame(kind, peer, extra, data));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot speak to the guard", e);
        }
    }

    private static byte[] frame(Wire.Frame kind, int peer, int extra, byte[] data) {
        byte[] bytes = new byte[Wire.FRAME_BYTES + data.length];
        ByteBuffer.wrap(bytes)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(data.length)
                .putInt(kind.ordinal())
                .putInt(peer)
                .putInt(extra)
                .put(data);
        return bytes;
    }

    /** Ends the guard and, by it, every process of the command. */
    @Override
    public void close() {
        send(Wire.Frame.END, 0, 0, new byte[0]);
        try {
            if (!process.waitFor(END_PATIENCE_MS, TimeUnit.MILLISECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
        try {
            down.close();
            in.close();
            up.close();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot close the guard's pipes", e);
        }
    }
}
