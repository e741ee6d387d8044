package dmakit.labs.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmakit.board.Board;
import dmakit.board.Simulation;
import dmakit.kernel.KernelException;
import dmakit.kernel.boot.Kernel;
import dmakit.machine.cpu.Cpu;
import dmakit.machine.cpu.Purpose;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MeterTest {
    private final Simulation simulation =
            Simulation.boot(Board.of("rpi3"), Simulation.Options.seeded(1), List.of(), _ -> {});
    private final Kernel kernel = simulation.kernel();
    private final Cpu cpu = kernel.machine().cpu();

    @AfterEach
    void close() {
        simulation.close();
    }

    @Test
    void partsAddUpToTheTimeThatPassed() {
        Meter meter = new Meter(kernel);
        long[] passed = new long[1];
        kernel.run(
                "test",
                () -> {
                    long before = kernel.machine().clock().now();
                    meter.measure(() -> {
                        cpu.spend(1_000);
                        cpu.clean(0, 128);
                        Purpose code = cpu.begin(Purpose.BOUNCE);
                        cpu.spend(30);
                        cpu.end(code);
                        kernel.sched().usleepRange(10, 10);
                    });
                    passed[0] = kernel.machine().clock().now() - before;
                });
        Reading reading = meter.reading();
        assertThat(reading.elapsedPs()).isEqualTo(passed[0]);
        assertThat(reading.parts().stream().mapToLong(Part::ps).sum()).isEqualTo(passed[0]);
        assertThat(reading.ps("cache maintenance")).isEqualTo(2L * cpu.cost().cleanLine());
        assertThat(reading.ps("bounce copies")).isEqualTo(30);
        assertThat(reading.ps("waiting")).isPositive();
        assertThat(reading.busyPs()).isEqualTo(passed[0] - reading.ps("waiting"));
    }

    @Test
    void isTheAverageOfWhatItMeasuredAndOfNothingElse() {
        Meter meter = new Meter(kernel);
        kernel.run(
                "test",
                () -> {
                    meter.measure(() -> cpu.spend(100));
                    cpu.spend(1_000_000);
                    meter.measure(() -> cpu.spend(301));
                });
        Reading reading = meter.reading();
        assertThat(reading.transfers()).isEqualTo(2);
        assertThat(reading.parts()).containsExactly(new Part("code", 200));
        assertThat(reading.busyPercent()).isEqualTo(100);
    }

    @Test
    void hasNoReadingBeforeATransfer() {
        assertThatThrownBy(() -> new Meter(kernel).reading())
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void buffersTellTheFirstByteThatDidNotArrive() {
        kernel.run(
                "test",
                () -> {
                    try (Buffers buffers = new Buffers(kernel, 64)) {
                        buffers.fill(64);
                        byte[] bytes = new byte[64];
                        cpu.load(buffers.out(), bytes, 0, 64);
                        cpu.store(buffers.in(), bytes, 0, 64);
                        buffers.compare(64);
                        cpu.store8(buffers.in() + 40, (byte) ~bytes[40]);
                        assertThatThrownBy(() -> buffers.compare(64))
                                .isInstanceOf(KernelException.class)
                                .hasMessageContaining("byte 40 of 64: sent 0x");
                        buffers.fill(64);
                        assertThatThrownBy(() -> buffers.compare(64))
                                .isInstanceOf(KernelException.class)
                                .hasMessageContaining("byte 0 of 64");
                    }
                });
    }
}
