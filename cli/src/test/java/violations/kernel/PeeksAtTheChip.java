package violations.kernel;

import violations.hardware.dma.OtherChip;

final class PeeksAtTheChip {
    OtherChip chip = new OtherChip();
}
