package dmakit.cmodule;

import static org.assertj.core.api.Assertions.assertThatCode;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Modules of all ages are compiled against the same headers. */
class DialectIT {
    @BeforeAll
    static void needsACompiler() {
        HostFixture.compiler();
    }

    @ParameterizedTest
    @CsvSource({
        "2.6.32, linux_2_6.c",
        "3.10, linux_3_10.c",
        "5.4, linux_5_4.c",
        "6.12, linux_6_12.c"
    })
    void aModuleIsCompiledAsItIs(String version, String file) {
        Path source = HostFixture.SOURCES.resolve("dialect").resolve(file);
        var module =
                new ModuleSource(
                        "dialect", List.of(source), List.of(), List.of(), Map.of(), version);
        assertThatCode(() -> HostFixture.modules().compile(module)).doesNotThrowAnyException();
    }
}
