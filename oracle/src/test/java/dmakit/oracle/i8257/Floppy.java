package dmakit.oracle.i8257;

import dmakit.oracle.Peer;
import dmakit.oracle.Qemu;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * QEMU's floppy controller: what has the DMA of its PC move bytes. It is driven as drivers do,
 * Intel 82078 data sheet, "Commands", by its ports.
 */
final class Floppy {
    /** The channel it is wired to. */
    static final int CHANNEL = 2;

    static final int SECTOR_BYTES = 512;
    static final int SECTORS_PER_TRACK = 18;

    private static final int IMAGE_BYTES = 2880 * SECTOR_BYTES;

    // Ports.
    private static final int DIGITAL_OUTPUT = 0x3f2;
    private static final int MAIN_STATUS = 0x3f4;
    private static final int DATA = 0x3f5;

    /** Motor of drive 0, interrupts and DMA, no reset. */
    private static final int RUNNING = 0x1c;

    private static final int READY = 0x80;
    private static final int TO_HOST = 0x40;

    // Commands and the bytes that come back.
    private static final int SPECIFY = 0x03;
    private static final int RECALIBRATE = 0x07;
    private static final int SENSE = 0x08;
    private static final int READ = 0x46;
    private static final int WRITE = 0x45;
    private static final int RESULT_BYTES = 7;
    private static final int SENSE_BYTES = 2;
    private static final int DRIVES = 4;
    private static final long PATIENCE_NS = 30_000_000_000L;

    private final Qemu qemu;
    private final Path image;

    /** Starts a PC whose drive has a disk of random bytes. */
    Floppy(Path folder) {
        byte[] content = new byte[IMAGE_BYTES];
        for (int i = 0; i < content.length; i++) {
            content[i] = (byte) (i * 0x9e37_79b9 >>> 24);
        }
        image = folder.resolve("disk");
        try {
            Files.write(image, content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        qemu =
                Peer.asleep(
                        I8257Pair.EMULATOR,
                        "-M",
                        "pc",
                        "-m",
                        "16",
                        "-drive",
                        "if=none,id=disk,format=raw,file=" + image,
                        "-device",
                        "floppy,drive=disk");
        reset();
    }

    Qemu qemu() {
        return qemu;
    }

    private void reset() {
        qemu.out(DIGITAL_OUTPUT, 1, 0);
        qemu.out(DIGITAL_OUTPUT, 1, RUNNING);
        for (int drive = 0; drive < DRIVES; drive++) {
            give(SENSE);
            take(SENSE_BYTES);
        }
        give(SPECIFY, 0xaf, 0x02);
        give(RECALIBRATE, 0);
        give(SENSE);
        take(SENSE_BYTES);
    }

    /** Has sectors of track 0 moved by DMA, from {@code first} on; sectors count from 1. */
    void transfer(boolean toMemory, int first, int count) {
        int last = first + count - 1;
        give(toMemory ? READ : WRITE, 0, 0, 0, first, 2, last, 0x1b, 0xff);
        take(RESULT_BYTES);
    }

    /** What is on the disk now, of track 0. */
    byte[] sectors(int first, int count) {
        try {
            byte[] all = Files.readAllBytes(image);
            int start = (first - 1) * SECTOR_BYTES;
            return Arrays.copyOfRange(all, start, start + count * SECTOR_BYTES);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void give(int... bytes) {
        for (int value : bytes) {
            await(READY);
            qemu.out(DATA, 1, value);
        }
    }

    private void take(int bytes) {
        for (int i = 0; i < bytes; i++) {
            await(READY | TO_HOST);
            qemu.in(DATA, 1);
        }
    }

    private void await(int status) {
        long deadline = System.nanoTime() + PATIENCE_NS;
        while ((qemu.in(MAIN_STATUS, 1) & (READY | TO_HOST)) != status) {
            if (System.nanoTime() > deadline) {
                throw new IllegalStateException("the floppy controller does not come to an end");
            }
        }
    }
}
