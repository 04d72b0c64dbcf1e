package io.faultdisk.cli.call;

import io.faultdisk.cli.Main;
import io.faultdisk.cli.Stdio;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs calls: ours in this JVM, the real ones as processes. */
public final class Tools {
  private static final long TIMEOUT_SECONDS = 60;

  private Tools() {}

  /** Whether the real tools are there. */
  public static boolean realToolsExist() {
    return Files.isExecutable(Path.of("/usr/bin/qemu-io"))
        && Files.isExecutable(Path.of("/usr/bin/qemu-img"))
        && Files.isExecutable(Path.of("/usr/bin/qemu-nbd"));
  }

  /** The first line of the real qemu-img's {@code --version}. */
  public static String realVersion() {
    try {
      Process process = new ProcessBuilder("qemu-img", "--version").start();
      try (BufferedReader lines = process.inputReader()) {
        return String.valueOf(lines.readLine());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Whether somebody takes clients on a Unix socket; found out without being one. */
  public static boolean listens(Path socket) {
    String listening = " 00010000 ";
    try {
      return Files.readString(Path.of("/proc/net/unix"), StandardCharsets.ISO_8859_1)
          .lines()
          .anyMatch(line -> line.contains(listening) && line.endsWith(" " + socket));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public static ToolOutput ours(ToolCall call, Path dir) {
    List<String> args = new ArrayList<>();
    args.add(call.tool());
    args.addAll(call.args());
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int code = Main.run(args, new Stdio(new ByteArrayInputStream(new byte[0]), out, err, false));
    return ToolOutput.masked(
        out.toString(StandardCharsets.UTF_8),
        err.toString(StandardCharsets.UTF_8),
        code,
        dir.toString());
  }

  public static ToolOutput real(ToolCall call, Path dir) {
    List<String> command = new ArrayList<>();
    command.add(call.tool());
    command.addAll(call.args());
    try {
      // Not in the directory, which is compared.
      Path out = Files.createTempFile("tool", ".out");
      Path err = Files.createTempFile("tool", ".err");
      Process process =
          new ProcessBuilder(command)
              .directory(dir.toFile())
              .redirectInput(Path.of("/dev/null").toFile())
              .redirectOutput(out.toFile())
              .redirectError(err.toFile())
              .start();
      int code = ToolOutput.HUNG;
      if (process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
        code = process.exitValue();
      } else {
        process.destroyForcibly().waitFor();
      }
      ToolOutput output =
          ToolOutput.masked(
              Files.readString(out, StandardCharsets.ISO_8859_1),
              Files.readString(err, StandardCharsets.ISO_8859_1),
              code,
              dir.toString());
      Files.delete(out);
      Files.delete(err);
      return output;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
