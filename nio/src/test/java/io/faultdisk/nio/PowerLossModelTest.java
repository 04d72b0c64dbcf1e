package io.faultdisk.nio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.jimfs.Configuration;
import com.google.common.jimfs.Jimfs;
import io.faultdisk.testkit.RandomCases;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random histories through a file system. What would be left if everything were kept must be what
 * is there; what a cut leaves in place must be what it would write elsewhere; and so on after it.
 */
final class PowerLossModelTest {
  private static final List<String> NAMES =
      List.of("a", "b", "old", "d", "e", "d/a", "d/old", "e/a", "e/d", "d/e", "d/e/a", "e/d/old");

  @Test
  void inMemory() throws IOException {
    try (FileSystem memory = Jimfs.newFileSystem(Configuration.unix())) {
      Path root = Files.createDirectories(memory.getPath("/work"));
      run("histories in memory", 400, root);
    }
  }

  @Test
  void onTheDefaultFileSystem(@TempDir Path directory) {
    run("histories on the default file system", 40, directory);
  }

  private static void run(String name, int cases, Path parent) {
    RandomCases.run(
        name,
        cases,
        random -> {
          Path root = Files.createDirectory(parent.resolve("root"));
          try {
            populate(root);
            new History(root, random).run();
          } finally {
            Trees.delete(root);
          }
        });
  }

  /** What is there before us: none of it is known. */
  private static void populate(Path root) throws IOException {
    Files.writeString(root.resolve("old"), "old");
    Files.writeString(root.resolve("untouched"), "untouched");
    Files.createDirectories(root.resolve("d/e"));
    Files.writeString(root.resolve("d/old"), "d/old");
    Files.writeString(root.resolve("d/untouched"), "d/untouched");
    Files.writeString(root.resolve("d/e/untouched"), "d/e/untouched");
    Files.createSymbolicLink(root.resolve("link"), root.getFileSystem().getPath("d"));
  }

  private static final class History {
    private final Path root;
    private final RandomGenerator random;
    private final List<FileChannel> open = new ArrayList<>();
    private final List<String> log = new ArrayList<>();
    private FaultFileSystem files;

    History(Path root, RandomGenerator random) {
      this.root = root;
      this.random = random;
      Durability durability = Durability.values()[random.nextInt(2)];
      this.files = FaultFileSystem.over(root.getFileSystem()).powerLoss(durability).open();
    }

    void run() throws IOException {
      for (int step = 0; step < 40; step++) {
        try {
          step();
        } catch (FileSystemException | UnsupportedOperationException e) {
          continue; // Not possible now.
        } catch (IOException e) {
          // Jimfs.
          assertThat(e.getMessage())
              .containsAnyOf("too many levels of symbolic links", "a subdirectory of itself");
        }
        if (random.nextInt(4) == 0) {
          assertThat(after(PowerCut.keepAll())).as("%s", log).isEqualTo(Trees.of(root));
        }
        if (random.nextInt(8) == 0) {
          cut();
        }
      }
      cut();
    }

    private void cut() throws IOException {
      PowerCut cut =
          switch (random.nextInt(5)) {
            case 0 -> PowerCut.dropAll();
            case 1 -> PowerCut.prefix(random.nextInt(1 + (int) files.unsynced().operations()));
            case 2 -> PowerCut.torn(random.nextLong(), 512);
            default -> PowerCut.subset(random.nextLong());
          };
      log.add(cut + " with " + files.unsynced());
      Object expected = after(cut);
      files = files.cutPower(cut);
      assertThat(Trees.of(root)).as("%s", log).isEqualTo(expected);
      assertThat(files.unsynced().isEmpty()).isTrue();
      for (FileChannel channel : open) {
        channel.close();
      }
      open.clear();
    }

    private Object after(PowerCut cut) throws IOException {
      Path target = Files.createDirectory(root.resolveSibling("after"));
      try {
        files.afterPowerCut(cut, files.wrap(root), target);
        return Trees.of(target);
      } finally {
        Trees.delete(target);
      }
    }

    private Path path() {
      String name = NAMES.get(random.nextInt(NAMES.size()));
      Path path = files.wrap(root).resolve(random.nextInt(8) == 0 ? "link/" + name : name);
      log.add(path.toString());
      return path;
    }

    private void step() throws IOException {
      Path path = path();
      int kind = random.nextInt(14);
      log.add("kind " + kind);
      switch (kind) {
        case 0 -> Files.createDirectory(path);
        case 1 -> Files.delete(path);
        case 2 -> Files.move(path, path());
        case 3 -> Files.move(path, path(), StandardCopyOption.REPLACE_EXISTING);
        case 4 -> Files.createLink(path, path());
        case 5 -> Files.createSymbolicLink(path, files.getPath("a"));
        case 6 -> sync(path);
        case 7 -> Files.copy(path, path(), StandardCopyOption.REPLACE_EXISTING);
        case 8 -> Files.write(path, data());
        case 9 -> {
          if (random.nextInt(4) == 0) {
            files.checkpoint();
          }
        }
        default -> {
          FileChannel channel = channel(path);
          switch (random.nextInt(6)) {
            case 0 -> channel.truncate(random.nextInt(10_000));
            case 1 -> channel.force(random.nextBoolean());
            default -> channel.write(ByteBuffer.wrap(data()), random.nextInt(9000));
          }
        }
      }
    }

    /** An open one, that may have been deleted, or another. */
    private FileChannel channel(Path path) throws IOException {
      if (!open.isEmpty() && random.nextBoolean()) {
        return open.get(random.nextInt(open.size()));
      }
      FileChannel channel =
          FileChannel.open(path, StandardOpenOption.WRITE, StandardOpenOption.CREATE);
      open.add(channel);
      return channel;
    }

    private void sync(Path path) throws IOException {
      try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
        channel.force(true);
      }
    }

    private byte[] data() {
      String text = Long.toHexString(random.nextLong());
      return text.repeat(1 + random.nextInt(random.nextInt(5) == 0 ? 600 : 3))
          .getBytes(StandardCharsets.ISO_8859_1);
    }
  }

  @Test
  void theDefaultFileSystemIsTooMuchAsAWhole(@TempDir Path directory) throws IOException {
    FaultFileSystem files =
        FaultFileSystem.over(FileSystems.getDefault()).powerLoss(Durability.POSIX).open();
    assertThatThrownBy(() -> files.afterPowerCut(PowerCut.dropAll(), directory))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("afterPowerCut(cut, directory, emptyDirectory)");
    files.close();
  }
}
