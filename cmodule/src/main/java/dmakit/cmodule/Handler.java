package dmakit.cmodule;

/** Answers the calls of one service. */
@FunctionalInterface
public interface Handler {
    /**
     * Answers one call, in the task that made it; it may block, and run C functions meanwhile.
     *
     * @return what the C function makes its result of
     * @throws dmakit.kernel.KernelException which answers the negative error number instead
     */
    long serve(Call call);
}
