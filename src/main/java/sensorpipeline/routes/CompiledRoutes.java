package sensorpipeline.routes;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/** Route classes compiled by the build, in {@code routes/} of the class path; their sources are in {@code routes/<service>/}. */
final class CompiledRoutes extends ClassLoader {

    private static final String ROOT = "routes/";

    private CompiledRoutes() {
        super(CompiledRoutes.class.getClassLoader());
    }

    /**
     * @param location of the source, ending with its folder and name
     * @param text the source
     * @return the class compiled from exactly this source, or null if the build has not compiled it
     */
    static Class<?> find(String location, String text) throws IOException {
        String[] parts = location.split("/");
        String file = parts[parts.length - 1];
        ClassLoader packaged = CompiledRoutes.class.getClassLoader();
        try (InputStream source = packaged.getResourceAsStream(ROOT + parts[parts.length - 2] + "/" + file)) {
            if (source == null || !text.equals(new String(source.readAllBytes(), StandardCharsets.UTF_8))) {
                return null;
            }
        }
        try {
            return new CompiledRoutes().loadClass(file.replace(RouteFile.JAVA, ""));
        } catch (ClassNotFoundException e) {
            return null;
        }
    }

    @Override
    protected Class<?> findClass(String name) throws ClassNotFoundException {
        try (InputStream stream = getParent().getResourceAsStream(ROOT + name + ".class")) {
            if (stream == null) {
                throw new ClassNotFoundException(name);
            }
            byte[] bytes = stream.readAllBytes();
            return defineClass(name, bytes, 0, bytes.length);
        } catch (IOException e) {
            throw new ClassNotFoundException(name, e);
        }
    }
}
