package dmakit.kernel.drivers.smmu;

import dmakit.datasheet.smmu.GlobalRegister;
import dmakit.datasheet.smmu.GlobalRegister.S2cr;
import dmakit.datasheet.smmu.GlobalRegister.Smr;
import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.Linux;
import org.jspecify.annotations.Nullable;

/**
 * The stream match groups of an SMMU: which streams they match, and where those go. A group serves
 * every master whose streams it matches.
 */
final class StreamMap {
    private static final String FILE = "drivers/iommu/arm/arm-smmu/arm-smmu.c";

    /** One group. */
    private static final class Group {
        private int id;
        private int mask;

        /** How many ids of masters it serves; none of a group that is free. */
        private int users;

        private int type;
        private int bank;

        /** What masters of these streams have in common. */
        private @Nullable Object key;
    }

    private final SmmuRegisters registers;
    private final Group[] groups;
    private final int typeOfFree;
    private final int idMask;
    private final int maskMask;

    /**
     * Takes all groups over, and finds out how many bits of a stream id they compare.
     *
     * @param typeOfFree where streams go that nobody attached
     */
    @Linux(file = FILE, symbol = "arm_smmu_test_smr_masks")
    StreamMap(SmmuRegisters registers, int count, int idBits, int typeOfFree) {
        this.registers = registers;
        this.typeOfFree = typeOfFree;
        groups = new Group[count];
        for (int i = 0; i < count; i++) {
            groups[i] = new Group();
            groups[i].type = typeOfFree;
        }
        int all = (1 << idBits) - 1 & Smr.ID.mask();
        registers.write(GlobalRegister.SMR, 0, Smr.ID.of(all));
        idMask = Smr.ID.get(registers.read(GlobalRegister.SMR, 0));
        registers.write(GlobalRegister.SMR, 0, Smr.MASK.of(idMask));
        maskMask = Smr.MASK.get(registers.read(GlobalRegister.SMR, 0));
    }

    /** The stream ids there are. */
    int idMask() {
        return idMask;
    }

    /** The bits of an id that a group can be told not to compare. */
    int maskMask() {
        return maskMask;
    }

    /** Lets the hardware have every group as it is. */
    void writeAll() {
        for (int i = 0; i < groups.length; i++) {
            write(i);
        }
    }

    /**
     * Takes a group for streams.
     *
     * @return its number
     * @throws KernelException EINVAL when another group matches some of them, ENOSPC when none is
     *     free
     */
    int take(int id, int mask) {
        int index = find(id, mask);
        Group group = groups[index];
        if (group.users == 0) {
            group.id = id;
            group.mask = mask;
        }
        group.users++;
        return index;
    }

    @Linux(file = FILE, symbol = "arm_smmu_find_sme")
    private int find(int id, int mask) {
        int free = -1;
        for (int i = 0; i < groups.length; i++) {
            Group group = groups[i];
            if (group.users == 0) {
                free = free < 0 ? i : free;
                continue;
            }
            int differing = id ^ group.id;
            if ((mask & ~group.mask) == 0 && (differing & ~group.mask) == 0) {
                return i;
            }
            if ((differing & ~(group.mask | mask)) == 0) {
                throw new KernelException(
                        Errno.EINVAL,
                        "streams 0x%x with mask 0x%x overlap those of group %d",
                        id,
                        mask,
                        i);
            }
        }
        if (free < 0) {
            throw new KernelException(
                    Errno.ENOSPC, "all %d stream match groups are taken", groups.length);
        }
        return free;
    }

    /** Gives a group back; with its last user it is free. */
    @Linux(file = FILE, symbol = "arm_smmu_free_sme")
    void give(int index) {
        Group group = groups[index];
        group.users--;
        if (group.users == 0) {
            group.type = typeOfFree;
            group.key = null;
            write(index);
        }
    }

    /** What masters of a group's streams have in common, or null. */
    @Nullable Object key(int index) {
        return groups[index].key;
    }

    /** Sets {@link #key}. */
    void key(int index, Object key) {
        groups[index].key = key;
    }

    /**
     * Sends a group's streams somewhere.
     *
     * @param type one of S2CR.TYPE
     * @param bank the context bank, where it is to translate
     */
    @Linux(file = FILE, symbol = "arm_smmu_master_install_s2crs")
    void send(int index, int type, int bank) {
        groups[index].type = type;
        groups[index].bank = bank;
        write(index);
    }

    /** Where first, then who: a stream never goes where its group sent others. */
    @Linux(file = FILE, symbol = "arm_smmu_write_sme")
    void write(int index) {
        Group group = groups[index];
        int way = S2cr.TYPE.of(group.type);
        registers.write(GlobalRegister.S2CR, index, S2cr.CBNDX.with(way, group.bank));
        int match = Smr.ID.of(group.id) | Smr.MASK.of(group.mask);
        registers.write(GlobalRegister.SMR, index, Smr.VALID.with(match, group.users > 0));
    }
}
