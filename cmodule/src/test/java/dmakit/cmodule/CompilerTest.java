package dmakit.cmodule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CompilerTest {
    @TempDir Path folder;

    @Test
    void isTheFirstOfThePathThatCanRun() throws IOException {
        Path first = Files.createDirectory(folder.resolve("first"));
        Path second = Files.createDirectory(folder.resolve("second"));
        Files.createFile(first.resolve("gcc"));
        Path wanted = Files.createFile(second.resolve("gcc"));
        assertThat(wanted.toFile().setExecutable(true)).isTrue();
        assertThat(Compiler.find(first + ":" + second)).isEqualTo(new Compiler(wanted));
    }

    @Test
    void thatIsMissingIsAskedForInOneLine() {
        assertThatThrownBy(() -> Compiler.find(folder.toString()))
                .isInstanceOf(CompilerMissing.class)
                .hasMessageContaining("need gcc")
                .hasMessageNotContaining("\n");
    }
}
