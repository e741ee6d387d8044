package dmakit.kernel.sched;

import dmakit.kernel.Linux;
import dmakit.kernel.log.Log;
import dmakit.machine.cpu.AddressLayout;
import dmakit.machine.cpu.CpuFault;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Where failures of kernel and driver code end: reported as the kernel would, and remembered. */
public final class Oopses {
    /** Failures remembered; later ones are only in the log. */
    public static final int REMEMBERED_MAX = 64;

    private static final int ESR_DATA_ABORT = 0x9600_0000;
    private static final int ESR_TRANSLATION_FAULT = 0x04;
    private static final int ESR_EXTERNAL_ABORT = 0x10;
    private static final int ESR_WRITE = 1 << 6;
    private static final int ESR_BREAK_BUG = 0xf200_0800;

    private final Log log;
    private final Contexts contexts;
    private final Supplier<KernelTask> current;
    private final List<Throwable> failures = new ArrayList<>();
    private int count;
    private @Nullable KernelPanic panic;

    Oopses(Log log, Contexts contexts, Supplier<KernelTask> current) {
        this.log = log;
        this.contexts = contexts;
        this.current = current;
    }

    /** Failures so far, oldest first. */
    public List<Throwable> failures() {
        return Collections.unmodifiableList(failures);
    }

    /** What stopped the kernel, or null while it runs. */
    public @Nullable KernelPanic panic() {
        return panic;
    }

    /**
     * Reports a failure that ends the current task; a {@link KernelBug} is in the log already, and
     * what is a {@linkplain KernelBug#isConsequence consequence} of one is none of its own.
     */
    @Linux(file = "arch/arm64/kernel/traps.c", symbol = "die")
    public void report(Throwable failure) {
        if (failure instanceof KernelBug bug && bug.isConsequence()) {
            return;
        }
        count++;
        if (failures.size() < REMEMBERED_MAX) {
            failures.add(failure);
        }
        if (failure instanceof KernelBug) {
            return;
        }
        if (failure instanceof CpuFault fault) {
            reportFault(fault);
        } else {
            log.err("%s", failure);
            log.alert("kernel BUG at %s!", StackText.site(failure));
            log.emerg(
                    "Internal error: Oops - BUG: %016x [#%d] SMP", unsigned(ESR_BREAK_BUG), count);
        }
        KernelTask task = current.get();
        log.emerg("CPU: 0 UID: 0 PID: %d Comm: %.20s Not tainted", task.pid(), task.name());
        log.emerg("preempt_count: %x, %s", contexts.preemptCount(), contexts.describe());
        contexts.logCallTrace(failure);
        log.emerg("---[ end trace 0000000000000000 ]---");
    }

    private void reportFault(CpuFault fault) {
        boolean external = !String.valueOf(fault.getMessage()).startsWith("page fault");
        int esr =
                ESR_DATA_ABORT
                        | (external ? ESR_EXTERNAL_ABORT : ESR_TRANSLATION_FAULT)
                        | (fault.isWrite() ? ESR_WRITE : 0);
        if (external) {
            log.alert("%s", String.valueOf(fault.getMessage()));
            log.emerg(
                    "Internal error: synchronous external abort: %016x [#%d] SMP",
                    unsigned(esr), count);
            return;
        }
        boolean nearNull = Long.compareUnsigned(fault.address(), AddressLayout.PAGE_BYTES) < 0;
        log.alert(
                "Unable to handle kernel %s at virtual address %016x",
                nearNull ? "NULL pointer dereference" : "paging request", fault.address());
        log.alert("Mem abort info:");
        log.alert("  ESR = 0x%016x", unsigned(esr));
        log.alert("  WnR = %d", fault.isWrite() ? 1 : 0);
        log.emerg("Internal error: Oops: %016x [#%d] SMP", unsigned(esr), count);
    }

    /**
     * Reports a failure in an interrupt, which stops the kernel.
     *
     * @return what the caller has to throw
     */
    @Linux(file = "kernel/panic.c", symbol = "panic")
    public KernelPanic inInterrupt(Throwable failure) {
        KernelPanic earlier = panic;
        if (earlier != null) {
            return earlier;
        }
        report(failure);
        String reason = "Oops: Fatal exception in interrupt";
        log.emerg("Kernel panic - not syncing: %s", reason);
        log.emerg("---[ end Kernel panic - not syncing: %s ]---", reason);
        KernelPanic now = new KernelPanic(reason, failure);
        panic = now;
        return now;
    }

    /**
     * Stops the kernel for a reason of its own.
     *
     * @return what the caller has to throw
     */
    @Linux(file = "kernel/panic.c", symbol = "panic")
    public KernelPanic stop(String reason) {
        KernelPanic earlier = panic;
        if (earlier != null) {
            return earlier;
        }
        IllegalStateException cause = new IllegalStateException(reason);
        count++;
        failures.add(cause);
        log.emerg("Kernel panic - not syncing: %s", reason);
        log.emerg("---[ end Kernel panic - not syncing: %s ]---", reason);
        KernelPanic now = new KernelPanic(reason, cause);
        panic = now;
        return now;
    }

    /** Ends the caller, too, once the kernel has stopped. */
    void checkRunning() {
        KernelPanic stopped = panic;
        if (stopped != null) {
            throw stopped;
        }
    }

    private static long unsigned(int word) {
        return Integer.toUnsignedLong(word);
    }
}
