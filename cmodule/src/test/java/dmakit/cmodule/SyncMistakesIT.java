package dmakit.cmodule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmakit.kernel.check.Finding;
import dmakit.kernel.check.SourceLine;
import dmakit.machine.Machine;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SyncMistakesIT {
    private static final Path MISTAKES = HostFixture.SOURCES.resolve("sync_mistakes.c");
    private static final Pattern FUNCTION = Pattern.compile("^void (\\w+)\\(void\\)$");
    private static final Pattern WANTED =
            Pattern.compile("/\\* (finds|leaks|ends): ([a-z-]+) \\*/");

    /** What is planted in a function, and on which line. */
    record Planted(String function, String kind, String id, int line) {
        @Override
        public String toString() {
            return function;
        }
    }

    @BeforeAll
    static void needsACompiler() {
        HostFixture.compiler();
    }

    /** The functions of the file; the line may be in a helper that stands before its caller. */
    static Stream<Planted> mistakes() {
        List<Planted> found = new ArrayList<>();
        String kind = "";
        String id = "";
        int at = 0;
        String function = "";
        List<String> lines;
        try {
            lines = Files.readAllLines(MISTAKES);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        for (int i = 0; i < lines.size(); i++) {
            Matcher named = FUNCTION.matcher(lines.get(i));
            Matcher wanted = WANTED.matcher(lines.get(i));
            if (named.matches()) {
                function = named.group(1);
            } else if (wanted.find()) {
                kind = wanted.group(1);
                id = wanted.group(2);
                at = i + 1;
            } else if (lines.get(i).equals("}") && !function.isEmpty()) {
                found.add(new Planted(function, kind, id, at));
                function = "";
            }
        }
        return found.stream();
    }

    @ParameterizedTest
    @MethodSource("mistakes")
    void aMistakeIsFoundAtItsLineAndNothingElseIs(Planted planted) {
        try (var kernel = new KernelFixture(new Machine.Cache.None(), 1)) {
            CModule module = kernel.load(MISTAKES);
            long function = module.symbol(planted.function());
            if (planted.kind().equals("ends")) {
                assertThatThrownBy(() -> run(kernel, function)).isInstanceOf(Throwable.class);
            } else {
                run(kernel, function);
            }
            if (planted.kind().equals("leaks")) {
                assertThat(kernel.kernel.findings().all()).isEmpty();
                kernel.call(() -> {
                    module.unload();
                    return 0;
                });
            }
            List<Finding> findings = kernel.kernel.findings().all();
            assertThat(findings)
                    .extracting(finding -> finding.id().text())
                    .containsExactly(planted.id());
            Finding finding = findings.getFirst();
            SourceLine line = kernel.kernel.findings().lineOf(finding.site());
            assertThat(Path.of(line.file()).getFileName().toString()).isEqualTo("sync_mistakes.c");
            assertThat(line.line()).as(finding.message()).isEqualTo(planted.line());
            assertThat(finding.message()).as("no addresses").doesNotContain("0x");
        }
    }

    private static void run(KernelFixture kernel, long function) {
        kernel.call(() -> (int) kernel.system.host().run(function));
    }
}
