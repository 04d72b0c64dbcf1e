package io.faultdisk.cli.matrix;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultdisk.cli.call.ToolCall;
import io.faultdisk.cli.call.Tools;
import io.faultdisk.cli.call.Workbench;
import io.faultdisk.testkit.RandomCases;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random lives of qcow2 images: ours and the real tools print the same and leave the same bytes, or
 * at least images that check and read the same. {@code -Dfaultdisk.cases=20} runs twenty times as
 * many.
 */
final class RandomWorkloadTest {
  private static final int CASES = 100;
  private static final int REPEATS = 6;

  @TempDir Path temp;

  @Test
  void oursWritesWhatTheRealToolsWrite() {
    Assumptions.assumeTrue(
        Tools.realToolsExist(),
        "qemu-img and qemu-io are not installed (Debian: apt install qemu-utils)");
    Workbench bench = new Workbench(temp.resolve("dir"));
    Comparison comparison = new Comparison(bench);
    Map<Verdict, Integer> counts = new EnumMap<>(Verdict.class);
    try {
      RandomCases.run(
          "ours agrees with qemu-img and qemu-io",
          CASES,
          random -> {
            RandomWorkload workload = RandomWorkload.draw(random);
            Comparison.Result result = compareAgain(comparison, workload);
            counts.merge(result.verdict(), 1, Integer::sum);
            if (result.verdict() == Verdict.DIFFERS) {
              RandomWorkload small = shrink(comparison, workload);
              throw new AssertionError(small + "\n" + compare(comparison, small).report());
            }
          });
    } finally {
      System.out.println("Random workloads: " + counts);
    }
    int all = counts.values().stream().mapToInt(Integer::intValue).sum();
    assertThat(counts.getOrDefault(Verdict.REAL_CRASHED, 0)).isLessThanOrEqualTo(1 + all / 100);
  }

  /**
   * Several parallel requests can end in any order with the real tools: it is enough to agree with
   * what they do one of the times.
   */
  private static Comparison.Result compareAgain(Comparison comparison, RandomWorkload workload) {
    Comparison.Result result = compare(comparison, workload);
    for (int i = 0; i < REPEATS && result.verdict() == Verdict.DIFFERS; i++) {
      result = compare(comparison, workload);
    }
    return result;
  }

  private static Comparison.Result compare(Comparison comparison, RandomWorkload workload) {
    return comparison.compare(Map.of(), workload.calls(), "{dir}/disk.qcow2");
  }

  /** Leaves out calls and commands as long as the difference stays. */
  private static RandomWorkload shrink(Comparison comparison, RandomWorkload big) {
    RandomWorkload small = big;
    for (int i = small.calls().size() - 1; i > 0; i--) {
      RandomWorkload fewer = small.without(i);
      if (differs(comparison, fewer)) {
        small = fewer;
      }
    }
    for (int i = small.calls().size() - 1; i > 0; i--) {
      for (int at = small.calls().get(i).args().size() - 2; at > 0; at--) {
        List<String> args = new ArrayList<>(small.calls().get(i).args());
        if (args.get(at).equals("-c") && small.calls().get(i).tool().equals("qemu-io")) {
          args.subList(at, at + 2).clear();
          RandomWorkload fewer =
              small.with(i, new ToolCall(small.calls().get(i).tool(), List.copyOf(args)));
          if (differs(comparison, fewer)) {
            small = fewer;
          }
        }
      }
    }
    return small;
  }

  private static boolean differs(Comparison comparison, RandomWorkload workload) {
    return compareAgain(comparison, workload).verdict() == Verdict.DIFFERS;
  }
}
