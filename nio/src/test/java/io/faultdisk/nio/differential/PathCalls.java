package io.faultdisk.nio.differential;

import java.nio.file.FileSystem;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.random.RandomGenerator;

/** The methods of {@code Path} and {@code FileSystem}. */
final class PathCalls {
  private static final List<String> PARTS =
      List.of("a", "b", "..", ".", "", "x y", "\u00e4", "A", "d", "a.b", "...", "con", "a*");
  private static final List<String> PATTERNS =
      List.of("glob:*", "glob:**", "glob:*.b", "regex:.*a.*", "glob:{a,d}", "glob:[", "x:y", "bad");

  private static final Path NULL = null;

  private PathCalls() {}

  private static String text(World world, RandomGenerator random) {
    FileSystem files = world.fileSystem();
    StringBuilder text = new StringBuilder();
    if (random.nextInt(3) == 0) {
      text.append(files.getRootDirectories().iterator().next());
    }
    int parts = random.nextInt(5);
    for (int i = 0; i < parts; i++) {
      text.append(World.of(random, PARTS));
      if (i + 1 < parts || random.nextInt(4) == 0) {
        text.append(random.nextInt(4) == 0 ? "/" : files.getSeparator());
      }
    }
    if (random.nextInt(60) == 0) {
      text.append('\0');
    }
    return text.toString();
  }

  private static Path path(World world, RandomGenerator random) {
    return random.nextInt(4) == 0
        ? world.path(random)
        : world.fileSystem().getPath(text(world, random));
  }

  private static Path other(World world, RandomGenerator random) {
    return switch (random.nextInt(30)) {
      case 0 -> null;
      case 1 -> world.foreign;
      default -> path(world, random);
    };
  }

  static Map<String, Call> all() {
    Map<String, Call> calls = new LinkedHashMap<>();
    calls.put("getPath", PathCalls::path);
    calls.put("getPath...", (w, r) -> w.fileSystem().getPath(text(w, r), text(w, r), text(w, r)));
    calls.put("isAbsolute", (w, r) -> path(w, r).isAbsolute());
    calls.put("getRoot", (w, r) -> path(w, r).getRoot());
    calls.put("getFileName", (w, r) -> path(w, r).getFileName());
    calls.put("getParent", (w, r) -> path(w, r).getParent());
    calls.put("getNameCount", (w, r) -> path(w, r).getNameCount());
    calls.put("getName", (w, r) -> path(w, r).getName(r.nextInt(-1, 5)));
    calls.put("subpath", (w, r) -> path(w, r).subpath(r.nextInt(-1, 4), r.nextInt(-1, 5)));
    calls.put("startsWith", (w, r) -> path(w, r).startsWith(other(w, r)));
    calls.put("startsWith text", (w, r) -> path(w, r).startsWith(text(w, r)));
    calls.put("endsWith", (w, r) -> path(w, r).endsWith(other(w, r)));
    calls.put("endsWith text", (w, r) -> path(w, r).endsWith(text(w, r)));
    calls.put("normalize", (w, r) -> path(w, r).normalize());
    calls.put("resolve", (w, r) -> path(w, r).resolve(other(w, r)));
    calls.put("resolve text", (w, r) -> path(w, r).resolve(text(w, r)));
    calls.put("resolveSibling", (w, r) -> path(w, r).resolveSibling(other(w, r)));
    calls.put("resolveSibling text", (w, r) -> path(w, r).resolveSibling(text(w, r)));
    calls.put("relativize", (w, r) -> path(w, r).relativize(other(w, r)));
    calls.put("relativize to itself", (w, r) -> w.path(r).relativize(w.path(r)));
    calls.put("toAbsolutePath", (w, r) -> path(w, r).toAbsolutePath());
    calls.put("toString", (w, r) -> path(w, r).toString());
    calls.put("toFile", (w, r) -> path(w, r).toFile());
    calls.put("iterator", (w, r) -> list(path(w, r)));
    calls.put("compareTo", (w, r) -> Integer.signum(path(w, r).compareTo(other(w, r))));
    calls.put("equals", (w, r) -> path(w, r).equals(other(w, r)));
    calls.put(
        "equals and hashCode",
        (w, r) -> {
          Path one = path(w, r);
          Path two = w.fileSystem().getPath(one.toString());
          return List.of(one.equals(two), one.hashCode() == two.hashCode(), one.equals(NULL));
        });
    calls.put(
        "getFileSystem",
        (w, r) -> path(w, r).resolve("x").normalize().getFileSystem() == w.fileSystem());
    calls.put("toRealPath", (w, r) -> w.path(r).toRealPath(w.links(r)));
    calls.put("uri scheme", (w, r) -> path(w, r).toUri().toString().endsWith("/"));
    calls.put("getSeparator", (w, r) -> w.fileSystem().getSeparator());
    calls.put("isOpen", (w, r) -> w.fileSystem().isOpen());
    calls.put("isReadOnly", (w, r) -> w.fileSystem().isReadOnly());
    calls.put("views", (w, r) -> new TreeSet<>(w.fileSystem().supportedFileAttributeViews()));
    calls.put("getRootDirectories", (w, r) -> list(w.fileSystem().getRootDirectories()));
    calls.put(
        "getPathMatcher",
        (w, r) -> w.fileSystem().getPathMatcher(World.of(r, PATTERNS)).matches(other(w, r)));
    calls.put(
        "lookup user",
        (w, r) ->
            w.fileSystem()
                .getUserPrincipalLookupService()
                .lookupPrincipalByName(r.nextBoolean() ? "root" : "nobody-of-this-name")
                .getName());
    calls.put(
        "lookup group",
        (w, r) ->
            w.fileSystem()
                .getUserPrincipalLookupService()
                .lookupPrincipalByGroupName(r.nextBoolean() ? "root" : "no-group-of-this-name")
                .getName());
    return calls;
  }

  private static List<String> list(Iterable<Path> paths) {
    List<String> list = new ArrayList<>();
    paths.forEach(path -> list.add(path.toString()));
    return list;
  }
}
