package io.faultdisk.cli.own;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/** A file system in an image file, mounted through a loop device. For one thread. */
final class LoopMount implements AutoCloseable {
  private static final long DEADLINE_SECONDS = 60;

  private final Path image;
  private final Path mountPoint;

  /** Makes the file system and mounts it; skips the test where that cannot be. */
  LoopMount(Path directory, String type, long bytes) throws IOException, InterruptedException {
    assume(Files.isExecutable(Path.of("/sbin/mkfs." + type)), "mkfs." + type + " is not there");
    assume("root".equals(System.getProperty("user.name")), "only root can mount");
    assume(Files.isWritable(Path.of("/dev/loop-control")), "no loop devices");
    image = directory.resolve(type + ".img");
    mountPoint = Files.createDirectories(directory.resolve("mnt-" + type));
    try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
      file.setLength(bytes);
    }
    run("mkfs." + type, "-q", image.toString());
    run("mount", "-t", type, "-o", "loop", image.toString(), mountPoint.toString());
  }

  private static void assume(boolean there, String reason) {
    if (!there) {
      System.err.println("skipped: " + reason);
      Assumptions.abort(reason);
    }
  }

  /** The image file. */
  Path image() {
    return image;
  }

  /** Where its files are. */
  Path directory() {
    return mountPoint;
  }

  static String run(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as("%s: %s", List.of(command), output).isZero();
    return output;
  }

  /** Unmounts it; all that was written is then in the image. */
  @Override
  public void close() throws IOException, InterruptedException {
    run("umount", mountPoint.toString());
  }
}
