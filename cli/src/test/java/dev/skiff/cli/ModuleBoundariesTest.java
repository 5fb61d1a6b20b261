package dev.skiff.cli;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The rules of docs/decisions/0005-module-boundaries.md. Here because the command's class path has all modules that ship. */
class ModuleBoundariesTest {
    /** A module depends only on modules before it in this list. */
    private static final List<String> MODULES = List.of(
            "linux", "wasm", "component", "wasi", "spin", "oci", "host", "containerd", "kubelet", "operator", "cli");

    private static JavaClasses skiff;

    @BeforeAll
    static void importClasses() {
        ImportOption notTests = location -> !location.contains("/test-classes/") && !location.contains("-tests.jar");
        skiff = new ClassFileImporter().withImportOption(notTests).importPackages("dev.skiff");
    }

    @Test
    void everyClassBelongsToAModuleOfTheList() {
        assertThat(skiff).isNotEmpty();
        assertThat(skiff).allSatisfy(type -> assertThat(MODULES).contains(moduleOf(type)));
    }

    @TestFactory
    Stream<DynamicTest> dependsOnlyOnModulesBeforeIt() {
        return presentModules()
                .map(module -> DynamicTest.dynamicTest(module, () -> {
                    String[] later = MODULES.stream()
                            .skip(MODULES.indexOf(module) + 1L)
                            .map(ModuleBoundariesTest::packagesOf)
                            .toArray(String[]::new);
                    noClasses()
                            .that(resideInAPackage(packagesOf(module)))
                            .should()
                            .dependOnClassesThat(resideInAnyPackage(later))
                            .allowEmptyShould(true)
                            .check(skiff);
                }));
    }

    @TestFactory
    Stream<DynamicTest> keepsItsInternalPackagesToItself() {
        return presentModules()
                .map(module -> DynamicTest.dynamicTest(
                        module,
                        () -> noClasses()
                                .that(resideInAPackage("dev.skiff..")
                                        .and(JavaClass.Predicates.resideOutsideOfPackage(packagesOf(module))))
                                .should()
                                .dependOnClassesThat(resideInAPackage("dev.skiff." + module + ".internal.."))
                                .allowEmptyShould(true)
                                .check(skiff)));
    }

    @Test
    void onlyLinuxCallsNativeFunctions() {
        noClasses()
                .that(JavaClass.Predicates.resideOutsideOfPackage(packagesOf("linux")))
                .should()
                .dependOnClassesThat(
                        JavaClass.Predicates.belongToAnyOf(Linker.class, SymbolLookup.class, FunctionDescriptor.class))
                .check(skiff);
    }

    /** {@link ProcessSignals} is the one other: the JDK has no public way to hear of signals. */
    @Test
    void onlyTheEngineUsesTheJdksRawMemoryAccess() {
        noClasses()
                .that(JavaClass.Predicates.resideOutsideOfPackages(packagesOf("linux"), packagesOf("wasm")))
                .and()
                .doNotBelongToAnyOf(ProcessSignals.class)
                .should()
                .dependOnClassesThat(JavaClass.Predicates.simpleName("Unsafe"))
                .check(skiff);
    }

    @Test
    void onlyTheCommandEndsTheProcess() {
        noClasses()
                .that(JavaClass.Predicates.resideOutsideOfPackage(packagesOf("cli")))
                .should()
                .callMethod(System.class, "exit", int.class)
                .orShould()
                .callMethod(Runtime.class, "exit", int.class)
                .orShould()
                .callMethod(Runtime.class, "halt", int.class)
                .check(skiff);
    }

    private static Stream<String> presentModules() {
        return skiff.stream().map(ModuleBoundariesTest::moduleOf).distinct().sorted();
    }

    private static String moduleOf(JavaClass type) {
        return type.getPackageName().split("\\.")[2];
    }

    private static String packagesOf(String module) {
        return "dev.skiff." + module + "..";
    }
}
