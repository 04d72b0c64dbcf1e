package io.faultdisk.block.qcow2;

import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The installed qemu-img, the oracle of conformance tests. */
final class QemuImg {
  private static final Path PROGRAM = Path.of("/usr/bin/qemu-img");
  private static final String VERSION = "version 7.2.";

  private final Path folder;

  private QemuImg(Path folder) {
    this.folder = folder;
  }

  /** Skips the test, with a word, where there is no qemu-img 7.2. */
  static QemuImg in(Path folder) throws IOException {
    QemuImg qemuImg = new QemuImg(folder);
    if (!Files.isExecutable(PROGRAM)) {
      System.err.println("skipped: no " + PROGRAM);
      abort("no " + PROGRAM);
    }
    String version = qemuImg.run("--version");
    if (!version.contains(VERSION)) {
      System.err.println("skipped: not qemu-img 7.2: " + version);
      abort(version);
    }
    return qemuImg;
  }

  /** Everything that it prints, errors included, and {@code exit N} on a last line. */
  String run(String... arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of(PROGRAM.toString()));
    command.addAll(List.of(arguments));
    Process process =
        new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    try {
      int code = process.waitFor();
      String end = output.isEmpty() || output.endsWith("\n") ? "" : "\n";
      return output + end + "exit " + code + "\n";
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
