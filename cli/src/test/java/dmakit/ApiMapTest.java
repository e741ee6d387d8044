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
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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
            date. *Served to C* says whether a C module finds the name in the headers of `cmodule`: `yes`, or `java`
            where it is there for Java drivers alone.

            """;

    private static final Path HEADERS =
            Path.of(System.getProperty("dmakit.root"), "cmodule/src/main/c/include/dmakit");

    /** Names of functions, macros and types where a header introduces them. */
    private static final Pattern INTRODUCED =
            Pattern.compile(
                    "^#define\\s+(\\w+)"
                            + "|^(?!\\s|#|/)[^(=;{}\\n]*?\\b(\\w+)\\("
                            + "|^(?:typedef\\s+)?(?:struct|enum|union)\\s+(\\w+)\\s*\\{"
                            + "|^\\}\\s*(\\w+);"
                            + "|^typedef\\s[^(]*\\b(\\w+);"
                            + "|^\\s+([A-Z][A-Z0-9_]+)\\s*[,=]",
                    Pattern.MULTILINE);

    private static final Pattern TYPEDEF_OF_FUNCTION =
            Pattern.compile("^typedef\\s[^;]*?\\(\\*?(\\w+)\\)\\s*\\(", Pattern.MULTILINE);

    /** What drivers lend memory by, and get it from: both languages have all of it. */
    private static final List<String> MAPPING_API =
            List.of(
                    """
                    dma_alloc_coherent dma_free_coherent dmam_alloc_coherent dmam_free_coherent
                    dma_alloc_wc dma_free_wc dma_alloc_attrs dma_free_attrs
                    DMA_ATTR_WRITE_COMBINE DMA_ATTR_WEAK_ORDERING DMA_ATTR_NON_CONSISTENT
                    DMA_ATTR_WRITE_BARRIER DMA_ATTR_FORCE_CONTIGUOUS DMA_ATTR_ALLOC_SINGLE_PAGES
                    DMA_ATTR_NO_KERNEL_MAPPING DMA_ATTR_SKIP_CPU_SYNC DMA_ATTR_NO_WARN
                    DMA_ATTR_PRIVILEGED DMA_ATTR_MMIO dma_alloc_pages dma_free_pages
                    dma_alloc_noncoherent dma_free_noncoherent dma_alloc_noncontiguous
                    dma_free_noncontiguous dma_vmap_noncontiguous dma_vunmap_noncontiguous
                    dma_mmap_noncontiguous dma_declare_coherent_memory
                    dmam_declare_coherent_memory dma_release_declared_memory
                    dmam_release_declared_memory dma_mark_declared_memory_occupied
                    dma_pool_create dma_pool_destroy dma_pool_alloc dma_pool_zalloc
                    dma_pool_free dmam_pool_create dmam_pool_destroy dma_set_mask
                    dma_set_coherent_mask dma_set_mask_and_coherent dma_get_required_mask
                    dma_max_mapping_size dma_opt_mapping_size dma_need_sync
                    dma_get_merge_boundary dma_set_max_seg_size dma_set_seg_boundary
                    dma_set_min_align_mask dma_addressing_limited dma_mmap_attrs
                    dma_mmap_coherent dma_mmap_wc dma_mmap_pages dma_get_sgtable
                    dma_get_sgtable_attrs dma_map_single dma_map_single_attrs dma_unmap_single
                    dma_unmap_single_attrs dma_map_page dma_map_page_attrs dma_unmap_page
                    dma_unmap_page_attrs dma_map_sg dma_map_sg_attrs dma_unmap_sg
                    dma_unmap_sg_attrs dma_map_sgtable dma_unmap_sgtable dma_map_resource
                    dma_unmap_resource dma_map_phys dma_unmap_phys dma_mapping_error
                    dma_cache_sync dma_sync_single_for_cpu dma_sync_single_for_device
                    dma_sync_single_range_for_cpu dma_sync_single_range_for_device
                    dma_sync_sg_for_cpu dma_sync_sg_for_device dma_sync_sgtable_for_cpu
                    dma_sync_sgtable_for_device dma_iova_try_alloc dma_iova_free dma_iova_link
                    dma_iova_sync dma_iova_unlink dma_iova_destroy dma_use_iova __get_free_page
                    __get_free_pages get_zeroed_page alloc_pages __free_pages free_pages kmalloc
                    kzalloc kcalloc krealloc kfree ksize kmem_cache_create kmem_cache_alloc
                    kmem_cache_zalloc kmem_cache_free kmem_cache_destroy vmalloc vzalloc vfree
                    vmap vunmap ioremap ioremap_wc iounmap memremap memunmap pci_ioremap_bar
                    of_reserved_mem_device_init of_reserved_mem_device_init_by_idx
                    of_reserved_mem_device_init_by_name of_reserved_mem_device_release
                    iommu_domain_alloc iommu_paging_domain_alloc iommu_domain_free
                    iommu_attach_device iommu_detach_device iommu_attach_group
                    iommu_detach_group iommu_map iommu_map_sg iommu_unmap iommu_unmap_fast
                    iommu_iotlb_sync iommu_iova_to_phys iommu_set_fault_handler
                    iommu_get_domain_for_dev iommu_group_get iommu_group_id
                    """
                            .split("\\s+"));

    private record Entry(String symbol, String file, String java) {
        String row(Set<String> served) {
            String inC = served.contains(symbol) ? "yes" : "java";
            return "| `" + symbol + "` | `" + file + "` | `" + java + "` | " + inC + " |\n";
        }
    }

    @Test
    void theFileIsWhatTheAnnotationsSay() throws IOException {
        String map =
                map(
                        new ClassFileImporter()
                                .withImportOption(new ImportOption.DoNotIncludeTests())
                                .importPackages("dmakit"),
                        served());
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
        String map =
                map(new ClassFileImporter().importClasses(Annotated.class), Set.of("a_second"));
        assertThat(map.lines().filter(line -> line.startsWith("| `")))
                .containsExactly(
                        "| `a_first` | `a.c` | `ApiMapTest.Annotated.twoNames()` | java |",
                        "| `a_second` | `a.c` | `ApiMapTest.Annotated.twoNames()` | yes |",
                        "| `b_field` | `b.c` | `ApiMapTest.Annotated.FIELD` | java |",
                        "| `b_new` | `b.c` | `new ApiMapTest.Annotated()` | java |",
                        "| `b_struct` | `b.c` | `ApiMapTest.Annotated` | java |");
        assertThat(map).contains("5 names");
    }

    @Test
    void namesAreThoseThatHeadersIntroduce() {
        assertThat(
                        introducedBy(
                                """
                                #define FLAG 1
                                #define call(x) hidden(x)
                                struct made {
                                \tint member;
                                };
                                typedef unsigned int word_t;
                                typedef int (*handler_t)(int number);
                                enum kind { SMALL };
                                int plain(struct other *x,
                                \t  int more(int y));
                                static inline bool inlined(void)
                                {
                                \treturn used();
                                }
                                """))
                .containsExactly(
                        "FLAG", "call", "handler_t", "inlined", "kind", "made", "plain", "word_t");
    }

    @Test
    void theWholeMappingApiIsServedToBoth() throws IOException {
        List<String> rows = Files.readAllLines(FILE);
        for (String name : MAPPING_API) {
            assertThat(rows)
                    .as(name)
                    .anyMatch(
                            row -> row.startsWith("| `" + name + "` |") && row.endsWith("| yes |"));
        }
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

    private static Set<String> served() throws IOException {
        var names = new TreeSet<String>();
        try (Stream<Path> headers = Files.walk(HEADERS)) {
            for (Path header : headers.filter(Files::isRegularFile).sorted().toList()) {
                names.addAll(introducedBy(Files.readString(header)));
            }
        }
        return names;
    }

    private static Set<String> introducedBy(String header) {
        var names = new TreeSet<String>();
        for (Pattern pattern : List.of(INTRODUCED, TYPEDEF_OF_FUNCTION)) {
            Matcher found = pattern.matcher(header);
            while (found.find()) {
                for (int group = 1; group <= found.groupCount(); group++) {
                    if (found.group(group) != null) {
                        names.add(found.group(group));
                    }
                }
            }
        }
        return names;
    }

    private static String map(JavaClasses classes, Set<String> served) {
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
        List<String> rows = entries.stream().map(entry -> entry.row(served)).distinct().toList();
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
