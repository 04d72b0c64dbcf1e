package io.faultdisk.nio;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Power loss in a JVM whose default file system is ours, with a program that knows nothing. */
final class DefaultPowerLossIT {
  @TempDir Path directory;

  /** What the other JVM runs. */
  static final class Program {
    private Program() {}

    public static void main(String[] args) throws IOException {
      Path directory = Path.of(args[0]);
      Path kept = directory.resolve("kept");
      Files.writeString(kept, "durable");
      sync(kept);
      sync(directory);
      Path lost = directory.resolve("lost");
      Files.writeString(lost, "lost");
      FileChannel open = FileChannel.open(kept, StandardOpenOption.WRITE);
      open.write(ByteBuffer.wrap(new byte[] {'X'}));

      FaultFileSystem files = FaultFileSystem.ofDefault();
      say(files.afterPowerCut(PowerCut.dropAll(), directory, Path.of(args[1])));
      say(files.cutPower(PowerCut.dropAll()) == files);
      say(Files.exists(lost) + " " + Files.readString(kept));
      try {
        open.write(ByteBuffer.wrap(new byte[] {'X'}));
      } catch (IOException e) {
        say(e.getMessage());
      }
      Files.writeString(lost, "again");
      sync(directory);
      sync(lost);
      files.cutPower(PowerCut.dropAll());
      say(Files.readString(lost));
    }

    private static void sync(Path path) throws IOException {
      try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
        channel.force(true);
      }
    }

    @SuppressWarnings("SystemOut") // what a program is for
    private static void say(Object what) {
      System.out.println(what);
    }
  }

  @Test
  void theProgramGoesOnAfterwards() throws Exception {
    Path work = Files.createDirectory(directory.resolve("work"));
    Path copy = Files.createDirectory(directory.resolve("copy"));
    assertThat(run("posix", work.toString(), copy.toString()))
        .isEqualTo(
            """
            after PowerCut.dropAll()
              lost: create %s
              file: %s: 0 of 1 changes made
            true
            false durable
            the power was cut
            again
            """
                .formatted(work.resolve("lost"), work.resolve("kept")));
    assertThat(Trees.of(copy)).containsOnlyKeys("kept");
    assertThat(Trees.of(work)).hasSize(2);
  }

  @Test
  void aWrongModelIsRefused() throws Exception {
    assertThat(run("often", "a", "b"))
        .isEqualTo(
            "faultdisk: -Dfaultdisk.powerLoss: 'often' is neither 'posix' nor 'journaled'\n");
  }

  private static String run(String durability, String... args) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                "-Djava.nio.file.spi.DefaultFileSystemProvider="
                    + FaultFileSystemProvider.class.getName(),
                "-Dfaultdisk.powerLoss=" + durability,
                Program.class.getName()));
    command.addAll(List.of(args));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    return output;
  }
}
