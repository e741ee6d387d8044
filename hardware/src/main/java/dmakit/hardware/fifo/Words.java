package dmakit.hardware.fifo;

/** A ring of words of fixed depth. */
final class Words {
    private final int[] words;
    private int first;
    private int count;

    Words(int depth) {
        words = new int[depth];
    }

    int count() {
        return count;
    }

    boolean isEmpty() {
        return count == 0;
    }

    boolean isFull() {
        return count == words.length;
    }

    void put(int word) {
        words[(first + count++) % words.length] = word;
    }

    int take() {
        int word = words[first];
        first = (first + 1) % words.length;
        count--;
        return word;
    }

    void clear() {
        first = 0;
        count = 0;
    }
}
