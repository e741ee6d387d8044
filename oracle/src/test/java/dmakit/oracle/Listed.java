package dmakit.oracle;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;

/**
 * A difference that is listed: ours is what the manual says, and QEMU's is what is listed, or what
 * ours is, since QEMU learns.
 */
public final class Listed {
    private Listed() {}

    /** Two values of one register. */
    public static void register(Deviation deviation, int ours, int manual, int qemu, int listed) {
        compare(
                deviation,
                Integer.toHexString(ours),
                Integer.toHexString(manual),
                Integer.toHexString(qemu),
                Integer.toHexString(listed));
    }

    /** Two memories; what they hold is written in hexadecimal digits. */
    public static void memory(
            Deviation deviation, byte[] ours, String manual, byte[] qemu, String listed) {
        HexFormat hex = HexFormat.of();
        compare(deviation, hex.formatHex(ours), manual, hex.formatHex(qemu), listed);
    }

    private static void compare(
            Deviation deviation, String ours, String manual, String qemu, String listed) {
        assertThat(ours).as("ours, by %s", deviation.section()).isEqualTo(manual);
        assertThat(qemu).as("QEMU's: %s", deviation.name()).isIn(listed, manual);
    }
}
