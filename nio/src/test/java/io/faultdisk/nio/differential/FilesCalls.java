package io.faultdisk.nio.differential;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.CopyOption;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/** The methods of {@code Files} that change, read or list. */
final class FilesCalls {
  private FilesCalls() {}

  static CopyOption[] copyOptions(RandomGenerator random) {
    return World.some(
            random,
            (CopyOption) StandardCopyOption.REPLACE_EXISTING,
            StandardCopyOption.COPY_ATTRIBUTES,
            LinkOption.NOFOLLOW_LINKS,
            StandardCopyOption.ATOMIC_MOVE)
        .toArray(new CopyOption[0]);
  }

  static OpenOption[] writeOptions(RandomGenerator random) {
    return World.some(
            random,
            (OpenOption) StandardOpenOption.CREATE,
            StandardOpenOption.CREATE,
            StandardOpenOption.APPEND,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.CREATE_NEW,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE)
        .toArray(new OpenOption[0]);
  }

  static Map<String, Call> all() {
    Map<String, Call> calls = new LinkedHashMap<>();
    changes(calls);
    contents(calls);
    lists(calls);
    return calls;
  }

  private static void changes(Map<String, Call> calls) {
    calls.put("createFile", (w, r) -> Files.createFile(w.path(r)));
    calls.put("createDirectory", (w, r) -> Files.createDirectory(w.path(r)));
    calls.put("createDirectory d", (w, r) -> Files.createDirectory(w.root.resolve("d")));
    calls.put("createDirectories", (w, r) -> Files.createDirectories(w.path(r)));
    calls.put(
        "createTempFile",
        (w, r) -> {
          Path temp = Files.createTempFile(w.path(r), "t", ".tmp");
          Files.delete(temp);
          return temp.getParent();
        });
    calls.put(
        "createTempDirectory",
        (w, r) -> {
          Path temp = Files.createTempDirectory(w.path(r), "t");
          Files.delete(temp);
          return temp.getParent();
        });
    calls.put("createSymbolicLink", (w, r) -> Files.createSymbolicLink(w.path(r), w.path(r)));
    calls.put(
        "createSymbolicLink relative",
        (w, r) ->
            Files.createSymbolicLink(
                w.root.resolve("l"), w.fileSystem().getPath(r.nextBoolean() ? "d" : "a")));
    calls.put("createLink", (w, r) -> Files.createLink(w.path(r), w.path(r)));
    calls.put(
        "delete",
        (w, r) -> {
          Files.delete(w.path(r));
          return null;
        });
    calls.put("deleteIfExists", (w, r) -> Files.deleteIfExists(w.path(r)));
    calls.put("copy", (w, r) -> Files.copy(w.path(r), w.path(r), copyOptions(r)));
    calls.put("copy plainly", (w, r) -> Files.copy(w.path(r), w.path(r)));
    calls.put("move", (w, r) -> Files.move(w.path(r), w.path(r), copyOptions(r)));
    calls.put("move plainly", (w, r) -> Files.move(w.path(r), w.path(r)));
    calls.put(
        "copy in",
        (w, r) -> Files.copy(new ByteArrayInputStream(World.bytes(r)), w.path(r), replace(r)));
    calls.put(
        "copy out",
        (w, r) -> {
          ByteArrayOutputStream out = new ByteArrayOutputStream();
          long copied = Files.copy(w.path(r), out);
          return List.of(copied, out.toByteArray());
        });
    calls.put(
        "copy to another provider",
        (w, r) -> {
          Path there = w.foreign.resolveSibling("copied");
          try {
            Files.copy(w.path(r), there);
            return Files.isDirectory(there) ? "directory" : Files.readAllBytes(there);
          } finally {
            Files.deleteIfExists(there);
          }
        });
    calls.put("copy from another provider", (w, r) -> Files.copy(w.foreign, w.path(r)));
    calls.put(
        "provider copies foreign",
        (w, r) -> {
          w.fileSystem().provider().copy(w.foreign, w.path(r));
          return null;
        });
    calls.put(
        "provider deletes foreign",
        (w, r) -> {
          w.fileSystem().provider().delete(w.foreign);
          return null;
        });
  }

  private static CopyOption[] replace(RandomGenerator random) {
    return random.nextBoolean()
        ? new CopyOption[] {StandardCopyOption.REPLACE_EXISTING}
        : new CopyOption[0];
  }

  private static void contents(Map<String, Call> calls) {
    calls.put("write", (w, r) -> Files.write(w.path(r), World.bytes(r), writeOptions(r)));
    calls.put("write plainly", (w, r) -> Files.write(w.path(r), World.bytes(r)));
    calls.put("write lines", (w, r) -> Files.write(w.path(r), List.of("x", "y"), writeOptions(r)));
    calls.put("writeString", (w, r) -> Files.writeString(w.path(r), "text", writeOptions(r)));
    calls.put("readAllBytes", (w, r) -> Files.readAllBytes(w.path(r)));
    calls.put("readString", (w, r) -> Files.readString(w.path(r), ISO_8859_1).hashCode());
    calls.put("readAllLines", (w, r) -> Files.readAllLines(w.path(r), ISO_8859_1).size());
    calls.put(
        "lines",
        (w, r) -> {
          try (Stream<String> lines = Files.lines(w.path(r), ISO_8859_1)) {
            return lines.count();
          }
        });
    calls.put(
        "newBufferedReader",
        (w, r) -> {
          try (BufferedReader reader = Files.newBufferedReader(w.path(r), ISO_8859_1)) {
            return reader.read();
          }
        });
    calls.put(
        "newBufferedWriter",
        (w, r) -> {
          try (BufferedWriter writer =
              Files.newBufferedWriter(w.path(r), ISO_8859_1, writeOptions(r))) {
            writer.write("written");
          }
          return null;
        });
    calls.put("mismatch", (w, r) -> Files.mismatch(w.path(r), w.path(r)));
    calls.put("newInputStream", FilesCalls::input);
    calls.put("newOutputStream", FilesCalls::output);
    calls.put(
        "newInputStream with options",
        (w, r) -> {
          try (InputStream in = Files.newInputStream(w.path(r), writeOptions(r))) {
            return in.read();
          }
        });
  }

  private static Object input(World w, RandomGenerator r) throws IOException {
    List<Object> seen = new ArrayList<>();
    InputStream in = Files.newInputStream(w.path(r));
    try (in) {
      for (int i = r.nextInt(6); i > 0; i--) {
        switch (r.nextInt(8)) {
          case 0 -> seen.add(in.read());
          case 1 -> seen.add(in.readNBytes(r.nextInt(30)));
          case 2 -> seen.add(in.skip(r.nextInt(20)));
          case 3 -> seen.add(in.available());
          case 4 -> {
            byte[] bytes = new byte[20];
            seen.add(in.read(bytes, r.nextInt(10), r.nextInt(10)));
            seen.add(bytes);
          }
          case 5 -> {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            seen.add(in.transferTo(out));
            seen.add(out.toByteArray());
          }
          case 6 -> seen.add(in.markSupported());
          default -> seen.add(in.read(new byte[3], 1, r.nextInt(5)));
        }
      }
    }
    in.close();
    seen.add(in.read());
    return seen;
  }

  private static Object output(World w, RandomGenerator r) throws IOException {
    OutputStream out = Files.newOutputStream(w.path(r), writeOptions(r));
    try (out) {
      for (int i = r.nextInt(5); i > 0; i--) {
        switch (r.nextInt(5)) {
          case 0 -> out.write(r.nextInt());
          case 1 -> out.write(World.bytes(r));
          case 2 -> out.write(new byte[10], r.nextInt(5), r.nextInt(8));
          case 3 -> out.flush();
          default -> out.write(World.bytes(r));
        }
      }
    }
    out.close();
    if (r.nextBoolean()) {
      out.write(1);
    }
    return null;
  }

  private static void lists(Map<String, Call> calls) {
    calls.put(
        "list",
        (w, r) -> {
          try (Stream<Path> all = Files.list(w.path(r))) {
            return all.sorted().toList();
          }
        });
    calls.put(
        "list the root",
        (w, r) -> {
          try (Stream<Path> all = Files.list(w.root)) {
            return all.sorted().toList();
          }
        });
    calls.put(
        "walk",
        (w, r) -> {
          try (Stream<Path> all = Files.walk(w.path(r), r.nextInt(4))) {
            return all.sorted().toList();
          }
        });
    calls.put(
        "walk with links",
        (w, r) -> {
          try (Stream<Path> all = Files.walk(w.root, FileVisitOption.FOLLOW_LINKS)) {
            return all.sorted().toList();
          }
        });
    calls.put(
        "find",
        (w, r) -> {
          try (Stream<Path> all =
              Files.find(w.root, 5, (path, what) -> what.isRegularFile() && what.size() < 30)) {
            return all.sorted().toList();
          }
        });
    calls.put(
        "newDirectoryStream glob",
        (w, r) -> {
          try (DirectoryStream<Path> all = Files.newDirectoryStream(w.path(r), "[a-d]")) {
            return sorted(all);
          }
        });
    calls.put(
        "newDirectoryStream filter",
        (w, r) -> {
          try (DirectoryStream<Path> all =
              Files.newDirectoryStream(
                  w.root, path -> path.getFileSystem() == w.fileSystem() && Files.exists(path))) {
            return sorted(all);
          }
        });
    calls.put(
        "newDirectoryStream filter fails",
        (w, r) -> {
          try (DirectoryStream<Path> all =
              Files.newDirectoryStream(
                  w.root,
                  path -> {
                    throw new IOException("no");
                  })) {
            return sorted(all);
          }
        });
    calls.put(
        "newDirectoryStream twice",
        (w, r) -> {
          try (DirectoryStream<Path> all = Files.newDirectoryStream(w.root)) {
            return List.of(sorted(all), sorted(all));
          }
        });
    calls.put("walkFileTree", FilesCalls::visit);
  }

  private static List<Path> sorted(DirectoryStream<Path> stream) {
    List<Path> paths = new ArrayList<>();
    stream.forEach(paths::add);
    paths.sort(null);
    return paths;
  }

  private static Object visit(World w, RandomGenerator r) throws IOException {
    List<String> seen = new ArrayList<>();
    boolean follow = r.nextBoolean();
    Files.walkFileTree(
        r.nextBoolean() ? w.root : w.path(r),
        follow ? EnumSet.of(FileVisitOption.FOLLOW_LINKS) : EnumSet.noneOf(FileVisitOption.class),
        5,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes what) {
            seen.add("file " + file + " " + what.isSymbolicLink());
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException e) {
            seen.add("failed " + file + " " + Outcome.thrown(w, e));
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path directory, IOException e) {
            seen.add("directory " + directory + " " + e);
            return FileVisitResult.CONTINUE;
          }
        });
    seen.sort(null);
    return seen;
  }
}
