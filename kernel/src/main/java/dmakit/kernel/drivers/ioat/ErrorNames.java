package dmakit.kernel.drivers.ioat;

import dmakit.kernel.Linux;
import java.util.List;

/** What the log calls the bits of CHANERR. */
@Linux(file = "drivers/dma/ioat/dma.c", symbol = "chanerr_str")
final class ErrorNames {
    private static final List<String> NAMES =
            List.of(
                    "DMA Transfer Source Address Error",
                    "DMA Transfer Destination Address Error",
                    "Next Descriptor Address Error",
                    "Descriptor Error",
                    "Chan Address Value Error",
                    "CHANCMD Error",
                    "Chipset Uncorrectable Data Integrity Error",
                    "DMA Uncorrectable Data Integrity Error",
                    "Read Data Error",
                    "Write Data Error",
                    "Descriptor Control Error",
                    "Descriptor Transfer Size Error",
                    "Completion Address Error",
                    "Interrupt Configuration Error",
                    "Super extended descriptor Address Error",
                    "Unaffiliated Error",
                    "CRC or XOR P Error",
                    "XOR Q Error",
                    "Descriptor Count Error");

    private ErrorNames() {}

    static String of(int bit) {
        return bit < NAMES.size() ? NAMES.get(bit) : "Error " + bit;
    }
}
