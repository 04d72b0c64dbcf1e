package io.faultdisk.explore.disk.command;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Ends what a program has left running: its descendants, and those who have left the family, which
 * are known by their environment. Any thread.
 */
final class Leftovers {
  /** The variable that tells whose a process is. */
  static final String MARK = "FAULTDISK_RUN";

  private static final long DEADLINE_SECONDS = 5;

  /** They may start others while they are ended. */
  private static final int ROUNDS = 5;

  private Leftovers() {}

  /** Ends the descendants of a program that we have started. */
  static void killDescendants(Process process) {
    for (int round = 0; round < ROUNDS; round++) {
      List<ProcessHandle> all = process.descendants().toList();
      if (all.isEmpty()) {
        return;
      }
      kill(all);
    }
  }

  /**
   * Ends the descendants, and all that have this directory as their {@value #MARK}: nobody has it
   * who does not come from the program that we gave it to, since the directory is new and ours.
   *
   * @param run the directory of one run
   * @throws IllegalArgumentException if it is not such a directory
   */
  static void kill(Process process, Path run) {
    killDescendants(process);
    kill(run);
  }

  /** The same for all that have this directory as their {@value #MARK}, whoever started them. */
  static void kill(Path run) {
    if (!run.isAbsolute() || run.getNameCount() < 2 || !Files.isDirectory(run)) {
      throw new IllegalArgumentException("no directory of a run: '" + run + "'");
    }
    for (int round = 0; round < ROUNDS; round++) {
      List<ProcessHandle> all = marked(MARK + "=" + run);
      if (all.isEmpty()) {
        return;
      }
      kill(all);
    }
  }

  private static void kill(List<ProcessHandle> all) {
    all.forEach(ProcessHandle::destroyForcibly);
    all.forEach(Leftovers::await);
  }

  private static void await(ProcessHandle process) {
    CompletableFuture<ProcessHandle> exit = process.onExit();
    boolean interrupted = Thread.interrupted();
    try {
      ProcessHandle unused = exit.get(DEADLINE_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      // In the hands of the kernel: it will end when that lets go.
    } catch (InterruptedException e) {
      interrupted = true;
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private static List<ProcessHandle> marked(String entry) {
    List<ProcessHandle> found = new ArrayList<>();
    try (DirectoryStream<Path> processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
      for (Path process : processes) {
        if (environment(process).contains(entry)) {
          Optional<ProcessHandle> handle =
              ProcessHandle.of(Long.parseLong(process.getFileName().toString()));
          handle.ifPresent(found::add);
        }
      }
    } catch (IOException noProc) {
      // Then only descendants are known.
    }
    return found;
  }

  /** The entries; none if it is not ours to know, or gone. */
  private static List<String> environment(Path process) {
    try {
      byte[] bytes = Files.readAllBytes(process.resolve("environ"));
      return List.of(new String(bytes, StandardCharsets.UTF_8).split("\0", -1));
    } catch (IOException notOursOrGone) {
      return List.of();
    }
  }
}
