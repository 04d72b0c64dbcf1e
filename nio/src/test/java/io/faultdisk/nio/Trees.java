package io.faultdisk.nio;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Directories as maps, for tests: relative paths with contents, {@code "->"} links, directories.
 */
final class Trees {
  private Trees() {}

  static Map<String, String> of(Path directory) throws IOException {
    Map<String, String> tree = new TreeMap<>();
    walk(directory, "", tree);
    return tree;
  }

  private static void walk(Path directory, String prefix, Map<String, String> tree)
      throws IOException {
    for (Path child : children(directory)) {
      String name = prefix + child.getFileName();
      if (Files.isSymbolicLink(child)) {
        tree.put(name, "-> " + Files.readSymbolicLink(child));
      } else if (Files.isDirectory(child, LinkOption.NOFOLLOW_LINKS)) {
        tree.put(name + "/", "");
        walk(child, name + "/", tree);
      } else {
        tree.put(name, readable(Files.readAllBytes(child)));
      }
    }
  }

  /** The text itself, or something shorter that no other content will be in a test. */
  private static String readable(byte[] bytes) {
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    return bytes.length <= 32 && text.indexOf(0) < 0
        ? text
        : bytes.length + " bytes " + Integer.toHexString(Arrays.hashCode(bytes));
  }

  static List<Path> children(Path directory) throws IOException {
    try (Stream<Path> children = Files.list(directory)) {
      return children.sorted().toList();
    }
  }

  static void delete(Path path) throws IOException {
    if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
      for (Path child : children(path)) {
        delete(child);
      }
    }
    Files.delete(path);
  }
}
