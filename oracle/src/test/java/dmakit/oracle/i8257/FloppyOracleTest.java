package dmakit.oracle.i8257;

import static dmakit.oracle.i8257.I8257Pair.addressPort;
import static dmakit.oracle.i8257.I8257Pair.countPort;
import static dmakit.oracle.i8257.I8257Pair.pagePort;
import static dmakit.oracle.i8257.I8257Pair.port;
import static org.assertj.core.api.Assertions.assertThat;

import dmakit.hardware.IsaDmaWires;
import dmakit.machine.random.Rng;
import dmakit.oracle.Computer;
import dmakit.oracle.Listed;
import dmakit.oracle.Memories;
import dmakit.oracle.Peer;
import dmakit.oracle.Seeds;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * QEMU's floppy controller moves sectors through QEMU's DMA, a card that has the same bytes through
 * ours: memory, addresses, counts and status are the same afterwards.
 */
class FloppyOracleTest {
    private static final String CHIP = "i8257";
    private static final int TRANSFERS = 120;
    private static final int SECTORS_MAX = 4;
    private static final int PAGE = 0x30;
    private static final int PAGE_BYTES = 0x1_0000;
    private static final int SPARE = 0x100;

    // Modes.
    private static final int WRITE = 0x04;
    private static final int READ = 0x08;
    private static final int AUTO_INITIALIZE = 0x10;
    private static final int DECREMENT = 0x20;
    private static final int SINGLE = 0x40;
    private static final int CASCADE = 0xc0;

    @TempDir Path folder;

    private Floppy floppy;
    private I8257Pair pair;

    /** A card that has, or wants, as many bytes as it is told. */
    private static final class Card implements IsaDmaWires.Card {
        private final IsaDmaWires wires;
        private byte[] bytes = {};
        private int at;

        Card(IsaDmaWires wires) {
            this.wires = wires;
            wires.connect(this);
        }

        void start(byte[] content) {
            bytes = content;
            at = 0;
            wires.request(true);
        }

        @Override
        public int give(int count) {
            int value = bytes[at] & 0xff;
            step();
            return value;
        }

        @Override
        public void take(int count, int value) {
            bytes[at] = (byte) value;
            step();
        }

        private void step() {
            at++;
            if (at == bytes.length) {
                wires.request(false);
            }
        }

        @Override
        public void terminalCount() {
            wires.request(false);
        }
    }

    private Card card;

    @BeforeEach
    void start() {
        floppy = new Floppy(folder);
        pair = new I8257Pair(floppy.qemu());
        card = new Card(pair.wires(Floppy.CHANNEL));
        pair.out(port(I8257Pair.CASCADE, I8257Pair.MASTER_CLEAR), 0);
        pair.out(port(I8257Pair.CASCADE, I8257Pair.MODE), CASCADE);
        pair.out(port(I8257Pair.CASCADE, I8257Pair.SINGLE_MASK), 0);
    }

    @AfterEach
    void close() {
        pair.close();
    }

    private void program(int mode, int address, int count) {
        pair.out(port(0, I8257Pair.MASTER_CLEAR), 0);
        pair.out(port(0, I8257Pair.MODE), mode | Floppy.CHANNEL);
        pair.out(pagePort(Floppy.CHANNEL), PAGE);
        pair.outBoth(addressPort(Floppy.CHANNEL), address);
        pair.outBoth(countPort(Floppy.CHANNEL), count - 1);
        pair.out(port(0, I8257Pair.SINGLE_MASK), Floppy.CHANNEL);
    }

    /** Moves sectors on both sides; the bytes of our card. */
    private byte[] move(boolean toMemory, int first, int sectors) {
        byte[] own =
                toMemory ? floppy.sectors(first, sectors) : new byte[sectors * Floppy.SECTOR_BYTES];
        card.start(own);
        pair.settle();
        floppy.transfer(toMemory, first, sectors);
        return own;
    }

    private static int both(Computer side, int port) {
        side.out(port(0, I8257Pair.CLEAR_FLIP_FLOP), 1, 0);
        return (int) (side.in(port, 1) | side.in(port, 1) << 8);
    }

    @Test
    void randomTransfersLeaveTheSame() {
        byte[] background = new byte[PAGE_BYTES];
        long transfers = 0;
        for (long seed : Seeds.upTo(TRANSFERS).toArray()) {
            Rng rng = new Rng(seed);
            for (int i = 0; i < background.length; i++) {
                background[i] = (byte) rng.nextLong();
            }
            pair.poke(PAGE * PAGE_BYTES, background);
            transfer(rng, Seeds.replay(CHIP, seed));
            transfers++;
        }
        Peer.summarize(
                CHIP + "-floppy",
                I8257Pair.EMULATOR,
                "%d transfers of a floppy's sectors compared".formatted(transfers));
    }

    private void transfer(Rng rng, String replay) {
        boolean toMemory = rng.oneIn(2);
        int sectors = 1 + rng.nextInt(SECTORS_MAX);
        int first = 1 + rng.nextInt(Floppy.SECTORS_PER_TRACK - sectors + 1);
        int bytes = sectors * Floppy.SECTOR_BYTES;
        // Less than the disk has, as much, or more.
        int count = rng.oneIn(3) ? bytes : 1 + rng.nextInt(bytes + SPARE);
        int address = rng.nextInt(PAGE_BYTES - bytes - SPARE);
        program(SINGLE | (toMemory ? WRITE : READ), address, count);
        byte[] own = move(toMemory, first, sectors);
        for (int port : new int[] {addressPort(Floppy.CHANNEL), countPort(Floppy.CHANNEL)}) {
            assertThat(both(pair.ours, port))
                    .as("port 0x%x: ours, then QEMU's; %s", port, replay)
                    .isEqualTo(both(pair.qemu, port));
        }
        assertThat(pair.ours.in(I8257Pair.STATUS, 1))
                .as("status: ours, then QEMU's; %s", replay)
                .isEqualTo(pair.qemu.in(I8257Pair.STATUS, 1));
        Memories.areEqual(pair.ours, pair.qemu, PAGE * PAGE_BYTES, PAGE_BYTES, replay);
        if (!toMemory) {
            int moved = Math.min(bytes, count);
            assertThat(Arrays.copyOf(own, moved))
                    .as("what the disk got; %s", replay)
                    .isEqualTo(Arrays.copyOf(floppy.sectors(first, sectors), moved));
        }
    }

    @Test
    void addressesWrapInTheirPage() {
        pair.poke(PAGE * PAGE_BYTES, new byte[2 * PAGE_BYTES]);
        program(SINGLE | WRITE, PAGE_BYTES - 2, 4);
        move(true, 1, 1);
        byte[] disk = floppy.sectors(1, 1);
        assertThat(pair.ours.peek((PAGE + 1) * PAGE_BYTES - 2L, 2))
                .isEqualTo(pair.qemu.peek((PAGE + 1) * PAGE_BYTES - 2L, 2));
        String rest = "%02x%02x".formatted(disk[2], disk[3]);
        Listed.memory(
                I8257Difference.PAGE_WRAP,
                pair.ours.peek(PAGE * PAGE_BYTES, 2),
                rest,
                pair.qemu.peek(PAGE * PAGE_BYTES, 2),
                "0000");
    }

    @Test
    void automaticChannelsBeginAgain() {
        program(SINGLE | WRITE | AUTO_INITIALIZE, 0x1000, Floppy.SECTOR_BYTES);
        move(true, 1, 1);
        Listed.register(
                I8257Difference.AUTO_INITIALIZE,
                both(pair.ours, addressPort(Floppy.CHANNEL)),
                0x1000,
                both(pair.qemu, addressPort(Floppy.CHANNEL)),
                0x1000 + Floppy.SECTOR_BYTES);
    }

    @Test
    void addressesCountDown() {
        pair.poke(PAGE * PAGE_BYTES, new byte[PAGE_BYTES]);
        program(SINGLE | WRITE | DECREMENT, 0x1003, 4);
        move(true, 1, 1);
        byte[] disk = floppy.sectors(1, 1);
        String reversed = "%02x%02x%02x%02x".formatted(disk[3], disk[2], disk[1], disk[0]);
        String behind = "%02x%02x%02x00".formatted(disk[1], disk[2], disk[3]);
        Listed.memory(
                I8257Difference.DECREMENT,
                pair.ours.peek(PAGE * PAGE_BYTES + 0x1000, 4),
                reversed,
                pair.qemu.peek(PAGE * PAGE_BYTES + 0x1000, 4),
                behind);
    }
}
