package dmakit.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * The launcher script in a small checkout, with a Maven that packs the sources into one "jar" and a
 * JDK whose java prints its class path's contents, so that a test sees which sources would run.
 */
@DisabledOnOs(OS.WINDOWS)
class LauncherTest {

    private static final List<String> TOOLS =
            List.of(
                    "sh",
                    "bash",
                    "cat",
                    "cksum",
                    "find",
                    "grep",
                    "ls",
                    "mkdir",
                    "mv",
                    "readlink",
                    "rm",
                    "sed",
                    "sleep",
                    "sort");

    @TempDir private Path temp;
    private Path checkout;
    private Path source;
    private Path jdk;
    private Path tools;

    private record Outcome(int status, String out, String err) {}

    @BeforeEach
    void aSmallCheckout() throws IOException {
        checkout = temp.resolve("a check out");
        Path root = Path.of(System.getProperty("dmakit.root"));
        script(checkout.resolve("dmakit"), Files.readString(root.resolve("dmakit")));
        // The places where this host keeps JDKs must not be found.
        script(
                checkout.resolve("cli/launcher/find.sh"),
                Files.readString(root.resolve("cli/launcher/find.sh"))
                        .replaceAll("(?m)(^|\\s)/(usr|opt|home|Library|Applications)", "$1/no/$2"));
        for (String module :
                List.of(
                        "datasheet",
                        "devicetree",
                        "machine",
                        "hardware",
                        "kernel",
                        "cmodule",
                        "board",
                        "labs",
                        "cli")) {
            write(checkout.resolve(module + "/pom.xml"), "");
            write(checkout.resolve(module + "/src/main/java/A.java"), module + "\n");
        }
        write(checkout.resolve("pom.xml"), "");
        write(checkout.resolve(".mvn/jvm.config"), "");
        source = checkout.resolve("kernel/src/main/java/Source.java");
        write(source, "version one\n");

        tools = Files.createDirectory(temp.resolve("tools"));
        for (String tool : TOOLS) {
            script(tools.resolve(tool), "#!/bin/sh\nexec " + found(tool) + " \"$@\"\n");
        }
        script(
                tools.resolve("mvn"),
                """
                #!/bin/sh
                for arg; do case $arg in -Ddmakit.out=*) out=${arg#*=} ;; -f) ;; *pom.xml) pom=$arg ;; esac; done
                echo run >>"%1$s/maven-runs"
                [ ! -e "%1$s/maven-sleeps" ] || { : >"%1$s/maven-started"; exec sleep 60; }
                [ ! -e "%1$s/maven-dawdles" ] || sleep 1
                [ ! -e "%1$s/maven-fails" ] || { echo "[INFO] noise"; echo "[ERROR] A.java: no -> [Help 1]"; echo "[ERROR] advice"; exit 1; }
                mkdir -p "$out/lib"
                cat "${pom%%/*}"/*/src/main/java/*.java >"$out/lib/dmakit.jar"
                """
                        .formatted(temp));
        jdk = temp.resolve("jdk");
        aJdk("25.0.3+9-LTS");
    }

    private void aJdk(String version) throws IOException {
        script(
                jdk.resolve("bin/java"),
                """
                #!/bin/sh
                while [ $# -gt 0 ]; do
                    case $1 in
                        -XX:AOTCacheOutput=*) echo made >"${1#*=}"; exit 0 ;;
                        -XX:AOTCache=*) echo "with start-up data" ;;
                        -cp) cat "$2" ;;
                        dmakit.cli.Main) shift; echo "args: $*"; echo "locale: $LC_ALL"; exit "${STATUS:-0}" ;;
                    esac
                    shift
                done
                """);
        script(jdk.resolve("bin/javac"), "#!/bin/sh\n");
        write(
                jdk.resolve("release"),
                "IMPLEMENTOR=\"Nobody\"\nJAVA_RUNTIME_VERSION=\"" + version + "\"\n");
    }

    @Test
    void buildsOnFirstUseAndOnlyThen() throws Exception {
        Outcome first = dmakit("lab", "m2m");
        assertThat(first.status).isZero();
        assertThat(first.err).isEqualTo("dmakit: building (first use) ...\n");
        assertThat(first.out).contains("version one", "with start-up data", "args: lab m2m");

        Outcome second = dmakit("boards");
        assertThat(second.err).isEmpty();
        assertThat(second.out).contains("args: boards");
        assertThat(mavenRuns()).isEqualTo(1);
    }

    @Test
    void passesTheStatusOfTheRunOn() throws Exception {
        assertThat(run(checkout, List.of("sh", "dmakit"), "STATUS", "1").status).isEqualTo(1);
    }

    @Test
    void worksThroughSymlinksFromAnyFolder() throws Exception {
        Path link = Files.createSymbolicLink(temp.resolve("link"), checkout.resolve("dmakit"));
        Path bin = Files.createDirectory(temp.resolve("bin"));
        Files.createSymbolicLink(bin.resolve("dk"), Path.of("../link"));
        assertThat(run(bin, List.of("./dk")).out).contains("version one");
        assertThat(run(temp, List.of(link.toString())).out).contains("version one");
        assertThat(run(checkout.resolve("cli"), List.of("../dmakit")).out).contains("version one");
        assertThat(run(checkout, List.of("sh", "dmakit")).out).contains("version one");
        assertThat(mavenRuns()).isEqualTo(1);
    }

    @Test
    void aChangedSourceIsBuiltThoughItsTimeAndSizeStay() throws Exception {
        FileTime time = Files.getLastModifiedTime(source);
        dmakit();
        write(source, "version two\n");
        Files.setLastModifiedTime(source, time);
        Outcome changed = dmakit();
        assertThat(changed.err).isEqualTo("dmakit: building (sources changed) ...\n");
        assertThat(changed.out).contains("version two").doesNotContain("version one");
    }

    @Test
    void aDeletedSourceIsGoneFromTheBuild() throws Exception {
        dmakit();
        Files.delete(source);
        assertThat(dmakit().out).contains("kernel").doesNotContain("version");
    }

    @Test
    void sourcesThatComeBackRunTheirOldBuild() throws Exception {
        dmakit();
        write(source, "version two\n");
        dmakit();
        write(source, "version one\n");
        assertThat(dmakit().out).contains("version one");
        assertThat(mavenRuns()).isEqualTo(2);
    }

    @Test
    void anEditorsBackupFileIsNoSource() throws Exception {
        dmakit();
        write(source.resolveSibling(".Source.java.swp"), "x");
        write(source.resolveSibling("Source.java~"), "x");
        dmakit();
        assertThat(mavenRuns()).isEqualTo(1);
    }

    @Test
    void keepsAFewBuildsOnly() throws Exception {
        for (int i = 0; i < 7; i++) {
            write(source, "version " + i + "\n");
            dmakit();
        }
        try (Stream<Path> builds = Files.list(checkout.resolve(".dmakit/build"))) {
            assertThat(builds).hasSize(4);
        }
        assertThat(dmakit().out).contains("version 6");
    }

    @Test
    void aFailedBuildSaysWhyAndLeavesNothing() throws Exception {
        write(temp.resolve("maven-fails"), "");
        Outcome failed = dmakit();
        assertThat(failed.status).isEqualTo(2);
        assertThat(failed.err).endsWith("dmakit: the build failed:\n[ERROR] A.java: no\n");
        assertThat(leftBehind()).containsExactly("build");

        Files.delete(temp.resolve("maven-fails"));
        assertThat(dmakit().out).contains("version one");
    }

    @Test
    void aSignalDuringTheBuildEndsItAndLeavesNothing() throws Exception {
        write(temp.resolve("maven-sleeps"), "");
        for (String signal : List.of("INT", "TERM", "HUP")) {
            Files.deleteIfExists(temp.resolve("maven-started"));
            Process launcher = start(checkout, List.of("./dmakit"));
            awaitFile(temp.resolve("maven-started"));
            new ProcessBuilder("kill", "-" + signal, "" + launcher.pid()).start().waitFor();
            assertThat(launcher.waitFor(20, TimeUnit.SECONDS)).isTrue();
            assertThat(launcher.exitValue()).isGreaterThan(128);
            assertThat(leftBehind()).containsExactly("build");
        }
    }

    @Test
    void twoAtOnceBuildOnce() throws Exception {
        write(temp.resolve("maven-dawdles"), "");
        List<Process> launchers = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            launchers.add(start(checkout, List.of("./dmakit")));
        }
        for (Process launcher : launchers) {
            assertThat(outcome(launcher).out).contains("version one");
        }
        assertThat(mavenRuns()).isEqualTo(1);
        assertThat(leftBehind()).containsExactly("build");
    }

    @Test
    void whatAKilledLauncherLeftIsTakenAway() throws Exception {
        Process gone = new ProcessBuilder("true").start();
        gone.waitFor();
        write(checkout.resolve(".dmakit/lock/pid"), gone.pid() + "\n");
        write(checkout.resolve(".dmakit/scratch." + gone.pid() + "/out/half"), "");
        assertThat(dmakit().out).contains("version one");
        assertThat(leftBehind()).containsExactly("build");
    }

    @Test
    void aCheckoutThatCannotBeWrittenIsBuiltInTheUsersCache() throws Exception {
        write(checkout.resolve(".dmakit"), "a file where the folder should be");
        Path cache = temp.resolve("cache");
        Outcome outcome = run(checkout, List.of("./dmakit"), "XDG_CACHE_HOME", cache.toString());
        assertThat(outcome.status).isZero();
        assertThat(outcome.out).contains("version one");
        assertThat(cache.resolve("dmakit")).isNotEmptyDirectory();
    }

    @Test
    void nowhereToWriteIsOneLineAndStatusTwo() throws Exception {
        write(checkout.resolve(".dmakit"), "a file");
        write(temp.resolve("cache"), "a file");
        Outcome outcome =
                run(
                        checkout,
                        List.of("./dmakit"),
                        "XDG_CACHE_HOME",
                        temp.resolve("cache").toString());
        assertThat(outcome.status).isEqualTo(2);
        assertThat(outcome.err).startsWith("dmakit: nowhere to build: ").hasLineCount(1);
    }

    @Test
    void anotherJdkGetsItsOwnStartUpData() throws Exception {
        dmakit();
        aJdk("26+35");
        assertThat(dmakit().out).contains("with start-up data");
        try (Stream<Path> files = Files.walk(checkout.resolve(".dmakit/build"))) {
            assertThat(files.map(p -> p.getFileName().toString()))
                    .contains("start-up-25.0.3+9-LTS", "start-up-26+35");
        }
        assertThat(mavenRuns()).isEqualTo(1);
    }

    @Test
    void argumentsAreUtf8EvenInTheCLocale() throws Exception {
        assertThat(dmakit().out).contains("locale: C.UTF-8\n");
        assertThat(run(checkout, List.of("./dmakit"), "LANG", "C").out)
                .contains("locale: C.UTF-8\n");
        assertThat(run(checkout, List.of("./dmakit"), "LANG", "de_DE.UTF-8").out)
                .contains("locale: \n");
    }

    @Test
    void withoutAJdkItSaysWhatToInstall() throws Exception {
        Files.delete(jdk.resolve("bin/javac"));
        Outcome outcome = dmakit();
        assertThat(outcome.status).isEqualTo(2);
        assertThat(outcome.err)
                .startsWith("dmakit: needs a JDK 25 or newer, and found none")
                .contains("apt-get install", "brew install", "JAVA_HOME");
    }

    @Test
    void aJdkThatIsTooOldIsNone() throws Exception {
        aJdk("24.0.2+12");
        assertThat(dmakit().err)
                .startsWith(
                        "dmakit: needs a JDK 25 or newer, and found one that is too old, "
                                + jdk
                                + " with 24.0.2+12\n");
    }

    @Test
    void findsAJdkOnThePathThroughItsSymlinks() throws Exception {
        Path alternatives =
                Files.createSymbolicLink(temp.resolve("alternatives"), jdk.resolve("bin/java"));
        Files.createSymbolicLink(tools.resolve("java"), Path.of("../alternatives"));
        Outcome outcome = run(checkout, List.of("./dmakit"), "JAVA_HOME", "/no/such/jdk");
        assertThat(outcome.out).contains("version one");
    }

    @Test
    void withoutMavenItSaysWhatToInstall() throws Exception {
        Files.delete(tools.resolve("mvn"));
        Outcome outcome = dmakit();
        assertThat(outcome.status).isEqualTo(2);
        assertThat(outcome.err)
                .startsWith("dmakit: needs Maven 3.8 or newer to build, and found none")
                .contains("apt-get install maven", "MAVEN_HOME");
    }

    // ---- the stage --------------------------------------------------------------------------

    private Outcome dmakit(String... args) throws Exception {
        List<String> command = new ArrayList<>(List.of("./dmakit"));
        command.addAll(List.of(args));
        return run(checkout, command);
    }

    private Outcome run(Path folder, List<String> command, String... environment) throws Exception {
        return outcome(start(folder, command, environment));
    }

    private Process start(Path folder, List<String> command, String... environment)
            throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
        builder.environment().clear();
        builder.environment().put("PATH", tools.toString());
        builder.environment().put("HOME", temp.resolve("home").toString());
        builder.environment().put("JAVA_HOME", jdk.toString());
        for (int i = 0; i < environment.length; i += 2) {
            builder.environment().put(environment[i], environment[i + 1]);
        }
        return builder.start();
    }

    private static Outcome outcome(Process process) throws Exception {
        String out = new String(process.getInputStream().readAllBytes(), UTF_8);
        String err = new String(process.getErrorStream().readAllBytes(), UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return new Outcome(process.exitValue(), out, err);
    }

    private int mavenRuns() throws IOException {
        return Files.readAllLines(temp.resolve("maven-runs")).size();
    }

    private List<String> leftBehind() throws IOException {
        try (Stream<Path> files = Files.list(checkout.resolve(".dmakit"))) {
            return files.map(p -> p.getFileName().toString()).toList();
        }
    }

    private static void awaitFile(Path file) throws InterruptedException {
        for (int i = 0; i < 2_000 && !Files.exists(file); i++) {
            Thread.sleep(10);
        }
        assertThat(file).exists();
    }

    private static Path found(String tool) {
        return Stream.of("/bin", "/usr/bin", "/usr/local/bin")
                .map(folder -> Path.of(folder, tool))
                .filter(Files::isExecutable)
                .findFirst()
                .orElseThrow();
    }

    private static void write(Path file, String text) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    private static void script(Path file, String text) throws IOException {
        write(file, text);
        assertThat(file.toFile().setExecutable(true)).isTrue();
    }
}
