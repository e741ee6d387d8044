package dmakit.cmodule;

import static org.assertj.core.api.Assertions.assertThat;

import dmakit.machine.Machine;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What the C library of the kernel does; the expected lines are those that Linux prints. */
class LibraryIT {
    private static List<String> lines = List.of();

    @BeforeAll
    static void runs() {
        HostFixture.compiler();
        try (var kernel = new KernelFixture(new Machine.Cache.None(), 1)) {
            CModule module = kernel.load(HostFixture.SOURCES.resolve("library.c"));
            assertThat(kernel.call(module::init)).isZero();
            lines = kernel.lines();
        }
    }

    @AfterAll
    static void forgets() {
        lines = List.of();
    }

    @Test
    void formatsAreThoseOfLinux() {
        List<String> shown = lines.stream().filter(line -> line.startsWith("|")).toList();
        assertThat(shown)
                .containsExactly(
                        "|-1 2 3     4 5     00006 +7|",
                        "|abc ABC 0xabc 010 00000abc 005|",
                        "|1 1 -1 -2 3 -4|",
                        "|a     b c     de (null) x%|",
                        "|   1 2    xy|",
                        "|18446744073709551615 -9223372036854775808|",
                        "|0000000000000000 0000000000001234|",
                        "|0x00000000c0001000 0x0000000000001000 0x0000000000001000|",
                        "|-ENOMEM -EPROBE_DEFER -1000|",
                        "|00 0a ff 00:0a:ff 00-0a-ff 000aff|",
                        "|00:0a:ff:80:12:34 00-0a-ff-80-12-34 000aff801234|",
                        "|0.10.255.128 000.010.255.128 2001:0db8:0000:0000:0000:0000:0000:0001"
                                + " 2001:db8::1|",
                        "|00112233-4455-6677-8899-aabbccddeeff"
                                + " 00112233-4455-6677-8899-AABBCCDDEEFF"
                                + " 33221100-5544-7766-8899-aabbccddeeff|",
                        "|[mem 0x3f007000-0x3f007fff] [mem 0x3f007000-0x3f007fff flags 0x200]|",
                        "|[irq 16]|",
                        "|00,00000f0f 0-3,8-11,64-65|",
                        "|2000-02-29T00:00:00|",
                        "|named_function [library] named_function [library]|",
                        "|1 and two!|");
    }

    @Test
    void aLineAboutADeviceNamesItsDriverAndTheDevice() {
        assertThat(lines).contains(" dev0: no driver", "drv dev0: a driver, 1");
    }

    @Test
    void debugLinesAreNotPrintedUnlessAskedFor() {
        assertThat(lines).noneMatch(line -> line.contains("not seen"));
    }

    @Test
    void bytesAreDumpedAsLinuxDoes() {
        assertThat(lines)
                .contains(
                        "dump 00000000: 30 31 32 33 34 35 36 37 38 39 61 62 63 64 65 66"
                                + "  0123456789abcdef",
                        "dump 00000010: 58 59                                          " + "  XY",
                        "33323130 37363534 62613938 66656463");
    }

    @Test
    void stringsListsTreesAndNumbersBehave() {
        assertThat(lines).noneMatch(line -> line.startsWith("FAILED"));
        assertThat(lines).anyMatch(line -> line.matches("checks: [1-9]\\d\\d"));
    }
}
