package violations.machine;

import violations.kernel.drivers.second.OtherDriver;

final class KnowsTheKernel {
    OtherDriver driver = new OtherDriver();
}
