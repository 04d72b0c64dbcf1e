package io.faultdisk.dist;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Holds the module map of CONTRIBUTING.md: who may use whom. If the map is in the way, change it
 * here and there in the same commit.
 */
class ArchitectureTest {

  /**
   * A module: its root package and the modules it may use; itself and the JDK go without saying.
   */
  private record Module(String name, String rootPackage, List<String> mayUse) {
    Module(String name, List<String> mayUse) {
      this(
          name,
          "io.faultdisk."
              + name.replace("block-", "block.")
                  .replace("nbd-", "nbd.")
                  .replace("explore-", "explore."),
          mayUse);
    }

    @Override
    public String toString() {
      return name + " uses only " + mayUse;
    }
  }

  private static final List<Module> MODULES =
      List.of(
          new Module("base", List.of()),
          new Module("rules", List.of("base")),
          new Module("explore", List.of("base")),
          new Module("events", List.of()),
          new Module("faults", List.of("base", "rules", "events")),
          new Module("nio", List.of("base", "rules", "explore", "events", "faults")),
          new Module("junit", List.of("base", "rules", "explore", "events", "faults", "nio")),
          new Module("posix", List.of("base")),
          new Module("block", List.of("base", "posix", "rules")),
          new Module("block-writecache", List.of("base", "rules", "block")),
          new Module("block-logwrites", List.of("base", "block")),
          new Module("block-blkdebug", List.of("base", "rules", "block", "block-writecache")),
          new Module("block-qcow2", List.of("base", "posix", "rules", "block")),
          new Module("nbd", List.of("base")),
          new Module("nbd-tls", List.of("base", "nbd")),
          new Module("nbd-server", List.of("base", "nbd", "rules", "block")),
          new Module("nbd-bench", List.of("base", "nbd")),
          new Module("block-nbd", List.of("base", "block", "nbd")),
          new Module(
              "daemon",
              List.of(
                  "base",
                  "rules",
                  "block",
                  "block-blkdebug",
                  "block-writecache",
                  "nbd",
                  "nbd-tls",
                  "nbd-server",
                  "block-nbd")),
          new Module(
              "qmp", List.of("base", "rules", "block", "block-blkdebug", "nbd-server", "daemon")),
          new Module(
              "console", List.of("base", "rules", "block", "block-blkdebug", "nbd-tls", "daemon")),
          new Module(
              "explore-disk",
              List.of("base", "rules", "explore", "block", "block-blkdebug", "nbd-server")),
          new Module(
              "cli",
              List.of(
                  "base",
                  "rules",
                  "posix",
                  "block",
                  "block-writecache",
                  "block-logwrites",
                  "block-blkdebug",
                  "block-qcow2",
                  "nbd",
                  "nbd-tls",
                  "nbd-bench",
                  "nbd-server",
                  "block-nbd",
                  "daemon",
                  "console",
                  "qmp",
                  "explore",
                  "explore-disk",
                  "nio")),
          new Module("dist", List.of("cli")));

  /** Libraries, by the only module that may know them. */
  private static final List<List<String>> LIBRARIES =
      List.of(
          List.of("cli", "picocli.."),
          List.of("cli", "org.jline.."),
          List.of("nbd-bench", "org.HdrHistogram.."),
          List.of("nbd-tls", "org.bouncycastle.."),
          List.of("posix", "java.lang.foreign.."));

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("io.faultdisk");

  static Stream<Module> modules() {
    return MODULES.stream();
  }

  static Stream<List<String>> libraries() {
    return LIBRARIES.stream();
  }

  @ParameterizedTest
  @MethodSource("modules")
  void usesOnlyTheModulesBelow(Module module) {
    Set<String> allowed =
        Stream.concat(Stream.of(module.name()), module.mayUse().stream())
            .collect(Collectors.toSet());
    DescribedPredicate<JavaClass> ours = resideInAPackage("io.faultdisk..");
    classes()
        .that(belongTo(module.name()))
        .should()
        .onlyDependOnClassesThat(
            not(ours)
                .or(
                    DescribedPredicate.describe(
                        "belong to " + allowed, type -> allowed.contains(moduleOf(type)))))
        .check(CLASSES);
  }

  @ParameterizedTest
  @MethodSource("libraries")
  void isTheOnlyModuleThatKnowsTheLibrary(List<String> moduleAndLibrary) {
    noClasses()
        .that(not(belongTo(moduleAndLibrary.get(0))))
        .and()
        .resideInAPackage("io.faultdisk..")
        .should()
        .dependOnClassesThat(resideInAPackage(moduleAndLibrary.get(1)))
        .check(CLASSES);
  }

  @Test
  void timeRandomnessAndSleepComeFromBase() {
    noClasses()
        .that()
        .resideOutsideOfPackages("io.faultdisk.base..", "io.faultdisk.testkit..")
        .should()
        .callMethod(System.class, "nanoTime")
        .orShould()
        .callMethod(System.class, "currentTimeMillis")
        .orShould()
        .callMethod(java.time.Instant.class, "now")
        .orShould()
        .callMethod(Thread.class, "sleep", long.class)
        .orShould()
        .callConstructor(java.util.Random.class)
        .check(CLASSES);
  }

  @Test
  void librariesPrintNothing() {
    noClasses()
        .that(resideInAnyPackage("io.faultdisk.."))
        .and(not(belongTo("cli")))
        // Runs before the program has begun: there is nobody else to tell that the rules are wrong.
        .and()
        .doNotHaveFullyQualifiedName("io.faultdisk.nio.StartRules")
        .should()
        .accessField(System.class, "out")
        .orShould()
        .accessField(System.class, "err")
        .check(CLASSES);
  }

  @Test
  void everyModuleIsOnTheMap() {
    Set<String> seen = CLASSES.stream().map(ArchitectureTest::moduleOf).collect(Collectors.toSet());
    seen.remove("testkit");
    assertThat(seen)
        .containsExactlyInAnyOrderElementsOf(MODULES.stream().map(Module::name).toList());
  }

  private static DescribedPredicate<JavaClass> belongTo(String module) {
    return DescribedPredicate.describe(
        "belong to " + module, type -> moduleOf(type).equals(module));
  }

  /**
   * The module of a class: the longest root package that holds it, so block.blkdebug is not block.
   */
  private static String moduleOf(JavaClass type) {
    String name = type.getPackageName() + ".";
    return MODULES.stream()
        .filter(module -> name.startsWith(module.rootPackage() + "."))
        .max((a, b) -> Integer.compare(a.rootPackage().length(), b.rootPackage().length()))
        .map(Module::name)
        .orElseGet(() -> Arrays.asList(name.split("\\.")).get(2));
  }
}
