package dmakit.board.peripherals;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmakit.board.Board;
import dmakit.board.BoardException;
import dmakit.board.Simulation;
import dmakit.datasheet.pl011.UartRegister;
import dmakit.datasheet.pl011.UartRegister.Cr;
import dmakit.datasheet.pl011.UartRegister.Dmacr;
import dmakit.datasheet.pl011.UartRegister.Ifls;
import dmakit.datasheet.pl011.UartRegister.LcrH;
import dmakit.datasheet.spi.SpiRegister;
import dmakit.datasheet.spi.SpiRegister.Cs;
import dmakit.devicetree.address.AddressRange;
import dmakit.kernel.boot.Kernel;
import dmakit.kernel.device.Device;
import dmakit.kernel.device.OfMatch;
import dmakit.kernel.device.PlatformDevice;
import dmakit.kernel.device.PlatformDriver;
import dmakit.kernel.dma.CoherentBuffer;
import dmakit.kernel.dmaengine.BusWidth;
import dmakit.kernel.dmaengine.Channel;
import dmakit.kernel.dmaengine.PrepFlags;
import dmakit.kernel.dmaengine.SlaveConfig;
import dmakit.kernel.dmaengine.TransferDirection;
import dmakit.kernel.mm.Gfp;
import dmakit.kernel.sched.Jiffies;
import dmakit.kernel.sync.Completion;
import dmakit.machine.cpu.Cpu;
import java.util.List;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What goes out of a peripheral by DMA comes back by DMA. */
class PeripheralDmaTest {
    private static final int BYTES = 512;
    private static final int TIMEOUT_MS = 1000;
    private static final int FLAGS = PrepFlags.INTERRUPT | PrepFlags.ACK;

    private static final String SPI =
            """
            /dts-v1/; /plugin/;
            &spi {
                loopback@1 {
                    compatible = "dmakit,spi-loopback";
                    reg = <1>;
                };
            };
            """;

    private static final String UART_ON_PL330 =
            """
            /dts-v1/; /plugin/;
            &{/soc@0} {
                serial@f9001000 {
                    compatible = "arm,pl011", "arm,primecell";
                    reg = <0xf9001000 0x1000>;
                    dmas = <&pdma 0>, <&pdma 1>;
                    dma-names = "tx", "rx";
                };
            };
            """;

    private static final String UART_ON_BCM2835 =
            """
            /dts-v1/; /plugin/;
            &uart0 {
                dmas = <&dma 12>, <&dma 14>;
                dma-names = "tx", "rx";
            };
            """;

    /** A driver that sends a buffer and receives another, both by slave transfers. */
    private static final class Exchange implements PlatformDriver {
        private final Kernel kernel;
        private final String compatible;
        private final long fifoOffset;
        private final BusWidth width;
        private final int burstWords;
        private final BiConsumer<Exchange, Long> start;
        private final Cpu cpu;
        private boolean probed;
        private boolean arrived;
        private byte[] received = new byte[0];

        Exchange(
                Kernel kernel,
                String compatible,
                long fifoOffset,
                BusWidth width,
                int burstWords,
                BiConsumer<Exchange, Long> start) {
            this.kernel = kernel;
            this.compatible = compatible;
            this.fifoOffset = fifoOffset;
            this.width = width;
            this.burstWords = burstWords;
            this.start = start;
            cpu = kernel.machine().cpu();
        }

        @Override
        public String name() {
            return "exchange";
        }

        @Override
        public List<OfMatch> ofMatch() {
            return List.of(new OfMatch(compatible));
        }

        @Override
        public void probe(PlatformDevice platform) {
            probed = true;
            Device device = platform.device();
            AddressRange range = platform.memory(0);
            long registers = kernel.mm().io().ioremap(range.start(), range.size());
            device.devres().add("ioremap", () -> kernel.mm().io().iounmap(registers));
            long fifo = range.start() + fifoOffset;
            Channel tx = kernel.dmaEngine().devmRequestChan(device, "tx");
            tx.slaveConfig(SlaveConfig.toDevice(fifo, width, burstWords));
            Channel rx = kernel.dmaEngine().devmRequestChan(device, "rx");
            rx.slaveConfig(SlaveConfig.fromDevice(fifo, width, burstWords));
            Device master = tx.device().dev();
            CoherentBuffer out = kernel.dma().allocCoherent(master, BYTES, Gfp.KERNEL);
            CoherentBuffer in = kernel.dma().allocCoherent(master, BYTES, Gfp.KERNEL);
            for (int i = 0; i < BYTES; i++) {
                cpu.store8(out.va() + i, sample(i));
            }
            Completion done = new Completion(kernel.sched());
            rx.prepSlaveSingle(in.dma(), BYTES, TransferDirection.DEV_TO_MEM, FLAGS)
                    .callback(done::complete)
                    .submit();
            rx.issuePending();
            tx.prepSlaveSingle(out.dma(), BYTES, TransferDirection.MEM_TO_DEV, FLAGS).submit();
            tx.issuePending();
            start.accept(this, registers);
            arrived = done.waitForTimeout(Jiffies.ofMillis(TIMEOUT_MS)) != 0;
            tx.terminateSync();
            rx.terminateSync();
            received = new byte[BYTES];
            cpu.load(in.va(), received, 0, BYTES);
            kernel.dma().freeCoherent(master, out);
            kernel.dma().freeCoherent(master, in);
        }

        /** Characters where a word of memory is one, so that nothing but they comes back. */
        byte sample(int at) {
            boolean isCharacter = width == BusWidth.BYTES_1 || at % width.bytes() == 0;
            boolean wholeWords = compatible.contains("spi");
            return isCharacter || wholeWords ? (byte) (at * 7 + at / 256) : 0;
        }

        void write(long address, int value) {
            cpu.barrier();
            cpu.store32(address, value);
        }
    }

    private static void exchange(
            Board board,
            String compatible,
            long fifoOffset,
            BusWidth width,
            int burstWords,
            BiConsumer<Exchange, Long> start) {
        try (Simulation simulation = Simulation.boot(board, Simulation.Options.seeded(4))) {
            Kernel kernel = simulation.kernel();
            kernel.findings().enable();
            Exchange driver =
                    new Exchange(kernel, compatible, fifoOffset, width, burstWords, start);
            kernel.run("insmod", () -> kernel.platform().register(driver));
            kernel.run("rmmod", () -> kernel.platform().unregister(driver));
            assertThat(driver.probed).isTrue();
            assertThat(driver.arrived).isTrue();
            for (int i = 0; i < BYTES; i++) {
                assertThat(driver.received[i]).as("byte %d", i).isEqualTo(driver.sample(i));
            }
            assertThat(kernel.findings().all()).isEmpty();
        }
    }

    private static void startUart(Exchange driver, long registers) {
        driver.write(registers + UartRegister.IBRD.offset(), 1);
        driver.write(registers + UartRegister.LCR_H.offset(), LcrH.WLEN.of(3) | LcrH.FEN.mask());
        driver.write(
                registers + UartRegister.IFLS.offset(), Ifls.RXIFLSEL.of(1) | Ifls.TXIFLSEL.of(2));
        driver.write(
                registers + UartRegister.DMACR.offset(), Dmacr.TXDMAE.mask() | Dmacr.RXDMAE.mask());
        driver.write(
                registers + UartRegister.CR.offset(),
                Cr.UARTEN.mask() | Cr.TXE.mask() | Cr.RXE.mask() | Cr.LBE.mask());
    }

    @ParameterizedTest
    @ValueSource(strings = {"stratix10", "stratix10-smmu"})
    void aUartIsServedByThePl330(String board) {
        exchange(
                Board.of(board).withOverlay(UART_ON_PL330, "uart"),
                "arm,pl011",
                UartRegister.DR.offset(),
                BusWidth.BYTES_1,
                4,
                PeripheralDmaTest::startUart);
    }

    @ParameterizedTest
    @ValueSource(strings = {"rpi3", "rpi3-coherent", "rpi3-smmu"})
    void aUartIsServedByTheBcm2835(String board) {
        exchange(
                Board.of(board).withOverlay(UART_ON_BCM2835, "uart"),
                "arm,pl011",
                UartRegister.DR.offset(),
                BusWidth.BYTES_4,
                4,
                PeripheralDmaTest::startUart);
    }

    @ParameterizedTest
    @ValueSource(strings = {"rpi3", "rpi3-coherent", "rpi3-smmu"})
    void anSpiControllerIsServedByTheBcm2835(String board) {
        exchange(
                Board.of(board).withOverlay(SPI, "spi"),
                "brcm,bcm2835-spi",
                SpiRegister.FIFO.offset(),
                BusWidth.BYTES_4,
                4,
                (driver, registers) -> {
                    driver.write(registers + SpiRegister.CLK.offset(), 8);
                    driver.write(registers + SpiRegister.DLEN.offset(), BYTES);
                    driver.write(
                            registers + SpiRegister.CS.offset(),
                            Cs.TA.mask() | Cs.DMAEN.mask() | Cs.CS.of(1));
                });
    }

    @Test
    void aLoopbackOnAChipSelectThatIsNotThereIsRefused() {
        Board board = Board.of("rpi3").withOverlay(SPI.replace("<1>", "<3>"), "spi");
        assertThatThrownBy(() -> Simulation.boot(board, Simulation.Options.seeded(1)))
                .isInstanceOf(BoardException.class)
                .hasMessageContaining("chip select 3");
    }
}
