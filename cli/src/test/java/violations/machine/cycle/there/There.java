package violations.machine.cycle.there;

import violations.machine.cycle.back.Back;

public final class There {
    Back back;
}
