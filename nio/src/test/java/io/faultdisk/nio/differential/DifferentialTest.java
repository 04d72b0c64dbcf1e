package io.faultdisk.nio.differential;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.jimfs.Configuration;
import com.google.common.jimfs.Jimfs;
import io.faultdisk.nio.Durability;
import io.faultdisk.nio.FaultFileSystem;
import io.faultdisk.nio.MappedMemory;
import io.faultdisk.nio.PowerCut;
import io.faultdisk.testkit.RandomCases;
import java.io.IOException;
import java.net.URI;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The same calls on a file system and through ours over another of its kind, with no rules:
 * results, exceptions and what is left must be the same. {@code -Dfaultdisk.cases=10} makes ten
 * times as many.
 */
class DifferentialTest {
  private static final int CALLS_PER_CASE = 200;

  @TempDir Path directory;

  private final Map<String, Long> compared = new TreeMap<>();
  private long calls;

  /** Then the same calls are made to see that what would be left after a cut is what is there. */
  private boolean withPowerLoss;

  private Check afterCase = () -> {};

  private interface Check {
    void run() throws IOException;
  }

  private Map<String, Call> allCalls() {
    Map<String, Call> all = new LinkedHashMap<>();
    PathCalls.all().forEach((name, call) -> all.put("Path " + name, call));
    FilesCalls.all().forEach((name, call) -> all.put("Files " + name, call));
    AttributeCalls.all().forEach((name, call) -> all.put("attributes " + name, call));
    ChannelCalls.all().forEach((name, call) -> all.put("channel " + name, call));
    AsynchronousCalls.all().forEach((name, call) -> all.put("asynchronous " + name, call));
    return all;
  }

  @Test
  void theDefaultFileSystem() throws IOException {
    Path plain = Files.createDirectory(directory.resolve("p1"));
    Path other = Files.createDirectory(directory.resolve("p2"));
    try (FileSystem memory = Jimfs.newFileSystem(Configuration.unix());
        FaultFileSystem files = over(FileSystems.getDefault()).open()) {
      followPower(files, other);
      Path foreign = foreign(memory.getPath("/foreign"));
      run(
          World.Kind.DEFAULT,
          350,
          new World(World.Kind.DEFAULT, plain, foreign),
          new World(World.Kind.DEFAULT, files.wrap(other), foreign));
    }
  }

  @Test
  void theDefaultFileSystemWithPowerLoss() throws IOException {
    withPowerLoss = true;
    theDefaultFileSystem();
  }

  @Test
  void jimfsWithPowerLoss() throws IOException {
    withPowerLoss = true;
    jimfsAsOnUnix();
  }

  private FaultFileSystem.Builder over(FileSystem delegate) {
    FaultFileSystem.Builder builder = FaultFileSystem.over(delegate);
    return withPowerLoss
        ? builder.powerLoss(Durability.POSIX).mappedMemory(MappedMemory.TRACK)
        : builder;
  }

  /** If all is kept, what is left is what is there; if nothing is, it is nothing. */
  private void followPower(FaultFileSystem files, Path root) throws IOException {
    if (!withPowerLoss) {
      return;
    }
    Path copy = directory.resolve("copy");
    afterCase =
        () -> {
          World left = new World(World.Kind.DEFAULT, Files.createDirectory(copy), copy);
          files.afterPowerCut(PowerCut.keepAll(), files.wrap(root), copy);
          assertThat(contents(copy)).isEqualTo(contents(root));
          left.clear();
          Files.delete(copy);
        };
  }

  private static Map<String, Integer> contents(Path root) throws IOException {
    Map<String, Integer> contents = new TreeMap<>();
    try (Stream<Path> all = Files.walk(root)) {
      for (Path path : all.toList()) {
        String name = root.relativize(path).toString();
        if (Files.isSymbolicLink(path)) {
          contents.put(name + " -> " + Files.readSymbolicLink(path), 0);
        } else if (Files.isRegularFile(path)) {
          contents.put(name, Arrays.hashCode(Files.readAllBytes(path)));
        } else {
          contents.put(name, 0);
        }
      }
    }
    return contents;
  }

  @Test
  void jimfsAsOnUnix() throws IOException {
    jimfs(
        World.Kind.JIMFS_UNIX,
        Configuration.unix().toBuilder()
            .setAttributeViews("basic", "owner", "posix", "unix", "user")
            .build());
  }

  @Test
  void jimfsAsOnWindows() throws IOException {
    jimfs(
        World.Kind.JIMFS_WINDOWS,
        Configuration.windows().toBuilder()
            .setAttributeViews("basic", "owner", "dos", "acl", "user")
            .build());
  }

  private void jimfs(World.Kind kind, Configuration configuration) throws IOException {
    Path foreign = foreign(directory.resolve("foreign"));
    try (FileSystem plain = Jimfs.newFileSystem(configuration);
        FileSystem other = Jimfs.newFileSystem(configuration);
        FaultFileSystem files = over(other).open()) {
      Path one = plain.getPath("root").toAbsolutePath();
      Path two = other.getPath("root").toAbsolutePath();
      followPower(files, two);
      Files.createDirectory(one);
      Files.createDirectory(two);
      run(kind, 500, new World(kind, one, foreign), new World(kind, files.wrap(two), foreign));
    }
  }

  @Test
  void zip() throws IOException {
    Path foreign = foreign(directory.resolve("foreign"));
    try (FileSystem plain = newZip("p1.zip");
        FileSystem other = newZip("p2.zip");
        FaultFileSystem files = FaultFileSystem.over(other).open()) {
      Path one = Files.createDirectory(plain.getPath("/root"));
      Path two = Files.createDirectory(other.getPath("/root"));
      run(
          World.Kind.ZIP,
          100,
          new World(World.Kind.ZIP, one, foreign),
          new World(World.Kind.ZIP, files.wrap(two), foreign));
    }
  }

  private FileSystem newZip(String name) throws IOException {
    return FileSystems.newFileSystem(
        URI.create("jar:" + directory.resolve(name).toUri()),
        Map.of("create", "true", "enablePosixFileAttributes", "true"));
  }

  private static Path foreign(Path path) throws IOException {
    return Files.write(path, new byte[] {1, 2, 3, 4, 5});
  }

  private void run(World.Kind kind, int cases, World plain, World wrapped) {
    List<Map.Entry<String, Call>> all = new ArrayList<>(allCalls().entrySet());
    RandomCases.run(
        "differential test of " + kind,
        withPowerLoss ? cases / 4 : cases,
        random -> {
          List<String> log = new ArrayList<>();
          try {
            oneCase(random, all, plain, wrapped, log);
          } finally {
            plain.clear();
            wrapped.clear();
          }
        });
    if (withPowerLoss) {
      return;
    }
    System.out.println(
        "differential test: " + kind + ": " + calls + " calls compared, 0 differences");
    assertThat(compared).hasSameSizeAs(all);
  }

  private void oneCase(
      RandomGenerator random,
      List<Map.Entry<String, Call>> all,
      World plain,
      World wrapped,
      List<String> log)
      throws IOException {
    for (int i = 0; i < CALLS_PER_CASE; i++) {
      Map.Entry<String, Call> entry = all.get(random.nextInt(all.size()));
      long seed = random.nextLong();
      String expected = Outcome.of(entry.getValue(), plain, new SplittableRandom(seed));
      String actual = Outcome.of(entry.getValue(), wrapped, new SplittableRandom(seed));
      log.add(entry.getKey() + " = " + expected);
      if (withPowerLoss) {
        continue; // Here the two may part: it is what happens to the second that matters.
      }
      assertThat(actual)
          .as(() -> String.join("\n", log.subList(Math.max(0, log.size() - 30), log.size())))
          .isEqualTo(expected);
      compared.merge(entry.getKey(), 1L, Long::sum);
      calls++;
    }
    if (withPowerLoss) {
      afterCase.run();
      wrapped.closeAll();
      plain.closeAll();
      return;
    }
    assertThat(wrapped.closeAll()).as(() -> String.join("\n", log)).isEqualTo(plain.closeAll());
    assertThat(wrapped.tree()).as(() -> String.join("\n", log)).isEqualTo(plain.tree());
  }
}
