package dmakit.oracle;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HexFormat;

/** Compares memories, and shows of a difference what a reader can take in. */
public final class Memories {
    private static final int SHOWN_BYTES = 16;

    private Memories() {}

    /** A range of memory holds the same on both sides. */
    public static void areEqual(Computer ours, Computer qemu, long phys, int bytes, String replay) {
        byte[] own = ours.peek(phys, bytes);
        byte[] theirs = qemu.peek(phys, bytes);
        int at = Arrays.mismatch(own, theirs);
        if (at >= 0) {
            assertThat(shown(own, at))
                    .as("memory from 0x%x on: ours, then QEMU's; %s", phys + at, replay)
                    .isEqualTo(shown(theirs, at));
        }
    }

    private static String shown(byte[] content, int at) {
        int end = Math.min(at + SHOWN_BYTES, content.length);
        return HexFormat.of().formatHex(content, at, end);
    }
}
