package dmakit.labs.pio;

/** A way to move bytes between memory and a device. */
public enum Method {
    /** The CPU moves each word by a load and a store. */
    PIO("pio", "PIO"),
    /** A DMA controller moves them; the CPU sleeps until an interrupt. */
    DMA_INTERRUPTS("dma-interrupts", "DMA, interrupts"),
    /** A DMA controller moves them; the CPU asks until they are moved. */
    DMA_POLLING("dma-polling", "DMA, polling");

    private final String word;
    private final String label;

    Method(String word, String label) {
        this.word = word;
        this.label = label;
    }

    /** For readers. */
    public String label() {
        return label;
    }

    /** For programs. */
    @Override
    public String toString() {
        return word;
    }
}
