package dmakit.hardware;

/** A FIFO of words, of fixed depth, as peripherals have. */
public final class WordFifo {
    private final int[] words;
    private int first;
    private int count;

    /**
     * Creates an empty one.
     *
     * @param depth words it holds, at least 1
     */
    public WordFifo(int depth) {
        words = new int[depth];
    }

    /** How many words it holds. */
    public int count() {
        return count;
    }

    /** Whether it holds none. */
    public boolean isEmpty() {
        return count == 0;
    }

    /** Whether there is no room. */
    public boolean isFull() {
        return count == words.length;
    }

    /** Puts a word in; there is room. */
    public void put(int word) {
        words[(first + count++) % words.length] = word;
    }

    /** Takes the oldest word out; there is one. */
    public int take() {
        int word = words[first];
        first = (first + 1) % words.length;
        count--;
        return word;
    }

    /** Empties it. */
    public void clear() {
        first = 0;
        count = 0;
    }
}
