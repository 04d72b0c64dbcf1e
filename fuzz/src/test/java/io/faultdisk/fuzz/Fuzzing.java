package io.faultdisk.fuzz;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What Jazzer calls; its {@code --target_args} is the name of a {@link Target}. */
public final class Fuzzing {
  private static Target target = Target.IMAGE;

  private Fuzzing() {}

  /** Called once, before everything else. */
  public static void fuzzerInitialize(String[] args) {
    target = Target.named(args[0]);
    target.seeds(); // loads what is loaded once, so that no input is charged with it
  }

  /** Called with each input. */
  public static void fuzzerTestOneInput(byte[] input) {
    target.run(input);
  }

  /** Writes the seeds of a target into a directory: {@code TARGET DIRECTORY}. */
  public static void main(String[] args) throws IOException {
    List<byte[]> seeds = Target.named(args[0]).seeds();
    Path directory = Files.createDirectories(Path.of(args[1]));
    for (int i = 0; i < seeds.size(); i++) {
      Files.write(directory.resolve("seed-" + i), seeds.get(i));
    }
  }
}
