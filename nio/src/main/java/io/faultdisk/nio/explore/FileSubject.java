package io.faultdisk.nio.explore;

import io.faultdisk.base.Seed;
import io.faultdisk.base.UsageException;
import io.faultdisk.events.EventScope;
import io.faultdisk.explore.Case;
import io.faultdisk.explore.CrashState;
import io.faultdisk.explore.ExplorationPlan;
import io.faultdisk.explore.FaultPoint;
import io.faultdisk.explore.Outcome;
import io.faultdisk.explore.Recording;
import io.faultdisk.explore.Subject;
import io.faultdisk.explore.Verdict;
import io.faultdisk.nio.Durability;
import io.faultdisk.nio.PowerCut;
import io.faultdisk.rules.FailFlush;
import io.faultdisk.rules.Rule;
import io.faultdisk.rules.RuleBuilder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * Java code that keeps data in files, to be explored: every error at every operation, every power
 * cut, pairs of faults, and errors by chance.
 *
 * <pre>{@code
 * FileSubject subject = FileSubject.of("wal",
 *     (directory, promises) -> {
 *       try (Log log = Log.open(directory)) {
 *         log.append("a");
 *         promises.made("a");
 *       }
 *     },
 *     (directory, promised) -> {
 *       try (Log log = Log.open(directory)) {
 *         assertThat(log.read()).containsAll(promised);
 *       }
 *     });
 * Results results = new Explorer(subject, ExplorationPlan.standard(new Seed(1)),
 *         Explorer.Settings.standard()).run(ResultSink.none());
 * new ReportWriter().write(Path.of("report"), results);
 * }</pre>
 *
 * <p>Workload and check are called by several threads at once, each with a directory of its own,
 * unless the explorer is given one worker. What they do has to follow from their parameters: the
 * same in each run, but for the faults.
 *
 * <p>What is found depends on {@link #on the disk} and on {@link #faults what may go wrong}.
 * Immutable but for what {@link #record} has found.
 */
public final class FileSubject implements Subject {
  /** A disk that promises what POSIX does. */
  private static final DiskSettings DISK = DiskSettings.DEFAULT.withPowerLoss(Durability.POSIX);

  private static final TrialPlan FAULTS =
      TrialPlan.errors().failFlush(FailFlush.Mode.DROP, FailFlush.Mode.KEEP).shortTransfers();

  private final String name;
  private final Body body;

  /** Whether {@link Promises} are all that the check knows of the run. */
  private final boolean promises;

  private final DiskSettings disk;
  private final TrialPlan faults;
  private final UnaryOperator<String> command;
  private final Optional<String> only;
  private volatile FileRecording recorded = FileRecording.NOTHING;

  /** What the program under test does, and says that it has done. */
  @FunctionalInterface
  public interface PromisingWorkload {
    /**
     * Does it. May let through what the program throws; see {@link Attempt#run}.
     *
     * @param directory where the files are, empty at first
     */
    void run(Path directory, Promises promises) throws Exception;
  }

  /** What must hold afterwards, on a healthy disk. */
  @FunctionalInterface
  public interface Check {
    /**
     * Opens what is left as the program does when it is started again, and looks.
     *
     * @param promised what the workload had promised by then, in order
     * @throws Exception if it does not hold, or cannot be opened
     */
    void check(Path directory, List<String> promised) throws Exception;
  }

  /** Runs one attempt, with the check. */
  private interface Body {
    void run(Attempt attempt, Promises promises, boolean recovery) throws Exception;
  }

  private FileSubject(
      String name,
      Body body,
      boolean promises,
      DiskSettings disk,
      TrialPlan faults,
      UnaryOperator<String> command,
      Optional<String> only) {
    this.name = name;
    this.body = body;
    this.promises = promises;
    this.disk = disk;
    this.faults = faults;
    this.command = command;
    this.only = only;
  }

  /**
   * A workload and a check.
   *
   * <p>Crash states of equal content are checked once for as long as the same was promised. A
   * second fault during recovery happens in the check, which is run once more afterwards, and has
   * to be content then.
   *
   * @param name in one line, for reports
   */
  public static FileSubject of(String name, PromisingWorkload workload, Check check) {
    String caller = caller();
    return of(
        name,
        (attempt, promises, recovery) -> {
          attempt.run(directory -> workload.run(directory, promises));
          if (recovery) {
            attempt.recover(
                directory -> {
                  try {
                    check.check(directory, promises.made());
                  } catch (AssertionError e) {
                    throw new IOException("the check was not content while a fault was there", e);
                  }
                });
          }
          check.check(attempt.directory(), promises.made());
        },
        true,
        caller);
  }

  /**
   * A test as {@link Exploration} has it: the workload in {@link Attempt#run}, then the check.
   *
   * <p>It may know anything of the run, so that only crash states of the same moment are compared.
   * A second fault during recovery happens in {@link Attempt#recover}, if the test calls that.
   *
   * @param name in one line, for reports
   */
  public static FileSubject of(String name, Exploration.Test test) {
    return of(name, (attempt, promises, recovery) -> test.run(attempt), false, caller());
  }

  private static FileSubject of(String name, Body body, boolean promises, String caller) {
    return new FileSubject(
        name,
        body,
        promises,
        DISK,
        FAULTS,
        flags -> "java " + flags + " " + caller,
        property(Exploration.ONLY_PROPERTY));
  }

  /** The class that has called us. */
  private static String caller() {
    return StackWalker.getInstance()
        .walk(
            frames ->
                frames
                    .map(StackWalker.StackFrame::getClassName)
                    .filter(type -> !type.equals(FileSubject.class.getName()))
                    .findFirst())
        .orElse("Main");
  }

  private static Optional<String> property(String property) {
    return Optional.of(System.getProperty(property, "")).filter(text -> !text.isEmpty());
  }

  /**
   * The seed on the command line, {@code -Dfaultdisk.seed}, or else another one.
   *
   * @throws UsageException if that on the command line is none
   */
  public static Seed seed(long otherwise) throws UsageException {
    Optional<String> given = property(Exploration.SEED_PROPERTY);
    return given.isPresent() ? Seed.parse(given.get()) : new Seed(otherwise);
  }

  /** On another disk; a temporary directory that promises what POSIX does by default. */
  public FileSubject on(DiskSettings newDisk) {
    return new FileSubject(name, body, promises, newDisk, faults, command, only);
  }

  /**
   * What may go wrong beside the errors of the {@link ExplorationPlan}, and where: by default a
   * flush that fails and drops or keeps what it was to flush, after which the power is cut when the
   * workload has ended, and short transfers; everywhere but at {@code stat}, {@code list}, {@code
   * setattr} and {@code close}.
   *
   * @param plan its faults, events and paths count, nothing else
   */
  public FileSubject faults(TrialPlan plan) {
    return new FileSubject(name, body, promises, disk, plan, command, only);
  }

  /**
   * How somebody runs this on a command line with flags such as {@code -Dfaultdisk.only='...'}; by
   * default {@code java}, the flags, and the class that made the subject.
   */
  public FileSubject command(UnaryOperator<String> ofFlags) {
    return new FileSubject(name, body, promises, disk, faults, ofFlags, only);
  }

  /** Only the case with this {@link Case#id}; by default that of {@code -Dfaultdisk.only}. */
  public FileSubject only(Optional<String> id) {
    return new FileSubject(name, body, promises, disk, faults, command, id);
  }

  @Override
  public Optional<String> only() {
    return only;
  }

  @Override
  public String description() {
    return name;
  }

  @Override
  public Recording record(ExplorationPlan plan) throws UsageException, InterruptedException {
    FileRecorder recorder = new FileRecorder(plan, disk.powerLoss().isPresent());
    FileFault nothing = FileFault.of(Trial.CLEAN);
    Tried clean = attempt(nothing, recorder, true);
    if (clean.verdict() != Verdict.OK) {
      throw new UsageException(
          name + " fails without any fault: " + clean.reason(),
          "Its run without faults must end well: there is nothing to compare with otherwise.");
    }
    FileRecording found = recorder.recording(clean.run(), faults, plan.seed());
    if (found.points().isEmpty()) {
      throw new UsageException(
          "there is nowhere to fail: the workload did nothing to the files in the directory that"
              + " it was given");
    }
    recorded = found;
    return found.recording(faults);
  }

  @Override
  public Outcome run(Case what) throws InterruptedException {
    FileFault fault = fault(what);
    Tried tried = attempt(fault, FileRun.Recorder.NONE, fault.recoveryPoint() > 0);
    Optional<String> missed =
        tried.verdict() == Verdict.CRASHED ? Optional.empty() : missed(what, tried);
    if (missed.isPresent()) {
      return new Outcome(Verdict.MISSED, missed.get(), tried.happened());
    }
    Outcome outcome = new Outcome(tried.verdict(), tried.reason(), tried.happened());
    if (!tried.verdict().isFailure()) {
      return outcome;
    }
    FileReproducer reproducer = new FileReproducer(command, recorded.seed());
    return outcome.with(reproducer.of(fewest(fault, tried), what.id()));
  }

  /** Why a case says nothing. */
  private static Optional<String> missed(Case what, Tried tried) {
    Optional<FaultPoint> expected = what.point();
    boolean atEnd =
        (what instanceof Case.CrashCase crash && crash.state().atEnd())
            || (what instanceof Case.RecoveryCase recovery && recovery.state().atEnd());
    if (expected.isPresent() && !atEnd) {
      List<PointWatch.Seen> injected = tried.run().injected();
      if (injected.isEmpty()) {
        return Optional.of("the run did not come to this point");
      }
      if (!injected.get(0).place().equals(expected.get().place())) {
        return Optional.of("the run went another way: the fault was at " + injected.get(0).place());
      }
    }
    if (what instanceof Case.PairCase && tried.run().injected().size() < 2) {
      return Optional.of("the run ended before the second fault");
    }
    if (what instanceof Case.RecoveryCase && tried.run().injectedIntoRecovery().isEmpty()) {
      return Optional.of("recovery does less");
    }
    return Optional.empty();
  }

  // ---- what goes wrong

  private FileFault fault(Case what) {
    if (what instanceof Case.ErrorCase error) {
      return FileFault.of(
          trial(
              error.injection().point(),
              PointFault.fail(error.injection().errno()),
              error.injection().sticky()));
    }
    if (what instanceof Case.FaultCase other) {
      return FileFault.of(trial(other.where(), recorded.fault(other.fault()), other.sticky()));
    }
    if (what instanceof Case.PairCase pair) {
      Trial first = trial(pair.first().point(), PointFault.fail(pair.first().errno()), false);
      return FileFault.of(first).withSecond(pair.after(), pair.errno());
    }
    if (what instanceof Case.CrashCase crash) {
      return FileFault.of(cut(crash.state()));
    }
    if (what instanceof Case.RecoveryCase recovery) {
      return FileFault.of(cut(recovery.state()))
          .withRecoveryPoint(recovery.request(), recovery.errno());
    }
    Case.RandomCase random = (Case.RandomCase) what;
    return FileFault.of(Trial.CLEAN, byChance(random)).withRecoveryPoint(0, random.errno());
  }

  private Trial trial(FaultPoint point, PointFault fault, boolean sticky) {
    Optional<PowerCut> cut =
        fault.isOfFlushes() && disk.powerLoss().isPresent()
            ? Optional.of(PowerCut.dropAll())
            : Optional.empty();
    return Trial.of(recorded.point(point), fault, sticky, cut);
  }

  private Trial cut(CrashState state) {
    PowerCut cut = recorded.states().cut(state);
    return state.atEnd()
        ? Trial.cutAtEnd(cut)
        : Trial.of(recorded.point(state.point()), PointFault.cutPower(), false, Optional.of(cut));
  }

  private List<Rule> byChance(Case.RandomCase random) {
    PointFault fails = PointFault.fail(random.errno());
    return recorded.events().stream()
        .filter(fails::fits)
        .<Rule>map(
            event ->
                RuleBuilder.on(event)
                    .chance(random.percent(), random.seed().fork(event))
                    .fail(random.errno()))
        .toList();
  }

  /** The fewest and plainest faults that fail in the same way. */
  private FileFault fewest(FileFault fault, Tried failure) throws InterruptedException {
    FileRun run = failure.run();
    if (fault.recoveryPoint() > 0) {
      FileFault first = fault.exactly(fault.rules(), List.of());
      return attempt(first, FileRun.Recorder.NONE, false).verdict() == failure.verdict()
          ? first
          : fault.exactly(fault.rules(), FileRun.rules(run.injectedIntoRecovery(), fault.errno()));
    }
    boolean several = fault.after() > 0 || fault.trial().isClean();
    if (!several) {
      return fault;
    }
    List<PointWatch.Seen> fewest =
        new FewestFaults(some -> failsWith(fault, some, failure.verdict())).of(run.injected());
    return fewest.isEmpty()
        ? fault
        : fault.exactly(FileRun.rules(fewest, fault.errno()), List.of());
  }

  private boolean failsWith(FileFault fault, List<PointWatch.Seen> faultsLeft, Verdict verdict)
      throws InterruptedException {
    FileFault less = fault.exactly(FileRun.rules(faultsLeft, fault.errno()), List.of());
    return attempt(less, FileRun.Recorder.NONE, false).verdict() == verdict;
  }

  // ---- one attempt

  /** What became of an attempt. */
  private record Tried(Verdict verdict, String reason, List<String> happened, FileRun run) {}

  private Tried attempt(FileFault fault, FileRun.Recorder recorder, boolean recovery)
      throws InterruptedException {
    try (TestDisk test = TestDisk.open(disk)) {
      Promises promised = new Promises();
      if (recorder instanceof FileRecorder records) {
        records.begins(test, promises ? Optional.of(promised) : Optional.empty());
      }
      FileRun run = new FileRun(fault, faults, test.names(), recorded.eventsOf(faults), recorder);
      Attempt attempt = new Attempt(test, fault.trial(), fault.rules(), run);
      EventScope scope = test.faults().listen();
      Verdict verdict = Verdict.OK;
      String reason = "";
      try {
        body.run(attempt, promised, recovery);
        if (!attempt.isOver()) {
          throw new AssertionError("the test has not called attempt.run(directory -> ...)");
        }
      } catch (Exception | AssertionError e) {
        if (Thread.currentThread().isInterrupted() || e instanceof InterruptedException) {
          throw new InterruptedException("given up");
        }
        verdict = attempt.died() ? Verdict.CRASHED : Verdict.FAILED;
        reason = test.names().shorten(Reasons.of(e, attempt.died()));
      } finally {
        scope.close();
      }
      return new Tried(verdict, reason, test.happened(), run);
    } catch (IOException e) {
      if (Thread.currentThread().isInterrupted()) {
        throw new InterruptedException("given up");
      }
      throw new IllegalStateException("the directory of the test: " + e.getMessage(), e);
    }
  }
}
