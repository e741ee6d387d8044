package dmakit.labs.isa;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmakit.board.Board;
import dmakit.board.Simulation;
import dmakit.datasheet.isa.IsaSoundRegister;
import dmakit.datasheet.isa.IsaSoundRegister.Ctrl;
import dmakit.kernel.DmaException;
import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.boot.Kernel;
import dmakit.kernel.check.Finding;
import dmakit.kernel.check.FindingId;
import dmakit.kernel.device.PlatformDevice;
import dmakit.kernel.dma.CoherentBuffer;
import dmakit.kernel.isa.IsaDma;
import dmakit.kernel.mm.Gfp;
import dmakit.machine.cpu.AddressLayout;
import dmakit.machine.random.Rng;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SoundDriverTest {
    private static final Gfp LOW = Gfp.KERNEL.with(Gfp.DMA);
    private static final int PLAY = 1;
    private static final int RECORD = 5;

    /** The driver and its card, on a kernel. */
    private record Bound(Kernel kernel, SoundDriver driver, PlatformDevice card) {}

    private interface Body {
        void run(Bound bound);
    }

    private static void onPc(String commandLine, Body body) {
        Simulation.Options options = new Simulation.Options(1, Optional.empty(), commandLine);
        try (Simulation pc = Simulation.boot(Board.of("pc"), options)) {
            Kernel kernel = pc.kernel();
            SoundDriver driver = new SoundDriver(kernel);
            kernel.run(
                    "sound",
                    () -> {
                        kernel.platform().register(driver);
                        PlatformDevice card =
                                kernel.platform().devices().stream()
                                        .filter(device -> device.driver() == driver)
                                        .findFirst()
                                        .orElseThrow();
                        body.run(new Bound(kernel, driver, card));
                        kernel.platform().unregister(driver);
                    });
            assertThat(kernel.isaDma().procText()).isEqualTo(" 4: cascade\n");
            assertThat(kernel.shutdown()).isEmpty();
        }
    }

    private static byte[] numbers(int count) {
        byte[] bytes = new byte[count];
        for (int i = 0; i < count; i++) {
            bytes[i] = (byte) (i * 3 + 1);
        }
        return bytes;
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "intel_iommu=on iommu.strict=1", "iommu=soft"})
    void playsEveryByteOnce(String commandLine) {
        onPc(
                commandLine,
                bound -> {
                    byte[] bytes = numbers(1000);
                    int sum = 0;
                    for (byte value : bytes) {
                        sum += value & 0xff;
                    }
                    assertThat(bound.driver().play(bound.card(), bytes, LOW)).isZero();
                    assertThat(bound.driver().interrupts()).isEqualTo(1);
                    assertThat(sumOf(bound.driver())).isEqualTo(sum);
                    assertThat(bound.driver().in(IsaSoundRegister.UNDERRUNS)).isZero();
                });
    }

    private static int sumOf(SoundDriver driver) {
        return driver.in(IsaSoundRegister.SUM_0)
                | driver.in(IsaSoundRegister.SUM_1) << 8
                | driver.in(IsaSoundRegister.SUM_2) << 16;
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 16, 4096, 65536})
    void recordsWordsOnA16BitChannel(int count) {
        onPc(
                "",
                bound -> {
                    byte[] into = new byte[count];
                    bound.driver().out(IsaSoundRegister.NEXT, 0x40);
                    assertThat(bound.driver().record(bound.card(), 0, into)).isZero();
                    for (int i = 0; i < count; i++) {
                        assertThat(into[i]).as("%d", i).isEqualTo((byte) (0x40 + i));
                    }
                });
    }

    @Test
    void showsWhoHasWhichChannelAndPorts() {
        onPc(
                "",
                bound -> {
                    assertThat(bound.kernel().files().read("/proc/dma"))
                            .isEqualTo(" 1: isa_sound play\n 4: cascade\n 5: isa_sound record\n");
                    assertThat(bound.kernel().files().read("/proc/ioports"))
                            .contains("0000-001f : dma1\n", "0220-022f : isa_sound\n");
                });
    }

    @Test
    void aBufferThatTheBusDoesNotReachCannotBeMapped() {
        onPc(
                "",
                bound ->
                        assertThatThrownBy(() ->
                                        bound.driver().play(bound.card(), numbers(16), Gfp.KERNEL))
                                .isInstanceOf(DmaException.class));
    }

    @Test
    void coherentMemoryComesFromBelow16MiB() {
        onPc(
                "",
                bound -> {
                    CoherentBuffer buffer =
                            bound.kernel()
                                    .dma()
                                    .allocCoherent(bound.card().device(), 65536, Gfp.KERNEL);
                    assertThat(buffer.dma() + 65536).isLessThanOrEqualTo(IsaDma.ADDRESS_END);
                    bound.kernel().dma().freeCoherent(bound.card().device(), buffer);
                });
    }

    @Test
    void tellsInTheMiddleHowMuchIsLeft() {
        onPc(
                "",
                bound -> {
                    Kernel kernel = bound.kernel();
                    IsaDma dma = kernel.isaDma();
                    CoherentBuffer buffer =
                            kernel.dma().allocCoherent(bound.card().device(), 4096, Gfp.KERNEL);
                    bound.driver().start(PLAY, IsaDma.MODE_WRITE, buffer.dma(), 4000);
                    bound.driver().out(IsaSoundRegister.CTRL, Ctrl.PLAY.mask());
                    kernel.sched().msleep(2);
                    boolean flags = dma.claimLock();
                    dma.clearFlipFlop(PLAY);
                    int first = dma.residue(PLAY);
                    dma.releaseLock(flags);
                    assertThat(first).isBetween(2000, 3900);
                    bound.driver().out(IsaSoundRegister.CTRL, 0);
                    dma.disable(PLAY);
                    kernel.dma().freeCoherent(bound.card().device(), buffer);
                });
    }

    @Test
    void theDriverMayLeaveAtAnyMoment() {
        Rng rng = new Rng(9);
        onPc(
                "",
                bound -> {
                    Kernel kernel = bound.kernel();
                    long low = kernel.mm().slab().kzalloc(4096, LOW);
                    long dma = low - AddressLayout.LINEAR_BASE;
                    for (int round = 0; round < 100; round++) {
                        bound.driver().start(RECORD, IsaDma.MODE_READ, dma, 2048);
                        bound.driver().out(IsaSoundRegister.CTRL, Ctrl.RECORD.mask());
                        kernel.machine().cpu().spend(rng.nextLong(10_000_000_000L));
                        kernel.platform().unbind(bound.card());
                        assertThat(kernel.isaDma().procText()).isEqualTo(" 4: cascade\n");
                        kernel.machine().cpu().fill(low, 4096, (byte) 0x5a);
                        kernel.sched().msleep(4);
                        for (int i = 0; i < 2048; i += 8) {
                            assertThat(kernel.machine().cpu().load64(low + i))
                                    .as("nobody writes any more")
                                    .isEqualTo(0x5a5a_5a5a_5a5a_5a5aL);
                        }
                        kernel.platform().attach(bound.card());
                        assertThat(bound.card().driver()).isNotNull();
                    }
                    kernel.mm().slab().kfree(low);
                });
    }

    @Nested
    class Findings {
        private List<Finding> found(long address, int bytes) {
            List<Finding> all = new ArrayList<>();
            onPc(
                    "",
                    bound -> {
                        bound.kernel().findings().enable();
                        bound.driver().start(PLAY, IsaDma.MODE_WRITE, address, bytes);
                        bound.kernel().isaDma().disable(PLAY);
                        all.addAll(bound.kernel().findings().all());
                    });
            return all;
        }

        @Test
        void nameAnAddressAbove16MiB() {
            assertThat(found(0x123_4560L, 16))
                    .singleElement()
                    .satisfies(finding -> {
                        assertThat(finding.id()).isEqualTo(FindingId.DEVICE_UNREACHABLE);
                        assertThat(finding.message()).contains("24 address lines", "0x1234560");
                    });
        }

        @Test
        void nameABufferThatCrosses64KiB() {
            assertThat(found(0x12_fff0L, 17))
                    .singleElement()
                    .satisfies(finding ->
                            assertThat(finding.message()).contains("multiple of 64 KiB"));
            assertThat(found(0x12_fff0L, 16)).isEmpty();
        }
    }

    @Test
    void requestsAreRefusedAsLinuxDoes() {
        onPc(
                "",
                bound -> {
                    IsaDma dma = bound.kernel().isaDma();
                    for (int channel : new int[] {-1, 8}) {
                        assertRefused(dma, channel, Errno.EINVAL);
                    }
                    for (int channel : new int[] {1, 4, 5}) {
                        assertRefused(dma, channel, Errno.EBUSY);
                    }
                    dma.request(3, "mine");
                    dma.free(3);
                    dma.free(3);
                    dma.free(8);
                    assertThat(bound.kernel().log().buffer().texts())
                            .endsWith("Trying to free free DMA3", "Trying to free DMA8");
                });
    }

    private static void assertRefused(IsaDma dma, int channel, Errno errno) {
        assertThatThrownBy(() -> dma.request(channel, "other"))
                .isInstanceOf(KernelException.class)
                .extracting(e -> ((KernelException) e).errno())
                .isEqualTo(errno);
    }

    @Test
    void otherBoardsHaveNoChannels() {
        try (Simulation rpi3 = Simulation.boot(Board.of("rpi3"), Simulation.Options.seeded(1))) {
            Kernel kernel = rpi3.kernel();
            assertThat(kernel.files().read("/proc/dma")).isEqualTo("No DMA\n");
            kernel.run("request", () -> assertRefused(kernel.isaDma(), 1, Errno.EINVAL));
            assertThat(kernel.call("inb", () -> kernel.ports().inb(0x220))).isEqualTo(0xff);
        }
    }
}
