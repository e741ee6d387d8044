package dmakit.hardware.vtd;

import static dmakit.hardware.vtd.VtdBench.LARGE;
import static dmakit.hardware.vtd.VtdBench.R;
import static dmakit.hardware.vtd.VtdBench.W;
import static dmakit.hardware.vtd.VtdBench.reaches;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmakit.datasheet.vtd.ContextEntry;
import dmakit.datasheet.vtd.FaultReason;
import dmakit.datasheet.vtd.FaultRecord;
import dmakit.datasheet.vtd.InvalidationWait;
import dmakit.datasheet.vtd.IotlbInvalidation;
import dmakit.datasheet.vtd.IotlbRegister;
import dmakit.datasheet.vtd.QueueError;
import dmakit.datasheet.vtd.VtdRegister;
import dmakit.datasheet.vtd.VtdRegister.Ccmd;
import dmakit.datasheet.vtd.VtdRegister.CcmdUpper;
import dmakit.datasheet.vtd.VtdRegister.EventControl;
import dmakit.datasheet.vtd.VtdRegister.Fsts;
import dmakit.datasheet.vtd.VtdRegister.Gcmd;
import dmakit.datasheet.vtd.VtdRegister.Gsts;
import dmakit.machine.bus.Translation;
import dmakit.machine.random.Rng;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class VtdTest {
    private static final int LEVELS = 4;
    private static final int DOMAIN = 7;
    private static final long IOVA = 0x12_3456_7000L;
    private static final long PAGE = 0x40_0000L;

    private final VtdBench bench = new VtdBench();
    private long table;

    @AfterEach
    void close() {
        bench.close();
    }

    /** Both functions have tables of their own. */
    private void start() {
        table = bench.newTable();
        bench.context(VtdBench.FIRST, table, LEVELS, DOMAIN);
        bench.context(VtdBench.SECOND, bench.newTable(), LEVELS, DOMAIN + 1);
        bench.start();
    }

    private long mapPage(long iova, long entry) {
        return bench.map(table, LEVELS, iova, 1, entry);
    }

    private boolean firstReads(long address) {
        return reaches(bench.first, address, false);
    }

    private boolean firstWrites(long address) {
        return reaches(bench.first, address, true);
    }

    // Translation.

    @Test
    void afterPowerOnEverythingPasses() {
        assertThat(reaches(bench.first, 0x5000, true)).isTrue();
        assertThat(bench.stream(VtdBench.FIRST).toPhys(0x5000, false)).isEqualTo(0x5000);
        assertThat(bench.readl(VtdRegister.GSTS)).isZero();
    }

    @Test
    void statusFollowsCommandsAfterAWhile() {
        bench.writeq(VtdRegister.RTADDR, VtdBench.ROOT);
        bench.writel(VtdRegister.GCMD, Gcmd.SRTP.mask());
        assertThat(bench.readl(VtdRegister.GSTS)).isZero();
        bench.writel(VtdRegister.GCMD, Gcmd.TE.mask());
        bench.pass(1);
        assertThat(bench.readl(VtdRegister.GSTS)).isEqualTo(Gsts.TES.mask() | Gsts.RTPS.mask());
    }

    @Test
    void anAddressLeadsWhereTheTablesSay() {
        start();
        mapPage(IOVA, PAGE | R | W);
        Translation stream = bench.stream(VtdBench.FIRST);
        assertThat(stream.toPhys(IOVA + 0x123, true)).isEqualTo(PAGE + 0x123);
        assertThat(stream.contiguousFrom(IOVA + 0x123, true)).isEqualTo(0x1000 - 0x123);
        assertThat(stream.toPhys(IOVA + 0x1000, true)).isEqualTo(Translation.NONE);
        assertThat(stream.contiguousFrom(IOVA + 0x1000, true)).isZero();
    }

    @ParameterizedTest
    @CsvSource({"3, 1", "3, 2", "3, 3", "4, 1", "4, 2", "4, 3"})
    void pagesOfEverySizeAndTablesOfEveryDepthTranslate(int levels, int level) {
        table = bench.newTable();
        bench.context(VtdBench.FIRST, table, levels, DOMAIN);
        bench.start();
        long size = 1L << (12 + 9 * (level - 1));
        long iova = 5 * size;
        // Of the large ones the first bytes are RAM.
        bench.map(table, levels, iova, level, level == 1 ? R | W : R | W | LARGE);
        Translation stream = bench.stream(VtdBench.FIRST);
        assertThat(stream.toPhys(iova + 0x678, false)).isEqualTo(0x678);
        assertThat(stream.contiguousFrom(iova + 0x678, false)).isEqualTo(size - 0x678);
        assertThat(stream.toPhys(iova + size, false)).isEqualTo(Translation.NONE);
    }

    @Test
    void whatATableAboveForbidsIsForbidden() {
        start();
        mapPage(IOVA, PAGE | R | W);
        long top = VtdBench.entryAt(table, LEVELS, IOVA);
        bench.store64(top, bench.load64(top) & ~W);
        assertThat(firstReads(IOVA)).isTrue();
        assertThat(firstWrites(IOVA)).isFalse();
    }

    @Test
    void anAccessAcrossPagesGoesByBothOfThem() {
        start();
        mapPage(IOVA, PAGE | R | W);
        mapPage(IOVA + 0x1000, PAGE + 0x8000 | R | W);
        byte[] bytes = {1, 2, 3, 4, 5, 6, 7, 8};
        assertThat(bench.first.write(IOVA + 0xffc, bytes, 0, 8).isDone()).isTrue();
        assertThat(bench.load32(PAGE + 0xffc)).isEqualTo(0x04030201);
        assertThat(bench.load32(PAGE + 0x8000)).isEqualTo(0x08070605);
    }

    @Test
    void aFunctionReachesNothingOfAnother() {
        start();
        mapPage(IOVA, PAGE | R | W);
        assertThat(firstReads(IOVA)).isTrue();
        assertThat(reaches(bench.second, IOVA, false)).isFalse();
        assertThat(FaultRecord.Source.SID.get(bench.record(0, FaultRecord.SOURCE)))
                .isEqualTo(VtdBench.SECOND);
    }

    @Test
    void aFunctionThatPassesHasNoTables() {
        bench.start();
        long at = VtdBench.CONTEXTS + VtdBench.FIRST * (long) ContextEntry.SIZE;
        bench.store64(at, (ContextEntry.TT_PASS_THROUGH << 2) | 1);
        bench.store64(at + 8, 2);
        assertThat(firstWrites(0x7000)).isTrue();
        assertThat(bench.stream(VtdBench.FIRST).toPhys(1L << 48, false))
                .isEqualTo(Translation.NONE);
    }

    // Interrupts.

    @Test
    void messagesAreNotTranslatedAndReadsOfTheirRangeAreRefused() {
        start();
        // A page of 1 GiB around the range does not hide it.
        bench.map(table, LEVELS, 0xc000_0000L, 3, R | W | LARGE);
        assertThat(firstReads(0xc000_0000L)).isTrue();
        Translation stream = bench.stream(VtdBench.FIRST);
        assertThat(stream.contiguousFrom(0xc000_0000L, false))
                .isEqualTo(Stream.INTERRUPTS - 0xc000_0000L);
        byte[] message = {0x31, 0, 0, 0};
        assertThat(bench.first.write(Stream.INTERRUPTS, message, 0, 4).isDone()).isTrue();
        assertThat(bench.messages).containsExactly(0x31);
        assertThat(firstReads(Stream.INTERRUPTS)).isFalse();
        assertThat(bench.readl(VtdRegister.FSTS)).isZero();
    }

    // Caches.

    @Test
    void aTranslationStaysUntilItIsInvalidated() {
        start();
        long entry = mapPage(IOVA, PAGE | R | W);
        assertThat(firstReads(IOVA)).isTrue();
        bench.store64(entry, 0);
        assertThat(firstReads(IOVA)).as("nobody said so to the unit").isTrue();
        bench.forgetPages(DOMAIN, IOVA, 0);
        assertThat(firstReads(IOVA)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"other page", "other domain"})
    void invalidationOfSomethingElseChangesNothing(String what) {
        start();
        long entry = mapPage(IOVA, PAGE | R | W);
        assertThat(firstReads(IOVA)).isTrue();
        bench.store64(entry, 0);
        if (what.equals("other page")) {
            bench.forgetPages(DOMAIN, IOVA + 0x1000, 0);
        } else {
            bench.forgetDomain(DOMAIN + 1);
        }
        assertThat(firstReads(IOVA)).isTrue();
        bench.forgetDomain(DOMAIN);
        assertThat(firstReads(IOVA)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 3, 9, 18, 19, 63})
    void aBlockOfPagesGoesAtOnce(int lg2Pages) {
        start();
        long near = IOVA & -0x8000L;
        long first = mapPage(near, PAGE | R);
        long last = mapPage(near + 0x7000, PAGE | R);
        assertThat(firstReads(near)).isTrue();
        assertThat(firstReads(near + 0x7000)).isTrue();
        bench.store64(first, 0);
        bench.store64(last, 0);
        bench.forgetPages(DOMAIN, near, lg2Pages);
        assertThat(firstReads(near)).isFalse();
        assertThat(firstReads(near + 0x7000)).isEqualTo(lg2Pages == 0);
    }

    @Test
    void absenceIsNotRemembered() {
        start();
        assertThat(firstReads(IOVA)).isFalse();
        mapPage(IOVA, PAGE | R);
        assertThat(firstReads(IOVA)).isTrue();
        mapPage(IOVA, PAGE | R | W);
        assertThat(firstWrites(IOVA)).as("more than before needs no invalidation").isTrue();
    }

    @Test
    void aContextStaysUntilItIsInvalidated() {
        start();
        mapPage(IOVA, PAGE | R);
        assertThat(firstReads(IOVA)).isTrue();
        bench.store64(VtdBench.CONTEXTS + VtdBench.FIRST * (long) ContextEntry.SIZE, 0);
        bench.forgetIotlb();
        assertThat(firstReads(IOVA)).isTrue();
        bench.forgetContexts();
        assertThat(firstReads(IOVA)).isFalse();
        assertThat(bench.reason(0)).isEqualTo(FaultReason.CONTEXT_NOT_PRESENT);
    }

    @Test
    void registersInvalidateToo() {
        start();
        long entry = mapPage(IOVA, PAGE | R);
        assertThat(firstReads(IOVA)).isTrue();
        bench.store64(entry, 0);
        bench.unit.write(VtdRegister.IOTLB + IotlbRegister.IVA.offset(), 8, IOVA);
        int command =
                IotlbRegister.IotlbUpper.IVT.of(1)
                        | IotlbRegister.IotlbUpper.IIRG.of(IotlbInvalidation.PAGES)
                        | IotlbRegister.IotlbUpper.DID.of(DOMAIN);
        int at = VtdRegister.IOTLB + IotlbRegister.IOTLB.offset();
        bench.unit.write(at, 8, (long) command << 32);
        assertThat(bench.unit.read(at, 8)).as("not yet").isNegative();
        bench.pass(1);
        assertThat(IotlbRegister.IotlbUpper.IAIG.get((int) (bench.unit.read(at, 8) >>> 32)))
                .isEqualTo(IotlbInvalidation.PAGES);
        assertThat(firstReads(IOVA)).isFalse();

        bench.store64(VtdBench.CONTEXTS + VtdBench.FIRST * (long) ContextEntry.SIZE, 0);
        int device = CcmdUpper.ICC.of(1) | CcmdUpper.CIRG.of(3);
        bench.writeq(
                VtdRegister.CCMD,
                ((long) device << 32) | (Ccmd.SID.of(VtdBench.FIRST) & 0xffff_ffffL));
        bench.pass(1);
        assertThat(CcmdUpper.CAIG.get(bench.readl(VtdRegister.CCMD_UPPER))).isEqualTo(3);
        assertThat(firstReads(IOVA)).isFalse();
        assertThat(bench.reason(1)).isEqualTo(FaultReason.CONTEXT_NOT_PRESENT);
    }

    // Faults.

    @Test
    void whyARequestIsRefusedIsRecorded() {
        start();
        mapPage(IOVA, PAGE | W);
        assertThat(firstReads(IOVA + 8)).isFalse();
        assertThat(bench.reason(0)).isEqualTo(FaultReason.READ_NOT_ALLOWED);
        int reason = bench.record(0, FaultRecord.REASON);
        assertThat(FaultRecord.Reason.F.isSet(reason)).isTrue();
        assertThat(FaultRecord.Reason.T1.isSet(reason)).isTrue();
        assertThat(bench.record(0, FaultRecord.FI)).isEqualTo((int) IOVA);
        assertThat(bench.record(0, FaultRecord.FI_UPPER)).isEqualTo((int) (IOVA >>> 32));
        assertThat(FaultRecord.Source.SID.get(bench.record(0, FaultRecord.SOURCE)))
                .isEqualTo(VtdBench.FIRST);
        assertThat(firstWrites(IOVA + 0x1000)).isFalse();
        assertThat(bench.reason(1)).isEqualTo(FaultReason.WRITE_NOT_ALLOWED);
        assertThat(FaultRecord.Reason.T1.isSet(bench.record(1, FaultRecord.REASON))).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "ROOT_NOT_PRESENT", "ROOT_RESERVED", "ROOT_UNREACHABLE", "CONTEXT_NOT_PRESENT",
        "CONTEXT_RESERVED", "CONTEXT_INVALID", "CONTEXT_UNREACHABLE", "ADDRESS_BEYOND_WIDTH",
        "TABLE_UNREACHABLE", "ENTRY_RESERVED"
    })
    void everyBrokenTableHasItsReason(FaultReason reason) {
        start();
        long context = VtdBench.CONTEXTS + VtdBench.FIRST * (long) ContextEntry.SIZE;
        long address = IOVA;
        switch (reason) {
            case ROOT_NOT_PRESENT -> bench.store64(VtdBench.ROOT, 0);
            case ROOT_RESERVED -> bench.store64(VtdBench.ROOT + 8, 1);
            case ROOT_UNREACHABLE -> {
                bench.writeq(VtdRegister.RTADDR, 1L << 40);
                bench.writel(VtdRegister.GCMD, Gcmd.SRTP.mask() | Gcmd.TE.mask() | Gcmd.QIE.mask());
                bench.pass(1);
            }
            case CONTEXT_NOT_PRESENT -> bench.store64(context, 0);
            case CONTEXT_RESERVED -> bench.store64(context, table | 0x11);
            case CONTEXT_INVALID -> bench.store64(context + 8, (DOMAIN << 8) | 3);
            case CONTEXT_UNREACHABLE -> bench.store64(VtdBench.ROOT, (1L << 40) | 1);
            case ADDRESS_BEYOND_WIDTH -> address = 1L << 48;
            case TABLE_UNREACHABLE ->
                    bench.store64(VtdBench.entryAt(table, LEVELS, IOVA), (1L << 40) | R);
            case ENTRY_RESERVED ->
                    bench.store64(VtdBench.entryAt(table, LEVELS, IOVA), 0x5000 | R | LARGE);
            default -> throw new IllegalStateException(reason + " is tested elsewhere");
        }
        assertThat(firstReads(address)).isFalse();
        assertThat(bench.reason(0)).isEqualTo(reason);
    }

    @Test
    void aLargePageThatIsNotAlignedIsReserved() {
        start();
        bench.map(table, LEVELS, 0, 2, 0x1000 | R | LARGE);
        assertThat(firstReads(0)).isFalse();
        assertThat(bench.reason(0)).isEqualTo(FaultReason.ENTRY_RESERVED);
    }

    @Test
    void faultsOfAFunctionCanBeKeptQuiet() {
        start();
        bench.store64(
                VtdBench.CONTEXTS + VtdBench.FIRST * (long) ContextEntry.SIZE,
                ContextEntry.Slptptr.FPD.mask());
        assertThat(firstReads(IOVA)).isFalse();
        assertThat(bench.readl(VtdRegister.FSTS)).isZero();
    }

    @Test
    void askingAloneLeavesNoRecord() {
        start();
        assertThat(bench.stream(VtdBench.FIRST).toPhys(IOVA, false)).isEqualTo(Translation.NONE);
        assertThat(bench.readl(VtdRegister.FSTS)).isZero();
    }

    @Test
    void oneMessageTellsOfAllFaultsUntilTheyAreSeen() {
        start();
        firstReads(IOVA);
        firstReads(IOVA + 0x1000);
        bench.pass(1);
        assertThat(bench.messages).containsExactly(0x21);
        bench.clearRecord(0);
        firstReads(IOVA);
        bench.pass(1);
        assertThat(bench.messages).hasSize(1);
        bench.clearRecord(1);
        bench.clearRecord(2);
        assertThat(Fsts.PPF.isSet(bench.readl(VtdRegister.FSTS))).isFalse();
        firstReads(IOVA);
        bench.pass(1);
        assertThat(bench.messages).hasSize(2);
        assertThat(Fsts.FRI.get(bench.readl(VtdRegister.FSTS))).isEqualTo(3);
    }

    @Test
    void aMaskedEventWaits() {
        start();
        bench.writel(VtdRegister.FECTL, EventControl.IM.mask());
        firstReads(IOVA);
        bench.pass(1);
        assertThat(bench.messages).isEmpty();
        assertThat(EventControl.IP.isSet(bench.readl(VtdRegister.FECTL))).isTrue();
        bench.writel(VtdRegister.FECTL, 0);
        bench.pass(1);
        assertThat(bench.messages).containsExactly(0x21);
        assertThat(EventControl.IP.isSet(bench.readl(VtdRegister.FECTL))).isFalse();
    }

    @Test
    void anEventWhoseCauseWentIsNotSent() {
        start();
        bench.writel(VtdRegister.FECTL, EventControl.IM.mask());
        firstReads(IOVA);
        bench.clearRecord(0);
        bench.writel(VtdRegister.FECTL, 0);
        bench.pass(1);
        assertThat(bench.messages).isEmpty();
    }

    @Test
    void oneFaultMoreThanThereAreRecordsIsLost() {
        start();
        for (int i = 0; i < VtdRegister.FAULT_RECORD_COUNT; i++) {
            firstReads(IOVA + i * 0x1000L);
        }
        assertThat(Fsts.PFO.isSet(bench.readl(VtdRegister.FSTS))).isFalse();
        firstReads(IOVA + 0x80_0000L);
        assertThat(bench.readl(VtdRegister.FSTS)).isEqualTo(Fsts.PFO.mask() | Fsts.PPF.mask());
        bench.clearRecord(0);
        firstReads(IOVA + 0x90_0000L);
        assertThat(FaultRecord.Reason.F.isSet(bench.record(0, FaultRecord.REASON)))
                .as("nothing is recorded until the loss was seen")
                .isFalse();
        bench.writel(VtdRegister.FSTS, Fsts.PFO.mask());
        firstReads(IOVA + 0xa0_0000L);
        assertThat(bench.record(0, FaultRecord.FI)).isEqualTo((int) (IOVA + 0xa0_0000L));
    }

    // The queue.

    @Test
    void aWaitDescriptorWritesItsStatusInTime() {
        start();
        bench.await(VtdBench.STATUS, 0x1234_5678);
        assertThat(bench.load32(VtdBench.STATUS)).isZero();
        bench.pass(1);
        assertThat(bench.load32(VtdBench.STATUS)).isEqualTo(0x1234_5678);
        assertThat(bench.readl(VtdRegister.IQH)).isEqualTo(bench.readl(VtdRegister.IQT));
    }

    @Test
    void aWaitDescriptorInterrupts() {
        start();
        bench.writel(VtdRegister.IEDATA, 0x22);
        bench.writel(VtdRegister.IEADDR, (int) Stream.INTERRUPTS);
        bench.writel(VtdRegister.IECTL, 0);
        bench.submit(
                InvalidationWait.Command.TYPE.of(InvalidationWait.TYPE)
                        | InvalidationWait.Command.IF.of(1),
                0);
        bench.pass(1);
        assertThat(bench.messages).containsExactly(0x22);
        assertThat(bench.readl(VtdRegister.ICS)).isEqualTo(1);
        bench.writel(VtdRegister.ICS, 1);
        assertThat(bench.readl(VtdRegister.ICS)).isZero();
    }

    @Test
    void theQueueGoesRound() {
        start();
        for (int i = 1; i <= 600; i++) {
            bench.await(VtdBench.STATUS, i);
            bench.pass(1);
            assertThat(bench.load32(VtdBench.STATUS)).isEqualTo(i);
        }
        for (int i = 0; i < 255; i++) {
            bench.put(
                    InvalidationWait.Command.TYPE.of(InvalidationWait.TYPE)
                            | InvalidationWait.Command.SW.of(1)
                            | ((long) i << 32),
                    VtdBench.STATUS + 8);
        }
        bench.ring();
        bench.pass(20);
        assertThat(bench.load32(VtdBench.STATUS + 8)).isEqualTo(254);
    }

    @ParameterizedTest
    @CsvSource({
        "0xf, 0, TYPE_UNKNOWN",
        "0x2, 0, DESCRIPTOR_RESERVED",
        "0x25, 1, DESCRIPTOR_RESERVED"
    })
    void aBadDescriptorStopsTheQueueUntilThatIsSeen(String low, long high, QueueError error) {
        start();
        bench.submit(Long.decode(low), high);
        bench.await(VtdBench.STATUS, 1);
        bench.pass(1);
        assertThat(bench.load32(VtdBench.STATUS)).isZero();
        assertThat(Fsts.IQE.isSet(bench.readl(VtdRegister.FSTS))).isTrue();
        assertThat(bench.readl(VtdRegister.IQERCD)).isEqualTo(error.code());
        assertThat(bench.messages).containsExactly(0x21);
        int head = bench.readl(VtdRegister.IQH);
        bench.store64(VtdBench.QUEUE + head, 0x25);
        bench.store64(VtdBench.QUEUE + head + 8, VtdBench.STATUS + 16);
        bench.writel(VtdRegister.FSTS, Fsts.IQE.mask());
        bench.pass(1);
        assertThat(bench.load32(VtdBench.STATUS)).isEqualTo(1);
    }

    @Test
    void aTailBehindTheQueueStopsIt() {
        start();
        bench.writel(VtdRegister.IQT, 0x1000);
        bench.pass(1);
        assertThat(bench.readl(VtdRegister.IQERCD)).isEqualTo(QueueError.TAIL_OUTSIDE.code());
    }

    @Test
    void aQueueWithoutMemoryStops() {
        start();
        bench.writeq(VtdRegister.IQA, 1L << 40);
        bench.writel(VtdRegister.IQT, 0x10);
        bench.pass(1);
        assertThat(bench.readl(VtdRegister.IQERCD))
                .isEqualTo(QueueError.DESCRIPTOR_UNREACHABLE.code());
    }

    // Anything at all.

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void tablesOfChanceRefuseOrTranslateAndEnd(long seed) {
        Rng rng = Rng.named(seed, "tables");
        for (long at = 0; at < VtdBench.RAM_BYTES; at += 8) {
            // Mostly addresses within RAM, so that walks go deep.
            long entry = rng.nextLong();
            long near = (entry & (VtdBench.RAM_BYTES - 1)) | R;
            bench.store64(at, rng.nextInt(8) == 0 ? entry : near);
        }
        bench.start();
        bench.store64(VtdBench.ROOT, VtdBench.CONTEXTS | 1);
        for (int i = 0; i < 5_000; i++) {
            bench.store64(VtdBench.ROOT + 8, 0);
            int function = rng.nextInt(256);
            bench.context(function, rng.nextInt(4096) * 0x1000L, 3 + rng.nextInt(2), i & 0xffff);
            Translation stream = bench.stream(function);
            long address = rng.nextLong() >>> (16 + rng.nextInt(24));
            boolean write = rng.nextInt(2) == 0;
            long phys = stream.toPhys(address, write);
            assertThat(stream.contiguousFrom(address, write) == 0)
                    .isEqualTo(phys == Translation.NONE);
            stream.refused(address, write);
            if (rng.nextInt(10) == 0) {
                bench.submit(rng.nextLong(), rng.nextLong());
                bench.pass(1);
                bench.writel(VtdRegister.FSTS, -1);
            }
            if (rng.nextInt(50) == 0) {
                bench.unit.write(rng.nextInt(0x1000) & -8, 8, rng.nextLong());
                bench.pass(1);
            }
        }
    }

    @Test
    void thereAreAsManyFunctionsAsRequesterIds() {
        assertThat(bench.stream(Vtd.SOURCE_ID_MAX)).isSameAs(bench.stream(Vtd.SOURCE_ID_MAX));
        assertThatThrownBy(() -> bench.stream(Vtd.SOURCE_ID_MAX + 1))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
