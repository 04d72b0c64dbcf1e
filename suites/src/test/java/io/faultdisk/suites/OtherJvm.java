package io.faultdisk.suites;

import io.faultdisk.nio.Durability;
import io.faultdisk.nio.FaultFileSystemProvider;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** A JVM whose default file system is ours, so that a program is tested as it is. */
public final class OtherJvm {
  private static final int MINUTES_MAX = 5;

  private OtherJvm() {}

  /**
   * Runs a program there, and passes on what it prints.
   *
   * @param directory a temporary directory, where it works
   * @param args for the program, after the directory and the durability
   * @return what it has printed
   * @throws AssertionError if it did not end well
   */
  public static String run(Class<?> program, Durability durability, Path directory, String... args)
      throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                "-Djava.nio.file.spi.DefaultFileSystemProvider="
                    + FaultFileSystemProvider.class.getName(),
                "-Dfaultdisk.powerLoss=" + durability.name().toLowerCase(Locale.ROOT),
                "-Dfaultdisk.seed=" + Settings.seed(),
                program.getName(),
                directory.toString(),
                durability.name()));
    command.addAll(List.of(args));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = read(process);
    if (!process.waitFor(MINUTES_MAX, TimeUnit.MINUTES)) {
      process.destroyForcibly();
      throw new AssertionError("still running: " + output);
    }
    if (process.exitValue() != 0) {
      throw new AssertionError("exit code " + process.exitValue() + ": " + output);
    }
    return output;
  }

  private static String read(Process process) throws IOException {
    StringBuilder output = new StringBuilder();
    try (BufferedReader reader = process.inputReader()) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        System.out.println(line);
        output.append(line).append('\n');
      }
    }
    return output.toString();
  }
}
