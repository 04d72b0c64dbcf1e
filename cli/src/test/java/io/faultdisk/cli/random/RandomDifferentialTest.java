package io.faultdisk.cli.random;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultdisk.cli.IoRun;
import io.faultdisk.testkit.RandomCases;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random rule files, limits and command lists: ours and the installed qemu-io agree in standard
 * output, standard error, exit code and the bytes of the image.
 *
 * <p>No oracle are calls at which the real tool crashes or hangs, and those whose output differs
 * between two runs of the real tool itself. The counts are printed.
 */
final class RandomDifferentialTest {
  /** Cases in an ordinary run; {@code -Dfaultdisk.cases=10} multiplies it. */
  private static final int CASES = 1000;

  private static final int REPEATS = 4;
  private static final int SIGNAL_EXIT = 128;

  @TempDir Path temp;

  private enum Verdict {
    AGREE,
    /** The same lines in another order, in a case with requests that run side by side. */
    AGREE_BUT_FOR_ORDER,
    DIFFER,
    REAL_TOOL_CRASHES,
    REAL_TOOL_HANGS,
    REAL_TOOL_VARIES
  }

  @Test
  void agreesWithTheInstalledTool() {
    Optional<Path> tool = IoRun.realTool();
    Assumptions.assumeTrue(
        tool.isPresent(), "qemu-io is not installed (Debian: apt install qemu-utils)");
    Map<Verdict, Integer> counts = new EnumMap<>(Verdict.class);
    try {
      RandomCases.run(
          "ours agrees with qemu-io",
          CASES,
          random -> {
            RandomCase drawn = RandomCase.draw(random);
            Verdict verdict = compare(tool.get(), drawn);
            counts.merge(verdict, 1, Integer::sum);
            if (verdict == Verdict.DIFFER) {
              RandomCase small = shrink(tool.get(), drawn);
              throw new AssertionError(describe(tool.get(), small));
            }
          });
    } finally {
      System.out.println("Random calls compared with " + tool.get() + ": " + counts);
    }
    assertThat(counts.getOrDefault(Verdict.AGREE, 0))
        .as("enough calls that tell something")
        .isPositive();
  }

  private Verdict compare(Path tool, RandomCase random) {
    Path dir = temp.resolve("case");
    IoRun real = IoRun.real(tool, random.toIoCase(), dir);
    if (real.exitCode() == IoRun.HUNG) {
      return Verdict.REAL_TOOL_HANGS;
    }
    if (real.exitCode() >= SIGNAL_EXIT) {
      return Verdict.REAL_TOOL_CRASHES;
    }
    IoRun ours = IoRun.ours(random.toIoCase(), dir);
    if (same(random, ours, real)) {
      return Verdict.AGREE;
    }
    for (int i = 0; i < REPEATS; i++) {
      IoRun again = IoRun.real(tool, random.toIoCase(), dir);
      if (same(random, ours, again)) {
        return Verdict.AGREE;
      }
      if (!same(random, again, real)) {
        return Verdict.REAL_TOOL_VARIES;
      }
    }
    return sameLines(random, ours, real) ? Verdict.AGREE_BUT_FOR_ORDER : Verdict.DIFFER;
  }

  /** Requests that run side by side may complete in any order. */
  private static boolean sameLines(RandomCase random, IoRun one, IoRun other) {
    return random.groups().stream().anyMatch(group -> group.get(0).contains("break"))
        && same(random, sorted(one), sorted(other));
  }

  private static IoRun sorted(IoRun run) {
    String lines = run.stdout().lines().sorted().collect(Collectors.joining("\n"));
    return new IoRun(lines, run.stderr(), run.exitCode(), run.files());
  }

  private static boolean same(RandomCase random, IoRun one, IoRun other) {
    return one.exitCode() == other.exitCode()
        && one.stdout().equals(other.stdout())
        && one.stderr().equals(other.stderr())
        && (!random.contentDefined() || one.filesThatDiffer(other).isEmpty());
  }

  /** Leaves out parts as long as the difference stays. */
  private RandomCase shrink(Path tool, RandomCase big) {
    RandomCase small = big;
    boolean smaller = true;
    while (smaller) {
      RandomCase before = small;
      small = fewer(tool, small, RandomCase::groups, RandomCase::withGroups);
      small = fewer(tool, small, RandomCase::sections, RandomCase::withSections);
      if (compare(tool, small.withOptions(List.of("-f", "raw"))) == Verdict.DIFFER) {
        small = small.withOptions(List.of("-f", "raw"));
      }
      if (compare(tool, small.withEmptyImage()) == Verdict.DIFFER) {
        small = small.withEmptyImage();
      }
      smaller = !small.equals(before);
    }
    return small;
  }

  private interface With<T> {
    RandomCase apply(RandomCase random, List<T> parts);
  }

  private <T> RandomCase fewer(
      Path tool, RandomCase random, Function<RandomCase, List<T>> parts, With<T> with) {
    RandomCase small = random;
    for (int i = parts.apply(small).size() - 1; i >= 0; i--) {
      List<T> without = new ArrayList<>(parts.apply(small));
      without.remove(i);
      RandomCase candidate = with.apply(small, without);
      if (compare(tool, candidate) == Verdict.DIFFER) {
        small = candidate;
      }
    }
    return small;
  }

  private String describe(Path tool, RandomCase small) {
    Path dir = temp.resolve("case");
    IoRun real = IoRun.real(tool, small.toIoCase(), dir);
    IoRun ours = IoRun.ours(small.toIoCase(), dir);
    return small
        + "\n--- real (exit "
        + real.exitCode()
        + ")\n"
        + real.stdout()
        + "--- real, standard error\n"
        + real.stderr()
        + "--- ours (exit "
        + ours.exitCode()
        + ")\n"
        + ours.stdout()
        + "--- ours, standard error\n"
        + ours.stderr()
        + "--- files that differ: "
        + ours.filesThatDiffer(real);
  }
}
