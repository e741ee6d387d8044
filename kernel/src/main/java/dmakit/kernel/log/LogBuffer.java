package dmakit.kernel.log;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;

/** The ring that holds the newest messages; the oldest make room, as in the kernel. */
public final class LogBuffer {
    /** Characters the ring holds at most, {@code CONFIG_LOG_BUF_SHIFT} of 17. */
    public static final int SIZE_MAX = 1 << 17;

    /** Characters of one message; what is beyond is cut off, {@code PRINTKRB_RECORD_MAX}. */
    public static final int RECORD_SIZE_MAX = 1024;

    /** What a message takes beside its text, so that empty ones cannot fill memory either. */
    private static final int RECORD_OVERHEAD = 48;

    private final Deque<LogRecord> records = new ArrayDeque<>();
    private final List<Consumer<LogRecord>> listeners = new ArrayList<>();
    private int size;
    private long droppedCount;

    LogBuffer() {}

    void add(LogRecord message) {
        records.addLast(message);
        size += sizeOf(message);
        while (size > SIZE_MAX) {
            size -= sizeOf(records.removeFirst());
            droppedCount++;
        }
        for (int i = 0; i < listeners.size(); i++) {
            listeners.get(i).accept(message);
        }
    }

    private static int sizeOf(LogRecord message) {
        return message.text().length() + RECORD_OVERHEAD;
    }

    /** The messages that are still there, oldest first. */
    public List<LogRecord> records() {
        return List.copyOf(records);
    }

    /** The text of the messages that are still there, without times, oldest first. */
    public List<String> texts() {
        return records.stream().map(LogRecord::text).toList();
    }

    /** Messages that had to make room so far. */
    public long droppedCount() {
        return droppedCount;
    }

    /** What {@code dmesg} prints. */
    public String dmesg() {
        StringBuilder text = new StringBuilder();
        for (LogRecord message : records) {
            text.append(message).append('\n');
        }
        return text.toString();
    }

    /** Forgets all messages, as {@code dmesg --clear}. */
    public void clear() {
        records.clear();
        size = 0;
    }

    /** Hands every message from now on to one more listener, as a console. */
    public void addListener(Consumer<LogRecord> listener) {
        listeners.add(listener);
    }

    /** Takes a listener away. */
    public void removeListener(Consumer<LogRecord> listener) {
        listeners.remove(listener);
    }
}
