package io.faultdisk.suites.h2;

import io.faultdisk.base.Seed;
import io.faultdisk.suites.History;
import io.faultdisk.suites.Subject;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.TreeMap;
import java.util.random.RandomGenerator;

/**
 * A database with a table, an index, and transactions.
 *
 * @param name for reports
 * @param commits how many
 * @param options of the URL
 * @param checkpoint whether {@code CHECKPOINT SYNC} follows each commit
 * @param syncDirectory whether we, not H2, sync the directory when the table was made
 * @param closes whether it is closed in the end, which compacts it for a while, or just left
 */
record Database(
    String name,
    int commits,
    String options,
    boolean checkpoint,
    boolean syncDirectory,
    boolean closes)
    implements Subject {
  private static final int IDS = 40;
  private static final int CHANGES_MAX = 12;

  @Override
  public Map<Integer, String> empty() {
    return Map.of();
  }

  @Override
  public void work(Path directory, History history) throws Exception {
    RandomGenerator random = new Seed(commits).random();
    try (NioFilePath.Mount mount = NioFilePath.mount(directory);
        Connection connection = connect(mount.name(), options)) {
      try {
        create(connection);
        if (syncDirectory) {
          Directories.sync(directory);
        }
        work(connection, random, history);
        if (!closes) {
          execute(connection, "SHUTDOWN IMMEDIATELY");
        }
      } catch (Throwable e) {
        execute(connection, "SHUTDOWN IMMEDIATELY");
        throw e;
      }
    }
  }

  private static Connection connect(String directory, String options) throws SQLException {
    return DriverManager.getConnection(
        "jdbc:h2:" + directory + "/db;DB_CLOSE_ON_EXIT=FALSE;TRACE_LEVEL_FILE=0" + options,
        "sa",
        "");
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static void create(Connection connection) throws SQLException {
    execute(connection, "CREATE TABLE t(id INT PRIMARY KEY, v VARCHAR)");
    execute(connection, "CREATE INDEX i ON t(v)");
    execute(connection, "CHECKPOINT SYNC");
  }

  private void work(Connection connection, RandomGenerator random, History history)
      throws SQLException {
    connection.setAutoCommit(false);
    TreeMap<Integer, String> now = new TreeMap<>();
    try (PreparedStatement merge = connection.prepareStatement("MERGE INTO t VALUES (?, ?)");
        PreparedStatement delete = connection.prepareStatement("DELETE FROM t WHERE id = ?")) {
      for (int commit = 1; commit <= commits; commit++) {
        int changes = random.nextInt(CHANGES_MAX);
        for (int i = 0; i < changes; i++) {
          int id = 1 + random.nextInt(IDS);
          if (random.nextInt(4) == 0) {
            delete.setInt(1, id);
            delete.execute();
            now.remove(id);
          } else {
            put(merge, now, id, ("value " + commit + " ").repeat(1 + random.nextInt(9)));
          }
        }
        put(merge, now, 0, "commit " + commit);
        history.begin(new TreeMap<>(now));
        connection.commit();
        if (checkpoint) {
          execute(connection, "CHECKPOINT SYNC");
        }
        history.acknowledge();
        if (commit % 4 == 0) {
          execute(connection, "INSERT INTO t VALUES (1000, 'rolled back')");
          connection.rollback();
        }
      }
    }
  }

  private static void put(PreparedStatement merge, Map<Integer, String> now, int id, String value)
      throws SQLException {
    merge.setInt(1, id);
    merge.setString(2, value);
    merge.execute();
    now.put(id, value);
  }

  @Override
  public Map<Integer, String> recover(Path directory) throws Exception {
    try (NioFilePath.Mount mount = NioFilePath.mount(directory);
        Connection connection = connect(mount.name(), "")) {
      try {
        return read(connection);
      } finally {
        execute(connection, "SHUTDOWN IMMEDIATELY");
      }
    }
  }

  private static Map<Integer, String> read(Connection connection) throws SQLException {
    Map<Integer, String> found = new TreeMap<>();
    try (Statement statement = connection.createStatement()) {
      try (ResultSet tables =
          statement.executeQuery(
              "SELECT 1 FROM information_schema.tables WHERE table_name = 'T'")) {
        if (!tables.next()) {
          return found;
        }
      }
      try (ResultSet rows = statement.executeQuery("SELECT id, v FROM t")) {
        while (rows.next()) {
          found.put(rows.getInt(1), rows.getString(2));
        }
      }
      try (ResultSet count = statement.executeQuery("SELECT count(*) FROM t WHERE v >= ''")) {
        count.next();
        if (count.getInt(1) != found.size()) {
          throw new IllegalStateException(
              found.size() + " rows, but " + count.getInt(1) + " by the index");
        }
      }
      statement.execute("CREATE TABLE more(id INT)");
      return found;
    }
  }
}
