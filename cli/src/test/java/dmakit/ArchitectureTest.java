package dmakit;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.EvaluationResult;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/**
 * The borders of ARCHITECTURE.md, as far as the modules do not draw them already.
 *
 * <p>A rule is a function of the root package. {@link #holds} checks it on {@code dmakit} and then
 * on {@code violations}, a tree of small wrongdoers beside this test, where it must catch those
 * named: a rule that cannot fail guards nothing.
 */
class ArchitectureTest {

    private static final JavaClasses DMAKIT =
            new ClassFileImporter()
                    .withImportOption(new ImportOption.DoNotIncludeTests())
                    .importPackages("dmakit");

    private static final JavaClasses VIOLATIONS =
            new ClassFileImporter().importPackages("violations");

    private static final List<String> SIMULATED =
            List.of("datasheet", "devicetree", "machine", "hardware", "kernel");

    private record Storey(String name, String... leansOn) {}

    private static Storey storey(String name, String... leansOn) {
        return new Storey(name, leansOn);
    }

    private static final List<Storey> ROOMS =
            List.of(
                    storey("datasheet"),
                    storey("devicetree"),
                    storey("machine", "datasheet"),
                    storey("hardware", "machine", "datasheet"),
                    storey("kernel", "machine", "datasheet", "devicetree"),
                    storey("cmodule", "kernel", "machine", "datasheet", "devicetree"),
                    storey("board", "hardware", "kernel", "machine", "datasheet", "devicetree"),
                    storey("labs", "board", "kernel", "machine", "datasheet", "devicetree"),
                    storey(
                            "cli",
                            "labs",
                            "cmodule",
                            "board",
                            "kernel",
                            "machine",
                            "datasheet",
                            "devicetree"));

    private static final List<Storey> KERNEL =
            List.of(
                    storey("drivers", "dmaengine", "mapping", "iommu"),
                    storey("asynctx", "dmaengine", "mapping"),
                    storey("dmaengine", "mapping"),
                    storey("mapping", "direct", "iommu", "swiotlb"),
                    storey("direct", "swiotlb"),
                    storey("iommu", "swiotlb"),
                    storey("swiotlb"));

    @Test
    void roomsLeanOnTheRoomsBelowThemOnly() {
        holds(
                root -> storeys(root, ROOMS),
                "machine.KnowsTheKernel",
                "labs.KnowsTheChip",
                "kernel.PeeksAtTheChip");
    }

    @Test
    void softwareAndHardwareMeetOnTheBusOnly() {
        holds(
                root ->
                        noClasses()
                                .that()
                                .resideInAPackage(root + ".kernel..")
                                .should()
                                .dependOnClassesThat()
                                .resideInAPackage(root + ".hardware..")
                                .because(
                                        "a driver reaches a device through loads, stores and"
                                                + " interrupts"),
                "kernel.PeeksAtTheChip");
    }

    @Test
    void theLowerRoomsNeedTheJdkAlone() {
        holds(
                root ->
                        classes()
                                .that(reside(root, SIMULATED))
                                .should()
                                .onlyDependOnClassesThat()
                                .resideInAnyPackage(
                                        root + "..",
                                        "java.lang..",
                                        "java.util..",
                                        "java.io..",
                                        "java.nio..",
                                        "java.math..",
                                        "java.time..",
                                        "jdk.internal.vm..",
                                        "org.jspecify..")
                                .because("what the simulation does must not hang on a library"),
                "machine.UsesALibrary");
    }

    @Test
    void theOneInternalPackageOfTheJdkIsUsedByTasksOnly() {
        holds(
                root ->
                        noClasses()
                                .that()
                                .resideOutsideOfPackage(root + ".machine.task..")
                                .should()
                                .dependOnClassesThat()
                                .resideInAnyPackage("jdk.internal..", "sun..")
                                .because("continuations are confined to one package: ADR 0001"),
                "machine.UsesContinuations");
    }

    /** A room's own package composes the room and holds what all of it shares: docs/adr/0004. */
    @Test
    void noPackageInsideARoomIsPartOfACycle() {
        holds(
                root -> slices().matching(root + ".(*).(**)").should().beFreeOfCycles(),
                "machine.cycle.there.There",
                "machine.cycle.back.Back");
    }

    @Test
    void chipsDoNotKnowEachOther() {
        holds(
                root ->
                        slices().matching(root + ".hardware.(*)..")
                                .should()
                                .notDependOnEachOther()
                                .ignoreDependency(
                                        resideInAnyPackage(root + ".hardware.."),
                                        resideInAnyPackage(root + ".hardware.pci.."))
                                .because("chips meet on the bus; a board wires them; PCI is a bus"),
                "hardware.uart.KnowsTheOtherChip");
    }

    @Test
    void driversDoNotKnowEachOther() {
        holds(
                root ->
                        slices().matching(root + ".kernel.drivers.(*)..")
                                .should()
                                .notDependOnEachOther()
                                .because("drivers meet in the subsystem that serves them"),
                "kernel.drivers.first.KnowsTheOtherDriver");
    }

    @Test
    void theKernelIsBuiltInStoreys() {
        holds(root -> storeys(root + ".kernel", KERNEL), "kernel.mapping.KnowsDmaengine");
    }

    @Test
    void nativeMemoryIsTouchedInTwoPlaces() {
        holds(
                root ->
                        noClasses()
                                .that()
                                .resideOutsideOfPackages(
                                        root + ".machine.memory..", root + ".cmodule..")
                                .should()
                                .dependOnClassesThat()
                                .resideInAPackage("java.lang.foreign..")
                                .because("RAM has one owner, and C modules one door"),
                "kernel.TouchesNativeMemory");
    }

    @Test
    void nothingTalksToTheNetwork() {
        holds(
                root ->
                        noClasses()
                                .that()
                                .resideOutsideOfPackage(root + ".web..")
                                .should()
                                .dependOnClassesThat()
                                .haveNameMatching(
                                        "java\\.net\\.http\\..*"
                                            + "|java\\.net\\..*(Socket|Connection|InetAddress).*"
                                            + "|java\\.nio\\.channels\\..*(Socket|Datagram).*")
                                .because("sockets belong to web"),
                "cli.OpensASocket");
    }

    @Test
    void onlyTheCommandLinePrints() {
        holds(
                root ->
                        noClasses()
                                .that()
                                .resideOutsideOfPackage(root + ".cli..")
                                .should()
                                .accessField(System.class, "out")
                                .orShould()
                                .accessField(System.class, "err")
                                .orShould()
                                .callMethod(Throwable.class, "printStackTrace")
                                .because("a room answers its caller; only cli has a reader"),
                "labs.Prints");
    }

    @Test
    void staticsAreConstants() {
        holds(
                root ->
                        fields().that()
                                .areStatic()
                                .and(Statics.written())
                                .should()
                                .beFinal()
                                .andShould(Statics.beOfAConstantsType())
                                .because("one Simulation owns everything; thousands share a JVM"),
                "kernel.KeepsAStatic",
                "kernel.KeepsAStaticTable");
    }

    @Test
    void theSimulationIsTheSameOnEveryHost() {
        holds(
                root -> classes().that(reside(root, SIMULATED)).should(Bans.notBeUsed()),
                "machine.Nondeterministic");
    }

    @Test
    void everyBanCatchesItsExample() {
        List<String> caught = Bans.usedBy(VIOLATIONS.get("violations.machine.Nondeterministic"));
        assertThat(Bans.all())
                .allSatisfy(ban ->
                        assertThat(caught)
                                .anyMatch(line -> line.contains(ban.cure()))
                                .anyMatch(line -> line.contains(ban.what())));
    }

    @Test
    void aMapSupplierMakesACollectorHarmless() {
        assertThat(Bans.usedBy(VIOLATIONS.get("violations.machine.Deterministic"))).isEmpty();
    }

    // ---- how rules are checked --------------------------------------------------------------

    private static DescribedPredicate<JavaClass> reside(String root, List<String> rooms) {
        return resideInAnyPackage(
                rooms.stream().map(room -> root + "." + room + "..").toArray(String[]::new));
    }

    private static void holds(Function<String, ArchRule> rule, String... wrongdoers) {
        rule.apply("dmakit").allowEmptyShould(true).check(DMAKIT);

        EvaluationResult caught = rule.apply("violations").evaluate(VIOLATIONS);
        String report = String.join("\n", caught.getFailureReport().getDetails());
        for (String wrongdoer : wrongdoers) {
            assertThat(report).contains(VIOLATIONS.get("violations." + wrongdoer).getName());
        }
    }

    /** Packages below {@code prefix}, each of which may lean on those it names and no other. */
    private static ArchRule storeys(String prefix, List<Storey> storeys) {
        var rule =
                layeredArchitecture()
                        .consideringOnlyDependenciesInLayers()
                        .withOptionalLayers(true);
        for (Storey storey : storeys) {
            rule = rule.layer(storey.name).definedBy(prefix + "." + storey.name + "..");
        }
        for (Storey storey : storeys) {
            rule =
                    storey.leansOn.length == 0
                            ? rule.whereLayer(storey.name).mayNotAccessAnyLayer()
                            : rule.whereLayer(storey.name).mayOnlyAccessLayers(storey.leansOn);
        }
        return rule;
    }
}
