package dmakit.cmodule;

import static org.assertj.core.api.Assertions.assertThat;

import dmakit.kernel.check.Finding;
import dmakit.machine.Machine;
import dmakit.machine.bus.Target;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DevicesIT {
    private static final Path CLEAN = HostFixture.SOURCES.resolve("devices_clean.c");
    private static final Path MISTAKES = HostFixture.SOURCES.resolve("devices_mistakes.c");

    private static final String TREE =
            """
            /dts-v1/;
            / {
                compatible = "test,board";
                #address-cells = <1>;
                #size-cells = <1>;
                interrupt-parent = <&intc>;
                memory@0 { device_type = "memory"; reg = <0 0x4000000>; };
                aliases { other3 = "/other@1"; };
                intc: interrupts { interrupt-controller; #interrupt-cells = <1>; };
                osc: oscillator {
                    compatible = "fixed-clock";
                    #clock-cells = <0>;
                    clock-frequency = <19200000>;
                };
                other: other@1 { compatible = "test,other"; #link-cells = <2>; };
                thing@5000000 {
                    compatible = "test,new-thing", "test,thing";
                    reg = <0x5000000 0x1000>, <0x5002000 0x1000>;
                    reg-names = "regs", "fifo";
                    interrupts = <9>, <10>;
                    interrupt-names = "error", "done";
                    clocks = <&osc>;
                    clock-names = "bus";
                    depth = <64>;
                    table = <0x10 0x20 0x30>;
                    wide = <1 2>;
                    mac = [aa bb cc dd];
                    flag;
                    names = "one", "two";
                    friend = <&other>;
                    links = <&other 5 6>, <&other 7 8>;
                    port { };
                    disabled { status = "disabled"; };
                };
                syscon@5004000 { compatible = "test,syscon", "syscon"; reg = <0x5004000 0x100>; };
            };
            """;

    @BeforeAll
    static void needsACompiler() {
        HostFixture.compiler();
    }

    /** Registers that keep what is stored. */
    private static final class Words implements Target {
        private final long[] words = new long[0x100 / Integer.BYTES];

        @Override
        public long read(long offset, int width) {
            return words[(int) offset / Integer.BYTES];
        }

        @Override
        public void write(long offset, int width, long value) {
            words[(int) offset / Integer.BYTES] = value;
        }
    }

    private static KernelFixture kernel() {
        return new KernelFixture(new Machine.Cache.Adversary(), 3, TREE);
    }

    private static int run(KernelFixture kernel, CModule module, String function) {
        long address = module.symbol(function);
        return kernel.call(() -> (int) kernel.system.host().run(address));
    }

    @Test
    void aDriverFindsWhatTheTreeSaysAndGivesAllBack() {
        try (var kernel = kernel()) {
            CModule module = kernel.load(CLEAN);
            assertThat(kernel.call(module::init)).isZero();
            assertThat(run(kernel, module, "check_probed")).as("line").isZero();
            assertThat(kernel.kernel.mm().resources().iomem()).contains("thing");
            assertThat(run(kernel, module, "check_removed")).as("line").isZero();
            assertThat(kernel.kernel.mm().resources().iomem()).doesNotContain("thing");
            module.unload();
            assertThat(kernel.kernel.findings().all()).isEmpty();
        }
    }

    @Test
    void registersOfASystemControllerAreShared() {
        try (var kernel = kernel()) {
            kernel.machine.bus().attach("syscon", 0x500_4000, 0x100, new Words());
            CModule module = kernel.load(HostFixture.SOURCES.resolve("regmap_syscon.c"));
            assertThat(kernel.call(module::init)).isZero();
            assertThat(run(kernel, module, "check_syscon")).as("line").isZero();
            module.unload();
            assertThat(kernel.kernel.findings().all()).isEmpty();
        }
    }

    @Test
    void aModuleBringsDevicesOfItsOwn() {
        try (var kernel = kernel()) {
            CModule module = kernel.load(CLEAN);
            assertThat(run(kernel, module, "check_made_devices")).as("line").isZero();
            assertThat(kernel.kernel.platform().devices())
                    .extracting(device -> device.name())
                    .doesNotContain("made-a.4");
            module.unload();
            assertThat(kernel.kernel.findings().all()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "leave_region",
                "leave_clock",
                "put_running_clock",
                "leave_device",
                "leave_device_unadded",
                "leave_driver"
            })
    void whatAModuleLeavesIsFoundWhereItTookIt(String function) throws IOException {
        try (var kernel = kernel()) {
            CModule module = kernel.load(MISTAKES);
            run(kernel, module, function);
            module.unload();
            List<Finding> findings = kernel.kernel.findings().all();
            assertThat(findings).hasSize(1);
            Finding finding = findings.getFirst();
            int line = kernel.kernel.findings().lineOf(finding.site()).line();
            List<String> source = Files.readAllLines(MISTAKES);
            assertThat(source.get(line - 1)).contains("/* leaks: " + finding.id().text() + " */");
            assertThat(source.subList(0, line)).contains("void " + function + "(void)");
            assertThat(kernel.kernel.platform().device("left.0")).isEmpty();
        }
    }
}
