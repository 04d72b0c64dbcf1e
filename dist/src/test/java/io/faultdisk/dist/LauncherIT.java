package io.faultdisk.dist;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Starts {@code ./faultdisk} and {@code compat/*} as a user does; the first start trains the cache.
 */
class LauncherIT {
  private static final Path ROOT = Path.of(System.getProperty("faultdisk.root"));
  private static final int DEADLINE_SECONDS = 120;

  @TempDir Path scratch;

  private record Outcome(int code, String out, String err) {}

  @Test
  void argumentsStreamsAndExitCodePassThrough() throws Exception {
    Outcome good =
        run(ROOT.resolve("faultdisk"), "io", "-f", "raw", "-c", "read  0  512", "memory:1M");
    assertThat(good.err()).isEmpty();
    assertThat(good.out()).startsWith("read 512/512 bytes at offset 0\n");
    assertThat(good.code()).isZero();

    Outcome bad = run(ROOT.resolve("faultdisk"), "io", "-c", "quit", "no such file");
    assertThat(bad.out()).isEmpty();
    assertThat(bad.err()).contains("no such file").doesNotContain("\tat ");
    assertThat(bad.code()).isEqualTo(1);
  }

  @Test
  void compatScriptSpeaksAsQemuIo() throws Exception {
    Outcome outcome = run(ROOT.resolve("compat/qemu-io"), "no such file");
    assertThat(outcome.err()).startsWith("qemu-io: can't open device no such file: ");
    assertThat(outcome.code()).isEqualTo(1);
  }

  @Test
  void closedStandardStreamsAreReplaced() throws Exception {
    for (String closed : List.of("<&-", ">&-", "2>&-", "<&- >&- 2>&-")) {
      Path script =
          Files.writeString(
              scratch.resolve("call"),
              "exec \"$1\" io -f raw -c length memory:1M " + closed + "\n");
      Process process =
          start(Path.of("/bin/sh"), script.toString(), ROOT.resolve("faultdisk").toString());
      assertThat(finish(process).code()).as(closed).isZero();
    }
  }

  @Test
  void worksThroughSymbolicLinks() throws Exception {
    Path direct = Files.createSymbolicLink(scratch.resolve("fd"), ROOT.resolve("faultdisk"));
    Path chain = Files.createSymbolicLink(scratch.resolve("second"), Path.of("fd"));
    Path compat =
        Files.createSymbolicLink(scratch.resolve("my qemu-io"), ROOT.resolve("compat/qemu-io"));
    for (Path link : List.of(direct, chain)) {
      assertThat(run(link, "io", "-f", "raw", "-c", "length", "memory:1M").out())
          .isEqualTo("1 MiB\n");
    }
    assertThat(run(compat, "-f", "raw", "-c", "length", "memory:1M").code()).isLessThan(2);
  }

  @Test
  void worksFromAPathWithBlanksAndWithAForeignCache() throws Exception {
    Path elsewhere = copyOfTheProduct("a path with  blanks");
    Outcome outcome =
        run(elsewhere.resolve("faultdisk"), "io", "-f", "raw", "-c", "length", "memory:1M");
    assertThat(outcome).isEqualTo(new Outcome(0, "1 MiB\n", ""));
  }

  @Test
  void stdoutStaysCleanWhateverTheCacheIs() throws Exception {
    Path elsewhere = copyOfTheProduct("caches");
    Path launcher = elsewhere.resolve("faultdisk");
    Outcome clean = new Outcome(0, "1 MiB\n", "");
    List<Path> caches;
    try (Stream<Path> files = Files.list(elsewhere.resolve("dist/target/faultdisk"))) {
      caches = files.filter(file -> file.toString().endsWith(".aot")).toList();
    }
    for (Path cache : caches) {
      Files.writeString(cache, "not a cache");
    }
    assertThat(run(launcher, "io", "-f", "raw", "-c", "length", "memory:1M")).isEqualTo(clean);
    for (Path cache : caches) {
      Files.delete(cache);
    }
    assertThat(run(launcher, "io", "-f", "raw", "-c", "length", "memory:1M")).isEqualTo(clean);
  }

  @Test
  void fileNamesNeedNotBeAsciiInAnyLocale() throws Exception {
    // A script makes and names the file: what this JVM can name depends on its own locale.
    Path script = scratch.resolve("call");
    Files.writeString(
        script,
        "image=$2/disque-\u00e9\u2713.img\n"
            + "truncate -s 4k \"$image\"\n"
            + "exec \"$1\" io -f raw -c length \"$image\"\n",
        UTF_8);
    Process process =
        start(
            Map.of("LC_ALL", "C"),
            Path.of("/bin/sh"),
            script.toString(),
            ROOT.resolve("faultdisk").toString(),
            scratch.toString());
    assertThat(finish(process)).isEqualTo(new Outcome(0, "4 KiB\n", ""));
  }

  @Test
  void signalsReachTheCommand() throws Exception {
    Process process = start(ROOT.resolve("faultdisk"), "io", "-f", "raw", "memory:1M");
    assertThat(process.getInputStream().read())
        .isEqualTo((int) 'f'); // of its prompt: now it is the JVM
    // Not process.destroy(): that closes standard input too, and the end of input is a normal end.
    process.toHandle().destroy();
    assertThat(process.waitFor(DEADLINE_SECONDS, SECONDS)).isTrue();
    assertThat(process.exitValue()).isEqualTo(128 + 15);
  }

  @Test
  void anUnfitJdkIsRefusedInOneSentence() throws Exception {
    Outcome outcome =
        finish(start(Map.of("FAULTDISK_JAVA_HOME", "/nowhere"), ROOT.resolve("faultdisk"), "io"));
    assertThat(outcome)
        .isEqualTo(
            new Outcome(
                1, "", "faultdisk: FAULTDISK_JAVA_HOME=/nowhere is not a JDK 25 or newer.\n"));
  }

  /** The launcher and what it starts, as a tarball would hold them: no sources. */
  private Path copyOfTheProduct(String name) throws Exception {
    run(ROOT.resolve("faultdisk"), "--version"); // trains the cache if nobody has yet
    Path target = scratch.resolve(name);
    try (Stream<Path> files =
        Stream.concat(
            Stream.of(ROOT.resolve("faultdisk")),
            Files.walk(ROOT.resolve("dist/target/faultdisk")))) {
      for (Path file : (Iterable<Path>) files::iterator) {
        Path copy = target.resolve(ROOT.relativize(file).toString());
        Files.createDirectories(copy.getParent());
        if (!Files.isDirectory(file)) {
          Files.copy(file, copy, StandardCopyOption.COPY_ATTRIBUTES);
        }
      }
    }
    return target;
  }

  private Outcome run(Path program, String... arguments) throws Exception {
    return finish(start(program, arguments));
  }

  private Process start(Path program, String... arguments) throws IOException {
    return start(Map.of(), program, arguments);
  }

  private Process start(Map<String, String> environment, Path program, String... arguments)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(program.toString());
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.directory(scratch.toFile());
    builder.environment().put("FAULTDISK_BUILD", "never"); // Maven is at it right now
    builder.environment().remove("JAVA_TOOL_OPTIONS");
    builder.environment().putAll(environment);
    return builder.start();
  }

  /** Small outputs only: both fit into their pipes. */
  private static Outcome finish(Process process) throws Exception {
    process.getOutputStream().close();
    assertThat(process.waitFor(DEADLINE_SECONDS, SECONDS)).isTrue();
    return new Outcome(
        process.exitValue(),
        new String(process.getInputStream().readAllBytes(), UTF_8),
        new String(process.getErrorStream().readAllBytes(), UTF_8));
  }
}
