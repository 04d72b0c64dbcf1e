package io.faultdisk.suites.h2;

import io.faultdisk.base.Seed;
import io.faultdisk.suites.History;
import io.faultdisk.suites.Subject;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import java.util.random.RandomGenerator;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;

/**
 * A store with two maps that are changed, committed and rolled back.
 *
 * @param name for reports
 * @param commits how many
 * @param sync whether each commit is followed by a sync; if not, only the first is
 * @param retentionMillis how long chunks are kept that are not needed any more, -1 for H2's default
 * @param syncDirectory whether we, not H2, sync the directory after the first commit
 * @param pauseMillis between commits, for what depends on their age
 */
record Store(
    String name,
    int commits,
    boolean sync,
    int retentionMillis,
    boolean syncDirectory,
    long pauseMillis)
    implements Subject {
  Store(String name, int commits, boolean sync, int retentionMillis, boolean syncDirectory) {
    this(name, commits, sync, retentionMillis, syncDirectory, 0);
  }

  private static final int KEYS = 200;
  private static final int CHANGES_MAX = 40;

  @Override
  public Map<String, String> empty() {
    return Map.of();
  }

  @Override
  public void work(Path directory, History history) throws Exception {
    RandomGenerator random = new Seed(commits).random();
    try (NioFilePath.Mount mount = NioFilePath.mount(directory)) {
      MVStore store = builder(mount).open();
      try {
        work(store, directory, random, history);
        store.close();
      } finally {
        store.closeImmediately();
      }
    }
  }

  private static MVStore.Builder builder(NioFilePath.Mount mount) {
    return new MVStore.Builder().fileName(mount.name() + "/store.mv").autoCommitDisabled();
  }

  private void work(MVStore store, Path directory, RandomGenerator random, History history)
      throws IOException {
    if (retentionMillis >= 0) {
      store.setRetentionTime(retentionMillis);
    }
    MVMap<String, String> map = store.openMap("map");
    MVMap<String, String> state = store.openMap("state");
    TreeMap<String, String> now = new TreeMap<>();
    for (int commit = 1; commit <= commits; commit++) {
      int changes = 1 + random.nextInt(CHANGES_MAX);
      for (int i = 0; i < changes; i++) {
        String key = "key" + random.nextInt(KEYS);
        if (random.nextInt(4) == 0) {
          map.remove(key);
          now.remove(key);
        } else {
          String value = ("value " + commit + " ").repeat(1 + random.nextInt(12));
          map.put(key, value);
          now.put(key, value);
        }
      }
      state.put("commit", "" + commit);
      now.put("commit", "" + commit);
      history.begin(new TreeMap<>(now));
      store.commit();
      if (sync || commit == 1) {
        store.sync();
        if (syncDirectory && commit == 1) {
          Directories.sync(directory);
        }
        history.acknowledge();
      }
      LockSupport.parkNanos(pauseMillis * 1_000_000);
      if (commit % 5 == 0) {
        map.put("rolled back", "yes");
        store.rollback();
      }
    }
  }

  @Override
  public Map<String, String> recover(Path directory) {
    try (NioFilePath.Mount mount = NioFilePath.mount(directory)) {
      MVStore store = builder(mount).open();
      try {
        Map<String, String> found = new TreeMap<>();
        store.<String, String>openMap("map").forEach(found::put);
        found.putAll(store.<String, String>openMap("state"));
        store.openMap("map").put("new", "one");
        store.commit();
        return found;
      } finally {
        store.closeImmediately();
      }
    }
  }
}
