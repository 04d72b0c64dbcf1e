package io.faultdisk.explore;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** The installed browser, without a window. */
final class Chromium {
  private static final int DEADLINE_SECONDS = 120;

  private final Path program;
  private final Path scratch;
  private int calls;

  private Chromium(Path program, Path scratch) {
    this.program = program;
    this.scratch = scratch;
  }

  /** The browser, if there is one. */
  static Optional<Chromium> installed(Path scratch) {
    return Stream.of("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome")
        .map(Path::of)
        .filter(Files::isExecutable)
        .findFirst()
        .map(program -> new Chromium(program, scratch));
  }

  /**
   * What it made of a page.
   *
   * @param out its standard output: the document after the scripts have run
   * @param console what the page and the browser wrote to the console
   */
  record Page(String out, List<String> console) {}

  /** Opens a page, lets its scripts do what they do, and prints the document. */
  Page dom(Path page) throws Exception {
    return run(page, "--dump-dom");
  }

  /** Opens a page and takes its picture. */
  Page screenshot(Path page, Path png, boolean dark) throws Exception {
    return run(
        page,
        "--screenshot=" + png,
        "--window-size=1280,1600",
        "--hide-scrollbars",
        "--blink-settings=preferredColorScheme=" + (dark ? 0 : 1));
  }

  private Page run(Path page, String... options) throws Exception {
    calls++;
    Path out = scratch.resolve("out" + calls);
    Path err = scratch.resolve("err" + calls);
    List<String> call =
        new ArrayList<>(
            List.of(
                program.toString(),
                "--headless",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--no-first-run",
                "--no-sandbox",
                "--user-data-dir=" + scratch.resolve("profile" + calls),
                // Its clock runs ahead while nothing else is to be done.
                "--virtual-time-budget=5000",
                "--enable-logging=stderr"));
    call.addAll(List.of(options));
    call.add(page.toUri().toString());
    ProcessBuilder builder =
        new ProcessBuilder(call).redirectOutput(out.toFile()).redirectError(err.toFile());
    // It leaves things there.
    builder.environment().put("TMPDIR", scratch.toString());
    Process process = builder.start();
    try {
      assertThat(process.waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS)).as("chromium ends").isTrue();
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
    assertThat(process.exitValue()).as(() -> text(err)).isZero();
    return new Page(
        Files.readString(out),
        Files.readAllLines(err).stream().filter(line -> line.contains("CONSOLE")).toList());
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return e.toString();
    }
  }
}
