package io.faultdisk.explore.disk.command;

import io.faultdisk.base.UsageException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Runs programs, each in a session of its own, which Ctrl-C at our terminal does not reach: it is
 * us who end them. Any thread.
 */
final class Programs {
  private static final List<Path> USUAL_PLACES =
      List.of(Path.of("/usr/sbin"), Path.of("/usr/bin"), Path.of("/sbin"), Path.of("/bin"));

  /** A shell's exit code for a signal is this and its number; so is Java's. */
  private static final int SIGNALLED = 128;

  private static final int SIGNAL_MAX = 64;

  /** More of what a program says is not kept. */
  private static final int OUTPUT_KEPT = 4096;

  private static final long GRACE_SECONDS = 5;

  private Programs() {}

  /**
   * How a program has ended.
   *
   * @param exitCode its own, or 128 and the number of the signal that it died of, or that a program
   *     of a shell script died of
   * @param output the end of what it said
   */
  record Ended(int exitCode, String output) {
    boolean good() {
      return exitCode == 0;
    }

    boolean died() {
      return exitCode > SIGNALLED && exitCode <= SIGNALLED + SIGNAL_MAX;
    }

    /** {@code exit status 1: what it said last}. */
    String describe() {
      String how = died() ? "died of signal " + (exitCode - SIGNALLED) : "exit status " + exitCode;
      return output.isBlank() ? how : how + ": " + output.strip();
    }
  }

  /** A program's file, wherever programs usually are; also those for root. */
  static Optional<Path> find(String program) {
    List<Path> places = new ArrayList<>();
    for (String place : System.getenv().getOrDefault("PATH", "").split(":")) {
      if (!place.isEmpty()) {
        places.add(Path.of(place));
      }
    }
    places.addAll(USUAL_PLACES);
    return places.stream()
        .map(place -> place.resolve(program))
        .filter(Files::isExecutable)
        .findFirst();
  }

  /**
   * Fails unless all are there.
   *
   * @param what needs them, for the message
   */
  static void require(String what, List<String> programs) throws UsageException {
    List<String> missing = programs.stream().filter(each -> find(each).isEmpty()).toList();
    if (!missing.isEmpty()) {
      throw new UsageException(what + " needs " + String.join(", ", missing), "Install it.");
    }
  }

  /**
   * Starts one without input; its output and errors are one stream.
   *
   * @param environment besides ours
   * @throws UncheckedIOException if there can be no more processes
   */
  static Process start(List<String> command, Map<String, String> environment) {
    List<String> words = new ArrayList<>();
    words.add("setsid");
    words.addAll(command);
    ProcessBuilder builder = new ProcessBuilder(words).redirectErrorStream(true);
    builder.redirectInput(Path.of("/dev/null").toFile());
    String path = builder.environment().getOrDefault("PATH", "");
    if (!path.contains("/sbin")) {
      builder.environment().put("PATH", path + ":/usr/sbin:/sbin:/usr/bin:/bin");
    }
    builder.environment().putAll(environment);
    try {
      return builder.start();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot start " + command.get(0), e);
    }
  }

  /** Runs one of the system's tools to its end, even if the thread is interrupted meanwhile. */
  static Ended tool(List<String> command) {
    boolean interrupted = false;
    try {
      Process process = start(command, Map.of());
      Tail tail = new Tail(process.getInputStream());
      while (true) {
        try {
          if (!process.waitFor(2 * GRACE_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            // What the kernel holds cannot be ended: it is left behind.
            return new Ended(SIGNALLED + 9, command.get(0) + " does not end");
          }
          return new Ended(process.exitValue(), tail.text());
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Runs one of the system's tools, which must succeed. */
  static String toolOutput(List<String> command) throws MountFailure {
    Ended ended = tool(command);
    if (!ended.good()) {
      throw new MountFailure(String.join(" ", command) + ": " + ended.describe());
    }
    return ended.output().strip();
  }

  /**
   * Runs a user's program to its end; all that it has started ends then, too.
   *
   * @param run the directory of this run, which the program finds in its environment
   * @throws InterruptedException if it was told to give up; then nothing of it is left
   */
  static Ended run(List<String> command, Map<String, String> environment, Path run)
      throws InterruptedException {
    Map<String, String> all = new HashMap<>(environment);
    all.put(Leftovers.MARK, run.toString());
    Process process = start(command, all);
    Tail tail = new Tail(process.getInputStream());
    try {
      process.waitFor();
    } finally {
      Leftovers.kill(process, run);
      process.destroyForcibly();
    }
    return new Ended(process.exitValue(), tail.text());
  }

  /**
   * Runs a check to its end, or, if it is told to give up, ends it and its descendants. What it
   * leaves in the background goes on, until somebody ends all that have the mark: to look for it
   * after each check would take longer than most checks.
   *
   * @param mark the directory that it finds in its environment as a run does
   */
  static Ended check(List<String> command, Map<String, String> environment, Path mark)
      throws InterruptedException {
    Map<String, String> all = new HashMap<>(environment);
    all.put(Leftovers.MARK, mark.toString());
    Process process = start(command, all);
    Tail tail = new Tail(process.getInputStream());
    boolean done = false;
    try {
      process.waitFor();
      done = true;
    } finally {
      if (!done) {
        Leftovers.killDescendants(process);
        process.destroyForcibly();
      }
    }
    return new Ended(process.exitValue(), tail.text());
  }

  /** Reads a stream until it ends and keeps the end of it. */
  private static final class Tail {
    private final Thread reader;
    private final StringBuilder kept = new StringBuilder();

    Tail(InputStream stream) {
      reader = new Thread(() -> read(stream), "output");
      reader.setDaemon(true);
      reader.start();
    }

    private void read(InputStream stream) {
      byte[] bytes = new byte[OUTPUT_KEPT];
      try (stream) {
        for (int count = stream.read(bytes); count >= 0; count = stream.read(bytes)) {
          synchronized (kept) {
            kept.append(new String(bytes, 0, count, StandardCharsets.UTF_8));
            if (kept.length() > 2 * OUTPUT_KEPT) {
              kept.delete(0, kept.length() - OUTPUT_KEPT);
            }
          }
        }
      } catch (IOException e) {
        // It is closed: there is no more.
      }
    }

    /** All there is; waits a little for somebody who still has the other end. */
    String text() {
      try {
        reader.join(TimeUnit.SECONDS.toMillis(1));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      synchronized (kept) {
        return kept.length() <= OUTPUT_KEPT
            ? kept.toString()
            : kept.substring(kept.length() - OUTPUT_KEPT);
      }
    }
  }
}
