package violations.kernel;

import java.lang.foreign.MemorySegment;

final class TouchesNativeMemory {
    MemorySegment segment = MemorySegment.NULL;
}
