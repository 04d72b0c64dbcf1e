package io.faultdisk.cli.demo.h2;

import io.faultdisk.base.Clock;
import io.faultdisk.base.Errno;
import io.faultdisk.base.Seed;
import io.faultdisk.base.UsageException;
import io.faultdisk.cli.explore.ReproducerScripts;
import io.faultdisk.explore.Case;
import io.faultdisk.explore.ExplorationPlan;
import io.faultdisk.explore.Explorer;
import io.faultdisk.explore.ResultSink;
import io.faultdisk.explore.Results;
import io.faultdisk.explore.Summary;
import io.faultdisk.nio.explore.Attempt;
import io.faultdisk.nio.explore.DefaultDirectories;
import io.faultdisk.nio.explore.DiskSettings;
import io.faultdisk.nio.explore.FileSubject;
import io.faultdisk.nio.explore.TrialPlan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Opens an H2 database that was not closed, commits rows, and looks for them afterwards, with every
 * operation on files failing in turn. The database knows nothing of it: it opens files by name in
 * Java's default file system.
 */
public final class H2Program {
  /** Rows that are there before anything fails. */
  private static final int OLD = 3;

  /** Rows that are committed while something fails. */
  private static final int NEW = 3;

  private H2Program() {}

  /** Takes the directory for the reports. */
  public static void main(String[] args) throws InterruptedException, IOException {
    Clock clock = Clock.system();
    long begin = clock.nanoTime();
    Path report = Path.of(args[0]);
    FileSubject subject =
        FileSubject.of("H2, unmodified", H2Program::test)
            .command(flags -> H2Demo.commandLine(H2Demo.Part.H2, flags))
            .on(DiskSettings.DEFAULT.withDirectories(new DefaultDirectories()))
            .faults(TrialPlan.errors().shortTransfers());
    ExplorationPlan plan =
        ExplorationPlan.standard(new Seed(1))
            .withFamilies(EnumSet.of(Case.Family.ERRORS))
            .withErrnos(List.of(Errno.EIO, Errno.ENOSPC));
    Explorer.Settings settings = Explorer.Settings.standard().withWorkers(1);
    try {
      Results results = new Explorer(subject, plan, settings).run(ResultSink.none());
      Files.createDirectories(report);
      ReproducerScripts.writer().write(report, results);
      long millis = TimeUnit.NANOSECONDS.toMillis(clock.nanoTime() - begin);
      Summary.lines(results, new Summary.Run(results.cases().size(), millis, Optional.of(report)))
          .forEach(System.out::println);
    } catch (UsageException e) {
      System.out.println(e.getMessage());
      e.hints().forEach(System.out::println);
      System.exit(1);
    }
  }

  private static Connection connect(Attempt attempt) throws SQLException {
    return DriverManager.getConnection(
        "jdbc:h2:"
            + attempt.directory()
            + "/db;DB_CLOSE_ON_EXIT=FALSE;TRACE_LEVEL_FILE=0;WRITE_DELAY=0",
        "sa",
        "");
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static void test(Attempt attempt) throws Exception {
    List<Integer> committed = new ArrayList<>();
    try (Connection connection = connect(attempt)) {
      execute(connection, "CREATE TABLE t(id INT PRIMARY KEY, v VARCHAR)");
      for (int id = 1; id <= OLD; id++) {
        commit(connection, id, committed);
      }
      execute(connection, "SHUTDOWN IMMEDIATELY");
    }
    attempt.run(
        directory -> {
          try (Connection connection = connect(attempt)) {
            try {
              for (int id = OLD + 1; id <= OLD + NEW; id++) {
                commit(connection, id, committed);
              }
            } finally {
              execute(connection, "SHUTDOWN IMMEDIATELY");
            }
          } catch (SQLException e) {
            // It may give up when its disk fails, whatever it calls that.
            throw new IOException(e);
          }
        });
    List<Integer> found = rows(attempt);
    if (!found.containsAll(committed)) {
      List<Integer> gone = new ArrayList<>(committed);
      gone.removeAll(found);
      throw new AssertionError("committed, and gone: rows " + gone);
    }
    if (found.size() > committed.size() + 1) {
      throw new AssertionError("rows that nobody has written: " + found);
    }
  }

  private static void commit(Connection connection, int id, List<Integer> committed)
      throws SQLException {
    execute(connection, "INSERT INTO t VALUES(" + id + ", 'row " + id + "')");
    execute(connection, "CHECKPOINT SYNC");
    committed.add(id);
  }

  private static List<Integer> rows(Attempt attempt) throws SQLException {
    List<Integer> ids = new ArrayList<>();
    try (Connection connection = connect(attempt)) {
      try (Statement statement = connection.createStatement();
          ResultSet rows = statement.executeQuery("SELECT id, v FROM t ORDER BY id")) {
        while (rows.next()) {
          ids.add(rows.getInt(1));
          if (!rows.getString(2).equals("row " + rows.getInt(1))) {
            throw new AssertionError("row " + rows.getInt(1) + " holds " + rows.getString(2));
          }
        }
      } finally {
        execute(connection, "SHUTDOWN IMMEDIATELY");
      }
    }
    return ids;
  }
}
