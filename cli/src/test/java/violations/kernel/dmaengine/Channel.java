package violations.kernel.dmaengine;

public final class Channel {}
