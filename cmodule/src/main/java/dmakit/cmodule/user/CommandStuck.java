package dmakit.cmodule.user;

/**
 * The time of a command was over while kernel code kept the CPU: it loops, and would for ever. The
 * kernel is of no use any more.
 *
 * <p>An {@link Error}, as it comes in the middle of that code, which must not take it for its own.
 */
public final class CommandStuck extends Error {
    private static final long serialVersionUID = 1L;

    CommandStuck(String task) {
        super("the command's time was over while %s looped in the kernel".formatted(task));
    }
}
