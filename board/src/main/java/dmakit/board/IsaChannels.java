package dmakit.board;

import dmakit.hardware.IsaDmaWires;
import dmakit.hardware.i8237.IsaDma;
import java.util.List;
import java.util.stream.IntStream;

/** The DMA channels of an ISA bus, between its cards and whatever serves them. */
final class IsaChannels {
    private final List<IsaDmaWires> wires =
            IntStream.range(0, IsaDma.CHANNEL_COUNT)
                    .mapToObj(number -> new IsaDmaWires("DRQ" + number))
                    .toList();

    /** All of them, by number. */
    List<IsaDmaWires> all() {
        return wires;
    }

    /**
     * One of them.
     *
     * @throws BoardException when there is none, or it is not for cards
     */
    IsaDmaWires of(int number) {
        if (number < 0 || number >= wires.size() || number == IsaDma.CASCADE) {
            throw new BoardException("no card can have DMA channel " + number);
        }
        return wires.get(number);
    }

    /** Bytes that one transfer on a channel moves. */
    static int bytesOf(int number) {
        return number < IsaDma.CASCADE ? 1 : 2;
    }
}
