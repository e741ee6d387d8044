package dmakit.cmodule;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ModuleBuilderTest {
    @Test
    void aListOfFilesIsReadAsMakeReadsIt() {
        assertThat(
                        ModuleBuilder.parse(
                                "module.o: /a/b.c /a/with\\ a\\ space.h \\\n /a/\\#1.h /a/$$x.h\\\n"
                                        + " ../c.h\n"))
                .containsExactly(
                        Path.of("/a/b.c"),
                        Path.of("/a/with a space.h"),
                        Path.of("/a/#1.h"),
                        Path.of("/a/$x.h"),
                        Path.of("../c.h"));
        assertThat(ModuleBuilder.parse("m.o:\n")).isEmpty();
    }

    @Test
    void aVersionIsAByteForEachOfItsParts() {
        assertThat(ModuleBuilder.versionCode("6.12")).isEqualTo(0x060c00);
        assertThat(ModuleBuilder.versionCode("6.1.55")).isEqualTo(0x060137);
        assertThat(ModuleBuilder.versionCode("4.19.999")).isEqualTo(0x0413ff);
    }
}
