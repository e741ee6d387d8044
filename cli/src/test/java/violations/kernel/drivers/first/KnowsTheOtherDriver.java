package violations.kernel.drivers.first;

import violations.kernel.drivers.second.OtherDriver;

final class KnowsTheOtherDriver {
    OtherDriver driver = new OtherDriver();
}
