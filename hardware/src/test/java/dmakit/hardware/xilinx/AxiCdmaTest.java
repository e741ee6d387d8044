package dmakit.hardware.xilinx;

import static org.assertj.core.api.Assertions.assertThat;

import dmakit.datasheet.xilinx.CdmaDescriptor;
import dmakit.datasheet.xilinx.CdmaRegister;
import dmakit.datasheet.xilinx.CdmaRegister.Cdmacr;
import dmakit.datasheet.xilinx.CdmaRegister.Cdmasr;
import dmakit.hardware.DescriptorWords;
import dmakit.machine.Machine;
import dmakit.machine.bus.MasterPort;
import dmakit.machine.bus.Windows;
import dmakit.machine.cpu.CostTable;
import dmakit.machine.irq.IrqLine;
import dmakit.machine.memory.Ram;
import dmakit.machine.random.Rng;
import dmakit.machine.time.Clock;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AxiCdmaTest {
    private static final long SOURCE = 0x10_0000;
    private static final long DEST = 0x20_0000;
    private static final long CHAIN = 0x1000;
    private static final long NOWHERE = 0x5000_0000L;
    private static final long CDMA_PHYS = 0xa003_0000L;
    private static final int IRQS =
            Cdmacr.IOC_IRQ_EN.mask() | Cdmacr.DLY_IRQ_EN.mask() | Cdmacr.ERR_IRQ_EN.mask();

    private final Machine machine =
            new Machine(
                    new Machine.Config(
                            List.of(new Ram.Bank(0, 16 << 20)),
                            false,
                            new Machine.Cache.None(),
                            CostTable.CORTEX_A53,
                            1));
    private final IrqLine irq = machine.interrupts().line(1);
    private final AxiCdma chip =
            new AxiCdma(
                    machine.clock(),
                    machine.trace(),
                    machine.bus().master("cdma", Windows.IDENTITY, false),
                    new AxiCdma.Build(true, 64, 8, true),
                    irq);
    private final MasterPort port = machine.bus().master("test", Windows.IDENTITY, true);

    AxiCdmaTest() {
        machine.bus().attach("cdma", CDMA_PHYS, AxiCdma.SIZE, chip);
    }

    @AfterEach
    void close() {
        machine.close();
    }

    private int read(CdmaRegister register) {
        return (int) chip.read(register.offset(), 4);
    }

    private void write(CdmaRegister register, long value) {
        chip.write(register.offset(), 4, value & 0xffff_ffffL);
    }

    private boolean is(Cdmasr flag) {
        return flag.isSet(read(CdmaRegister.CDMASR));
    }

    private int finish(int most) {
        Clock clock = machine.clock();
        int events = 0;
        while (events < most && clock.nextAt() != Clock.NEVER) {
            clock.advanceTo(clock.nextAt());
            events++;
        }
        return events;
    }

    private byte[] fill(long at, int bytes) {
        byte[] data = AxiDmaBench.bytes(bytes, at + bytes);
        port.write(at, data, 0, bytes);
        return data;
    }

    private byte[] peek(long at, int bytes) {
        byte[] data = new byte[bytes];
        port.read(at, data, 0, bytes);
        return data;
    }

    private void simple(long from, long to, int bytes) {
        write(CdmaRegister.CDMACR, IRQS | Cdmacr.IRQ_THRESHOLD.of(1));
        write(CdmaRegister.SA, from);
        write(CdmaRegister.DA, to);
        write(CdmaRegister.BTT, bytes);
    }

    private void descriptor(long at, long next, long from, long to, int bytes) {
        byte[] block = new byte[CdmaDescriptor.SIZE];
        DescriptorWords.store(block, CdmaDescriptor.NXTDESC_PNTR.offset(), (int) next);
        DescriptorWords.store(block, CdmaDescriptor.SA.offset(), (int) from);
        DescriptorWords.store(block, CdmaDescriptor.DA.offset(), (int) to);
        DescriptorWords.store(block, CdmaDescriptor.CONTROL.offset(), bytes);
        port.write(at, block, 0, block.length);
    }

    private int statusOf(long at) {
        return DescriptorWords.word(peek(at, CdmaDescriptor.SIZE), CdmaDescriptor.STATUS);
    }

    private void chain(long first, long last, int threshold) {
        write(
                CdmaRegister.CDMACR,
                Cdmacr.SG_MODE.mask() | IRQS | Cdmacr.IRQ_THRESHOLD.of(threshold));
        write(CdmaRegister.CURDESC_PNTR, first);
        write(CdmaRegister.TAILDESC_PNTR, last);
        write(CdmaRegister.TAILDESC_PNTR_MSB, 0);
    }

    @Test
    void registersHaveTheResetValuesOfTheManual() {
        for (CdmaRegister register : CdmaRegister.values()) {
            int wanted = register.reset();
            if (register == CdmaRegister.CDMASR) {
                wanted |= Cdmasr.SG_INCLD.mask();
            }
            assertThat(read(register)).as("%s", register).isEqualTo(wanted);
        }
    }

    @Test
    void aStoreOfALengthCopies() {
        byte[] data = fill(SOURCE + 3, 5000);
        simple(SOURCE + 3, DEST + 5, 5000);
        assertThat(is(Cdmasr.IDLE)).isFalse();
        finish(100);
        assertThat(peek(DEST + 5, 5000)).isEqualTo(data);
        assertThat(is(Cdmasr.IDLE)).isTrue();
        assertThat(irq.isAsserted()).isTrue();
    }

    @Test
    void aChainIsCopiedAndInterruptsByItsThreshold() {
        byte[] first = fill(SOURCE, 100);
        byte[] second = fill(SOURCE + 0x1000, 200);
        descriptor(CHAIN, CHAIN + 64, SOURCE, DEST, 100);
        descriptor(CHAIN + 64, CHAIN, SOURCE + 0x1000, DEST + 0x1000, 200);
        chain(CHAIN, CHAIN + 64, 2);
        while (statusOf(CHAIN) == 0) {
            finish(1);
        }
        assertThat(irq.isAsserted()).isFalse();
        finish(100);
        assertThat(irq.isAsserted()).isTrue();
        assertThat(peek(DEST, 100)).isEqualTo(first);
        assertThat(peek(DEST + 0x1000, 200)).isEqualTo(second);
        assertThat(statusOf(CHAIN + 64)).isEqualTo(CdmaDescriptor.Status.CMPLT.mask());
    }

    @Test
    void aSimpleTransferDoesNotStartWhileDescriptorsAreTaken() {
        write(CdmaRegister.CDMACR, Cdmacr.SG_MODE.mask());
        write(CdmaRegister.BTT, 16);
        assertThat(finish(10)).isZero();
    }

    @Test
    void errorsStopItUntilAReset() {
        simple(NOWHERE, DEST, 64);
        finish(100);
        assertThat(is(Cdmasr.DMA_DEC_ERR)).isTrue();
        assertThat(is(Cdmasr.ERR_IRQ)).isTrue();
        simple(SOURCE, DEST, 64);
        assertThat(finish(10)).isZero();
        write(CdmaRegister.CDMACR, Cdmacr.RESET.mask());
        assertThat(Cdmacr.RESET.isSet(read(CdmaRegister.CDMACR))).isTrue();
        finish(10);
        byte[] data = fill(SOURCE, 64);
        simple(SOURCE, DEST, 64);
        finish(100);
        assertThat(peek(DEST, 64)).isEqualTo(data);
    }

    @Test
    void aChainThatLeadsBackToItselfIsAnInternalError() {
        descriptor(CHAIN, CHAIN, SOURCE, DEST, 64);
        chain(CHAIN, CHAIN + 64, 1);
        finish(100);
        assertThat(is(Cdmasr.SG_INT_ERR)).isTrue();
    }

    @Test
    void noBytesAreAnInternalError() {
        simple(SOURCE, DEST, 0);
        assertThat(is(Cdmasr.DMA_INT_ERR)).isTrue();
    }

    @Test
    void aDescriptorWhereNothingIsIsADecodeError() {
        chain(NOWHERE, NOWHERE, 1);
        finish(100);
        assertThat(is(Cdmasr.SG_DEC_ERR)).isTrue();
    }

    @Test
    void anyStoresAndAnyDescriptorsLeaveItObedient() {
        Rng rng = new Rng(31);
        for (int round = 0; round < 20_000; round++) {
            if (rng.oneIn(3)) {
                descriptor(
                        CHAIN + 64L * rng.nextInt(16),
                        CHAIN + 64L * rng.nextInt(16),
                        interesting(rng),
                        interesting(rng),
                        rng.nextInt(rng.oneIn(16) ? 1 << 26 : 512));
            }
            int bytes = 1 << rng.nextInt(4);
            int offset = rng.nextInt(rng.oneIn(8) ? AxiCdma.SIZE : 0x30) & -bytes;
            if (rng.oneIn(4)) {
                chip.read(offset, bytes);
            } else {
                long value = rng.oneIn(4) ? rng.nextLong() : interesting(rng);
                if (offset == 0 && !rng.oneIn(8)) {
                    value = value & ~Cdmacr.RESET.mask() | Cdmacr.SG_MODE.mask();
                }
                chip.write(offset, bytes, value & (-1L >>> (Long.SIZE - 8 * bytes)));
            }
            finish(4);
        }
        finish(100);
        write(CdmaRegister.CDMACR, Cdmacr.RESET.mask());
        finish(100);
        assertThat(finish(10)).isZero();
        assertThat(is(Cdmasr.IDLE)).isTrue();
    }

    private static long interesting(Rng rng) {
        return switch (rng.nextInt(5)) {
            case 0, 1 -> CHAIN + 64L * rng.nextInt(16);
            case 2 -> SOURCE + rng.nextInt(0x10_0000);
            case 3 -> CDMA_PHYS + rng.nextInt(0x40);
            default -> rng.nextInt(256);
        };
    }
}
