package dmakit.kernel.asynctx;

import dmakit.kernel.TestTrees;
import dmakit.kernel.boot.Kernel;
import dmakit.kernel.dmaengine.Descriptor;
import dmakit.kernel.dmaengine.TransactionType;
import dmakit.kernel.mm.Gfp;
import dmakit.kernel.sync.Completion;
import dmakit.machine.Machine;
import dmakit.machine.cpu.AddressLayout;
import dmakit.machine.cpu.CostTable;
import dmakit.machine.memory.Ram;
import dmakit.machine.random.Rng;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A kernel with whatever engines a test wants, on a machine whose devices do not snoop. */
final class AsyncFixture implements AutoCloseable {
    static final TransactionType[] EVERYTHING = {
        TransactionType.MEMCPY,
        TransactionType.MEMSET,
        TransactionType.XOR,
        TransactionType.XOR_VAL,
        TransactionType.PQ,
        TransactionType.PQ_VAL,
        TransactionType.INTERRUPT
    };

    final Machine machine =
            new Machine(
                    new Machine.Config(
                            List.of(new Ram.Bank(0, 64 << 20)),
                            false,
                            new Machine.Cache.None(),
                            CostTable.CORTEX_A53,
                            1));
    final Kernel kernel =
            Kernel.boot(machine, TestTrees.soc(), TestTrees.LINES, _ -> {}, "quiet cma=0");
    final AsyncTx async = kernel.asyncTx();
    final AsyncSubmit submit = new AsyncSubmit();
    final List<ParityProvider> providers = new ArrayList<>();
    final Rng rng;

    AsyncFixture(long seed) {
        rng = new Rng(seed);
    }

    ParityProvider provider(TransactionType... types) {
        int number = providers.size();
        ParityProvider provider =
                new ParityProvider(kernel, "raid" + number, 20 + number, 1, types).registered();
        providers.add(provider);
        return provider;
    }

    void run(Runnable body) {
        kernel.run(
                "test",
                () -> {
                    kernel.dmaEngine().get();
                    body.run();
                    kernel.dmaEngine().put();
                });
    }

    /** Pages that are one after the other; answers the first. */
    long pages(int order) {
        return kernel.mm().pages().allocPages(Gfp.KERNEL, order);
    }

    long page() {
        return pages(0);
    }

    byte[] random(int bytes) {
        byte[] random = new byte[bytes];
        for (int i = 0; i < bytes; i++) {
            random[i] = (byte) rng.nextInt(256);
        }
        return random;
    }

    void store(long page, long offset, byte[] bytes) {
        machine.cpu().store(AddressLayout.LINEAR_BASE + page + offset, bytes, 0, bytes.length);
    }

    byte[] load(long page, long offset, int bytes) {
        byte[] loaded = new byte[bytes];
        machine.cpu().load(AddressLayout.LINEAR_BASE + page + offset, loaded, 0, bytes);
        return loaded;
    }

    /** Waits for a descriptor, which the client has not acknowledged. */
    void finish(@Nullable Descriptor desc) {
        async.issuePendingAll();
        async.quiesce(desc);
    }

    /** Something to wait for, and what counts how often it was called. */
    final class Called implements Runnable {
        final Completion completion = new Completion(kernel.sched());
        int times;

        @Override
        public void run() {
            times++;
            completion.complete();
        }

        void await() {
            async.issuePendingAll();
            completion.waitFor();
        }
    }

    @Override
    public void close() {
        machine.close();
    }
}
