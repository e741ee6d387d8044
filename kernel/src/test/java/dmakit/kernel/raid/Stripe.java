package dmakit.kernel.raid;

import dmakit.machine.cpu.AddressLayout;
import dmakit.machine.cpu.Cpu;
import dmakit.machine.random.Rng;
import java.util.Arrays;

/** A stripe of random data in memory, and what it holds beside it. */
final class Stripe {
    static final long BASE = AddressLayout.LINEAR_BASE + (1 << 20);

    final int disks;
    final int bytes;
    final long[] addresses;
    final byte[][] blocks;
    private final Cpu cpu;

    /** Blocks of {@code bytes} that begin at odd addresses; some data blocks are missing. */
    Stripe(Cpu cpu, Rng rng, int disks, int bytes, boolean withGaps) {
        this.cpu = cpu;
        this.disks = disks;
        this.bytes = bytes;
        addresses = new long[disks];
        blocks = new byte[disks][];
        long next = BASE;
        for (int disk = 0; disk < disks; disk++) {
            addresses[disk] = next + rng.nextInt(64);
            next = addresses[disk] + bytes + 64;
            if (disk < disks - 2 && withGaps && rng.nextInt(4) == 0) {
                addresses[disk] = Raid6.ZEROS;
                continue;
            }
            blocks[disk] = new byte[bytes];
            for (int i = 0; i < bytes; i++) {
                blocks[disk][i] = (byte) rng.nextInt(256);
            }
            store(disk);
        }
    }

    void store(int disk) {
        cpu.store(addresses[disk], blocks[disk], 0, bytes);
    }

    byte[] load(int disk) {
        byte[] loaded = new byte[bytes];
        cpu.load(addresses[disk], loaded, 0, bytes);
        return loaded;
    }

    byte[][] data() {
        return Arrays.copyOf(blocks, disks - 2);
    }

    /** Gives the stripe its right P and Q, by the oracle. */
    void completed() {
        blocks[disks - 2] = FieldOracle.p(data(), bytes);
        blocks[disks - 1] = FieldOracle.q(data(), bytes);
        store(disks - 2);
        store(disks - 1);
    }

    /** Fills a block with rubbish. */
    void lose(int disk) {
        cpu.fill(addresses[disk], bytes, (byte) 0xa5);
    }
}
