package dmakit.cmodule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dmakit.cmodule.CompileFailed.MissingSymbol;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModuleBuilderIT {
    @TempDir Path folder;

    @BeforeAll
    static void needsACompiler() {
        HostFixture.compiler();
    }

    private CompileFailed failureOf(Path source) {
        return catchThrowableOfType(CompileFailed.class, () -> HostFixture.compile(source));
    }

    @Test
    void allMissingSymbolsAreListedOnceWithTheLineOfTheirFirstUse() {
        Path source = HostFixture.SOURCES.resolve("missing.c");
        CompileFailed failed = failureOf(source);
        assertThat(failed.missing())
                .containsExactly(
                        new MissingSymbol("register_framebuffer", source + ":5"),
                        new MissingSymbol("netif_stop_queue", source + ":7"),
                        new MissingSymbol("exit", source + ":14"));
        assertThat(failed)
                .hasMessageContaining("uses kernel symbols that are not there")
                .hasMessageContaining(source + ":7: netif_stop_queue");
    }

    @Test
    void anErrorIsToldInTheCompilersWords() {
        CompileFailed failed = failureOf(HostFixture.SOURCES.resolve("broken.c"));
        assertThat(failed.missing()).isEmpty();
        assertThat(failed)
                .hasMessageContaining("broken.c:5:")
                .hasMessageContaining("unknown_variable");
    }

    @Test
    void aHeaderOfTheCLibraryIsNotThere() throws IOException {
        Path source = Files.writeString(folder.resolve("stdio.c"), "#include <stdio.h>\n");
        assertThat(failureOf(source)).hasMessageContaining("stdio.h: No such file");
    }

    @Test
    void theHostIsBuiltOnceAndFoundAgain() throws IOException {
        Path cache = folder.resolve("cache");
        HostBuild first = HostBuild.in(List.of(cache), HostFixture.compiler());
        var made = Files.getLastModifiedTime(first.program());
        HostBuild second = HostBuild.in(List.of(cache), HostFixture.compiler());
        assertThat(second).isEqualTo(first);
        assertThat(Files.getLastModifiedTime(second.program())).isEqualTo(made);
        try (var files = Files.list(cache)) {
            assertThat(files).hasSize(1);
        }
    }

    @Test
    void aCompilerThatDoesNotWorkIsNamedWithItsWords() throws IOException {
        Path wrong = Files.writeString(folder.resolve("gcc"), "#!/bin/sh\necho no space\nexit 1\n");
        assertThat(wrong.toFile().setExecutable(true)).isTrue();
        Compiler compiler = Compiler.find(folder.toString());
        assertThatThrownBy(() -> HostBuild.in(List.of(folder.resolve("cache")), compiler))
                .isInstanceOf(CompilerMissing.class)
                .hasMessageContaining(wrong.toString())
                .hasMessageContaining("no space");
    }
}
