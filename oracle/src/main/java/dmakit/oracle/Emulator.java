package dmakit.oracle;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;

/** A program of QEMU's. */
public enum Emulator {
    /** 32-bit Arm boards. */
    ARM("qemu-system-arm", "qemu-system-arm"),
    /** 64-bit Arm boards. */
    AARCH64("qemu-system-aarch64", "qemu-system-arm"),
    /** PCs. */
    X86_64("qemu-system-x86_64", "qemu-system-x86");

    private final String program;
    private final String debianPackage;

    Emulator(String program, String debianPackage) {
        this.program = program;
        this.debianPackage = debianPackage;
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
