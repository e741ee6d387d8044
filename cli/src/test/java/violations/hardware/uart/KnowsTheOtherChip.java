package violations.hardware.uart;

import violations.hardware.dma.OtherChip;

final class KnowsTheOtherChip {
    OtherChip chip = new OtherChip();
}
