package dmakit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dmakit.cli.Commands;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What every file of the checkout owes its readers, as far as a machine can tell. */
class TidyTest {

    private static final Path ROOT = Path.of(System.getProperty("dmakit.root"));

    @Test
    void everyPackageHasItsDoorSign() throws IOException {
        assertThat(complaints(TidyTest::doorSign)).isEmpty();
        List<String> files = tracked();
        List<String> signless =
                files.stream()
                        .filter(f -> f.matches("[a-z]+/src/main/java/.*/[^/]*\\.java"))
                        .map(f -> f.substring(0, f.lastIndexOf('/')))
                        .distinct()
                        .filter(folder -> !files.contains(folder + "/package-info.java"))
                        .toList();
        assertThat(signless).as("packages without package-info.java").isEmpty();
    }

    @Test
    void decisionsAreNumberedWithoutGaps() throws IOException {
        List<String> names =
                tracked().stream()
                        .filter(f -> f.startsWith("docs/adr/"))
                        .map(f -> f.substring("docs/adr/".length()))
                        .sorted()
                        .toList();
        assertThat(numbering(names)).isEmpty();
        assertThat(complaints(TidyTest::decisionTitle)).isEmpty();
    }

    @Test
    void noFileNamesAHostOrAPlaceOnAMachine() throws IOException {
        assertThat(complaints(TidyTest::places)).isEmpty();
    }

    @Test
    void textHasNoTabsTrailingSpacesOrForeignLineEnds() throws IOException {
        assertThat(complaints(TidyTest::whitespace)).isEmpty();
    }

    @Test
    void nothingIsLeftToDoLater() throws IOException {
        assertThat(complaints(TidyTest::unfinished)).isEmpty();
    }

    @Test
    void testsAreNamedAsFacts() throws IOException {
        assertThat(complaints(TidyTest::testNames)).isEmpty();
    }

    @Test
    void fileNamesHaveNoSpaces() throws IOException {
        assertThat(tracked()).noneMatch(file -> file.matches(".*\\s.*"));
    }

    @Test
    void theCommandsTheReadmeShowsExist() throws IOException {
        String readme = Files.readString(ROOT.resolve("README.md"));
        String dev = Files.readString(ROOT.resolve("dev"));
        assertThat(unknownCommands(readme, Commands.names(), devCommands(dev))).isEmpty();
    }

    // ---- each rule can fail -----------------------------------------------------------------

    @Nested
    class EachRuleCatches {

        @Test
        void aSignWithoutNever() {
            String sign =
                    "/** X.\n * <p><b>Doors.</b> A.\n * <p><b>Leans on.</b> B.\n */\n@NullMarked\n";
            assertThat(doorSign("kernel/src/main/java/dmakit/kernel/package-info.java", sign))
                    .containsExactly("lacks <b>Never.</b>");
            assertThat(doorSign("a/src/main/java/a/package-info.java", "package a;")).hasSize(4);
        }

        @Test
        void aMissingOrDoubledDecisionNumber() {
            assertThat(numbering(List.of("0001-a.md", "0002-b.md"))).isEmpty();
            assertThat(numbering(List.of("0001-a.md", "0003-b.md"))).hasSize(1);
            assertThat(numbering(List.of("0001-a.md", "0001-b.md"))).hasSize(1);
            assertThat(numbering(List.of("one.md"))).hasSize(1);
            assertThat(decisionTitle("docs/adr/0002-x.md", "# 3. Three\n")).hasSize(1);
            assertThat(decisionTitle("docs/adr/0002-x.md", "# 2. Two\n")).isEmpty();
        }

        @ParameterizedTest
        @CsvSource({
            "see https:/|/example.test/x, 1",
            "get it from repo|1.maven, 1",
            "in /ho|me/somebody/dmakit, 1",
            "in /ro|ot/.m2, 1",
            "in /wo|rk/main, 1",
            "xmlns http:/|/maven.apache.org/POM/4.0.0, 0",
            "in /usr/lib/jvm, 0"
        })
        void hostsAndPlaces(String text, int complaints) {
            // Split in the table, so that this file does not break the rule it tests.
            assertThat(places("a.md", text.replace("|", ""))).hasSize(complaints);
        }

        @Test
        void tabsTrailingSpacesAndLineEnds() {
            assertThat(whitespace("A.java", "\tint a;\n")).hasSize(1);
            assertThat(whitespace("module.c", "\tint a;\n")).isEmpty();
            assertThat(whitespace("a.md", "```c\n\tint a;\n```\n")).isEmpty();
            assertThat(whitespace("a.md", "```c\n\tint a;\n```\n\ttext\n")).hasSize(1);
            assertThat(whitespace("a.md", "text \n")).hasSize(1);
            assertThat(whitespace("a.md", "text\r\n")).hasSize(1);
            assertThat(whitespace("a.md", "text")).hasSize(1);
            assertThat(whitespace("a.md", "text\n\n")).hasSize(1);
            assertThat(whitespace("a.md", "text\n")).isEmpty();
        }

        @Test
        void postponedWork() {
            assertThat(unfinished("A.java", "// TO" + "DO later\n")).hasSize(1);
            assertThat(unfinished("A.java", "// FIX" + "ME\n")).hasSize(1);
        }

        @Test
        void testsThatOrderOrRepeatThemselves() {
            String file = "kernel/src/test/java/dmakit/kernel/XTest.java";
            assertThat(testNames(file, "    void " + "testMap() {")).hasSize(1);
            assertThat(testNames(file, "    void " + "mapShould" + "Work() {")).hasSize(1);
            assertThat(testNames(file, "    void mapsShoulders() {")).isEmpty();
        }

        @Test
        void commandsThatDoNotExist() {
            String readme =
                    "    ./dmakit fly --high\n"
                            + "    ./dev check\n"
                            + "    ./dev dance\n"
                            + "    ./dmakit --help\n";
            assertThat(unknownCommands(readme, Set.of("lab"), Set.of("check")))
                    .containsExactly("./dmakit fly", "./dev dance");
        }
    }

    // ---- the rules: a file's name and text give complaints ------------------------------------

    private interface Rule {
        List<String> complaints(String file, String text);
    }

    private static List<String> doorSign(String file, String text) {
        if (!file.matches("[a-z]+/src/main/java/.*package-info\\.java")) {
            return List.of();
        }
        return Stream.of("<b>Doors.</b>", "<b>Leans on.</b>", "<b>Never.</b>", "@NullMarked")
                .filter(part -> !text.contains(part))
                .map(part -> "lacks " + part)
                .toList();
    }

    private static List<String> numbering(List<String> names) {
        var complaints = new ArrayList<String>();
        for (int i = 0; i < names.size(); i++) {
            String wanted = "%04d-".formatted(i + 1);
            if (!names.get(i).startsWith(wanted)) {
                complaints.add(names.get(i) + " stands where " + wanted + "... is due");
            }
        }
        return complaints;
    }

    private static List<String> decisionTitle(String file, String text) {
        Matcher name = Pattern.compile("docs/adr/0*(\\d+)-.*\\.md").matcher(file);
        if (!name.matches() || text.startsWith("# " + name.group(1) + ". ")) {
            return List.of();
        }
        return List.of("does not begin with '# " + name.group(1) + ". '");
    }

    private static final Pattern PLACES =
            Pattern.compile(
                    "://(?!maven\\.apache\\.org/(POM|xsd)|www\\.w3\\.org/|www\\.apache\\.org/licenses"
                            // what schemas are called, not where they are fetched
                            + "|json-schema\\.org/draft/|docs\\.oasis-open\\.org/sarif/)"
                            + "[a-z0-9-]+\\.[a-z]|\\brepo1?\\.(maven|apache)|\\bdeb\\.debian"
                            + "|(?<![\\w.$}*])/(home/(?!linuxbrew)\\w|root/|work/|Users/\\w)");

    private static List<String> places(String file, String text) {
        return file.equals("LICENSE")
                ? List.of()
                : PLACES.matcher(text).results().map(hit -> "names " + hit.group()).toList();
    }

    private static final Pattern TABS_ARE_CUSTOM =
            Pattern.compile(".*\\.(c|h|S|dts|dtsi|dtso|mk)|(.*/)?Makefile");

    private static final Pattern C_IN_TEXT = Pattern.compile("(?ms)^```(c|dts)$.*?^```$");

    private static List<String> whitespace(String file, String text) {
        var complaints = new ArrayList<String>();
        if (text.indexOf('\r') >= 0) {
            complaints.add("has carriage returns");
        } else if (Pattern.compile("[ \t]$", Pattern.MULTILINE).matcher(text).find()) {
            complaints.add("has spaces at the end of a line");
        }
        String own = file.endsWith(".md") ? C_IN_TEXT.matcher(text).replaceAll("") : text;
        if (own.indexOf('\t') >= 0 && !TABS_ARE_CUSTOM.matcher(file).matches()) {
            complaints.add("has tabs");
        }
        if (!text.isEmpty() && (!text.endsWith("\n") || text.endsWith("\n\n"))) {
            complaints.add("does not end in one line end");
        }
        return complaints;
    }

    private static List<String> unfinished(String file, String text) {
        return Pattern.compile("\\b(TO" + "DO|FIX" + "ME|XX" + "X)\\b")
                .matcher(text)
                .results()
                .map(hit -> "says " + hit.group())
                .toList();
    }

    private static List<String> testNames(String file, String text) {
        if (!file.matches("[a-z]+/src/test/java/.*\\.java")) {
            return List.of();
        }
        return Pattern.compile("void (test[A-Z_]\\w*|\\w*[sS]hould[A-Z_]\\w*)\\(")
                .matcher(text)
                .results()
                .map(hit -> "calls a test " + hit.group(1) + "; say what is true instead")
                .toList();
    }

    private static List<String> unknownCommands(
            String readme, Set<String> dmakit, Set<String> dev) {
        return Pattern.compile("\\./(dmakit|dev) ([a-z][\\w-]*)")
                .matcher(readme)
                .results()
                .filter(hit -> !(hit.group(1).equals("dev") ? dev : dmakit).contains(hit.group(2)))
                .map(java.util.regex.MatchResult::group)
                .toList();
    }

    private static Set<String> devCommands(String script) {
        var names = new LinkedHashSet<String>();
        Pattern.compile("^\\./dev ([a-z-]+)", Pattern.MULTILINE)
                .matcher(script)
                .results()
                .forEach(hit -> names.add(hit.group(1)));
        return names;
    }

    // ---- the files --------------------------------------------------------------------------

    private static List<String> complaints(Rule rule) throws IOException {
        var complaints = new ArrayList<String>();
        for (String file : tracked()) {
            String text = text(ROOT.resolve(file));
            for (String complaint : rule.complaints(file, text)) {
                complaints.add(file + ": " + complaint);
            }
        }
        return complaints;
    }

    /** A file's text; nothing for what is not text. */
    private static String text(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        try {
            String text = UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
            return text.indexOf('\0') >= 0 ? "" : text;
        } catch (CharacterCodingException e) {
            return "";
        }
    }

    /** What git tracks or would track; outside of a clone, every file that is not built. */
    private static List<String> tracked() throws IOException {
        if (!Files.exists(ROOT.resolve(".git"))) {
            try (Stream<Path> files = Files.walk(ROOT)) {
                return files.filter(Files::isRegularFile)
                        .map(file -> ROOT.relativize(file).toString())
                        .filter(file -> !file.matches("(.*/)?target/.*|\\.dmakit/.*"))
                        .sorted(Comparator.naturalOrder())
                        .toList();
            }
        }
        Process git =
                new ProcessBuilder("git", "ls-files", "-co", "--exclude-standard", "--deduplicate")
                        .directory(ROOT.toFile())
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        List<String> files =
                new String(git.getInputStream().readAllBytes(), UTF_8).lines().toList();
        assertThat(files).isNotEmpty();
        return files.stream().filter(file -> Files.isRegularFile(ROOT.resolve(file))).toList();
    }
}
