package sensorpipeline.routes;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.apache.camel.spi.Resource;
import org.apache.camel.support.ResourceHelper;

/**
 * A route file as read.
 *
 * @param folder folder of a service, or {@code shared}
 * @param name file name with its extension
 * @param text content; null if it is not UTF-8
 */
record RouteFile(String folder, String name, String text) {

    static final String SHARED = "shared";
    static final String YAML = ".camel.yaml";
    static final String JAVA = ".java";

    /** @return the file in its current state; a file that cannot be decoded has no text */
    static RouteFile read(Path file) throws IOException {
        String text;
        try {
            text = Files.readString(file);
        } catch (CharacterCodingException e) {
            text = null;
        }
        return new RouteFile(file.getParent().getFileName().toString(), file.getFileName().toString(), text);
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
