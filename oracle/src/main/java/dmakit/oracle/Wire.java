package dmakit.oracle;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.time.Duration;

/**
 * Lines there and back. Commands whose answer says nothing wait in a buffer until one is asked that
 * does, so that thousands of stores cost one turn.
 */
final class Wire implements AutoCloseable {
    /** Commands that wait for their answers. More could fill the peer's buffers, and ours. */
    private static final int UNANSWERED_MAX = 256;

    private static final int BUFFER_BYTES = 1 << 16;
    private static final String DONE = "OK";

    private final SocketChannel channel;
    private final Selector selector;
    private final StringBuilder unsent = new StringBuilder();
    private final ByteBuffer received = ByteBuffer.allocate(BUFFER_BYTES).flip();
    private final StringBuilder line = new StringBuilder();
    private Duration patience;
    private int unanswered;

    /** Takes over a connection. */
    Wire(SocketChannel channel, Duration patience) throws IOException {
        this.channel = channel;
        this.patience = patience;
        channel.configureBlocking(false);
        selector = Selector.open();
        channel.register(selector, SelectionKey.OP_READ);
    }

    /** How long an answer may take. */
    void patience(Duration next) {
        patience = next;
    }

    /** Sends a command that is only to be done. */
    void tell(String command) {
        unsent.append(command).append('\n');
        unanswered++;
        if (unanswered == UNANSWERED_MAX) {
            settle();
        }
    }

    /** Sends a command and waits for what it answers. */
    String ask(String command) {
        settle();
        unsent.append(command).append('\n');
        send();
        return answer(command);
    }

    /** Waits until everything told has been done. */
    void settle() {
        if (unanswered > 0) {
            send();
            for (; unanswered > 0; unanswered--) {
                answer("an earlier command");
            }
        }
    }

    private void send() {
        ByteBuffer bytes = ByteBuffer.wrap(unsent.toString().getBytes(US_ASCII));
        unsent.setLength(0);
        try {
            while (bytes.hasRemaining()) {
                if (channel.write(bytes) == 0) {
                    Thread.onSpinWait();
                }
            }
        } catch (IOException e) {
            throw new QemuException("QEMU has closed its connection", e);
        }
    }

    private String answer(String command) {
        String answer = readLine(command);
        if (!answer.equals(DONE) && !answer.startsWith(DONE + " ")) {
            throw new QemuException("QEMU answers '" + answer + "' to " + command);
        }
        return answer.substring(Math.min(DONE.length() + 1, answer.length()));
    }

    private String readLine(String command) {
        line.setLength(0);
        long deadline = System.nanoTime() + patience.toNanos();
        while (true) {
            while (received.hasRemaining()) {
                char next = (char) received.get();
                if (next == '\n') {
                    return line.toString();
                }
                line.append(next);
            }
            receive(command, deadline);
        }
    }

    private void receive(String command, long deadline) {
        try {
            received.clear();
            int count = channel.read(received);
            received.flip();
            if (count < 0) {
                throw new QemuException("QEMU has ended, before it answered " + command);
            }
            if (count == 0) {
                long leftMs = (deadline - System.nanoTime()) / 1_000_000;
                if (leftMs <= 0) {
                    throw new QemuSilentException(command, patience);
                }
                selector.select(leftMs);
                selector.selectedKeys().clear();
            }
        } catch (IOException e) {
            throw new QemuException("QEMU's connection broke at " + command, e);
        }
    }

    @Override
    public void close() throws IOException {
        selector.close();
        channel.close();
    }
}
