package io.faultdisk.explore;

import io.faultdisk.base.Errno;
import io.faultdisk.base.Seed;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Results that look like those of an image format with a planted bug or two; no program is run. */
public final class SampleResults {
  private static final String[] STEPS = {
    "l2_load read 65536 65536",
    "refblock_load read 131072 65536",
    "cluster_alloc write-zeroes 327680 65536",
    "write_aio write 327680 4096",
    "refblock_update_part write 131080 512",
    "l2_update write 65544 512",
    "write_aio write 1073741824 16384",
    "flush_to_os flush 0 0",
    "flush_to_disk flush 0 0"
  };

  private SampleResults() {}

  /** A few hundred cases. */
  public static Results small() {
    return of(9, 7);
  }

  /**
   * As many as asked for.
   *
   * @param rounds how often the workload writes
   * @param one of how many crash states and l2 updates fail
   */
  public static Results of(int rounds, int oneIn) {
    Recording recording = recording(rounds);
    ExplorationPlan plan =
        new ExplorationPlan(
            EnumSet.allOf(Case.Family.class),
            List.of(Errno.EIO, Errno.ENOSPC),
            true,
            true,
            40,
            20,
            100,
            Integer.MAX_VALUE,
            new Seed(0xfa17));
    List<Case> cases = CaseList.of(recording, plan);
    List<CaseResult> results = new ArrayList<>();
    for (int i = 0; i < cases.size(); i++) {
      results.add(CaseResult.of(i, cases.get(i), outcome(cases.get(i), i, oneIn)));
    }
    Heading heading =
        new Heading(
            "io script examples/qcow2.io on a qcow2 image of 4 GiB, checked by img check and the"
                + " oracle",
            plan.describe(),
            recording.digest(),
            cases.size(),
            recording.points().size(),
            recording.states().size(),
            recording.statesSaved(),
            recording.events());
    return new Results(heading, results, recording.timeline());
  }

  private static Recording recording(int rounds) {
    List<FaultPoint> points = new ArrayList<>();
    List<CrashState> states = new ArrayList<>();
    List<TimelineEntry> timeline = new ArrayList<>();
    TreeMap<String, Long> events = new TreeMap<>();
    for (String never :
        new String[] {
          "cow_read",
          "cow_write",
          "l1_grow_write_table",
          "vmstate_load",
          "vmstate_save",
          "reftable_grow",
          "snapshot_l1_update"
        }) {
      events.put(never, 0L);
    }
    for (int round = 0; round < rounds; round++) {
      for (int s = 0; s < STEPS.length; s++) {
        String[] step = STEPS[s].split(" ");
        if (round % 3 != 0 && step[0].endsWith("_load")) {
          continue;
        }
        timeline.add(TimelineEntry.event(round, step[0]));
        events.merge(step[0], 1L, Long::sum);
        if (step[1].equals("write")) {
          timeline.add(TimelineEntry.event(round, "pwritev"));
          events.merge("pwritev", 1L, Long::sum);
        }
        long offset = Long.parseLong(step[2]) + (s == 3 || s == 2 || s == 6 ? round * 65536L : 0);
        timeline.add(TimelineEntry.request(round, step[1], offset, Long.parseLong(step[3])));
        FaultPoint point =
            new FaultPoint(
                points.size() + 1, round, step[0] + "#" + (s == 6 ? 2 : 1) + " " + step[1]);
        points.add(point);
        if (step[0].equals("flush_to_disk")) {
          for (String survivors : new String[] {"none", "1", "1-2", "1-3", "2,1", "3[0-0]"}) {
            states.add(new CrashState(point, false, 4, survivors, round * 4));
          }
        }
      }
    }
    return new Recording(
        points, states, states.size() * 3 / 2, events, timeline, 20, "sha256:5f1c7e0a9d");
  }

  private static Outcome outcome(Case what, int index, int oneIn) {
    String id = what.id();
    List<String> receipts =
        List.of("rule 1 (rules.conf:1) failed " + id + "; the client got EIO, range 65544+512");
    boolean chosen = (id.hashCode() & 0x7fffffff) % oneIn == 0;
    if (what.family() == Case.Family.ERRORS && id.contains("l2_update") && chosen) {
      return new Outcome(
              Verdict.FAILED,
              "cluster "
                  + (5 + index)
                  + " is used, but its refcount is 0\n"
                  + "img check: 1 errors were found on the image.\n"
                  + "Data may be corrupted, or further writes to the image may corrupt it.",
              receipts)
          .with(again(Optional.of("qemu-io -c 'write -P 7 0 4k' blkdebug:rules.conf:disk.qcow2")));
    }
    if (what.family() == Case.Family.CRASHES && id.contains("2,1") && chosen) {
      return new Outcome(
              Verdict.FAILED,
              "block 12 holds neither what was flushed nor what was written since",
              receipts)
          .with(again(Optional.empty()));
    }
    if (id.contains("e4 flush_to_os") && id.contains("sticky")) {
      return new Outcome(
          Verdict.HUNG,
          "not done after 10000 ms\n  at java.base/jdk.internal.misc.Unsafe.park(Native Method)"
              + "\n  at example.Cache.await(Cache.java:77)",
          receipts);
    }
    if (id.contains("e6 refblock_load") && id.contains("ENOSPC")) {
      return new Outcome(
          Verdict.CRASHED,
          "java.lang.IllegalStateException: refcount block 0 is not there\n"
              + "  at example.Refcounts.load(Refcounts.java:120)",
          receipts);
    }
    if (what.family() == Case.Family.PAIRS && index % 9 == 0) {
      return new Outcome(Verdict.MISSED, "the second request never came", List.of());
    }
    return new Outcome(Verdict.OK, index % 5 == 0 ? "1 leaked cluster" : "", receipts);
  }

  private static Reproducer again(Optional<String> qemu) {
    return new Reproducer(
        Map.of(
            "rules.conf",
            "[inject-error]\nevent = \"l2_update\"\nerrno = \"5\"\nonce = \"on\"\n",
            "work.io",
            "write -P 7 0 4k\nflush\nread -P 7 0 4k\n"),
        "faultdisk img create -f qcow2 disk.qcow2 4G\n"
            + "faultdisk io -f qcow2 blkdebug:rules.conf:disk.qcow2 <work.io\n"
            + "faultdisk img check disk.qcow2",
        qemu);
  }
}
