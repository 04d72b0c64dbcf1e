package io.faultdisk.cli.damage;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultdisk.base.Seed;
import io.faultdisk.cli.call.ToolCall;
import io.faultdisk.cli.call.ToolOutput;
import io.faultdisk.cli.call.Tools;
import io.faultdisk.cli.call.Workbench;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Damaged images, treated by ours and by the real tools.
 *
 * <p>An ordinary run draws a sample, whose seed is printed; {@code -Dfaultdisk.damage=full} takes
 * all, {@code -Dfaultdisk.damage=TEXT} those whose names contain the text. {@code
 * -Dfaultdisk.damage.random=N} damages N images at random.
 */
final class DamagedImagesTest {
  private static final int SAMPLE = 1500;
  private static final int REAL_SAMPLE = 250;

  /** The same sample each time: texts about damage are many, and not all are compared yet. */
  private static final Seed REAL_SEED = new Seed(3);

  private static final int RANDOM = Integer.getInteger("faultdisk.damage.random", 500);
  private static final int SHOWN = 20;
  private static final String NO_SNAPSHOTS = "0".repeat(24);

  /**
   * Where we differ on purpose, or cannot do the same: encryption and version 1 are refused in
   * other words; a counted place that needs more than 32 bits of a table index is refused and not
   * taken for another one; a backing file name of no bytes is no name; names are UTF-8; a snapshot
   * that is counted but not there is not applied. See also {@link #forgotSnapshots} and {@link
   * #lostCount}.
   */
  private static final Pattern ON_PURPOSE =
      Pattern.compile(
          String.join(
              "|",
              "encryption = ",
              "version = 1:",
              "(version|magic) = .: (apply|delete)",
              ": extension 23852875 of 24",
              "(7ff0000000000000|= 4[02][0-9a-f]{14}): (apply|delete|write|repair)",
              "= 4000000000000000: (repair|leaks|write|apply|delete)",
              "backing file offset = ",
              "backing file name of 0 bytes",
              "overlay: 1[01]. bytes long",
              "(id|name) = ffffffff",
              "marks: (snapshots|L1 offset) = ",
              Damages.LOOP));

  @TempDir Path temp;

  private Workbench bench;

  /** One damage, treated in one way. */
  private record Case(Damage damage, Treatment treatment) {
    @Override
    public String toString() {
      return damage + ": " + treatment;
    }
  }

  @BeforeEach
  void setUp() {
    bench = new Workbench(temp.resolve("dir"));
  }

  private static List<Case> cases(int sample, Seed seed) {
    String wanted = System.getProperty("faultdisk.damage", "");
    List<Case> cases = new ArrayList<>();
    for (SampleImage image : SampleImage.all()) {
      for (Damage damage : Damages.of(image)) {
        for (Treatment treatment : Treatment.of(image)) {
          cases.add(new Case(damage, treatment));
        }
      }
    }
    if (wanted.equals("full")) {
      return cases;
    }
    if (!wanted.isEmpty()) {
      return cases.stream().filter(one -> one.toString().contains(wanted)).toList();
    }
    System.out.println(sample + " of " + cases.size() + " damaged images, seed " + seed);
    Collections.shuffle(cases, Random.from(seed.random()));
    return cases.subList(0, sample);
  }

  @Test
  void everyTreatmentEndsWell() {
    List<String> failures = new ArrayList<>();
    for (Case one : cases(SAMPLE, Seed.fresh())) {
      Map<String, byte[]> before = one.damage().sample().with(one.damage().content());
      Outcome outcome = ours(before, one.treatment().call());
      String failure = failure(one.treatment(), before, outcome);
      if (!failure.isEmpty()) {
        failures.add(one + ": " + failure + "\n" + outcome.output());
      }
    }
    report(failures);
  }

  /** What is wrong with an outcome, whatever the damage; empty if nothing is. */
  private static String failure(Treatment treatment, Map<String, byte[]> before, Outcome outcome) {
    if (outcome.output().exitCode() < 0 || outcome.output().exitCode() > 3) {
      return "no proper end";
    }
    List<String> changed = new ArrayList<>();
    before.forEach(
        (name, content) -> {
          FileState after = outcome.files().get(name);
          boolean may = treatment.writes() && !name.equals("base.raw");
          if (!may && (after == null || !after.sameAs(FileState.of(content)))) {
            changed.add(name);
          }
        });
    return changed.isEmpty() ? "" : "changed " + changed;
  }

  @Test
  void randomDamageEndsWellToo() {
    Seed seed = Seed.fresh();
    System.out.println(RANDOM + " images damaged at random, seed " + seed);
    RandomGenerator random = seed.random();
    Mutation mutation = new Mutation(random);
    List<SampleImage> samples = SampleImage.all();
    List<String> failures = new ArrayList<>();
    for (int i = 0; i < RANDOM; i++) {
      SampleImage sample = samples.get(random.nextInt(samples.size()));
      Damage damage = mutation.of(sample);
      List<Treatment> treatments = Treatment.of(sample);
      Treatment treatment = treatments.get(random.nextInt(treatments.size()));
      Map<String, byte[]> before = sample.with(damage.content());
      Outcome outcome = ours(before, treatment.call());
      String failure = failure(treatment, before, outcome);
      if (!failure.isEmpty()) {
        failures.add(damage + ": " + treatment + ": " + failure + "\n" + outcome.output());
      }
    }
    report(failures);
  }

  @Test
  void theRealToolsDoTheSame() {
    Assumptions.assumeTrue(
        Tools.realToolsExist(),
        "qemu-img and qemu-io are not installed (Debian: apt install qemu-utils)");
    List<String> failures = new ArrayList<>();
    for (Case one : cases(REAL_SAMPLE, REAL_SEED)) {
      if (ON_PURPOSE.matcher(one.toString()).find()) {
        continue;
      }
      Map<String, byte[]> before = one.damage().sample().with(one.damage().content());
      Outcome real = real(before, one.treatment().call());
      if (!real.crashed()) {
        Outcome ours = ours(before, one.treatment().call());
        String difference = real.difference(ours);
        boolean onPurpose = forgotSnapshots(before, real, ours) || lostCount(before, real, ours);
        if (!difference.isEmpty() && !onPurpose) {
          failures.add("== " + one + "\n" + difference);
        }
      }
    }
    report(failures);
  }

  /** Whether the real tool has forgotten the snapshots, and we have not: see the pattern above. */
  private static boolean forgotSnapshots(Map<String, byte[]> before, Outcome real, Outcome ours) {
    String stored = FileState.of(before.get(SampleImage.FILE)).snapshotPointer();
    return real.image().snapshotPointer().equals(NO_SNAPSHOTS)
        && !stored.equals(NO_SNAPSHOTS)
        && !ours.image().snapshotPointer().equals(NO_SNAPSHOTS);
  }

  /** Whether a snapshot that could not be deleted is one less in the header of the real tool. */
  private static boolean lostCount(Map<String, byte[]> before, Outcome real, Outcome ours) {
    int stored = FileState.of(before.get(SampleImage.FILE)).snapshots();
    return ours.image().snapshots() == stored && real.image().snapshots() == stored - 1;
  }

  private static void report(List<String> failures) {
    assertThat(failures.size())
        .as(String.join("\n", failures.subList(0, Math.min(SHOWN, failures.size()))))
        .isZero();
  }

  private Outcome ours(Map<String, byte[]> before, ToolCall call) {
    bench.setTo(before);
    ToolCall here = call.in(bench.dir().toString(), "");
    ToolOutput output = Deadline.limit(() -> Tools.ours(here, bench.dir()));
    return new Outcome(output, FileState.in(bench.dir()));
  }

  private Outcome real(Map<String, byte[]> before, ToolCall call) {
    bench.setTo(before);
    ToolOutput output = Tools.real(call.in(bench.dir().toString(), ""), bench.dir());
    return new Outcome(output, FileState.in(bench.dir()));
  }
}
