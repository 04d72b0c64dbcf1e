package io.faultdisk.suites;

import io.faultdisk.base.Seed;
import io.faultdisk.nio.CrashState;
import io.faultdisk.nio.Durability;
import io.faultdisk.nio.FaultFileSystem;
import io.faultdisk.nio.PowerCut;
import io.faultdisk.rules.FileEvents;
import io.faultdisk.rules.Observation;
import io.faultdisk.rules.Observer;
import io.faultdisk.rules.Operation;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Runs a workload and cuts the power before every operation that changes something, in several
 * ways, without disturbing it: each time what would be found after the reboot is written elsewhere,
 * opened by the system, and judged.
 *
 * <p>The ways are all that is not durable lost, all kept, then by turns a seeded part of it with
 * whole and with torn writes. The first run only counts the operations, so that the wanted number
 * of cuts is spread evenly over the second.
 */
public final class PowerCuts {
  /** What is left by everything else was there before it. */
  private static final Set<Operation> CHANGING =
      Set.of(
          FileEvents.CREATE,
          FileEvents.WRITE,
          FileEvents.TRUNCATE,
          FileEvents.FSYNC,
          FileEvents.FDATASYNC,
          FileEvents.RENAME,
          FileEvents.DELETE,
          FileEvents.LINK,
          FileEvents.MKDIR);

  private static final int SECTOR_BYTES = 512;

  /** What opens a crash state on the same file system is not part of the workload. */
  private static final ThreadLocal<Boolean> CUTTING = ThreadLocal.withInitial(() -> false);

  /** All lost, all kept, a part, a part with torn writes. */
  private static final int WAYS = 4;

  /** How many cuts are made up for at the end of a run at most; the rest in another run. */
  private static final int REST_MAX = 100;

  private final Subject subject;
  private final Durability durability;
  private final int cutsWanted;
  private final Seed seed;
  private final Report report;
  private final Ground.Maker ground;
  private final CrashDisk disk;
  private @Nullable PowerCut onlyWay;

  private PowerCuts(
      Subject subject, Durability durability, int cutsWanted, Ground.Maker ground, Path states) {
    this.subject = subject;
    this.durability = durability;
    this.cutsWanted = cutsWanted;
    this.seed = Settings.seed().fork(subject.name());
    this.report = new Report(subject.name() + ", " + durability, Settings.seed());
    this.ground = ground;
    this.disk = new CrashDisk(subject, states);
  }

  /**
   * Cuts the power under a workload in memory.
   *
   * @param cuts how many times at least
   */
  public static Report under(Subject subject, Durability durability, int cuts) throws Exception {
    // One of ours, since Jimfs by itself cannot force directories.
    try (FileSystem memory = FaultFileSystem.over(Ground.memory()).open()) {
      Path states = Files.createDirectory(memory.getPath("/states"));
      return under(subject, durability, cuts, states);
    }
  }

  /**
   * Cuts the power under a workload in memory, and opens what is left elsewhere.
   *
   * @param cuts how many times at least
   * @param states a directory for crash states
   */
  public static Report under(Subject subject, Durability durability, int cuts, Path states)
      throws Exception {
    return under(subject, durability, cuts, Ground::inMemory, states);
  }

  /**
   * Cuts the power under a workload on Java's default file system, which has to be one of ours with
   * a model of power loss; what is left is opened in memory.
   *
   * @param cuts how many times at least
   * @param parent a directory for the workload
   * @param durability for the report
   */
  public static Report underDefault(Subject subject, Durability durability, int cuts, Path parent)
      throws Exception {
    try (FileSystem memory = FaultFileSystem.over(Ground.memory()).open()) {
      Path states = Files.createDirectory(memory.getPath("/states"));
      return under(subject, durability, cuts, ignored -> Ground.onDefault(parent), states);
    }
  }

  /**
   * As {@link #underDefault}, but what is left is opened there, too: for a system that can work
   * nowhere else. The directories to open are those of the file system below.
   */
  public static Report underDefaultEntirely(
      Subject subject, Durability durability, int cuts, Path parent) throws Exception {
    Path states = Files.createDirectory(parent.resolve("states"));
    // Past us: the model has nothing to do with them.
    Path below = FaultFileSystem.ofDefault().unwrap(states);
    return under(subject, durability, cuts, ignored -> Ground.onDefault(parent), below);
  }

  /** Kills the process before every operation that changes something: nothing is lost then. */
  public static Report killing(Subject subject) throws Exception {
    try (FileSystem memory = FaultFileSystem.over(Ground.memory()).open()) {
      Path states = Files.createDirectory(memory.getPath("/states"));
      return new PowerCuts(subject, Durability.POSIX, 0, Ground::inMemory, states).kill();
    }
  }

  /**
   * Cuts the power under a workload.
   *
   * @param cuts how many times at least
   * @param ground makes where it runs
   * @param states a directory for crash states
   */
  static Report under(
      Subject subject, Durability durability, int cuts, Ground.Maker ground, Path states)
      throws Exception {
    return new PowerCuts(subject, durability, cuts, ground, states).run();
  }

  private Report run() throws Exception {
    report.points = run(0, 0);
    while (report.cuts() < cutsWanted) {
      run((int) (cutsWanted - report.cuts()), (int) report.points);
    }
    report.distinct = disk.distinct();
    System.out.println(report);
    return report;
  }

  private Report kill() throws Exception {
    onlyWay = PowerCut.keepAll();
    report.points = run(0, 0);
    run((int) report.points + 1, (int) report.points);
    report.distinct = disk.distinct();
    System.out.println("killed: " + report);
    return report;
  }

  /** Runs once, with so many cuts; returns how many operations there were that change something. */
  private int run(int cuts, int points) throws Exception {
    History history = new History(subject.empty());
    report.runs++;
    try (Ground here = ground.make(durability)) {
      Cutter cutter = new Cutter(here, history, cuts, points);
      try (Observer.Registration registration = here.faults().observe(cutter)) {
        subject.work(here.directory(), history);
      }
      cutter.end();
      cutter.check();
      return cutter.point;
    }
  }

  private final class Cutter implements Observer {
    private final Ground here;
    private final History history;
    private final int cutsWanted;
    private final int pointsExpected;
    private final Map<String, Integer> occurrences = new HashMap<>();
    private int point;
    private long done;
    private @Nullable Throwable broken;

    Cutter(Ground here, History history, int cutsWanted, int pointsExpected) {
      this.here = here;
      this.history = history;
      this.cutsWanted = cutsWanted;
      this.pointsExpected = pointsExpected;
    }

    /** If the harness failed, that was under somebody else's code, which may have hidden it. */
    void check() throws Exception {
      if (broken != null) {
        throw new Exception("the crash state could not be made", broken);
      }
    }

    @Override
    public void observed(Observation observation) {
      if (observation instanceof Observation.OperationPerformed performed
          && CHANGING.contains(performed.operation())
          && !CUTTING.get()) {
        operation(performed);
      }
    }

    private synchronized void operation(Observation.OperationPerformed performed) {
      String event = performed.operation().name();
      int occurrence = occurrences.merge(event, 1, Integer::sum);
      try {
        cut(
            "before %s#%d of %s (%d bytes at %d)"
                .formatted(
                    event, occurrence, performed.target(), performed.bytes(), performed.offset()));
        point++;
      } catch (IOException | RuntimeException e) {
        broken = e;
        throw e instanceof IOException io ? new UncheckedIOException(io) : (RuntimeException) e;
      }
    }

    /** Cuts when all is done; a bit more often if there were fewer points than expected. */
    synchronized void end() throws IOException {
      cut("at the end", Math.min(cutsWanted - done, REST_MAX));
    }

    /** Cuts as often as is this point's share of what is wanted. */
    private void cut(String where) throws IOException {
      cut(where, (long) cutsWanted * (point + 1) / (pointsExpected + 1) - done);
    }

    private void cut(String where, long share) throws IOException {
      for (int i = 0; i < share; i++) {
        // A point with less than two of them gets them by turns.
        cut(where, way(share > 1 ? i : (int) (done % WAYS)));
        done++;
      }
    }

    private void cut(String where, PowerCut cut) throws IOException {
      CrashState[] state = new CrashState[1];
      int must = history.range().acknowledged();
      Finding finding;
      CUTTING.set(true);
      try {
        finding =
            disk.open(empty -> state[0] = here.files().afterPowerCut(cut, here.directory(), empty));
      } finally {
        CUTTING.set(false);
      }
      int may = history.range().begun();
      report.add(
          history.judge(finding, must, may),
          finding.damage(),
          () ->
              "%s, acknowledged was commit %d of %d begun\n    %s\n    %s"
                  .formatted(where, must, may, finding, Report.brief(state[0])));
    }

    private PowerCut way(int number) {
      if (onlyWay != null) {
        return onlyWay;
      }
      Seed ours = seed.fork("run " + report.runs + " cut " + point + " " + number);
      return switch (number) {
        case 0 -> PowerCut.dropAll();
        case 1 -> PowerCut.keepAll();
        default -> number % 2 == 0 ? PowerCut.subset(ours) : PowerCut.torn(ours, SECTOR_BYTES);
      };
    }
  }
}
