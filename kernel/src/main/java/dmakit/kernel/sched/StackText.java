package dmakit.kernel.sched;

import java.util.ArrayList;
import java.util.List;

/** Java stacks as the kernel prints call traces. */
final class StackText {
    /** Frames printed at most. */
    static final int FRAME_COUNT_MAX = 24;

    private StackText() {}

    /** The frames of a failure, innermost first, down to where its task began. */
    static List<String> of(Throwable failure) {
        List<String> frames = new ArrayList<>();
        for (StackTraceElement frame : failure.getStackTrace()) {
            if (frame.getClassName().startsWith("jdk.internal.vm.")
                    || frames.size() == FRAME_COUNT_MAX) {
                break;
            }
            String type = frame.getClassName();
            frames.add(
                    " %s.%s (%s:%d)"
                            .formatted(
                                    type.substring(type.lastIndexOf('.') + 1),
                                    frame.getMethodName(),
                                    frame.getFileName(),
                                    frame.getLineNumber()));
        }
        return frames;
    }

    /** The innermost frame outside of the JDK and of the machine, as {@code file:line}. */
    static String site(Throwable failure) {
        for (StackTraceElement frame : failure.getStackTrace()) {
            String type = frame.getClassName();
            if (!type.startsWith("java.")
                    && !type.startsWith("dmakit.machine.")
                    && !type.equals(Contexts.class.getName())) {
                return frame.getFileName() + ":" + frame.getLineNumber();
            }
        }
        return "unknown:0";
    }
}
