package violations.hardware.dma;

public final class OtherChip {}
