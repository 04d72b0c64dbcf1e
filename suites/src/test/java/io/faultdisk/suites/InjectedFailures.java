package io.faultdisk.suites;

import io.faultdisk.base.Errno;
import io.faultdisk.base.Seed;
import io.faultdisk.faults.FaultPoint;
import io.faultdisk.faults.FaultPoints;
import io.faultdisk.nio.CrashState;
import io.faultdisk.nio.Durability;
import io.faultdisk.nio.FaultFileSystem;
import io.faultdisk.nio.PowerCut;
import io.faultdisk.rules.FailFlush;
import io.faultdisk.rules.Rule;
import java.nio.file.FileSystem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/**
 * Runs a workload once for each of its fault points and each way in which that can fail. The
 * workload may give up; what it leaves is then opened three times: as the process leaves it, and as
 * a power cut right after it would, with all or some of what is not durable lost. Whatever was
 * acknowledged has to be there.
 */
public final class InjectedFailures {
  private static final Set<String> TAKES_SPACE =
      Set.of("create", "write", "mkdir", "rename", "link", "fsync");
  private static final Set<String> TRANSFERS = Set.of("read", "write");

  /** From so many fault points on, not all are visited everywhere. */
  private static final int MANY = 100;

  private final Subject subject;
  private final Durability durability;
  private final CrashDisk disk;
  private final Report report;
  private final Seed seed;

  private InjectedFailures(Subject subject, Durability durability, Path states) {
    this.subject = subject;
    this.durability = durability;
    this.disk = new CrashDisk(subject, states);
    this.report = new Report(subject.name() + ", failures, " + durability, Settings.seed());
    this.seed = Settings.seed().fork(subject.name());
  }

  /** A way to fail. */
  private enum Way {
    EIO_ONCE(point -> point.rule().fail(Errno.EIO)),
    EIO_EVER(point -> point.rule().times(Long.MAX_VALUE).fail(Errno.EIO)),
    ENOSPC_ONCE(point -> point.rule().fail(Errno.ENOSPC)),
    ENOSPC_EVER(point -> point.rule().times(Long.MAX_VALUE).fail(Errno.ENOSPC)),
    FSYNC_DROPS(point -> point.rule().failFlush(FailFlush.Mode.DROP)),
    SHORT_ONCE(point -> point.rule().shortTransfer()),
    SHORT_EVER(point -> point.rule().times(Long.MAX_VALUE).shortTransfer());

    private final Function<FaultPoint, Rule> rule;

    Way(Function<FaultPoint, Rule> rule) {
      this.rule = rule;
    }

    boolean suits(FaultPoint point) {
      return switch (this) {
        case EIO_ONCE, EIO_EVER -> true;
        case ENOSPC_ONCE, ENOSPC_EVER -> TAKES_SPACE.contains(point.event());
        case FSYNC_DROPS -> point.event().equals("fsync");
        case SHORT_ONCE, SHORT_EVER -> TRANSFERS.contains(point.event());
      };
    }
  }

  /** Fails every operation of a workload in memory. */
  public static Report under(Subject subject, Durability durability) throws Exception {
    try (FileSystem memory = FaultFileSystem.over(Ground.memory()).open()) {
      Path states = Files.createDirectory(memory.getPath("/states"));
      return new InjectedFailures(subject, durability, states).run();
    }
  }

  private Report run() throws Exception {
    List<FaultPoint> points = points();
    report.points = points.size();
    // On the older JDK, a part of them if there are many.
    int step = points.size() < MANY ? 1 : points.size() / Settings.share(points.size());
    for (int i = 0; i < points.size(); i += step) {
      FaultPoint point = points.get(i);
      for (Way way : Way.values()) {
        if (way.suits(point)) {
          run(point, way);
        }
      }
    }
    report.distinct = disk.distinct();
    System.out.println(report);
    return report;
  }

  private List<FaultPoint> points() throws Exception {
    try (Ground here = Ground.inMemory(durability);
        FaultPoints points = new FaultPoints(here.faults())) {
      subject.work(here.directory(), new History(subject.empty()));
      return points.list();
    }
  }

  private void run(FaultPoint point, Way way) throws Exception {
    History history = new History(subject.empty());
    report.runs++;
    try (Ground here = Ground.inMemory(durability)) {
      here.faults().add(way.rule.apply(point));
      String outcome = "went on";
      try {
        subject.work(here.directory(), history);
      } catch (Exception | AssertionError e) {
        outcome = "gave up";
      }
      if (here.faults().receipts().isEmpty()) {
        outcome = "did not get there";
      }
      report.count(way + " " + outcome);
      judge(
          here,
          history,
          way + " of " + kind(here, point),
          way + " at " + point + ", the workload " + outcome);
    }
  }

  private static String kind(Ground here, FaultPoint point) {
    boolean directory = point.target().equals(here.directory().toString());
    return point.event() + (directory ? " of the directory" : "");
  }

  private void judge(Ground here, History history, String kind, String where) throws Exception {
    History.Range range = history.range();
    Seed some = seed.fork(where);
    for (PowerCut cut : List.of(PowerCut.keepAll(), PowerCut.dropAll(), PowerCut.subset(some))) {
      CrashState[] state = new CrashState[1];
      Finding finding =
          disk.open(empty -> state[0] = here.files().afterPowerCut(cut, here.directory(), empty));
      report.add(
          history.judge(finding, range.acknowledged(), range.begun()),
          " after " + kind + finding.damage(),
          () ->
              "%s, acknowledged was commit %d of %d begun\n    %s\n    %s"
                  .formatted(
                      where, range.acknowledged(), range.begun(), finding, Report.brief(state[0])));
    }
  }
}
