package sensorpipeline;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import sensorpipeline.service.Service;

/** Locations of classes and direction of dependencies: Program -> Pipeline -> services -> shared packages -> reading, settings. */
class LayoutTest {

    private static final JavaClasses PROGRAM = new ClassFileImporter().withImportOption(new ImportOption.DoNotIncludeTests()).importPackages("sensorpipeline");
    private static final Set<String> SERVICES = Services.all().stream().map(Service::name).collect(Collectors.toCollection(TreeSet::new));

    private static final int LONGEST_FILE = 300;

    private static String[] packagesOfServices() {
        return SERVICES.stream().map(name -> "sensorpipeline." + name + "..").toArray(String[]::new);
    }

    @Test
    void packagesHaveNoCycles() {
        slices().matching("sensorpipeline.(*)..").should().beFreeOfCycles().check(PROGRAM);
    }

    @Test
    void noServiceDependsOnAnother() {
        for (String name : SERVICES) {
            String[] others = SERVICES.stream().filter(other -> !other.equals(name)).map(other -> "sensorpipeline." + other + "..").toArray(String[]::new);
            noClasses().that().resideInAPackage("sensorpipeline." + name + "..").should().dependOnClassesThat().resideInAnyPackage(others).check(PROGRAM);
        }
    }

    @Test
    void onlyTheListOfServicesKnowsThem() {
        classes().that().resideInAnyPackage(packagesOfServices()).should().onlyHaveDependentClassesThat(new DescribedPredicate<JavaClass>("are of the same service, or Services") {
            @Override
            public boolean test(JavaClass user) {
                return user.getFullName().equals(Services.class.getName()) || SERVICES.stream().anyMatch(name -> user.getPackageName().startsWith("sensorpipeline." + name));
            }
        }).check(PROGRAM);
    }

    @Test
    void readingsAndSettingsDependOnNothingAbove() {
        noClasses().that().resideInAPackage("sensorpipeline.settings..").should().dependOnClassesThat(
                DescribedPredicate.describe("are of other rooms", (JavaClass used) -> isOfOtherRoom(used, Set.of("settings")))).check(PROGRAM);
        noClasses().that().resideInAPackage("sensorpipeline.reading..").should().dependOnClassesThat(
                DescribedPredicate.describe("are of other rooms", (JavaClass used) -> isOfOtherRoom(used, Set.of("reading", "settings")))).check(PROGRAM);
    }

    private static boolean isOfOtherRoom(JavaClass used, Set<String> rooms) {
        return used.getPackageName().startsWith("sensorpipeline") && rooms.stream().noneMatch(room -> used.getPackageName().startsWith("sensorpipeline." + room));
    }

    @Test
    void aServiceHasOneNameOnEveryFloor() throws IOException {
        Set<String> routes = folders(Path.of("routes"));
        routes.remove("shared");
        assertEquals(SERVICES, routes);
        assertTrue(SERVICES.containsAll(folders(Path.of("resources/sql"))), "resources/sql has folders of services only");
        for (String name : SERVICES) {
            assertTrue(Files.isDirectory(Path.of("src/main/java/sensorpipeline", name)), name);
        }
    }

    @Test
    void everyPackageSaysWhatItIs() throws IOException {
        for (String room : folders(Path.of("src/main/java/sensorpipeline"))) {
            assertTrue(Files.exists(Path.of("src/main/java/sensorpipeline", room, "package-info.java")), room);
        }
    }

    @Test
    void noFileIsTooLongToRead() throws IOException {
        List<String> tooLong = new ArrayList<>();
        for (String folder : List.of("src/main", "web", "routes", "bench")) {
            try (Stream<Path> files = Files.walk(Path.of(folder))) {
                for (Path file : files.filter(file -> file.toString().matches(".*\\.(java|js|css|html|yaml|sql)")).toList()) {
                    long lines = Files.readAllLines(file).size();
                    if (lines > LONGEST_FILE) {
                        tooLong.add(file + ": " + lines);
                    }
                }
            }
        }
        assertEquals(List.of(), tooLong);
    }

    private static Set<String> folders(Path parent) throws IOException {
        try (Stream<Path> children = Files.list(parent)) {
            return children.filter(Files::isDirectory).map(child -> child.getFileName().toString()).collect(Collectors.toCollection(TreeSet::new));
        }
    }
}
