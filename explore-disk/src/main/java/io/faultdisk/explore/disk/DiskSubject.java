package io.faultdisk.explore.disk;

import io.faultdisk.base.UsageException;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.DriverType;
import io.faultdisk.block.blkdebug.BlkdebugType;
import io.faultdisk.explore.Case;
import io.faultdisk.explore.CrashState;
import io.faultdisk.explore.ExplorationPlan;
import io.faultdisk.explore.FaultPoint;
import io.faultdisk.explore.Outcome;
import io.faultdisk.explore.Recording;
import io.faultdisk.explore.Reproducer;
import io.faultdisk.explore.Subject;
import io.faultdisk.explore.TimelineEntry;
import io.faultdisk.explore.Verdict;
import io.faultdisk.rules.Dialect;
import io.faultdisk.rules.Observer;
import io.faultdisk.rules.QemuEvents;
import io.faultdisk.rules.Rule;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * A workload on a disk: recorded once, then run from the same start for each error, while the
 * states that a power cut may leave are worked out from the recording.
 *
 * <pre>
 *   workload  --&gt;  image (format)  --&gt;  blkdebug (the case's rules)  --&gt;  disk in memory
 *       |                                    |                              |
 *    GuestLog: what was promised         DiskTrace: points, places       DiskLog: writes, flushes
 * </pre>
 *
 * <p>After each case the image is opened anew and checked: its metadata, and with an {@link Oracle}
 * what can be read.
 */
public final class DiskSubject implements Subject {
  private final DiskWorkload workload;
  private final DiskContent start;
  private final String format;
  private final ImageCheck check;
  private final Optional<StateCheck> stateCheck;
  private final DiskReproducer reproducer;

  private volatile Recorded recorded = Recorded.NOTHING;

  /** What the recorded run has left. */
  private record Recorded(
      DiskContent readable,
      Optional<CrashStates> states,
      Optional<Oracle> oracle,
      Acknowledgements acknowledgements,
      List<TimelineEntry> timeline) {
    static final Recorded NOTHING =
        new Recorded(
            DiskContent.empty(0),
            Optional.empty(),
            Optional.empty(),
            Acknowledgements.NONE,
            List.of());
  }

  /** One run and all that watched it. */
  private record Watched(
      DiskRun run,
      GuestLog guest,
      DiskTrace trace,
      Acknowledgements acknowledgements,
      DiskUnderTest disk) {}

  /**
   * A workload on a disk.
   *
   * @param start what the disk holds at first
   * @param format the driver of the image on it: {@code raw}, {@code qcow2}
   * @param drivers makes the drivers that an image can be made of
   * @param preparation shell commands that make the disk by hand, as {@code disk.img}
   */
  public DiskSubject(
      DiskWorkload workload,
      DiskContent start,
      String format,
      Supplier<List<DriverType>> drivers,
      Function<DiskWorkload.Tool, String> preparation) {
    this(workload, start, format, drivers, preparation, Optional.empty());
  }

  /**
   * The same with a check of its own. It comes after that of the image; a {@code raw} one, which
   * has no metadata and keeps what it is told to, is left to it alone.
   */
  public DiskSubject(
      DiskWorkload workload,
      DiskContent start,
      String format,
      Supplier<List<DriverType>> drivers,
      Function<DiskWorkload.Tool, String> preparation,
      Optional<StateCheck> stateCheck) {
    this.workload = workload;
    this.reproducer = new DiskReproducer(workload, format, preparation, stateCheck);
    this.stateCheck = stateCheck;
    this.start = start;
    this.format = format;
    this.check = new ImageCheck(format, drivers);
  }

  @Override
  public String description() {
    return workload.description()
        + " on "
        + format
        + stateCheck.map(its -> ", checked by " + its.description()).orElse("");
  }

  private Watched watched(DiskRun run, boolean full, List<Rule> rules) {
    GuestLog guest = new GuestLog(run.ticks());
    DiskTrace trace = new DiskTrace(run, !workload.isRepeatable(), full);
    Acknowledgements acknowledgements = new Acknowledgements(run.ticks());
    Observer observer = trace;
    List<DriverType> own =
        List.of(
            new MediumType(run), new BlkdebugType(Dialect.FAULTDISK, Optional.of(observer), rules));
    DiskUnderTest disk =
        new DiskUnderTest(
            own,
            guest,
            acknowledgements::add,
            Map.of(
                "driver", format, "file.driver", "blkdebug", "file.image.driver", MediumType.NAME));
    return new Watched(run, guest, trace, acknowledgements, disk);
  }

  @Override
  public Recording record(ExplorationPlan plan) throws UsageException, InterruptedException {
    DiskContent readable;
    try {
      readable = check.readable(start);
    } catch (BlockIoException e) {
      throw new UsageException("The image cannot be read: " + e.getMessage());
    }
    Watched clean = watched(DiskRun.recorded(start), true, List.of());
    DiskWorkload.Ending ending = workload.run(clean.disk());
    if (ending.died() || ending.exitCode() != 0) {
      throw new UsageException(
          "The workload fails without any fault"
              + (ending.died() ? "" : ", with exit code " + ending.exitCode())
              + (ending.output().isEmpty() ? "" : ": " + ending.output().strip()),
          "Its run without faults must end well: there is nothing to compare with otherwise.");
    }
    List<FaultPoint> points = clean.trace().points();
    if (points.isEmpty()) {
      throw new UsageException(
          "The workload asks nothing of its disk: nothing can fail",
          "A program finds it as {uri} or {dir} in its arguments, or in its environment.");
    }
    clean.guest().closed();
    Oracle oracle = new Oracle(readable, clean.guest());
    ImageCheck.Report report =
        checked(
            clean.run().disk().snapshot(),
            Optional.of(oracle),
            clean.acknowledgements(),
            Long.MAX_VALUE);
    if (!report.good()) {
      throw new UsageException("The check fails without any fault: " + report.text());
    }
    DiskLog log = clean.run().log();
    CrashStates states =
        CrashStates.of(
            start,
            log == null ? List.of() : log.entries(),
            points,
            tick -> promised(oracle, clean.acknowledgements(), tick),
            plan.statesPerEpoch(),
            plan.seed());
    recorded =
        new Recorded(
            readable,
            Optional.of(states),
            Optional.of(oracle),
            clean.acknowledgements(),
            clean.trace().timeline());
    return new Recording(
        points,
        states.states(),
        states.listed(),
        events(clean.trace().events()),
        clean.trace().timeline(),
        plan.wants(Case.Family.PAIRS) ? recoveryRequests(clean.run().disk().snapshot()) : 0,
        digest(points, states));
  }

  private int recoveryRequests(DiskContent content) throws InterruptedException {
    DiskRun run = DiskRun.on(content);
    recover(watched(run, false, List.of()).disk());
    return run.requests();
  }

  private void recover(DiskUnderTest disk) throws InterruptedException {
    if (checksImage()) {
      check.recover(disk);
    } else if (stateCheck.isPresent()) {
      stateCheck.get().recover(disk);
    }
  }

  private boolean checksImage() {
    return stateCheck.isEmpty() || !format.equals("raw");
  }

  /** What equal contents must have in common to be checked once; never falls. */
  private long promised(Oracle oracle, Acknowledgements acknowledgements, long tick) {
    return (checksImage() ? oracle.promised(tick) : 0)
        + (stateCheck.isPresent() ? acknowledgements.before(tick).size() : 0);
  }

  /** All checks, as long as they find nothing wrong. */
  private ImageCheck.Report checked(
      DiskContent content, Optional<Oracle> oracle, Acknowledgements acknowledgements, long tick)
      throws InterruptedException {
    ImageCheck.Report report = new ImageCheck.Report(true, "");
    if (checksImage()) {
      report = check.check(content, oracle, tick);
    }
    if (report.good() && stateCheck.isPresent()) {
      StateCheck.Finding finding =
          stateCheck.get().check(new StateCheck.DiskState(content, acknowledgements.before(tick)));
      String text =
          report.text().isEmpty() || finding.text().isEmpty()
              ? report.text() + finding.text()
              : report.text() + "; " + finding.text();
      report = new ImageCheck.Report(finding.good(), finding.good() ? text : finding.text());
    }
    return report;
  }

  private static SortedMap<String, Long> events(SortedMap<String, Long> seen) {
    SortedMap<String, Long> all = new TreeMap<>();
    QemuEvents.all().forEach(event -> all.put(event.name(), 0L));
    all.putAll(seen);
    return all;
  }

  private static String digest(List<FaultPoint> points, CrashStates states) {
    StringBuilder text = new StringBuilder();
    points.forEach(point -> text.append(point.id()).append('\n'));
    states.states().forEach(state -> text.append(state.id()).append('\n'));
    return ContentKey.of(points.size(), StandardCharsets.UTF_8.encode(text.toString())).toString();
  }

  @Override
  public Outcome run(Case what) throws InterruptedException {
    return switch (what) {
      case Case.CrashCase crash -> crash(crash.state());
      case Case.RecoveryCase recovery -> recovery(recovery);
      case Case.ErrorCase error -> errors(what);
      case Case.FaultCase other -> errors(what);
      case Case.PairCase pair -> errors(what);
      case Case.RandomCase random -> errors(what);
    };
  }

  private Outcome errors(Case what) throws InterruptedException {
    List<Rule> rules =
        workload.isRepeatable() ? DiskRules.of(what) : new EpochRules(recorded.timeline()).of(what);
    Tried tried = attempt(rules);
    Optional<FaultPoint> expected = what.point();
    if (expected.isPresent() && !tried.wasDead()) {
      if (tried.injected().isEmpty()) {
        return new Outcome(Verdict.MISSED, "the run did not come to this point", List.of());
      }
      FaultPoint first = tried.injected().get(0).point();
      if (!first.id().equals(expected.get().id())) {
        return new Outcome(
            Verdict.MISSED,
            "the run went another way: the fault was at " + first,
            tried.receipts());
      }
    }
    Outcome outcome = tried.outcome();
    if (what instanceof Case.PairCase && tried.injected().size() < 2 && !tried.wasDead()) {
      return new Outcome(Verdict.MISSED, "the run ended before the second fault", tried.receipts());
    }
    if (!workload.isRepeatable() && outcome.verdict().isFailure()) {
      return reproducer.of(rules, what.id(), false).map(outcome::with).orElse(outcome);
    }
    return outcome.verdict().isFailure()
        ? Minimizer.reproducer(what, tried, recorded.timeline(), this::attempt, reproducer)
            .map(outcome::with)
            .orElse(outcome)
        : outcome;
  }

  /** Runs the workload once under rules, and checks. */
  private Tried attempt(List<Rule> rules) throws InterruptedException {
    Watched watched = watched(DiskRun.on(start), false, rules);
    DiskWorkload.Ending ending = workload.run(watched.disk());
    List<DiskTrace.Injected> injected = watched.trace().injected();
    if (ending.died()) {
      return new Tried(injected, Verdict.CRASHED, ending.output());
    }
    watched.guest().closedAfter(watched.trace().lastInjection());
    Oracle oracle = new Oracle(recorded.readable(), watched.guest());
    ImageCheck.Report report =
        checked(
            watched.run().disk().snapshot(),
            Optional.of(oracle),
            watched.acknowledgements(),
            Long.MAX_VALUE);
    return new Tried(injected, report.good() ? Verdict.OK : Verdict.FAILED, report.text());
  }

  private Outcome crash(CrashState state) throws InterruptedException {
    CrashStates states = states();
    DiskContent content = states.content(state);
    Acknowledgements acknowledgements = recorded.acknowledgements();
    Outcome outcome =
        outcome(
            checked(content, recorded.oracle(), acknowledgements, states.tick(state)), List.of());
    if (!outcome.verdict().isFailure()) {
      return outcome;
    }
    if (!workload.isRepeatable() || state.atEnd()) {
      // No rule can cut the power where no request follows.
      List<String> acknowledged = acknowledgements.before(states.tick(state));
      return reproducer
          .ofContent(content, acknowledged, state.id())
          .map(outcome::with)
          .orElse(outcome);
    }
    List<Rule> rules = List.of(DiskRules.cut(state));
    return reproducer.of(rules, state.id(), false).map(outcome::with).orElse(outcome);
  }

  private Outcome recovery(Case.RecoveryCase what) throws InterruptedException {
    CrashStates states = states();
    DiskContent cut = states.content(what.state());
    DiskRun run = DiskRun.on(cut);
    List<Rule> rules = List.of(DiskRules.atRequest(what.request(), what.errno(), false));
    Watched watched = watched(run, false, rules);
    recover(watched.disk());
    List<String> receipts = new ArrayList<>();
    watched.trace().injected().forEach(fault -> receipts.add(fault.toString()));
    if (receipts.isEmpty()) {
      return new Outcome(Verdict.MISSED, "recovery has fewer requests", receipts);
    }
    long tick = states.tick(what.state());
    DiskContent left = run.disk().snapshot();
    Outcome outcome =
        outcome(checked(left, recorded.oracle(), recorded.acknowledgements(), tick), receipts);
    if (!outcome.verdict().isFailure()) {
      return outcome;
    }
    List<String> acknowledged = recorded.acknowledgements().before(tick);
    // How others recover is theirs to repeat: what it has left is there to be looked at.
    Optional<Reproducer> again =
        checksImage()
            ? reproducer.ofRecovery(cut, acknowledged, rules, what.id())
            : reproducer.ofContent(left, acknowledged, what.id());
    return again.map(outcome::with).orElse(outcome);
  }

  private CrashStates states() {
    return recorded.states().orElseThrow(() -> new IllegalStateException("nothing was recorded"));
  }

  private static Outcome outcome(ImageCheck.Report report, List<String> receipts) {
    return new Outcome(report.good() ? Verdict.OK : Verdict.FAILED, report.text(), receipts);
  }
}
