package io.faultdisk.nbd.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/** Programs that are installed on this machine, each with a deadline. Any thread. */
final class Tools {
  private static final List<Path> DIRECTORIES =
      List.of(Path.of("/usr/sbin"), Path.of("/usr/bin"), Path.of("/sbin"), Path.of("/bin"));

  /** Not the user's: nbdsh wants the Python that its package was made for. */
  private static final Map<String, String> ENVIRONMENT =
      Map.of("PATH", "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL", "C", "HOME", "/nonexistent");

  private static final long DEADLINE_SECONDS = 120;

  private Tools() {}

  /** How a program has ended. */
  record Result(int exit, String output) {}

  /** Skips the test, and says so, if one of these is missing. */
  static void assume(String... programs) {
    for (String program : programs) {
      assume(find(program).isPresent(), "no " + program);
    }
  }

  /** Skips the test, and says why, unless this holds. */
  static void assume(boolean holds, String reason) {
    if (!holds) {
      System.err.println("skipped: " + reason);
    }
    Assumptions.assumeTrue(holds, reason);
  }

  private static Optional<Path> find(String program) {
    return DIRECTORIES.stream()
        .map(each -> each.resolve(program))
        .filter(Files::isExecutable)
        .findFirst();
  }

  /** Starts a program whose output, all of it, goes to that file, and which has no input. */
  static Process start(Path output, String... command) throws IOException {
    assume(command[0]);
    List<String> all = new ArrayList<>(List.of(command));
    all.set(0, find(command[0]).orElseThrow().toString());
    ProcessBuilder builder = new ProcessBuilder(all).redirectErrorStream(true);
    builder.redirectOutput(output.toFile()).redirectInput(Path.of("/dev/null").toFile());
    builder.environment().clear();
    builder.environment().putAll(ENVIRONMENT);
    return builder.start();
  }

  /** Runs a program, however it ends; it is killed when it takes too long. */
  static Result result(String... command) throws IOException, InterruptedException {
    Path output = Files.createTempFile("tool", ".out");
    try {
      Process process = start(output, command);
      boolean ended = process.waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS);
      process.destroyForcibly();
      String text = Files.readString(output, UTF_8);
      assertThat(ended).as("%s ends in time; so far: %s", String.join(" ", command), text).isTrue();
      return new Result(process.exitValue(), text);
    } finally {
      Files.deleteIfExists(output);
    }
  }

  /** Runs a program that must succeed; what it prints. */
  static String run(String... command) throws IOException, InterruptedException {
    Result result = result(command);
    assertThat(result.exit()).as("%s: %s", String.join(" ", command), result.output()).isZero();
    return result.output();
  }

  /** Runs a program that must not succeed; what it prints. */
  static String fails(String... command) throws IOException, InterruptedException {
    Result result = result(command);
    assertThat(result.exit()).as("%s: %s", String.join(" ", command), result.output()).isNotZero();
    return result.output();
  }
}
