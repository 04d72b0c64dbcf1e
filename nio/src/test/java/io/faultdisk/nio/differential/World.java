package io.faultdisk.nio.differential;

import java.io.IOException;
import java.nio.channels.AsynchronousFileChannel;
import java.nio.channels.Channel;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.FileSystem;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A directory to play in, and what is open in it. */
final class World {
  private static final int OPEN_MAX = 4;
  private static final List<String> NAMES =
      List.of("a", "b", "c", "d", "d/a", "d/b", "d/e", "d/e/f", "l", "l/a", "no/way", ".h");

  /** Names that are different each time, and the zip file of each world. */
  private static final Pattern TEMPORARY =
      Pattern.compile("\\bt\\d{5,}(\\.tmp)?|zipfstmp\\d+\\.tmp|\\bp[12]\\b");

  final Kind kind;
  final Path root;
  final List<FileChannel> files = new ArrayList<>();
  final List<SeekableByteChannel> channels = new ArrayList<>();
  final List<AsynchronousFileChannel> asynchronous = new ArrayList<>();
  final List<FileLock> locks = new ArrayList<>();

  /** Belongs to another provider. */
  final Path foreign;

  World(Kind kind, Path root, Path foreign) {
    this.kind = kind;
    this.root = root;
    this.foreign = foreign;
  }

  /** Which file system is played with. */
  enum Kind {
    DEFAULT,
    JIMFS_UNIX,
    JIMFS_WINDOWS,
    ZIP
  }

  FileSystem fileSystem() {
    return root.getFileSystem();
  }

  String mask(String text) {
    return TEMPORARY.matcher(text.replace(root.toString(), "<root>")).replaceAll("<temporary>");
  }

  Path path(RandomGenerator random) {
    return root.resolve(NAMES.get(random.nextInt(NAMES.size())));
  }

  static <T> T of(RandomGenerator random, List<T> all) {
    return all.get(random.nextInt(all.size()));
  }

  @SafeVarargs
  static <T> List<T> some(RandomGenerator random, T... all) {
    List<T> some = new ArrayList<>();
    for (T one : all) {
      if (random.nextInt(all.length + 1) < 2) {
        some.add(one);
      }
    }
    return some;
  }

  static byte[] bytes(RandomGenerator random) {
    byte[] bytes = new byte[random.nextInt(random.nextInt(4) == 0 ? 9000 : 40)];
    random.nextBytes(bytes);
    return bytes;
  }

  LinkOption[] links(RandomGenerator random) {
    return random.nextInt(3) == 0
        ? new LinkOption[] {LinkOption.NOFOLLOW_LINKS}
        : new LinkOption[0];
  }

  Set<OpenOption> openOptions(RandomGenerator random) {
    Set<OpenOption> options = new LinkedHashSet<>();
    if (random.nextInt(3) != 0) {
      options.add(StandardOpenOption.READ);
    }
    if (random.nextInt(3) != 0) {
      options.add(StandardOpenOption.WRITE);
    }
    for (OpenOption option :
        List.of(
            StandardOpenOption.CREATE,
            StandardOpenOption.CREATE,
            StandardOpenOption.CREATE_NEW,
            StandardOpenOption.APPEND,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.DELETE_ON_CLOSE,
            StandardOpenOption.SPARSE,
            StandardOpenOption.DSYNC,
            LinkOption.NOFOLLOW_LINKS)) {
      int chance =
          option == StandardOpenOption.CREATE ? 2 : option == StandardOpenOption.DSYNC ? 60 : 8;
      if (random.nextInt(chance) == 0) {
        options.add(option);
      }
    }
    return options;
  }

  /** Keeps a channel open, in place of another if there are enough. */
  <C extends Channel> String keep(List<C> list, C channel, RandomGenerator random)
      throws IOException {
    int victim = random.nextInt(OPEN_MAX);
    if (list.size() == OPEN_MAX) {
      C old = list.set(victim, channel);
      old.close();
    } else {
      list.add(channel);
    }
    return "open";
  }

  /** Everything that is there. */
  List<String> tree() throws IOException {
    List<String> tree = new ArrayList<>();
    try (Stream<Path> all = Files.walk(root)) {
      for (Path path : all.sorted().toList()) {
        StringBuilder text = new StringBuilder(mask(path.toString()));
        if (Files.isSymbolicLink(path)) {
          text.append(" -> ").append(mask(Files.readSymbolicLink(path).toString()));
        } else {
          if (kind != Kind.ZIP && fileSystem().supportedFileAttributeViews().contains("posix")) {
            text.append(' ')
                .append(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)));
          }
          if (Files.isRegularFile(path)) {
            // Some file systems can hold files that they cannot read.
            text.append(' ')
                .append(
                    Outcome.of(
                        (world, random) -> Arrays.hashCode(Files.readAllBytes(path)),
                        this,
                        new SplittableRandom(0)));
            text.append(' ').append(Files.size(path));
          }
        }
        tree.add(text.toString());
      }
    }
    return tree;
  }

  /** Closes what is open; says what came of it. */
  List<String> closeAll() {
    List<Channel> all = new ArrayList<>(files);
    all.addAll(channels);
    all.addAll(asynchronous);
    files.clear();
    channels.clear();
    asynchronous.clear();
    locks.clear();
    List<String> outcomes = new ArrayList<>();
    for (Channel channel : all) {
      outcomes.add(
          Outcome.of(
              (world, random) -> {
                channel.close();
                return channel.isOpen();
              },
              this,
              new SplittableRandom(0)));
    }
    return outcomes;
  }

  /** Removes everything. */
  void clear() throws IOException {
    closeAll();
    try (Stream<Path> all = Files.walk(root)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        if (!path.equals(root)) {
          Files.delete(path);
        }
      }
    }
  }
}
