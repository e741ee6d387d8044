package dmakit.kernel.boot;

import java.util.List;

/** Kernel or driver code failed in a thread nobody waits for; the log tells how. */
public final class KernelOops extends RuntimeException {
    private static final long serialVersionUID = 1L;

    KernelOops(List<Throwable> failures) {
        super(
                "%d failure(s) in the kernel, the first: %s"
                        .formatted(failures.size(), failures.getFirst()),
                failures.getFirst());
        failures.subList(1, failures.size()).forEach(this::addSuppressed);
    }
}
