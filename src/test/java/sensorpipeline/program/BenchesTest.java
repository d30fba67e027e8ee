package sensorpipeline.program;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What Java compiles only when somebody runs it. */
class BenchesTest {

    @ParameterizedTest
    @ValueSource(strings = {"deploy/image/StartupTraining.java"})
    void fitsTheProgram(String source, @TempDir Path classes) throws IOException {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter messages = new StringWriter();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
            compiler.getTask(messages, files, null, List.of("-d", classes.toString()), null, files.getJavaFileObjects(Path.of(source))).call();
        }
        assertEquals("", messages.toString());
    }
}
