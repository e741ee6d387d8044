package dmakit.oracle.i8257;

import static dmakit.oracle.i8257.I8257Pair.addressPort;
import static dmakit.oracle.i8257.I8257Pair.countPort;
import static dmakit.oracle.i8257.I8257Pair.port;

import dmakit.oracle.Listed;
import dmakit.oracle.Peer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Each difference of {@link I8257Difference}. */
class I8257DifferencesTest {
    private static final int CHANNEL = 1;
    private static final int SPARE_PAGE = 0x84;

    /** Block mode, verify: addresses and counts without a card. */
    private static final int BLOCK_VERIFY = 0x80 | CHANNEL;

    private final I8257Pair pair =
            new I8257Pair(Peer.stopped(I8257Pair.EMULATOR, "-M", "pc", "-m", "16"));

    @AfterEach
    void close() {
        pair.close();
    }

    private void loadsDiffer(I8257Difference difference, int port, int ours, int qemu) {
        Listed.register(
                difference, (int) pair.ours.in(port, 1), ours, (int) pair.qemu.in(port, 1), qemu);
    }

    @Test
    void halfAStoreReachesBothRegisters() {
        pair.out(port(CHANNEL, I8257Pair.MASTER_CLEAR), 0);
        pair.outBoth(addressPort(CHANNEL), 0x1234);
        pair.out(addressPort(CHANNEL), 0x56);
        pair.out(port(CHANNEL, I8257Pair.CLEAR_FLIP_FLOP), 0);
        loadsDiffer(I8257Difference.HALF_STORED, addressPort(CHANNEL), 0x56, 0x34);
    }

    @Test
    void theMaskReadsBackWhereItIsStored() {
        pair.out(port(CHANNEL, I8257Pair.MASTER_CLEAR), 0);
        pair.out(port(CHANNEL, I8257Pair.ALL_MASK), 0x5);
        loadsDiffer(I8257Difference.MASK_LOADED, port(CHANNEL, I8257Pair.ALL_MASK), 0x5, 0);
        loadsDiffer(I8257Difference.MASK_LOADED, port(CHANNEL, I8257Pair.REQUEST), 0, 0x5);
    }

    @Test
    void pagesOfNoChannelKeepWhatIsStored() {
        pair.out(SPARE_PAGE, 0x5a);
        loadsDiffer(I8257Difference.SPARE_PAGES, SPARE_PAGE, 0x5a, 0xff);
    }

    @Test
    void softwareRequestsAreServedWithoutACard() {
        pair.out(port(CHANNEL, I8257Pair.MASTER_CLEAR), 0);
        pair.out(port(CHANNEL, I8257Pair.MODE), BLOCK_VERIFY);
        pair.outBoth(countPort(CHANNEL), 9);
        // The second controller must pass the bus on.
        pair.out(port(I8257Pair.CASCADE, I8257Pair.MODE), 0xc0);
        pair.out(port(I8257Pair.CASCADE, I8257Pair.SINGLE_MASK), 0);
        pair.out(port(CHANNEL, I8257Pair.REQUEST), 4 | CHANNEL);
        int requested = 1 << (4 + CHANNEL);
        loadsDiffer(
                I8257Difference.NO_CARD, port(CHANNEL, I8257Pair.STATUS), 1 << CHANNEL, requested);
    }
}
