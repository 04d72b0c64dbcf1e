package io.faultdisk.explore;

import io.faultdisk.base.Errno;
import io.faultdisk.base.Seed;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.UnaryOperator;

/**
 * A program with a few requests that is never run: the outcome follows from the case's name, unless
 * a test says otherwise.
 */
final class FakeSubject implements Subject {
  /** Runs a case. */
  interface Behaviour {
    Outcome run(Case what) throws InterruptedException;
  }

  private final Recording recording;
  private final Behaviour behaviour;
  private String description = "a fake";
  private Optional<String> only = Optional.empty();

  /** The cases that were run. */
  final ConcurrentLinkedQueue<String> ran = new ConcurrentLinkedQueue<>();

  FakeSubject(Recording recording, Behaviour behaviour) {
    this.recording = recording;
    this.behaviour = behaviour;
  }

  /** Twelve requests in three epochs, one in seven cases fails. */
  static FakeSubject usual() {
    return new FakeSubject(recording(12), FakeSubject::outcome);
  }

  FakeSubject named(String name) {
    description = name;
    return this;
  }

  FakeSubject only(String id) {
    only = Optional.of(id);
    return this;
  }

  static ExplorationPlan plan() {
    return ExplorationPlan.standard(new Seed(7));
  }

  /** A plan of all families, small. */
  static ExplorationPlan everything() {
    return new ExplorationPlan(
        EnumSet.allOf(Case.Family.class),
        List.of(Errno.EIO, Errno.ENOSPC),
        true,
        true,
        10,
        6,
        100,
        Integer.MAX_VALUE,
        new Seed(7));
  }

  /** Requests write, write, write, flush, each after an event. */
  static Recording recording(int requests) {
    List<FaultPoint> points = new ArrayList<>();
    List<CrashState> states = new ArrayList<>();
    List<TimelineEntry> timeline = new ArrayList<>();
    TreeMap<String, Long> events = new TreeMap<>();
    events.put("cow_read", 0L);
    for (int i = 1; i <= requests; i++) {
      long epoch = (i - 1) / 4;
      boolean flush = i % 4 == 0;
      String event = flush ? "flush_to_disk" : "pwritev";
      events.merge(event, 1L, Long::sum);
      timeline.add(TimelineEntry.event(epoch, event));
      FaultPoint point =
          new FaultPoint(
              i, epoch, event + "#" + (flush ? 1 : i % 4) + (flush ? " flush" : " write"));
      points.add(point);
      if (flush) {
        timeline.add(TimelineEntry.request(epoch, "flush", 0, 0));
        states.add(new CrashState(point, false, 3, "none", (int) epoch * 3));
        states.add(new CrashState(point, false, 3, "1-2", (int) epoch * 3));
      } else {
        timeline.add(TimelineEntry.request(epoch, "write", i * 65536L, 4096));
      }
    }
    return new Recording(
        points, states, states.size() + 5, events, timeline, 7, "digest-" + requests);
  }

  static Outcome outcome(Case what) {
    int hash = what.id().hashCode() & 0x7fffffff;
    List<String> receipts = List.of("rule 1 failed " + what.id());
    if (hash % 7 == 0) {
      return new Outcome(Verdict.FAILED, "block 3 is lost\nand its neighbour", receipts)
          .with(
              new Reproducer(
                  Map.of("rules.conf", "[inject-error]\nevent = \"pwritev\"\n"),
                  "faultdisk io -c 'read 0 512' blkdebug:rules.conf:disk.img",
                  hash % 2 == 0 ? Optional.of("qemu-io x") : Optional.empty()));
    }
    return new Outcome(hash % 11 == 0 ? Verdict.MISSED : Verdict.OK, "", receipts);
  }

  /** The results of all cases of a plan. */
  static Results results(Recording recording, ExplorationPlan plan, UnaryOperator<Outcome> change) {
    FakeSubject subject = new FakeSubject(recording, FakeSubject::outcome);
    List<Case> cases = CaseList.of(recording, plan);
    List<CaseResult> results = new ArrayList<>();
    for (int i = 0; i < cases.size(); i++) {
      results.add(CaseResult.of(i, cases.get(i), change.apply(outcome(cases.get(i)))));
    }
    return new Results(
        Heading.of(subject, plan, recording, cases.size()), results, recording.timeline());
  }

  @Override
  public String description() {
    return description;
  }

  @Override
  public Recording record(ExplorationPlan plan) {
    return recording;
  }

  @Override
  public Outcome run(Case what) throws InterruptedException {
    ran.add(what.id());
    return behaviour.run(what);
  }

  @Override
  public Optional<String> only() {
    return only;
  }
}
