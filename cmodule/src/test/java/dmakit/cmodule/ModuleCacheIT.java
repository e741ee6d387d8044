package dmakit.cmodule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModuleCacheIT {
    private static final Instant LONG_AGO = Instant.parse("2020-01-01T00:00:00Z");

    @TempDir Path folder;
    private Path source;
    private Path header;
    private ModuleCompiler compiler;

    @BeforeEach
    void aModuleWithAHeader() throws IOException {
        header = write("with a space/own header.h", "#define ANSWER 0\n");
        source =
                write(
                        "module.c",
                        """
                        #include <linux/module.h>
                        #include "own header.h"
                        static int __init start(void) { return ANSWER; }
                        module_init(start);
                        """);
        compiler =
                ModuleCompiler.of(
                        HostFixture.compiler(),
                        HostFixture.build(),
                        ModuleCache.in(List.of(folder.resolve("cache"))));
    }

    /** Written long before any compilation begins. */
    private Path write(String name, String text) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
        Files.setLastModifiedTime(file, FileTime.from(LONG_AGO));
        return file;
    }

    private CompiledModule compile(String... defines) {
        return compiler.compile(
                new ModuleSource(
                        "module",
                        List.of(source),
                        List.of(header.getParent()),
                        List.of(defines),
                        Map.of(),
                        ModuleSource.USUAL_VERSION));
    }

    private CompiledModule made(byte[] object) {
        return new CompiledModule(ModuleSource.of(source), object, List.of(source), false);
    }

    private Optional<CompiledModule> find(ModuleCache cache, String wish) {
        return cache.find(wish, ModuleSource.of(source));
    }

    @Test
    void theSecondTimeTheCompilerIsNotNeeded() {
        CompiledModule first = compile();
        CompiledModule second = compile();
        assertThat(first.isCached()).isFalse();
        assertThat(second.isCached()).isTrue();
        assertThat(second.object()).isEqualTo(first.object());
    }

    @Test
    void itsOwnFilesAreKnownAndOursAreNotAmongThem() {
        assertThat(compile().files()).containsExactly(source, header);
        assertThat(compile().files()).containsExactly(source, header);
    }

    @Test
    void aChangedHeaderIsCompiledAndAnOldOneFoundAgain() throws IOException {
        compile();
        write("with a space/own header.h", "#define ANSWER 1\n");
        assertThat(compile().isCached()).isFalse();
        write("with a space/own header.h", "#define ANSWER 0\n");
        assertThat(compile().isCached()).isTrue();
    }

    @Test
    void anotherMacroIsAnotherModule() {
        compile();
        assertThat(compile("DEBUG").isCached()).isFalse();
        assertThat(compile("DEBUG").isCached()).isTrue();
    }

    @Test
    void aSourceThatMayHaveChangedMeanwhileIsNotKept() throws IOException {
        Files.setLastModifiedTime(source, FileTime.from(Instant.now().plusSeconds(60)));
        compile();
        assertThat(compile().isCached()).isFalse();
    }

    @Test
    void aDamagedCacheIsNone() throws IOException {
        compile();
        try (Stream<Path> files = Files.list(folder.resolve("cache/modules"))) {
            for (Path file : files.filter(f -> f.toString().endsWith(".files")).toList()) {
                Files.writeString(file, "\0 no such file\n");
            }
        }
        assertThat(compile().isCached()).isFalse();
    }

    @Test
    void onlySoManyAreKeptAndTheLatestUsedAmongThem() throws IOException {
        ModuleCache cache = ModuleCache.in(List.of(folder.resolve("cache")));
        Path modules = folder.resolve("cache/modules");
        byte[] object = {1, 2, 3};
        for (int i = 0; i < ModuleCache.FILE_COUNT_MAX; i++) {
            write("cache/modules/old-" + i, "x");
        }
        Files.writeString(modules.resolve("m.so-" + Integer.MAX_VALUE + ".part"), "half");
        cache.keep("wish", made(object), Instant.now());
        assertThat(find(cache, "wish"))
                .hasValueSatisfying(hit -> assertThat(hit.object()).isEqualTo(object));
        try (Stream<Path> files = Files.list(modules)) {
            assertThat(files)
                    .hasSize(ModuleCache.FILE_COUNT_MAX)
                    .noneMatch(file -> file.toString().endsWith(".part"));
        }
    }

    @Test
    void anObjectAsLargeAsTheMaximumIsKeptAndNoLargerOne() {
        ModuleCache cache = ModuleCache.in(List.of(folder.resolve("cache")));
        cache.keep("a", made(new byte[ModuleCache.OBJECT_BYTES_MAX]), Instant.now());
        cache.keep("b", made(new byte[ModuleCache.OBJECT_BYTES_MAX + 1]), Instant.now());
        assertThat(find(cache, "a")).isPresent();
        assertThat(find(cache, "b")).isEmpty();
    }

    @Test
    void whereNothingCanBeWrittenEveryRunCompiles() {
        compiler =
                ModuleCompiler.of(
                        HostFixture.compiler(), HostFixture.build(), new ModuleCache(null));
        compile();
        assertThat(compile().isCached()).isFalse();
    }

    @Test
    void theCompilerLeavesNothingWhereItWorked() {
        Path worked;
        try (GuardedCompile run =
                GuardedCompile.run(HostFixture.compiler(), _ -> List.of("--version"))) {
            worked = run.folder();
            assertThat(worked).isDirectory();
        }
        assertThat(worked).doesNotExist();
    }

    @Test
    void noFolderToWorkInIsToldAsThat() {
        String temporary = System.setProperty("java.io.tmpdir", folder + "/none");
        try {
            assertThatThrownBy(this::compile)
                    .isInstanceOf(CompilerMissing.class)
                    .hasMessageContaining("no folder can be made at");
        } finally {
            System.setProperty("java.io.tmpdir", temporary);
        }
    }
}
