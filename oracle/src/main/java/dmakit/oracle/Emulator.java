package dmakit.oracle;

import java.io.File;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** A program of QEMU's. */
public enum Emulator {
    /** 32-bit Arm boards. */
    ARM("qemu-system-arm", "qemu-system-arm"),
    /** 64-bit Arm boards. */
    AARCH64("qemu-system-aarch64", "qemu-system-arm"),
    /** PCs. */
    X86_64("qemu-system-x86_64", "qemu-system-x86");

    private static final int ROM_BYTES = 1 << 16;
    private static final int RESET_VECTOR = ROM_BYTES - 16;

    /** wfi; b to it. */
    private static final byte[] SLEEPING_ARM = {
        3, (byte) 0xf0, 0x20, (byte) 0xe3, -3, -1, -1, (byte) 0xea
    };

    /** wfi; b to it. */
    private static final byte[] SLEEPING_AARCH64 = {0x7f, 0x20, 3, (byte) 0xd5, -1, -1, -1, 0x17};

    /** cli; hlt; jmp to it. */
    private static final byte[] SLEEPING_X86 = {(byte) 0xfa, (byte) 0xf4, (byte) 0xeb, -3};

    private final String program;
    private final String debianPackage;

    Emulator(String program, String debianPackage) {
        this.program = program;
        this.debianPackage = debianPackage;
    }

    /**
     * A CPU that sleeps for ever, so that time jumps to the next timer of a device.
     *
     * @return the firmware, and nothing else is in its file
     */
    byte[] sleeper() {
        return switch (this) {
            case ARM -> SLEEPING_ARM.clone();
            case AARCH64 -> SLEEPING_AARCH64.clone();
            case X86_64 -> {
                byte[] rom = new byte[ROM_BYTES];
                ByteBuffer.wrap(rom).put(RESET_VECTOR, SLEEPING_X86);
                yield rom;
            }
        };
    }

    /** How the firmware in a file is made to run. */
    List<String> firmware(Path file) {
        return switch (this) {
            case ARM, AARCH64 ->
                    List.of("-device", "loader,file=" + file + ",addr=0,cpu-num=0,force-raw=on");
            case X86_64 -> List.of("-bios", file.toString());
        };
    }

    /** What it is called. */
    public String program() {
        return program;
    }

    /** The package of Debian that brings it. */
    public String debianPackage() {
        return debianPackage;
    }

    /** Where it is installed, if it is. */
    public Optional<Path> installed() {
        String path = System.getenv().getOrDefault("PATH", "");
        return Arrays.stream(path.split(File.pathSeparator))
                .filter(folder -> !folder.isEmpty())
                .map(folder -> Path.of(folder, program))
                .filter(Files::isExecutable)
                .findFirst();
    }
}
