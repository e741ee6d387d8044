package violations.labs;

import violations.hardware.dma.OtherChip;

final class KnowsTheChip {
    OtherChip chip = new OtherChip();
}
