package dmakit.hardware.pl330;

/**
 * The buffer between loads and stores. Channels share its entries; what one channel has loaded it
 * stores in the same order. A channel's bytes are packed, and its last entry may be partly used.
 */
final class Mfifo {
    private final int entryBytes;
    private final int entries;
    private final byte[][] data;
    private final int[] first;
    private final int[] count;
    private int usedEntries;

    Mfifo(int channels, int entries, int entryBytes) {
        this.entries = entries;
        this.entryBytes = entryBytes;
        data = new byte[channels][];
        first = new int[channels];
        count = new int[channels];
        for (int i = 0; i < channels; i++) {
            data[i] = new byte[entries * entryBytes];
        }
    }

    /** Bytes it holds at most. */
    int capacity() {
        return entries * entryBytes;
    }

    /** Bytes of a channel. */
    int count(int channel) {
        return count[channel];
    }

    /** Whether that many bytes more of a channel fit. */
    boolean hasRoom(int channel, int bytes) {
        int more = entriesOf(count[channel] + bytes) - entriesOf(count[channel]);
        return usedEntries + more <= entries;
    }

    void put(int channel, byte[] from, int bytes) {
        byte[] ring = data[channel];
        resize(channel, count[channel] + bytes);
        int at = (first[channel] + count[channel] - bytes) % ring.length;
        int head = Math.min(bytes, ring.length - at);
        System.arraycopy(from, 0, ring, at, head);
        System.arraycopy(from, head, ring, 0, bytes - head);
    }

    void take(int channel, byte[] into, int bytes) {
        byte[] ring = data[channel];
        int at = first[channel];
        int head = Math.min(bytes, ring.length - at);
        System.arraycopy(ring, at, into, 0, head);
        System.arraycopy(ring, 0, into, head, bytes - head);
        first[channel] = (at + bytes) % ring.length;
        resize(channel, count[channel] - bytes);
    }

    /** Drops what a channel has loaded. */
    void clear(int channel) {
        resize(channel, 0);
        first[channel] = 0;
    }

    private void resize(int channel, int bytes) {
        usedEntries += entriesOf(bytes) - entriesOf(count[channel]);
        count[channel] = bytes;
    }

    private int entriesOf(int bytes) {
        return (bytes + entryBytes - 1) / entryBytes;
    }
}
