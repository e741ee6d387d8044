package dmakit.hardware.smmu;

import static dmakit.hardware.smmu.SmmuRig.BANK;
import static dmakit.hardware.smmu.SmmuRig.BLOCK;
import static dmakit.hardware.smmu.SmmuRig.OTHER;
import static dmakit.hardware.smmu.SmmuRig.PAGE;
import static dmakit.hardware.smmu.SmmuRig.STREAM;
import static dmakit.hardware.smmu.SmmuRig.reaches;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmakit.datasheet.smmu.ContextAttributeRegister;
import dmakit.datasheet.smmu.ContextAttributeRegister.Cbar;
import dmakit.datasheet.smmu.ContextBankRegister;
import dmakit.datasheet.smmu.ContextBankRegister.Fsr;
import dmakit.datasheet.smmu.ContextBankRegister.Fsynr0;
import dmakit.datasheet.smmu.ContextBankRegister.Tcr;
import dmakit.datasheet.smmu.ContextBankRegister.Tcr2;
import dmakit.datasheet.smmu.GlobalRegister;
import dmakit.datasheet.smmu.GlobalRegister.Cr0;
import dmakit.datasheet.smmu.GlobalRegister.Gfsr;
import dmakit.datasheet.smmu.GlobalRegister.S2cr;
import dmakit.datasheet.smmu.LongDescriptor;
import dmakit.machine.bus.Translation;
import dmakit.machine.cpu.AddressLayout;
import dmakit.machine.random.Rng;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SmmuTest {
    private static final long IOVA = 0x12_3456_7000L;
    private static final long PHYS = 0x40_0000L;
    private static final long OTHER_PHYS = 0x50_0000L;

    private final SmmuRig rig = new SmmuRig();

    @AfterEach
    void close() {
        rig.close();
    }

    private boolean reads(long address) {
        return reaches(rig.master, address, false);
    }

    private boolean writes(long address) {
        return reaches(rig.master, address, true);
    }

    private int fsr() {
        return rig.read(ContextBankRegister.FSR);
    }

    @Nested
    class Streams {
        @Test
        void goThroughAfterPowerOn() {
            assertThat(reaches(rig.master, PHYS, true)).isTrue();
            assertThat(rig.stream(7).toPhys(0x5000, false)).isEqualTo(0x5000);
            assertThat(rig.stream(7).contiguousFrom(0x5000, false)).isNotZero();
        }

        @Test
        void ofNoGroupFaultOnceThatIsAskedFor() {
            rig.start();
            assertThat(reaches(rig.other, PHYS, true)).isFalse();
            assertThat(rig.read(GlobalRegister.GFSR)).isEqualTo(Gfsr.USF.mask());
            assertThat(rig.read(GlobalRegister.GFAR)).isEqualTo((int) PHYS);
            assertThat(rig.read(GlobalRegister.GFSYNR1)).isEqualTo(OTHER);
            assertThat(rig.globalLine.isAsserted()).isTrue();
            assertThat(reaches(rig.other, PHYS, false)).isFalse();
            assertThat(Gfsr.MULTI.isSet(rig.read(GlobalRegister.GFSR))).isTrue();
            rig.write(GlobalRegister.GFSR, -1);
            assertThat(rig.read(GlobalRegister.GFSR)).isZero();
            assertThat(rig.globalLine.isAsserted()).isFalse();
        }

        @Test
        void ofNoGroupGoThroughOtherwise() {
            rig.start();
            rig.write(GlobalRegister.CR0, Cr0.GFIE.mask());
            assertThat(reaches(rig.other, PHYS, true)).isTrue();
        }

        @Test
        void ofAGroupThatFaultsGoNowhere() {
            rig.start().group(1, OTHER, 0, GlobalRegister.TYPE_FAULT);
            assertThat(reaches(rig.other, PHYS, true)).isFalse();
            assertThat(rig.read(GlobalRegister.GFSR)).isEqualTo(Gfsr.ICF.mask());
        }

        @Test
        void ofAGroupThatBypassesGoThrough() {
            rig.start().group(1, OTHER, 0, GlobalRegister.TYPE_BYPASS);
            assertThat(reaches(rig.other, PHYS, true)).isTrue();
            assertThat(reads(PHYS)).isFalse();
        }

        @Test
        void areComparedWithoutTheBitsOfTheMask() {
            rig.start().group(1, 0x40, 0x3c, GlobalRegister.TYPE_BYPASS);
            assertThat(rig.stream(0x7c).toPhys(PHYS, false)).isEqualTo(PHYS);
            assertThat(rig.stream(0x7d).toPhys(PHYS, false)).isEqualTo(Translation.NONE);
        }

        @Test
        void ofTwoGroupsFault() {
            rig.start().group(1, STREAM, 0, GlobalRegister.TYPE_TRANSLATE);
            assertThat(reads(IOVA)).isFalse();
            assertThat(rig.read(GlobalRegister.GFSR)).isEqualTo(Gfsr.SMCF.mask());
        }

        @Test
        void ofABankThatIsNoneFault() {
            rig.start();
            rig.write(GlobalRegister.S2CR, 0, S2cr.CBNDX.of(200));
            assertThat(reads(IOVA)).isFalse();
            assertThat(rig.read(GlobalRegister.GFSR)).isEqualTo(Gfsr.UCBF.mask());
        }

        @Test
        void ofABankForStage2AreRefused() {
            rig.start();
            rig.write(
                    ContextAttributeRegister.CBAR,
                    BANK,
                    Cbar.TYPE.of(ContextAttributeRegister.TYPE_STAGE_2));
            assertThat(reads(IOVA)).isFalse();
            assertThat(rig.read(GlobalRegister.GFSR)).isEqualTo(Gfsr.UCBF.mask());
        }

        @Test
        void haveIdsOf15Bits() {
            assertThatThrownBy(() -> rig.stream(Smmu.STREAM_ID_MAX + 1))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("0x8000");
        }
    }

    @Nested
    class Tables {
        @Test
        void sayWhereAnAddressLeads() {
            rig.start().map(IOVA, PHYS | PAGE);
            Translation stream = rig.stream(STREAM);
            assertThat(stream.toPhys(IOVA + 0x123, true)).isEqualTo(PHYS + 0x123);
            assertThat(stream.contiguousFrom(IOVA + 0x123, true)).isEqualTo(0x1000 - 0x123);
            assertThat(stream.toPhys(IOVA + 0x1000, true)).isEqualTo(Translation.NONE);
            assertThat(stream.contiguousFrom(IOVA + 0x1000, true)).isZero();
            assertThat(stream.toPhys(IOVA - 1, true)).isEqualTo(Translation.NONE);
        }

        @ParameterizedTest
        @CsvSource({"1, 0x40000000", "2, 0x200000"})
        void mayHoldBlocks(int level, long size) {
            rig.start();
            rig.store64(rig.descriptorAt(IOVA, level), BLOCK);
            Translation stream = rig.stream(STREAM);
            long start = IOVA & -size;
            assertThat(stream.toPhys(start + 0x1234, false)).isEqualTo(0x1234);
            assertThat(stream.contiguousFrom(start + 0x1234, false)).isEqualTo(size - 0x1234);
            assertThat(stream.toPhys(start + size - 1, false)).isEqualTo(size - 1);
            assertThat(stream.toPhys(start + size, false)).isEqualTo(Translation.NONE);
            assertThat(stream.toPhys(start - 1, false)).isEqualTo(Translation.NONE);
        }

        @Test
        void ofLevel0HoldNoBlocks() {
            rig.start();
            rig.store64(rig.descriptorAt(IOVA, 0), BLOCK);
            assertThat(reads(IOVA)).isFalse();
            assertThat(Fsynr0.PLVL.get(rig.read(ContextBankRegister.FSYNR0))).isZero();
        }

        @Test
        void ofLevel3HoldNoBlocks() {
            rig.start().map(IOVA, PHYS | BLOCK);
            assertThat(reads(IOVA)).isFalse();
        }

        @ParameterizedTest
        @CsvSource({"16, 0", "25, 1", "34, 2"})
        void startAtTheLevelTheSizeAsksFor(int t0sz, int level) {
            rig.start();
            rig.write(ContextBankRegister.TCR, Tcr.EPD1.mask() | Tcr.T0SZ.of(t0sz));
            long last = (1L << (64 - t0sz)) - 1;
            assertThat(reads(last & -8)).isFalse();
            assertThat(Fsynr0.PLVL.get(rig.read(ContextBankRegister.FSYNR0))).isEqualTo(level);
            assertThat(rig.stream(STREAM).toPhys(last + 1, false)).isEqualTo(Translation.NONE);
        }

        @Test
        void forTheTopOfAddressesHaveABaseOfTheirOwn() {
            rig.start().map(IOVA, PHYS | PAGE);
            long upper = IOVA | 0xffff_0000_0000_0000L;
            assertThat(rig.stream(STREAM).toPhys(upper, false)).isEqualTo(Translation.NONE);
            rig.write(
                    ContextBankRegister.TCR,
                    Tcr.T0SZ.of(16) | Tcr.T1SZ.of(16) | Tcr.TG1.of(2) | Tcr.EPD0.mask());
            rig.writeDouble(ContextBankRegister.TTBR1, rig.root);
            assertThat(rig.stream(STREAM).toPhys(upper, false)).isEqualTo(PHYS);
            assertThat(rig.stream(STREAM).toPhys(IOVA + 0x1000, false)).isEqualTo(Translation.NONE);
        }

        @Test
        void areReadInRamAndNotInTheCachesOfTheCpu() {
            rig.start();
            long at = rig.descriptorAt(IOVA, 3);
            var cpu = rig.machine.cpu();
            long va = AddressLayout.LINEAR_BASE + at;
            cpu.store64(va, PHYS | PAGE);
            assertThat(reads(IOVA)).isFalse();
            cpu.clean(at, 8);
            assertThat(reads(IOVA)).isTrue();
        }
    }

    @Nested
    class Permissions {
        @Test
        void letReadOnlyPagesBeReadAlone() {
            rig.start().map(IOVA, PHYS | PAGE | LongDescriptor.AP_READ_ONLY.mask());
            assertThat(reads(IOVA)).isTrue();
            assertThat(writes(IOVA)).isFalse();
            assertThat(Fsr.PF.isSet(fsr())).isTrue();
            assertThat(rig.read(ContextBankRegister.FSYNR0))
                    .isEqualTo(Fsynr0.WNR.mask() | Fsynr0.PLVL.of(3));
        }

        @Test
        void ofTablesHoldForAllBelow() {
            rig.start().map(IOVA, PHYS | PAGE);
            long above = rig.descriptorAt(IOVA, 1);
            rig.store64(above, rig.load64(above) | LongDescriptor.AP_READ_ONLY_TABLE.mask());
            assertThat(reads(IOVA)).isTrue();
            assertThat(writes(IOVA)).isFalse();
        }

        @Test
        void keepPrivilegedPagesFromOrdinaryMasters() {
            rig.start().map(IOVA, PHYS | (PAGE & ~LongDescriptor.AP_UNPRIVILEGED.mask()));
            assertThat(reads(IOVA)).isFalse();
            rig.write(
                    GlobalRegister.S2CR,
                    0,
                    S2cr.CBNDX.of(BANK) | S2cr.PRIVCFG.of(GlobalRegister.PRIVCFG_PRIVILEGED));
            assertThat(reads(IOVA)).isTrue();
        }

        @Test
        void needTheAccessFlag() {
            rig.start().map(IOVA, PHYS | (PAGE & ~LongDescriptor.AF.mask()));
            assertThat(reads(IOVA)).isFalse();
            assertThat(Fsr.AFF.isSet(fsr())).isTrue();
        }
    }

    @Nested
    class Faults {
        @Test
        void areRecordedWithWhatTheyWereAbout() {
            rig.start();
            assertThat(writes(IOVA + 0x18)).isFalse();
            assertThat(fsr()).isEqualTo(0x402);
            assertThat(rig.readDouble(ContextBankRegister.FAR)).isEqualTo(IOVA + 0x18);
            assertThat(rig.read(ContextBankRegister.FSYNR0)).isEqualTo(Fsynr0.WNR.mask());
            assertThat(rig.read(ContextAttributeRegister.CBFRSYNRA, BANK)).isEqualTo(STREAM);
        }

        @Test
        void thatFollowTheFirstLeaveNothingButThatTheyWere() {
            rig.start();
            reads(IOVA);
            writes(IOVA + 0x2000);
            assertThat(fsr()).isEqualTo(0x402 | Fsr.MULTI.mask());
            assertThat(rig.readDouble(ContextBankRegister.FAR)).isEqualTo(IOVA);
        }

        @Test
        void interruptUntilTheyAreCleared() {
            rig.start();
            reads(IOVA);
            assertThat(rig.contextLines.get(BANK).isAsserted()).isTrue();
            assertThat(rig.contextLines.getFirst().isAsserted()).isFalse();
            rig.write(ContextBankRegister.FSR, fsr());
            assertThat(fsr()).isZero();
            assertThat(rig.contextLines.get(BANK).isAsserted()).isFalse();
        }

        @Test
        void doNotInterruptUnlessAskedTo() {
            rig.start();
            rig.write(ContextBankRegister.SCTLR, 1);
            reads(IOVA);
            assertThat(fsr()).isNotZero();
            assertThat(rig.contextLines.get(BANK).isAsserted()).isFalse();
        }

        @Test
        void leaveNoRecordWhenOnlyAskedFor() {
            rig.start();
            assertThat(rig.stream(STREAM).toPhys(IOVA, true)).isEqualTo(Translation.NONE);
            assertThat(fsr()).isZero();
        }

        @Test
        void ofATableOutsideOfRamAreExternal() {
            rig.start();
            rig.store64(rig.descriptorAt(IOVA, 1), 0x8000_0000L | 3);
            assertThat(reads(IOVA)).isFalse();
            assertThat(Fsr.EF.isSet(fsr())).isTrue();
            assertThat(Fsynr0.PTWF.isSet(rig.read(ContextBankRegister.FSYNR0))).isTrue();
        }

        @Test
        void ofAnAddressThatIsTooLargeSaySo() {
            rig.start();
            rig.write(ContextBankRegister.TCR2, Tcr2.AS.mask() | Tcr2.PASIZE.of(0));
            rig.map(IOVA, 0x1_0000_0000L | PAGE);
            assertThat(reads(IOVA)).isFalse();
            assertThat(Fsr.ASF.isSet(fsr())).isTrue();
        }

        @Test
        void stopAnAccessAtTheFirstByteOfThePage() {
            rig.start().map(IOVA, PHYS | PAGE);
            assertThat(reaches(rig.master, IOVA + 0xff8, 8, true)).isTrue();
            assertThat(reaches(rig.master, IOVA + 0xff8, 9, true)).isFalse();
            assertThat(rig.readDouble(ContextBankRegister.FAR)).isEqualTo(IOVA + 0x1000);
        }
    }

    @Nested
    class Invalidation {
        @Test
        void isWhatMakesAStaleTranslationGo() {
            rig.start().map(IOVA, PHYS | PAGE);
            assertThat(writes(IOVA)).isTrue();
            rig.map(IOVA, 0);
            assertThat(writes(IOVA)).isTrue();
            rig.invalidate(IOVA);
            rig.synchronise();
            assertThat(writes(IOVA)).isFalse();
        }

        @Test
        void takesTimeAndSaysWhenItIsOver() {
            rig.start().map(IOVA, PHYS | PAGE);
            reads(IOVA);
            rig.map(IOVA, 0);
            rig.invalidate(IOVA);
            rig.write(ContextBankRegister.TLBSYNC, 0);
            rig.pass(Invalidations.LATENCY_PS - 1);
            assertThat(rig.read(ContextBankRegister.TLBSTATUS)).isEqualTo(1);
            assertThat(reads(IOVA)).isTrue();
            rig.pass(1);
            assertThat(rig.read(ContextBankRegister.TLBSTATUS)).isZero();
            assertThat(reads(IOVA)).isFalse();
        }

        @Test
        void byAddressLeavesOtherPages() {
            rig.start().map(IOVA, PHYS | PAGE);
            rig.map(IOVA + 0x1000, OTHER_PHYS | PAGE);
            reads(IOVA);
            reads(IOVA + 0x1000);
            rig.map(IOVA, 0);
            rig.map(IOVA + 0x1000, 0);
            rig.invalidate(IOVA + 0x1000);
            rig.synchronise();
            assertThat(reads(IOVA)).isTrue();
            assertThat(reads(IOVA + 0x1000)).isFalse();
        }

        @Test
        void byAnyAddressInABlockMakesAllOfItGo() {
            rig.start();
            long at = rig.descriptorAt(IOVA, 2);
            rig.store64(at, BLOCK | 0x40_0000L);
            assertThat(reads(IOVA)).isTrue();
            rig.store64(at, 0);
            rig.invalidate((IOVA & -0x20_0000L) + 0x5000);
            rig.synchronise();
            assertThat(reads(IOVA)).isFalse();
        }

        @Test
        void ofAnotherAsidChangesNothing() {
            rig.start().map(IOVA, PHYS | PAGE);
            reads(IOVA);
            rig.map(IOVA, 0);
            rig.write(ContextBankRegister.TLBIASID, BANK + 1);
            rig.synchronise();
            assertThat(reads(IOVA)).isTrue();
            rig.write(ContextBankRegister.TLBIASID, BANK);
            rig.synchronise();
            assertThat(reads(IOVA)).isFalse();
        }

        @Test
        void byAsidSparesPagesForAll() {
            rig.start().map(IOVA, PHYS | (PAGE & ~LongDescriptor.NG.mask()));
            reads(IOVA);
            rig.map(IOVA, 0);
            rig.write(ContextBankRegister.TLBIASID, BANK);
            rig.synchronise();
            assertThat(reads(IOVA)).isTrue();
            rig.write(ContextBankRegister.TLBIALL, 0);
            rig.synchronise();
            assertThat(reads(IOVA)).isFalse();
        }

        @Test
        void forAnyAsidTakesNoNoticeOfWhose() {
            rig.start().map(IOVA, PHYS | PAGE);
            reads(IOVA);
            rig.map(IOVA, 0);
            rig.writeDouble(ContextBankRegister.TLBIVAA, IOVA >>> 12 | 9L << 48);
            rig.synchronise();
            assertThat(reads(IOVA)).isFalse();
        }

        @ParameterizedTest
        @ValueSource(strings = {"TLBIALLNSNH", "TLBIALLH", "TLBIVMID"})
        void ofEverythingIsGlobal(GlobalRegister register) {
            rig.start().map(IOVA, PHYS | PAGE);
            reads(IOVA);
            rig.map(IOVA, 0);
            rig.write(register, 0);
            rig.write(GlobalRegister.TLBGSYNC, 0);
            assertThat(rig.read(GlobalRegister.TLBGSTATUS)).isEqualTo(1);
            rig.pass(Invalidations.LATENCY_PS);
            assertThat(rig.read(GlobalRegister.TLBGSTATUS)).isZero();
            assertThat(reads(IOVA)).isFalse();
        }

        @Test
        void thatFindsNoRoomPushesTheFirstThrough() {
            rig.start().map(IOVA, PHYS | PAGE);
            reads(IOVA);
            rig.map(IOVA, 0);
            rig.invalidate(IOVA);
            for (int i = 1; i < Invalidations.COUNT_MAX; i++) {
                rig.invalidate(0);
            }
            assertThat(reads(IOVA)).isTrue();
            rig.invalidate(0);
            assertThat(reads(IOVA)).isFalse();
        }
    }

    @Test
    void turningABankOffLetsItsStreamsThrough() {
        rig.start();
        assertThat(reads(PHYS)).isFalse();
        rig.write(ContextBankRegister.SCTLR, 0);
        assertThat(reads(PHYS)).isTrue();
    }

    @Test
    void identificationSaysWhatIsThere() {
        assertIdentified();
    }

    private void assertIdentified() {
        assertThat(rig.read(GlobalRegister.IDR0)).isEqualTo(0x4f00_1e08);
        assertThat(rig.read(GlobalRegister.IDR1)).isEqualTo(0x1000_0004);
        assertThat(rig.read(GlobalRegister.IDR2)).isEqualTo(0x1555);
    }

    @Test
    void identificationCannotBeWritten() {
        rig.write(GlobalRegister.IDR0, 0);
        rig.write(GlobalRegister.IDR1, 0);
        assertIdentified();
    }

    @ParameterizedTest
    @CsvSource({
        "0x20000, 16, false, 16, 0x20000",
        "0x80000, 64, false, 64, 0x80000",
        "0x10000, 64, false, 8, 0x10000",
        "0x200000, 16, true, 16, 0x200000",
        "0x1000, 1, false, 1, 0x4000",
        "0x1000000, 500, true, 128, 0x1000000"
    })
    void isBuiltToFitItsRegion(long size, int irqs, boolean wide, int banks, long needed) {
        Smmu.Build build = Smmu.Build.fitting(size, irqs, false);
        assertThat(build.widePages()).isEqualTo(wide);
        assertThat(build.banks()).isEqualTo(banks);
        assertThat(build.size()).isEqualTo(needed);
    }

    // Adversaries.

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void tablesOfChanceNeitherHangNorCrashTheWalker(long seed) {
        Rng rng = new Rng(seed);
        rig.start();
        for (long at = 0; at < SmmuRig.RAM_BYTES; at += 8) {
            // Half of them point into RAM, as the walks that go on need.
            long word = rng.nextLong();
            rig.store64(at, rng.oneIn(2) ? (word & 0xf0ff_00ff_ffffL) | 3 : word);
        }
        for (int i = 0; i < 20_000; i++) {
            int t0sz = rng.nextInt(64);
            if (rng.oneIn(50)) {
                int others = rng.nextInt(Integer.MAX_VALUE) & ~0x3f;
                rig.write(ContextBankRegister.TCR, others | t0sz);
                rig.writeDouble(ContextBankRegister.TTBR0, rng.nextLong());
                rig.writeDouble(ContextBankRegister.TTBR1, rng.nextLong());
                rig.write(ContextBankRegister.TCR2, rng.nextInt(8));
            }
            long address = rng.nextLong() >>> rng.nextInt(64);
            boolean write = rng.oneIn(2);
            long phys = rig.stream(STREAM).toPhys(address, write);
            if (phys == Translation.NONE) {
                rig.stream(STREAM).refused(address, write);
                assertThat(fsr()).isNotZero();
                rig.write(ContextBankRegister.FSR, -1);
            } else {
                assertThat(phys >>> 48).isZero();
                assertThat(phys & 0xfff).isEqualTo(address & 0xfff);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void registersTakeAnyStore(long seed) {
        Rng rng = new Rng(seed);
        long size = new Smmu.Build(8, 4, false, false).size();
        int[] widths = {1, 2, 4, 8};
        for (int i = 0; i < 50_000; i++) {
            int width = widths[rng.nextInt(4)];
            long offset = rng.nextLong(size / width) * width;
            rig.smmu.write(offset, width, rng.nextLong() & (-1L >>> (64 - 8 * width)));
            rig.smmu.read(offset, width);
            rig.smmu.registerName(offset);
            if (rng.oneIn(10)) {
                reaches(rig.oneOf(rng), rng.nextLong() >>> rng.nextInt(64), rng.oneIn(2));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void noByteIsReachedThatNoPageMaps(long seed) {
        Rng rng = new Rng(seed);
        rig.start();
        long base = 0x7f_ffe0_0000L;
        int pages = 1024;
        long[] model = new long[pages];
        for (int step = 0; step < 5_000; step++) {
            int page = rng.nextInt(pages);
            long iova = base + page * 0x1000L;
            switch (rng.nextInt(3)) {
                case 0 -> {
                    // A fresh translation needs no invalidation: absence is not remembered.
                    if (model[page] == 0) {
                        model[page] = PHYS + rng.nextInt(1024) * 0x1000L;
                        rig.map(iova, model[page] | PAGE);
                    }
                }
                case 1 -> {
                    model[page] = 0;
                    rig.map(iova, 0);
                    rig.invalidate(iova);
                    rig.synchronise();
                }
                default -> {
                    long address = iova + rng.nextInt(0x1000);
                    long expected =
                            model[page] == 0 ? Translation.NONE : model[page] + (address & 0xfff);
                    assertThat(rig.stream(STREAM).toPhys(address, rng.oneIn(2)))
                            .isEqualTo(expected);
                    assertThat(reads(address & -8)).isEqualTo(model[page] != 0);
                }
            }
        }
    }
}
