package violations.kernel;

import java.util.ArrayList;

final class KeepsAStaticTable {
    static final ArrayList<String> NAMES = new ArrayList<>();
}
