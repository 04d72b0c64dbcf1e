package io.faultdisk.cli.tool;

import io.faultdisk.base.UsageException;
import io.faultdisk.posix.OwnProcess;
import io.faultdisk.posix.PosixException;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Tells the launcher how a server that is to run in the background has started.
 *
 * <p>A JVM cannot fork. So when {@code --fork} or {@code --daemonize} stands on the command line,
 * the launcher starts it in the background from the beginning, waits for a line with an exit code
 * on a pipe, and exits with that. The number of the pipe's descriptor is in a system property. From
 * the line on the process has nothing to do with those who started it: it leads a session of its
 * own and its standard streams go to {@code /dev/null}.
 *
 * <p>For one thread.
 */
public final class Startup {
  /** The descriptor of the pipe to the launcher. */
  private static final Optional<Integer> PIPE =
      Optional.ofNullable(Integer.getInteger("faultdisk.status-fd"));

  private static boolean told;

  private Startup() {}

  /**
   * Refuses to go into the background where nobody waits.
   *
   * @param option what asks for it
   * @param tool the QEMU tool that has the option
   * @throws UsageException with the text for the user
   */
  public static void requireLauncher(String option, String tool) throws UsageException {
    if (PIPE.isEmpty()) {
      throw new UsageException(
          option + " works only in a program that was started by ./faultdisk or compat/" + tool);
    }
  }

  /**
   * The server takes clients.
   *
   * @param exitCode of the launcher
   */
  public static void detach(int exitCode) throws IOException {
    int pipe = PIPE.orElseThrow();
    try {
      OwnProcess.newSession();
    } catch (PosixException leaderAlready) {
      // Then it was started in a session of its own.
    }
    OwnProcess.discardStandardStreams();
    tell(exitCode);
    OwnProcess.close(pipe);
  }

  /** The command has ended; to be called with whatever exit code it has. */
  public static void ended(int exitCode) {
    if (PIPE.isPresent() && !told) {
      try {
        tell(exitCode);
      } catch (IOException nobodyWaits) {
        // Then nobody needs to know.
      }
    }
  }

  private static void tell(int exitCode) throws IOException {
    told = true;
    try (OutputStream pipe = new FileOutputStream("/proc/self/fd/" + PIPE.orElseThrow())) {
      pipe.write((exitCode + "\n").getBytes(StandardCharsets.US_ASCII));
    }
  }
}
