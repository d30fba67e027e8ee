package sensorpipeline.routes;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.apache.camel.spi.Resource;
import org.apache.camel.support.ResourceHelper;

/**
 * A route file as read.
 *
 * @param folder folder of a service, or {@code shared}
 * @param name file name with its extension
 * @param text content; null if it cannot be read
 * @param problem why it cannot be read; null if it can
 */
record RouteFile(String folder, String name, String text, String problem) {

    static final String SHARED = "shared";
    static final String YAML = ".camel.yaml";
    static final String JAVA = ".java";

    /** @return the file in its current state; one that cannot be read says why, so that the other files can still be loaded */
    static RouteFile read(Path file) {
        String text = null;
        String problem = null;
        try {
            // Reading a named pipe would never end.
            if (Files.isRegularFile(file)) {
                text = Files.readString(file);
            } else {
                problem = "it must be a file, or a link to one";
            }
        } catch (CharacterCodingException e) {
            problem = "it must be UTF-8 text";
        } catch (AccessDeniedException e) {
            problem = "this program has no permission to read it";
        } catch (IOException e) {
            problem = "it cannot be read: " + Reason.of(e);
        }
        return new RouteFile(file.getParent().getFileName().toString(), file.getFileName().toString(), text, problem);
    }

    /** @return the route files in these folders, in no particular order */
    static List<Path> list(Path root, List<String> folders) throws IOException {
        return list(root, folders, RouteFile::isRouteFile);
    }

    /** @return files in these folders that look like route files, but are none */
    static List<Path> misnamed(Path root, List<String> folders) throws IOException {
        return list(root, folders, name -> name.matches("[^.].*\\.(yaml|yml)") && !isRouteFile(name));
    }

    private static List<Path> list(Path root, List<String> folders, Predicate<String> isWanted) throws IOException {
        List<Path> files = new ArrayList<>();
        for (String folder : folders) {
            try (Stream<Path> paths = Files.list(root.resolve(folder))) {
                paths.filter(path -> isWanted.test(path.getFileName().toString())).forEach(files::add);
            }
        }
        return files;
    }

    static boolean isRouteFile(String name) {
        // Hidden files belong to editors.
        return (name.endsWith(YAML) || name.endsWith(JAVA)) && !name.startsWith(".");
    }

    /** @return folder and name, such as {@code api/latest.camel.yaml} */
    String path() {
        return folder + "/" + name;
    }

    String id() {
        return id(name);
    }

    boolean isShared() {
        return SHARED.equals(folder);
    }

    boolean isJava() {
        return name.endsWith(JAVA);
    }

    /** @return the resource that Camel reads: this text, even if the file has changed meanwhile */
    Resource resource(Path root) {
        return ResourceHelper.fromString("file:" + root.resolve(folder).resolve(name), text);
    }

    /**
     * @param fileName of a route file, such as {@code send-json.camel.yaml} or {@code SendJson.java}
     * @return the id that its route must have, such as {@code send-json}
     */
    static String id(String fileName) {
        if (fileName.endsWith(JAVA)) {
            return fileName.substring(0, fileName.length() - JAVA.length())
                    .replaceAll("(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "-").toLowerCase(Locale.ROOT);
        }
        return fileName.substring(0, fileName.length() - YAML.length());
    }
}
