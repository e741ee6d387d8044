package dmakit.machine;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dmakit.machine.bus.MasterPort;
import dmakit.machine.bus.Target;
import dmakit.machine.bus.Windows;
import dmakit.machine.cpu.AddressLayout;
import dmakit.machine.cpu.CostTable;
import dmakit.machine.cpu.Cpu;
import dmakit.machine.cpu.MemoryType;
import dmakit.machine.irq.IrqLine;
import dmakit.machine.memory.Ram;
import dmakit.machine.time.Alarm;
import java.lang.management.ManagementFactory;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What runs for every transfer allocates nothing, once the compiler has seen it. */
class SteadyStateTest {
    private static final long LINEAR = AddressLayout.LINEAR_BASE;
    private static final long REGISTERS = AddressLayout.VMALLOC_BASE;

    /** On a busy machine the compiler takes its time; a machine that allocates never passes. */
    private static final int ROUNDS_MAX = 3000;

    private static final int OPERATIONS = 10_000;

    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private final Machine machine =
            new Machine(
                    new Machine.Config(
                            List.of(new Ram.Bank(0, 0x10_0000)),
                            false,
                            new Machine.Cache.None(),
                            CostTable.CORTEX_A53,
                            1));
    private final Cpu cpu = machine.cpu();

    @AfterEach
    void close() {
        machine.close();
    }

    /** Fails unless a round of operations comes that allocates less than a byte for each. */
    private void expectNoAllocation(Runnable operation) {
        long allocated = Long.MAX_VALUE;
        for (int round = 0; round < ROUNDS_MAX && allocated >= OPERATIONS; round++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < OPERATIONS; i++) {
                operation.run();
            }
            allocated = threads.getCurrentThreadAllocatedBytes() - before;
        }
        assertThat(allocated).as("bytes for %d operations", OPERATIONS).isLessThan(OPERATIONS);
    }

    @Test
    void loadsStoresAndMaintenance() {
        byte[] bytes = new byte[4096];
        expectNoAllocation(() -> {
            cpu.store64(LINEAR + 0x1000, cpu.load64(LINEAR + 0x3000) + 1);
            cpu.store(LINEAR + 0x1000, bytes, 0, bytes.length);
            cpu.fill(LINEAR + 0x4000, 256, (byte) 1);
            cpu.clean(0x1000, 4096);
            cpu.invalidate(0x1000, 4096);
            cpu.load(LINEAR + 0x1000, bytes, 0, bytes.length);
        });
    }

    @Test
    void registersInterruptsAndTransfers() {
        MasterPort port = machine.bus().master("dma", Windows.IDENTITY, false);
        IrqLine line = machine.interrupts().line(3);
        byte[] descriptor = new byte[32];
        Alarm step =
                new Alarm(
                        "step",
                        () -> {
                            port.read(0x2000, descriptor, 0, 32);
                            port.copy(0x1000, 0x3000, 256, 64);
                            line.set(true);
                        });
        machine.bus()
                .attach(
                        "dma",
                        0x3f00_0000,
                        0x10,
                        new Target() {
                            @Override
                            public long read(long offset, int bytes) {
                                return line.isAsserted() ? 1 : 0;
                            }

                            @Override
                            public void write(long offset, int bytes, long value) {
                                if (value == 0) {
                                    line.set(false);
                                } else {
                                    machine.clock().setIn(step, 100_000);
                                }
                            }
                        });
        cpu.kernelTable().map(REGISTERS, 0x3f00_0000, 0x1000, MemoryType.DEVICE);
        cpu.onInterrupt(() -> cpu.store32(REGISTERS, 0));
        expectNoAllocation(() -> {
            cpu.storeBarrier();
            cpu.store32(REGISTERS, 1);
            while (machine.clock().nextAt() != Long.MAX_VALUE || line.isAsserted()) {
                cpu.idle();
            }
        });
    }
}
