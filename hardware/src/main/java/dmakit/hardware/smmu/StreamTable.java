package dmakit.hardware.smmu;

import dmakit.datasheet.smmu.GlobalRegister;
import dmakit.datasheet.smmu.GlobalRegister.Cr0;
import dmakit.datasheet.smmu.GlobalRegister.Gfsr;
import dmakit.datasheet.smmu.GlobalRegister.S2cr;
import dmakit.datasheet.smmu.GlobalRegister.Smr;

/** Which way each stream goes: CR0, and the groups that SMR matches and S2CR leads on. */
final class StreamTable {
    private static final int NO_GROUP = -1;

    private final ContextBank[] banks;
    private final int[] smr;
    private final int[] s2cr;
    private int cr0 = GlobalRegister.CR0.reset();

    StreamTable(int groups, ContextBank[] banks) {
        this.banks = banks;
        smr = new int[groups];
        s2cr = new int[groups];
    }

    int groupCount() {
        return smr.length;
    }

    int cr0() {
        return cr0;
    }

    void cr0(int value) {
        cr0 = (value & GlobalRegister.CR0.writableMask()) | Cr0.SMCFCFG.mask();
    }

    int smr(int group) {
        return smr[group];
    }

    void smr(int group, int value) {
        smr[group] = value & GlobalRegister.SMR.writableMask();
    }

    int s2cr(int group) {
        return s2cr[group];
    }

    void s2cr(int group, int value) {
        s2cr[group] = value & GlobalRegister.S2CR.writableMask();
    }

    /** What happens to a stream, by the registers as they are now. */
    Route routeOf(int streamId) {
        if (Cr0.CLIENTPD.isSet(cr0)) {
            return Route.Through.ALL;
        }
        int group = NO_GROUP;
        for (int i = 0; i < smr.length; i++) {
            if (matches(smr[i], streamId)) {
                if (group != NO_GROUP) {
                    return new Route.Refused(Gfsr.SMCF.mask());
                }
                group = i;
            }
        }
        if (group == NO_GROUP) {
            return Cr0.USFCFG.isSet(cr0) ? new Route.Refused(Gfsr.USF.mask()) : Route.Through.ALL;
        }
        return switch (S2cr.TYPE.get(s2cr[group])) {
            case GlobalRegister.TYPE_TRANSLATE -> toBank(s2cr[group]);
            case GlobalRegister.TYPE_BYPASS -> Route.Through.ALL;
            default -> new Route.Refused(Gfsr.ICF.mask());
        };
    }

    private static boolean matches(int smr, int streamId) {
        int differs = Smr.ID.get(smr) ^ streamId;
        return Smr.VALID.isSet(smr) && (differs & ~Smr.MASK.get(smr) & Smmu.STREAM_ID_MAX) == 0;
    }

    private Route toBank(int way) {
        int number = S2cr.CBNDX.get(way);
        if (number >= banks.length || !banks[number].isStage1()) {
            return new Route.Refused(Gfsr.UCBF.mask());
        }
        ContextBank bank = banks[number];
        boolean privileged = S2cr.PRIVCFG.get(way) == GlobalRegister.PRIVCFG_PRIVILEGED;
        return bank.translates() ? new Route.ToBank(bank, number, privileged) : Route.Through.ALL;
    }
}
