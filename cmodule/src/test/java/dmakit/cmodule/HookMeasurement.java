package dmakit.cmodule;

import dmakit.machine.Machine;
import dmakit.machine.cpu.AddressLayout;
import dmakit.machine.cpu.CostTable;
import dmakit.machine.memory.Ram;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;

/**
 * Measures what a load or store of driver code costs, to the same loop without hooks. A program,
 * not a test; run it in the folder of this module.
 */
final class HookMeasurement {
    private static final long RAM = 64L << 20;
    private static final int ROUNDS = 9;

    /** A buffer as drivers have it, and one that no cache holds. */
    private static final int[] WORDS = {(1 << 12) - 1, (1 << 20) - 1};

    private static final List<String> LOOPS =
            List.of("measure_sum", "measure_set", "measure_update");

    private HookMeasurement() {}

    public static void main(String[] args) {
        Compiler compiler = Compiler.find();
        HostBuild build = HostBuild.in(List.of(Path.of("target/host-cache")), compiler);
        for (boolean coherent : new boolean[] {false, true}) {
            for (boolean shadow : new boolean[] {false, true}) {
                measure(compiler, build, coherent, shadow);
            }
        }
    }

    private static void measure(
            Compiler compiler, HostBuild build, boolean coherent, boolean shadow) {
        var config =
                new Machine.Config(
                        List.of(new Ram.Bank(0, 1L << 30)),
                        coherent,
                        new Machine.Cache.None(),
                        CostTable.CORTEX_A53,
                        1);
        try (Machine machine = new Machine(config);
                var folder = RunFolder.temporary()) {
            if (shadow) {
                machine.ram().shadow().turnOn();
                machine.ram().shadow().allocated(RAM, 16 << 20, 16 << 20, true);
            }
            Path module = LaneMeasurement.build(compiler, build, folder);
            try (var host = CHost.start(machine, build, folder.path(), Duration.ofSeconds(10))) {
                host.serveWith(_ -> _ -> 0, _ -> List.of(), _ -> {});
                host.load(1, module);
                for (int words : WORDS) {
                    for (String loop : LOOPS) {
                        double plain = nsPerWord(host, loop + "_plain", words);
                        double hooked = nsPerWord(host, loop, words);
                        System.out.printf(
                                "%s, shadow %s, %s of %d words: %.2f ns, plain %.2f, ratio %.1f%n",
                                coherent ? "coherent" : "lines",
                                shadow ? "on" : "off",
                                loop,
                                words,
                                hooked,
                                plain,
                                hooked / plain);
                    }
                }
            }
        }
    }

    private static double nsPerWord(CHost host, String name, int words) {
        long function = host.symbol(1, name);
        int rounds = (1 << 24) / words;
        double[] samples = new double[ROUNDS];
        for (int i = 0; i < ROUNDS; i++) {
            long start = System.nanoTime();
            host.run(function, AddressLayout.LINEAR_BASE + RAM, words, rounds);
            samples[i] = (System.nanoTime() - start) / (double) words / rounds;
        }
        Arrays.sort(samples);
        return samples[ROUNDS / 2];
    }
}
