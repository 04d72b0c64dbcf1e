package io.faultdisk.block.options;

import static org.junit.jupiter.api.Assumptions.abort;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/** The installed qemu-io, run in a folder with a raw image {@code t.raw}. */
final class QemuIo {
  private static final Path PROGRAM = Path.of("/usr/bin/qemu-io");
  private static final String VERSION = "7.2.";
  private static final long DEADLINE_SECONDS = 60;

  /** What qemu-io says about options; everything else it complains of lies beyond them. */
  private static final Pattern ABOUT_OPTIONS =
      Pattern.compile(
          "JSON|Parameter '|Value '|support the option|Unknown driver|Must specify either"
              + "|Can't specify|Cannot reference|Cannot find device|A block device must be"
              + "|requires a file name|invalid parameter value|Invalid discard|force-share=on",
          Pattern.DOTALL);

  private final Path folder;

  private QemuIo(Path folder) {
    this.folder = folder;
  }

  /** Skips the test, with a word, where there is no qemu-io 7.2. */
  static QemuIo in(Path folder) throws IOException {
    if (!Files.isExecutable(PROGRAM)) {
      System.err.println("skipped: no " + PROGRAM);
      abort("no " + PROGRAM);
    }
    Files.write(folder.resolve("t.raw"), new byte[1 << 16]);
    QemuIo qemuIo = new QemuIo(folder);
    String version = qemuIo.run("--version".getBytes(StandardCharsets.UTF_8));
    if (!version.contains("version " + VERSION)) {
      System.err.println("skipped: not qemu-io " + VERSION + "x: " + version);
      abort(version);
    }
    return qemuIo;
  }

  /**
   * What a call says about options, comparable with {@link Rehearsal}; empty if it crashed, which
   * is no oracle.
   */
  String open(String... arguments) throws IOException {
    byte[][] bytes = new byte[arguments.length][];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = arguments[i].getBytes(StandardCharsets.UTF_8);
    }
    return open(bytes);
  }

  /** {@link #open(String...)} with arguments that need not be text. */
  String open(byte[]... arguments) throws IOException {
    String argument = new String(arguments[arguments.length - 1], StandardCharsets.UTF_8);
    byte[][] guarded = Arrays.copyOf(arguments, arguments.length + 1);
    guarded[arguments.length] = guarded[arguments.length - 1];
    guarded[arguments.length - 1] = "--".getBytes(StandardCharsets.UTF_8);
    String output = run(guarded).replace("can't open device " + argument, "can't open device ARG");
    if (output.contains("Unexpected error in")) {
      return "";
    }
    List<String> lines = new ArrayList<>();
    boolean accepted = true;
    for (String line : output.split("\n")) {
      boolean complaint = line.startsWith("qemu-io: ") && !line.startsWith("qemu-io: warning: ");
      if (line.isEmpty() || line.startsWith("WARNING: ") || line.startsWith("         ")) {
        continue;
      }
      if (complaint && !ABOUT_OPTIONS.matcher(line).find()) {
        break;
      }
      accepted &= !complaint;
      lines.add(line);
    }
    if (accepted) {
      lines.add(Rehearsal.ACCEPTED);
    }
    return String.join("\n", lines);
  }

  /** What qemu-img, which comes with qemu-io, prints. */
  static String qemuImg(Path folder, String... arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of("/usr/bin/qemu-img"));
    command.addAll(List.of(arguments));
    return run(folder, command);
  }

  private String run(byte[]... arguments) throws IOException {
    // Through a file: Java would encode arguments by the locale, which may be plain ASCII.
    Path file = folder.resolve("arguments");
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    for (byte[] argument : arguments) {
      content.write(argument);
      content.write(0);
    }
    Files.write(file, content.toByteArray());
    List<String> command =
        List.of("/usr/bin/xargs", "-0", "-a", file.toString(), PROGRAM.toString(), "-c", "quit");
    return run(folder, command);
  }

  private static String run(Path folder, List<String> command) throws IOException {
    Process process =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectInput(Path.of("/dev/null").toFile())
            .start();
    try {
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (!process.waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS)) {
        throw new IOException("hangs: " + command);
      }
      return output;
    } catch (InterruptedException e) {
      throw new IOException(e);
    } finally {
      process.destroyForcibly();
    }
  }
}
