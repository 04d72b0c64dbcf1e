package io.faultdisk.cli.matrix;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultdisk.base.Seed;
import io.faultdisk.cli.call.ToolCall;
import io.faultdisk.cli.call.ToolOutput;
import io.faultdisk.cli.call.Tools;
import io.faultdisk.cli.call.Workbench;
import io.faultdisk.rules.Event;
import io.faultdisk.rules.QemuEvents;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every event, failing once or for good, with EIO and ENOSPC, under every workload: ours and the
 * real tools say the same and leave the same behind.
 *
 * <p>An ordinary run draws a sample, whose seed is printed; {@code -Dfaultdisk.matrix=full} runs
 * all cells, {@code -Dfaultdisk.matrix=WORKLOAD} those of the workloads whose names contain the
 * text. The counts are printed.
 */
final class FailureMatrixTest {
  private static final int SAMPLE = 300;
  private static final int SHOWN = 200;
  private static final int[] ERRNOS = {5, 28};
  private static final int[] OCCURRENCES = {1, 2, 3, 5};

  /**
   * Cells that differ, see docs/differences.md: what a failed convert has already written depends
   * on which of its parallel reads ends first.
   */
  private static final String KNOWN_WORKLOAD = "convert from the image";

  private static final String KNOWN_EVENT = QemuEvents.READ_COMPRESSED.name();

  /**
   * Here the real tool marks a cluster that a snapshot shares as not shared, which its own check
   * calls a corruption. Ours does not.
   */
  private static final String REAL_DAMAGES = "amend compat=0.10 with a shared zero cluster";

  private static final String DAMAGE = "stderr: ERROR OFLAG_COPIED data cluster";
  private static final String OURS_IS_SOUND = "looking at ours: exit 0";

  private static final String RULES_FILE = "rules.conf";
  private static final String RULES = "{dir}/" + RULES_FILE;
  private static final String DISK = "blkdebug:" + RULES + ":{dir}/disk.qcow2";

  @TempDir Path temp;

  private Workbench bench;
  private Comparison comparison;
  private final Map<Workload, Prepared> prepared = new HashMap<>();
  private final Map<Workload, List<Event>> announced = new HashMap<>();
  private final Map<Verdict, Integer> counts = new EnumMap<>(Verdict.class);
  private final List<String> failures = new ArrayList<>();
  private int unaffected;
  private int known;

  /**
   * A workload with its files.
   *
   * @param faultless what the real tools do without a rule
   */
  private record Prepared(
      Map<String, byte[]> files, List<ToolCall> calls, Comparison.Outcome faultless) {}

  @BeforeEach
  void setUp() {
    bench = new Workbench(temp.resolve("dir"));
    comparison = new Comparison(bench);
  }

  @Test
  void oursFailsAsTheRealToolsDo() {
    Assumptions.assumeTrue(
        Tools.realToolsExist(),
        "qemu-img and qemu-io are not installed (Debian: apt install qemu-utils)");
    String wanted = System.getProperty("faultdisk.matrix", "");
    if (wanted.isEmpty()) {
      sample();
    } else {
      all(wanted.equals("full") ? "" : wanted);
    }
    System.out.println(
        "Failure matrix: "
            + counts
            + ", "
            + known
            + " known to differ, and "
            + unaffected
            + " where nothing fails");
    failures.stream().limit(SHOWN).forEach(System.out::println);
    assertThat(failures.size()).as("cells that differ; the first %d are printed", SHOWN).isZero();
  }

  /** Every cell of the workloads whose names contain the text. */
  private void all(String part) {
    for (Workload workload : Workloads.all()) {
      if (workload.name().contains(part)) {
        for (Event event : QemuEvents.all()) {
          allOf(workload, event.name());
        }
      }
    }
  }

  /** All occurrences of an event, until there are no more of them. */
  private void allOf(Workload workload, String event) {
    for (int occurrence : OCCURRENCES) {
      boolean fails = false;
      for (int errno : ERRNOS) {
        for (boolean once : new boolean[] {true, false}) {
          fails |= run(workload, new Cell(event, occurrence, once, errno));
        }
      }
      if (!fails) {
        return;
      }
    }
  }

  private void sample() {
    Seed seed = Seed.fresh();
    System.out.println("Failure matrix: a sample of " + SAMPLE + " cells, seed " + seed);
    RandomGenerator random = seed.random();
    List<Workload> workloads = Workloads.all();
    for (int i = 0; i < SAMPLE; i++) {
      Workload workload = workloads.get(random.nextInt(workloads.size()));
      List<Event> events =
          random.nextInt(10) == 0
              ? QemuEvents.all()
              : announced.computeIfAbsent(workload, this::announced);
      Event event = events.get(random.nextInt(events.size()));
      int occurrence = random.nextBoolean() ? 1 : OCCURRENCES[random.nextInt(OCCURRENCES.length)];
      int errno = ERRNOS[random.nextInt(ERRNOS.length)];
      run(workload, new Cell(event.name(), occurrence, random.nextBoolean(), errno));
    }
  }

  /**
   * The events that make a difference to ours if they fail: a sample of others would say little.
   */
  private List<Event> announced(Workload workload) {
    Prepared start = prepared.computeIfAbsent(workload, this::prepare);
    Comparison.Outcome faultless =
        comparison.ours(withRules(start.files(), ""), start.calls(), DISK);
    List<Event> events = new ArrayList<>();
    for (Event event : QemuEvents.all()) {
      String rules = new Cell(event.name(), 1, false, ERRNOS[0]).rules();
      if (!comparison
          .ours(withRules(start.files(), rules), start.calls(), DISK)
          .sameAs(faultless, RULES_FILE)) {
        events.add(event);
      }
    }
    return events.isEmpty() ? QemuEvents.all() : events;
  }

  /** Whether anything fails in that cell. */
  private boolean run(Workload workload, Cell cell) {
    Prepared start = prepared.computeIfAbsent(workload, this::prepare);
    Map<String, byte[]> before = withRules(start.files(), cell.rules());
    Comparison.Outcome real = comparison.real(before, start.calls(), DISK);
    boolean affected = !real.sameAs(start.faultless(), RULES_FILE);
    Comparison.Result result = comparison.compare(before, start.calls(), DISK, real);
    if (result.verdict() == Verdict.DIFFERS && isKnown(workload, cell, result)) {
      known++;
      return affected;
    }
    if (result.verdict() == Verdict.DIFFERS) {
      failures.add("== " + workload + ": " + cell + "\n" + result.report());
    }
    if (affected || result.verdict() == Verdict.DIFFERS) {
      counts.merge(result.verdict(), 1, Integer::sum);
    } else {
      unaffected++;
    }
    return affected;
  }

  private static boolean isKnown(Workload workload, Cell cell, Comparison.Result result) {
    if (workload.name().equals(REAL_DAMAGES)) {
      return result.report().contains(DAMAGE) && result.report().contains(OURS_IS_SOUND);
    }
    return workload.name().equals(KNOWN_WORKLOAD) && cell.event().equals(KNOWN_EVENT);
  }

  private static Map<String, byte[]> withRules(Map<String, byte[]> files, String rules) {
    Map<String, byte[]> all = new TreeMap<>(files);
    all.put(RULES_FILE, rules.getBytes(StandardCharsets.UTF_8));
    return all;
  }

  private Prepared prepare(Workload workload) {
    bench.setTo(Map.of());
    for (ToolOutput output : bench.real(workload.setup(), "")) {
      assertThat(output.exitCode()).as("setup of %s: %s", workload, output).isZero();
    }
    Map<String, byte[]> files = bench.files();
    List<ToolCall> calls = throughRules(workload.steps());
    return new Prepared(files, calls, comparison.real(withRules(files, ""), calls, DISK));
  }

  /** {@code --image-opts} needs the disk spelled as options. */
  private static List<ToolCall> throughRules(List<ToolCall> steps) {
    List<ToolCall> calls = new ArrayList<>();
    for (ToolCall step : steps) {
      boolean options = step.args().contains("--image-opts");
      calls.add(
          options
              ? new ToolCall(
                  step.tool(),
                  step.args().stream()
                      .map(arg -> arg.equals(ToolCall.DISK) ? smallCaches() : arg)
                      .toList())
              : step);
    }
    return calls;
  }

  private static String smallCaches() {
    return "driver=qcow2,l2-cache-size=1024,refcount-cache-size=2048,file.driver=blkdebug,"
        + "file.config="
        + RULES
        + ",file.image.driver=file,file.image.filename={dir}/disk.qcow2";
  }
}
