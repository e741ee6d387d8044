package dmakit.board;

import java.util.List;

/**
 * A chip of a board that dmakit has a model of, and that is neither a DMA controller of the tree
 * nor what the machine itself is made of.
 *
 * @param kind what it is there for
 * @param path of its node
 * @param compatible what it is, the most special name first
 */
public record Peripheral(Kind kind, String path, List<String> compatible) {
    /** What peripherals are there for. */
    public enum Kind {
        /** DMA for cards of an ISA bus. */
        ISA_DMA("ISA DMA"),

        /** One end of an Ethernet wire. */
        MAC("MAC"),

        /** A serial port for sound. */
        AUDIO("audio"),

        /** A card that plays and records. */
        SOUND_CARD("sound"),

        /** A serial line. */
        UART("UART"),

        /** A serial bus with a clock. */
        SPI("SPI"),

        /** Words that come back as they were sent. */
        FIFO("FIFO");

        private final String text;

        Kind(String text) {
            this.text = text;
        }

        @Override
        public String toString() {
            return text;
        }
    }
}
