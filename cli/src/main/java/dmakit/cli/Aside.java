package dmakit.cli;

import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.Supplier;

/**
 * Something that is done beside what goes on, until its result is needed. Never simulated code,
 * which has one thread.
 */
final class Aside<T> {
    private final FutureTask<T> task;

    private Aside(FutureTask<T> task) {
        this.task = task;
    }

    static <T> Aside<T> begin(Supplier<T> work) {
        var task = new FutureTask<T>(work::get);
        Thread.ofPlatform().daemon().start(task);
        return new Aside<>(task);
    }

    /** Waits for the result; what the work threw comes out here. */
    T await() {
        try {
            return task.get();
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case RuntimeException failure -> throw failure;
                case Error failure -> throw failure;
                case null, default -> throw new IllegalStateException(e);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CancellationException("interrupted");
        }
    }
}
