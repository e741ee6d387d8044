package dmakit.hardware.axidmac;

import static org.assertj.core.api.Assertions.assertThat;

import dmakit.datasheet.axidmac.AxiDmacDescriptor;
import dmakit.datasheet.axidmac.AxiDmacRegister;
import dmakit.datasheet.axidmac.AxiDmacRegister.Control;
import dmakit.datasheet.axidmac.InterfaceType;
import dmakit.hardware.AxiStream;
import dmakit.machine.random.Rng;
import dmakit.machine.time.Clock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whatever is stored into registers and descriptors, the core does bounded work per event. */
class AxiDmacFuzzTest {
    private static final int ROUNDS = 20_000;
    private static final int EVENTS_PER_ROUND_MAX = 16;

    @ParameterizedTest
    @CsvSource({
        "AXI_MM, AXI_MM",
        "AXI_MM, AXI_STREAM",
        "AXI_STREAM, AXI_MM",
        "FIFO, AXI_MM",
        "AXI_STREAM, FIFO"
    })
    void randomStoresNeverHangOrThrow(InterfaceType source, InterfaceType destination) {
        Rng rng = new Rng(29);
        try (AxiDmacBench bench = new AxiDmacBench(AxiDmacBench.build(source, destination))) {
            // Transfers may write into the core itself.
            bench.machine.bus().attach("dmac", AxiDmacBench.DEVICE, AxiDmac.SIZE, bench.core);
            for (int round = 0; round < ROUNDS; round++) {
                act(bench, rng);
                for (int i = 0; i < EVENTS_PER_ROUND_MAX; i++) {
                    long next = bench.machine.clock().nextAt();
                    if (next == Clock.NEVER) {
                        break;
                    }
                    bench.machine.clock().advanceTo(next);
                }
            }
            bench.enable();
            bench.disable();
            bench.settle();
            bench.acknowledge();
            assertThat(bench.read(AxiDmacRegister.TRANSFER_DONE)).isZero();
            assertThat(bench.irq.isAsserted()).isFalse();
        }
    }

    private static void act(AxiDmacBench bench, Rng rng) {
        switch (rng.nextInt(7)) {
            case 0 -> {
                int width = 1 << rng.nextInt(4);
                long offset = rng.nextInt(AxiDmac.SIZE / width) * (long) width;
                bench.core.write(offset, width, rng.nextLong());
                bench.core.read(offset, width);
            }
            case 1 -> bench.write(AxiDmacRegister.CONTROL, rng.nextInt(8) | Control.ENABLE.mask());
            case 2 -> {
                bench.acknowledge();
                bench.read(AxiDmacRegister.PARTIAL_TRANSFER_ID);
                if (rng.oneIn(8)) {
                    bench.disable();
                }
            }
            case 3 -> {
                byte[] block = AxiDmacBench.random(AxiDmacDescriptor.SIZE, rng.nextLong());
                bench.poke(8L * rng.nextInt(1000), block);
                bench.submitChain(8L * rng.nextInt(1000), rng.nextInt(8));
            }
            case 4 -> {
                int bytes = Math.min(bench.in.room(), 1 + rng.nextInt(300));
                if (bytes > 0) {
                    bench.arrive(new byte[bytes], rng.oneIn(2));
                }
            }
            case 5 -> drain(bench.out);
            default ->
                    bench.submit(
                            address(rng),
                            address(rng),
                            rng.oneIn(10) ? (int) rng.nextLong() : 1 + rng.nextInt(10_000),
                            rng.oneIn(10) ? (int) rng.nextLong() : 1 + rng.nextInt(4),
                            (int) rng.nextLong(),
                            (int) rng.nextLong(),
                            rng.nextInt(8));
        }
    }

    private static void drain(AxiStream stream) {
        while (stream.available() > 0) {
            stream.take(new byte[stream.available()], 0, stream.available());
        }
    }

    private static long address(Rng rng) {
        return switch (rng.nextInt(6)) {
            case 0 -> rng.nextLong();
            case 1 -> AxiDmacBench.DEVICE + rng.nextInt(AxiDmac.SIZE);
            default -> rng.nextInt((int) AxiDmacBench.RAM_SIZE);
        };
    }
}
