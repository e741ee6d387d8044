package dmakit.kernel.drivers.xdmac;

import dmakit.datasheet.xdmac.XdmacChannelRegister.Cc;
import dmakit.datasheet.xdmac.XdmacDescriptor.Ubc;
import dmakit.kernel.Linux;
import dmakit.kernel.dmaengine.Descriptor;
import dmakit.kernel.dmaengine.PrepFlags;
import java.util.ArrayList;
import java.util.List;

/** One transfer: the list that the controller walks for it. */
@Linux(file = "drivers/dma/at_xdmac.c", symbol = "struct at_xdmac_desc")
final class AtXdmacTransfer extends Descriptor {
    private static final int ADDRESS_MASK = ~3;

    private final AtXdmacChannel channel;
    final List<Lld> list = new ArrayList<>();

    /** All its bytes. */
    long size;

    boolean cyclic;

    /** The controller has been given it. */
    boolean active;

    AtXdmacTransfer(AtXdmacChannel channel) {
        super(channel);
        this.channel = channel;
    }

    void prepared(int flags) {
        begin(flags);
    }

    Lld first() {
        return list.getFirst();
    }

    /** Puts a descriptor behind those it has. */
    void append(Lld lld) {
        if (!list.isEmpty()) {
            list.getLast().chain(lld);
        }
        list.add(lld);
    }

    /** Whether a peripheral gives the data. */
    boolean comesFromDevice() {
        int configuration = first().configuration;
        return Cc.TYPE.isSet(configuration) && !Cc.DSYNC.isSet(configuration);
    }

    /**
     * Bytes not yet moved: all, less the blocks before the current one and the current one, and
     * again what is left of that.
     *
     * @param next what the controller fetches after the current block
     * @param data of the current microblock that are left
     * @param microblocks of the current block that come after it
     */
    long residue(int next, int data, int microblocks) {
        long residue = size;
        for (Lld lld : list) {
            int datumBytes = 1 << Cc.DWIDTH.get(lld.configuration);
            long microblock = (long) Ubc.UBLEN.get(lld.ubc) * datumBytes;
            residue -= microblock * (lld.microblocksAfter + 1L);
            if ((lld.next & ADDRESS_MASK) == next) {
                long left = (long) data * datumBytes;
                return residue + left + (data == 0 ? 0 : microblock * microblocks);
            }
        }
        return residue;
    }

    @Override
    protected int submitToProvider() {
        return channel.submitted(this);
    }

    @Override
    protected void freeByProvider() {
        channel.recycle(this);
    }

    int assign() {
        return assignCookie();
    }

    void complete() {
        completeCookie();
        unmap();
    }

    void callBack() {
        if ((flags() & PrepFlags.INTERRUPT) != 0) {
            invokeCallback();
        }
    }
}
