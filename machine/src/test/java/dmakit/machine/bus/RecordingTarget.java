package dmakit.machine.bus;

import java.util.ArrayList;
import java.util.List;

/** Registers that remember how they were accessed; a load answers the bytes of its own offset. */
final class RecordingTarget implements Target {
    final List<String> accesses = new ArrayList<>();

    @Override
    public long read(long offset, int bytes) {
        accesses.add("r" + bytes + "@" + Long.toHexString(offset));
        long value = 0;
        for (int i = 0; i < bytes; i++) {
            value |= ((offset + i) & 0xff) << (8 * i);
        }
        return value;
    }

    @Override
    public void write(long offset, int bytes, long value) {
        accesses.add("w" + bytes + "@" + Long.toHexString(offset) + "=" + Long.toHexString(value));
    }
}
