package io.faultdisk.fuzz;

import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What Jazzer calls; its {@code --target_args} is the name of a {@link Target}. */
public final class Fuzzing {
  private static Target target = Target.IMAGE;
  private static Optional<Pick> pick = Optional.empty();

  private Fuzzing() {}

  /** Copies those inputs into a directory that reach what none before them has. */
  private static final class Pick {
    private final Path directory;
    private final Method covered;
    private final Set<Object> seen = new HashSet<>();

    Pick(Path directory) throws ReflectiveOperationException {
      this.directory = directory;
      // Jazzer has it on the boot class path only.
      Class<?> map = Class.forName("com.code_intelligence.jazzer.runtime.CoverageMap", true, null);
      this.covered = map.getMethod("getCoveredIds");
    }

    void look(byte[] input) {
      try {
        if (seen.addAll((Set<?>) covered.invoke(null))) {
          Files.write(directory.resolve("%05d".formatted(seen.size())), input);
        }
      } catch (ReflectiveOperationException | IOException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  /** Called once, before everything else. A second argument is where to pick inputs into. */
  public static void fuzzerInitialize(String[] args) throws ReflectiveOperationException {
    target = Target.named(args[0]);
    target.seeds(); // loads what is loaded once, so that no input is charged with it
    if (args.length > 1) {
      pick = Optional.of(new Pick(Path.of(args[1])));
    }
  }

  /** Called with each input. */
  public static void fuzzerTestOneInput(byte[] input) {
    target.run(input);
    pick.ifPresent(each -> each.look(input));
  }

  /**
   * Writes what a target starts from into a directory, or makes what is in one part of the tests:
   * {@code unpack TARGET DIRECTORY} or {@code pack TARGET DIRECTORY ZIP}.
   */
  public static void main(String[] args) throws IOException {
    Target chosen = Target.named(args[1]);
    Path directory = Files.createDirectories(Path.of(args[2]));
    if (args[0].equals("pack")) {
      Corpus.pack(directory, Path.of(args[3]));
      return;
    }
    List<byte[]> all = new ArrayList<>(chosen.seeds());
    all.addAll(Corpus.of(chosen));
    for (int i = 0; i < all.size(); i++) {
      Files.write(directory.resolve("start-" + i), all.get(i));
    }
  }
}
