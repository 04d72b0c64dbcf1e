package io.faultdisk.nio;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.CopyOption;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Arrays;
import java.util.List;

/**
 * Copies and moves from one file system of a provider to another, as {@code Files} does it between
 * providers: through streams.
 */
final class Crossings {
  private Crossings() {}

  static void copy(Path source, Path target, CopyOption... options) throws IOException {
    List<CopyOption> asked = Arrays.asList(options);
    LinkOption[] links =
        asked.contains(LinkOption.NOFOLLOW_LINKS)
            ? new LinkOption[] {LinkOption.NOFOLLOW_LINKS}
            : new LinkOption[0];
    BasicFileAttributes what = Files.readAttributes(source, BasicFileAttributes.class, links);
    if (what.isSymbolicLink()) {
      throw new IOException("Copying of symbolic links not supported");
    }
    if (asked.contains(StandardCopyOption.REPLACE_EXISTING)) {
      Files.deleteIfExists(target);
    } else if (Files.exists(target)) {
      throw new FileAlreadyExistsException(target.toString());
    }
    if (what.isDirectory()) {
      Files.createDirectory(target);
    } else {
      try (InputStream in = Files.newInputStream(source)) {
        Files.copy(in, target);
      }
    }
    if (asked.contains(StandardCopyOption.COPY_ATTRIBUTES)) {
      Files.getFileAttributeView(target, BasicFileAttributeView.class)
          .setTimes(what.lastModifiedTime(), what.lastAccessTime(), what.creationTime());
    }
  }

  static void move(Path source, Path target, CopyOption... options) throws IOException {
    List<CopyOption> asked = Arrays.asList(options);
    if (asked.contains(StandardCopyOption.ATOMIC_MOVE)) {
      throw new AtomicMoveNotSupportedException(
          source.toString(), target.toString(), "they are on different file systems");
    }
    copy(
        source,
        target,
        asked.contains(StandardCopyOption.REPLACE_EXISTING)
            ? new CopyOption[] {
              StandardCopyOption.REPLACE_EXISTING,
              StandardCopyOption.COPY_ATTRIBUTES,
              LinkOption.NOFOLLOW_LINKS
            }
            : new CopyOption[] {StandardCopyOption.COPY_ATTRIBUTES, LinkOption.NOFOLLOW_LINKS});
    Files.delete(source);
  }
}
