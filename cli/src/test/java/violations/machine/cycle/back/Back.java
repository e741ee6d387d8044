package violations.machine.cycle.back;

import violations.machine.cycle.there.There;

public final class Back {
    There there;
}
