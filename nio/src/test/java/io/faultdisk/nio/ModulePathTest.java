package io.faultdisk.nio;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.spi.ToolProvider;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A program that is a Java module uses ours as modules, and needs nobody else's. */
class ModulePathTest {
  @TempDir Path temp;

  /** Our own entries of the class path; each is a module. */
  private static String modulePath() {
    return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
        .filter(entry -> entry.contains("faultdisk") || entry.endsWith("classes"))
        .filter(entry -> !entry.contains("testkit") && !entry.contains("test-classes"))
        .collect(Collectors.joining(File.pathSeparator));
  }

  @Test
  void aModularProgramCompilesAndRuns() throws Exception {
    write("module-info.java", "module app { requires io.faultdisk.nio; }");
    write(
        "app/Main.java",
        """
        package app;

        import io.faultdisk.base.Errno;
        import io.faultdisk.events.FaultEvents;
        import io.faultdisk.faults.Faults;
        import io.faultdisk.nio.FaultFileSystem;
        import io.faultdisk.rules.RuleBuilder;
        import java.net.URI;
        import java.nio.file.*;
        import java.util.Map;

        public class Main {
          public static void main(String[] args) throws Exception {
            FaultEvents.current().event("begin");
            Faults faults = Faults.create();
            faults.add(RuleBuilder.on("write").fail(Errno.ENOSPC));
            try (FaultFileSystem files =
                FaultFileSystem.over(FileSystems.getDefault()).faults(faults).open()) {
              Files.writeString(files.getPath(args[0]), "x");
            } catch (java.io.IOException e) {
              System.out.println(e.getMessage());
            }
            try (FileSystem files = FileSystems.newFileSystem(URI.create("faultdisk:file:///"), Map.of())) {
              System.out.println(Files.size(files.getPath(args[0])));
            }
          }
        }
        """);
    assertThat(compile()).isEmpty();

    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--module-path",
                temp.resolve("classes") + File.pathSeparator + modulePath(),
                "-m",
                "app/app.Main",
                temp.resolve("file").toString())
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    assertThat(output.lines()).containsExactly("No space left on device", "0");
  }

  private void write(String name, String text) throws IOException {
    Path file = temp.resolve("src").resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  /** Returns what the compiler says. */
  private String compile() {
    StringWriter said = new StringWriter();
    PrintWriter out = new PrintWriter(said);
    int code =
        ToolProvider.findFirst("javac")
            .orElseThrow()
            .run(
                out,
                out,
                "--module-path",
                modulePath(),
                "-d",
                temp.resolve("classes").toString(),
                temp.resolve("src/module-info.java").toString(),
                temp.resolve("src/app/Main.java").toString());
    return code == 0 ? "" : said.toString();
  }
}
