package dmakit.cmodule.service;

import dmakit.cmodule.CHost;
import dmakit.cmodule.Call;
import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.check.FindingId;
import dmakit.kernel.check.Findings;
import dmakit.kernel.dmaengine.Channel;
import dmakit.kernel.dmaengine.Descriptor;
import dmakit.kernel.dmaengine.DmaEngine;
import dmakit.kernel.dmaengine.MetadataMode;
import dmakit.kernel.dmaengine.PrepFlags;
import dmakit.kernel.dmaengine.ResultCallback;
import dmakit.kernel.dmaengine.SumCheck;
import dmakit.kernel.dmaengine.TransferResult;
import dmakit.kernel.log.Log;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Descriptors of providers in Java that C code holds, by the numbers it knows them by. */
final class Descriptors {
    /** Descriptors that C code may hold at a time; number 0 means none. */
    static final int COUNT_MAX = 65_536;

    private final CHost host;
    private final DmaEngine engine;
    private final Findings findings;
    private final Log log;
    private final List<Slot> slots = new ArrayList<>();

    /** Those that check a sum and have not told what they found. */
    private final List<Slot> summing = new ArrayList<>();

    private @Nullable Slot firstFree;

    Descriptors(CHost host, DmaEngine engine, Findings findings, Log log) {
        this.host = host;
        this.engine = engine;
        this.findings = findings;
        this.log = log;
    }

    /**
     * Prepares one.
     *
     * @param sum what a check of a sum finds, or null for another transfer
     * @return its number; 0 when the provider refuses, or there are too many
     */
    long prepared(
            Channel channel, boolean cyclic, @Nullable SumCheck sum, Supplier<Descriptor> prep) {
        Slot slot = takeSlot();
        if (slot == null) {
            log.err("a module holds more than %d descriptors", COUNT_MAX - 1);
            return 0;
        }
        try {
            slot.begin(channel, prep.get(), cyclic, sum);
            return slot.number;
        } catch (KernelException refused) {
            free(slot);
            return 0;
        }
    }

    /** Submits one; its end calls a function. Answers a cookie or a negative errno. */
    long submit(long number, long transferEnded, int flags) {
        return slot(number).submit(transferEnded, flags);
    }

    /** Gives one back that was kept for another transfer. */
    long giveBack(long number) {
        Slot slot = slot(number);
        if (slot.channel != null) {
            slot.giveBack();
            free(slot);
        }
        return 0;
    }

    /**
     * The descriptor of a number.
     *
     * @throws KernelException EINVAL when its transfer has ended
     */
    Descriptor get(long number) {
        Descriptor found = slot(number).descriptor;
        if (found == null) {
            throw new KernelException(Errno.EINVAL, "a descriptor whose transfer has ended");
        }
        return found;
    }

    /** Where one was submitted. */
    long submittedAt(long number) {
        return slot(number).submittedAt;
    }

    /** A cookie is complete: tells what a check of a sum found before its callback does. */
    void tellSum(Channel channel, int cookie, Call call) {
        for (Slot slot : summing) {
            SumCheck sum = slot.sum;
            if (sum != null && slot.isOf(channel) && slot.submitted && slot.cookie == cookie) {
                call.out(4, slot.number);
                call.out(5, sum.bits());
                return;
            }
        }
    }

    /**
     * What C knows of one descriptor: a number. It is free again when its callback has begun, or
     * when none can come any more.
     */
    private final class Slot implements ResultCallback {
        final int number;
        @Nullable Slot nextFree;
        private @Nullable Channel channel;
        private @Nullable Descriptor descriptor;
        private long transferEnded;
        private long submittedAt;
        private boolean cyclic;
        private boolean submitted;
        private int cookie;
        private @Nullable SumCheck sum;

        Slot(int number) {
            this.number = number;
        }

        void begin(
                Channel newChannel,
                Descriptor newDescriptor,
                boolean isCyclic,
                @Nullable SumCheck newSum) {
            sum = newSum;
            if (newSum != null) {
                summing.add(this);
            }
            channel = newChannel;
            descriptor = newDescriptor.callbackResult(this);
            cyclic = isCyclic;
            submitted = false;
        }

        long submit(long transferEndedFunction, int flags) {
            Descriptor desc = descriptor;
            Channel of = channel;
            if (desc == null || of == null) {
                findings.report(
                                FindingId.DESCRIPTOR_REUSE,
                                "a descriptor is submitted whose transfer has ended")
                        .add();
                return -Errno.EINVAL.number();
            }
            if (submitted && !desc.isReused()) {
                engine.rules().resubmitted(of);
                return -Errno.EINVAL.number();
            }
            if ((flags & PrepFlags.REUSE) != 0 && !desc.isReused()) {
                desc.setReuse();
            } else if ((flags & PrepFlags.REUSE) == 0) {
                desc.clearReuse();
            }
            submitted = true;
            submittedAt = findings.here();
            transferEnded = transferEndedFunction;
            desc.callbackResult(this);
            cookie = desc.submit();
            return cookie;
        }

        boolean isKept() {
            Descriptor desc = descriptor;
            return desc != null && desc.isReused();
        }

        void giveBack() {
            Descriptor desc = descriptor;
            if (desc != null) {
                desc.free();
            }
        }

        boolean isOf(Channel wanted) {
            return wanted.equals(channel);
        }

        void end() {
            channel = null;
            descriptor = null;
            if (sum != null) {
                summing.remove(this);
                sum = null;
            }
        }

        /** Completion, or a period, in a tasklet. */
        @Override
        public void done(TransferResult result, int residue) {
            long function = transferEnded;
            SumCheck found = sum;
            boolean over = !cyclic && !isKept();
            // What C code knows of it is read before anything can prepare the next one; where the
            // provider shows its metadata, the callback may still ask for that.
            boolean afterwards = over && showsMetadata();
            if (over && !afterwards) {
                free(this);
            }
            host.run(
                    function,
                    number,
                    result.ordinal(),
                    Integer.toUnsignedLong(residue),
                    cyclic ? 1 : 0,
                    found == null ? 0 : found.bits(),
                    0,
                    0,
                    0);
            if (afterwards) {
                free(this);
            }
        }

        private boolean showsMetadata() {
            Channel of = channel;
            return of != null && of.device().supports(MetadataMode.ENGINE);
        }
    }

    private @Nullable Slot takeSlot() {
        Slot free = firstFree;
        if (free != null) {
            firstFree = free.nextFree;
            free.nextFree = null;
            return free;
        }
        if (slots.size() + 1 == COUNT_MAX) {
            return null;
        }
        Slot made = new Slot(slots.size() + 1);
        slots.add(made);
        return made;
    }

    private void free(Slot slot) {
        slot.end();
        slot.nextFree = firstFree;
        firstFree = slot;
    }

    /** Forgets what was prepared for a channel: no callback of it comes any more. */
    void endAllOf(Channel channel) {
        for (Slot slot : slots) {
            if (slot.isOf(channel)) {
                free(slot);
            }
        }
    }

    private Slot slot(long number) {
        return slots.get((int) number - 1);
    }
}
