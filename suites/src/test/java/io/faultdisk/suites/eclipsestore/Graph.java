package io.faultdisk.suites.eclipsestore;

import io.faultdisk.base.Seed;
import io.faultdisk.suites.History;
import io.faultdisk.suites.Subject;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import org.eclipse.store.afs.nio.types.NioFileSystem;
import org.eclipse.store.storage.embedded.types.EmbeddedStorage;
import org.eclipse.store.storage.embedded.types.EmbeddedStorageManager;

/**
 * An object graph of which parts are changed and stored.
 *
 * @param name for reports
 * @param commits how many
 */
record Graph(String name, int commits) implements Subject {
  private static final int PARTS = 16;
  private static final int CHANGES_MAX = 5;

  /** What is stored: the parts, and the number of the last commit in the first of them. */
  static final class Root {
    String[] parts = new String[PARTS];
  }

  @Override
  public List<String> empty() {
    return List.of();
  }

  private static EmbeddedStorageManager open(Root root, Path directory) {
    NioFileSystem files = NioFileSystem.New(directory.getFileSystem());
    return EmbeddedStorage.start(root, files.ensureDirectory(directory.resolve("storage")));
  }

  @Override
  public void work(Path directory, History history) throws Exception {
    RandomGenerator random = new Seed(commits).random();
    Root root = new Root();
    Arrays.fill(root.parts, "");
    history.begin(List.of(root.parts));
    try (EmbeddedStorageManager storage = open(root, directory)) {
      history.acknowledge();
      for (int commit = 1; commit <= commits; commit++) {
        int changes = random.nextInt(CHANGES_MAX);
        for (int i = 0; i < changes; i++) {
          root.parts[1 + random.nextInt(PARTS - 1)] =
              ("value " + commit).repeat(random.nextInt(99));
        }
        root.parts[0] = "commit " + commit;
        history.begin(List.of(root.parts));
        storage.store(root.parts);
        history.acknowledge();
      }
    }
  }

  @Override
  public List<String> recover(Path directory) {
    Root root = new Root();
    try (EmbeddedStorageManager storage = open(root, directory)) {
      Root found = (Root) storage.root();
      return found.parts[0] == null ? empty() : List.of(found.parts);
    }
  }
}
