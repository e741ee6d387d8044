package violations.machine;

import jdk.internal.vm.ContinuationScope;

final class UsesContinuations {
    ContinuationScope scope = new ContinuationScope("scope");
}
