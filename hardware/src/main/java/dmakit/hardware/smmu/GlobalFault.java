package dmakit.hardware.smmu;

import dmakit.datasheet.smmu.GlobalRegister;
import dmakit.datasheet.smmu.GlobalRegister.Gfsr;
import dmakit.datasheet.smmu.GlobalRegister.Gfsynr0;
import dmakit.datasheet.smmu.GlobalRegister.Gfsynr1;
import dmakit.hardware.Halves;

/** The first access that was refused before it came to a context bank, until software clears it. */
final class GlobalFault {
    private int gfsr;
    private int gfsynr0;
    private int gfsynr1;
    private long gfar;

    boolean isAny() {
        return gfsr != 0;
    }

    /**
     * Keeps a fault, or that there was another.
     *
     * @param why a bit of {@link Gfsr}
     */
    void record(int why, long address, boolean write, int streamId) {
        if (gfsr != 0) {
            gfsr = Gfsr.MULTI.with(gfsr, true);
            return;
        }
        gfsr = why;
        gfar = address;
        gfsynr0 = Gfsynr0.WNR.with(0, write);
        gfsynr1 = Gfsynr1.STREAMID.of(streamId);
    }

    /** Clears what software has seen. */
    void handled(int bits) {
        gfsr &= ~bits;
    }

    int gfsr() {
        return gfsr;
    }

    void gfsr(int value) {
        gfsr = value & GlobalRegister.GFSR.writableMask();
    }

    int gfsynr0() {
        return gfsynr0;
    }

    void gfsynr0(int value) {
        gfsynr0 = value & GlobalRegister.GFSYNR0.writableMask();
    }

    int gfsynr1() {
        return gfsynr1;
    }

    void gfsynr1(int value) {
        gfsynr1 = value & GlobalRegister.GFSYNR1.writableMask();
    }

    long gfar() {
        return gfar;
    }

    void gfarLow(int value) {
        gfar = Halves.withLow(gfar, value);
    }

    void gfarHigh(int value) {
        gfar = Halves.withHigh(gfar, value);
    }
}
