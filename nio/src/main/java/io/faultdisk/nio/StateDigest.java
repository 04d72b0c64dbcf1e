package io.faultdisk.nio;

import io.faultdisk.nio.CrashState.Directory;
import io.faultdisk.nio.CrashState.File;
import io.faultdisk.nio.CrashState.Link;
import io.faultdisk.nio.CrashState.Node;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Digests a directory of a {@link CrashState}. For one thread. */
final class StateDigest {
  private final MessageDigest digest;

  /** Files seen so far: one with two names is not the same as two. */
  private final Map<File, Integer> files = new HashMap<>();

  private StateDigest() {
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has it", e);
    }
  }

  static String of(CrashState state, Path directory) {
    List<String> names = new ArrayList<>();
    names.add(String.valueOf(directory.getRoot()));
    directory.forEach(name -> names.add(name.toString()));
    Node at = state.root();
    for (String name : names) {
      @Nullable Node next = at instanceof Directory parent ? parent.names().get(name) : null;
      if (next == null) {
        return "";
      }
      at = next;
    }
    if (at instanceof Directory empty
        && empty.names().values().stream().allMatch(Objects::isNull)) {
      return ""; // As before anything was known of it.
    }
    StateDigest result = new StateDigest();
    result.add(at);
    return HexFormat.of().formatHex(result.digest.digest());
  }

  private void add(Node node) {
    if (node instanceof Directory directory) {
      add("directory", 0);
      for (Map.Entry<String, @Nullable Node> entry : directory.names().entrySet()) {
        Node child = entry.getValue();
        if (child != null) {
          add(entry.getKey(), 1);
          add(child);
        }
      }
      add("end", 0);
    } else if (node instanceof Link link) {
      add(link.inode().target(), 2);
    } else if (node instanceof File file) {
      add(file);
    }
  }

  private void add(File file) {
    Integer known = files.putIfAbsent(file, files.size());
    if (known != null) {
      add("again", known);
      return;
    }
    Pages content = file.content();
    add("file", content.size());
    TreeSet<Long> numbers = new TreeSet<>();
    content.numbers().forEach(numbers::add);
    for (long number : numbers) {
      byte[] page = content.page(number);
      if (page != null && !isZero(page)) {
        add("page", number);
        digest.update(page);
      }
    }
  }

  private static boolean isZero(byte[] page) {
    for (byte each : page) {
      if (each != 0) {
        return false;
      }
    }
    return true;
  }

  private void add(String word, long number) {
    byte[] bytes = word.getBytes(StandardCharsets.UTF_8);
    digest.update(ByteBuffer.allocate(12).putInt(bytes.length).putLong(number).flip());
    digest.update(bytes);
  }
}
