package violations.kernel.drivers.second;

public final class OtherDriver {}
