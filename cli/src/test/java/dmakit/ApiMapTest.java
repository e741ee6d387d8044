package dmakit;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMember;
import com.tngtech.archunit.core.domain.properties.CanBeAnnotated;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import dmakit.kernel.Linux;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * {@code docs/api-map.md} lists every C name with the Java that stands for it, from the {@link
 * Linux} annotations. {@code ./dev api-map} rewrites it.
 */
class ApiMapTest {

    private static final Path FILE = Path.of(System.getProperty("dmakit.root"), "docs/api-map.md");

    private static final String HEAD =
            """
            # The kernel's names, and where they live here

            Generated from the `@Linux` annotations by `./dev api-map`; `./dev check` fails when it is out of
            date. *Served to C* says how a C module gets the function: `java` means it is there for Java drivers,
            and a C module cannot call it yet.

            """;

    private record Entry(String symbol, String file, String java) {
        String row() {
            return "| `" + symbol + "` | `" + file + "` | `" + java + "` | java |\n";
        }
    }

    @Test
    void theFileIsWhatTheAnnotationsSay() throws IOException {
        String map =
                map(
                        new ClassFileImporter()
                                .withImportOption(new ImportOption.DoNotIncludeTests())
                                .importPackages("dmakit"));
        if (Boolean.getBoolean("api-map.accept")) {
            Files.createDirectories(FILE.getParent());
            Files.writeString(FILE, map);
        }
        assertThat(Files.exists(FILE) ? Files.readString(FILE) : "")
                .as("docs/api-map.md is out of date: run ./dev api-map")
                .isEqualTo(map);
    }

    @Test
    void listsMethodsConstructorsTypesAndFieldsByFileAndName() {
        String map = map(new ClassFileImporter().importClasses(Annotated.class));
        assertThat(map.lines().filter(line -> line.startsWith("| `")))
                .containsExactly(
                        "| `a_first` | `a.c` | `ApiMapTest.Annotated.twoNames()` | java |",
                        "| `a_second` | `a.c` | `ApiMapTest.Annotated.twoNames()` | java |",
                        "| `b_field` | `b.c` | `ApiMapTest.Annotated.FIELD` | java |",
                        "| `b_new` | `b.c` | `new ApiMapTest.Annotated()` | java |",
                        "| `b_struct` | `b.c` | `ApiMapTest.Annotated` | java |");
        assertThat(map).contains("5 names");
    }

    @Linux(file = "b.c", symbol = "b_struct")
    private static final class Annotated {
        @Linux(file = "b.c", symbol = "b_field")
        static final int FIELD = 1;

        @Linux(file = "b.c", symbol = "b_new")
        Annotated() {}

        @Linux(file = "a.c", symbol = "a_second")
        @Linux(file = "a.c", symbol = "a_first")
        void twoNames() {}
    }

    // ---- the generator ----------------------------------------------------------------------

    private static String map(JavaClasses classes) {
        var entries = new ArrayList<Entry>();
        for (JavaClass type : classes) {
            collect(type, name(type), entries);
            for (JavaMember member : type.getMembers()) {
                collect(member, name(member), entries);
            }
        }
        entries.sort(
                Comparator.comparing(Entry::file)
                        .thenComparing(Entry::symbol)
                        .thenComparing(Entry::java));
        List<String> rows = entries.stream().map(Entry::row).distinct().toList();
        long names = entries.stream().map(Entry::symbol).distinct().count();
        return HEAD
                + names
                + " names.\n\n| in C | kernel file | in Java | served to C |\n|---|---|---|---|\n"
                + String.join("", rows);
    }

    private static void collect(CanBeAnnotated element, String java, List<Entry> entries) {
        Stream<Linux> single =
                element.isAnnotatedWith(Linux.class)
                        ? Stream.of(annotation(element, Linux.class))
                        : Stream.empty();
        Stream<Linux> several =
                element.isAnnotatedWith(Linux.Several.class)
                        ? Stream.of(annotation(element, Linux.Several.class).value())
                        : Stream.empty();
        Stream.concat(single, several)
                .forEach(linux -> entries.add(new Entry(linux.symbol(), linux.file(), java)));
    }

    private static <A extends java.lang.annotation.Annotation> A annotation(
            CanBeAnnotated element, Class<A> type) {
        return switch (element) {
            case JavaClass annotated -> annotated.getAnnotationOfType(type);
            case JavaMember annotated -> annotated.getAnnotationOfType(type);
            default -> throw new IllegalArgumentException("not a class or member: " + element);
        };
    }

    /** {@code Outer.Inner}, without the package: names here are unique enough to search for. */
    private static String name(JavaClass type) {
        return type.getName().substring(type.getPackageName().length() + 1).replace('$', '.');
    }

    private static String name(JavaMember member) {
        String owner = name(member.getOwner());
        return switch (member) {
            case com.tngtech.archunit.core.domain.JavaConstructor _ -> "new " + owner + "()";
            case com.tngtech.archunit.core.domain.JavaMethod method ->
                    owner + "." + method.getName() + "()";
            default -> owner + "." + member.getName();
        };
    }
}
