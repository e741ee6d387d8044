package dmakit.labs.net;

import dmakit.kernel.boot.Kernel;
import dmakit.kernel.device.OfMatch;
import dmakit.kernel.device.PlatformDevice;
import dmakit.kernel.device.PlatformDriver;
import java.util.ArrayList;
import java.util.List;

/** Binds the MACs of a board, in the order of the tree. */
final class NicDriver implements PlatformDriver {
    static final String COMPATIBLE = "xlnx,axi-ethernet-1.00.a";

    private final Kernel kernel;
    private final int ring;
    private final List<Nic> nics = new ArrayList<>();

    NicDriver(Kernel kernel, int ring) {
        this.kernel = kernel;
        this.ring = ring;
    }

    @Override
    public String name() {
        return "xilinx_axienet";
    }

    @Override
    public List<OfMatch> ofMatch() {
        return List.of(new OfMatch(COMPATIBLE));
    }

    @Override
    public void probe(PlatformDevice platform) {
        nics.add(new Nic(kernel, platform, ring));
    }

    /** The interfaces so far. */
    List<Nic> nics() {
        return List.copyOf(nics);
    }
}
