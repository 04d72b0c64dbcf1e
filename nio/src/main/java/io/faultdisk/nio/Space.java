package io.faultdisk.nio;

import io.faultdisk.base.Errno;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What may still be written: a quota (how much files may have grown through us and still hold) and
 * an end of space (how much may be written in all). Sizes count, not blocks: a hole is as large as
 * what fills it.
 *
 * <p>While there is a limit, one write at a time is made: {@link #lock} before the size of the file
 * is looked at, {@link #unlock} after {@link #charge}.
 */
final class Space {
  private final long quotaBytes;
  private final long totalBytes;
  private final ReentrantLock lock = new ReentrantLock();

  /** What each file has grown by, by its key; with the lock held. */
  private final Map<Object, Long> held = new HashMap<>();

  private long heldBytes;
  private long writtenBytes;

  /**
   * @param quotaBytes what files may hold at once; {@link Long#MAX_VALUE} is without limit
   * @param totalBytes what may be written in all; {@link Long#MAX_VALUE} is without limit
   */
  Space(long quotaBytes, long totalBytes) {
    this.quotaBytes = quotaBytes;
    this.totalBytes = totalBytes;
  }

  boolean limited() {
    return quotaBytes != Long.MAX_VALUE || totalBytes != Long.MAX_VALUE;
  }

  void lock() {
    lock.lock();
  }

  void unlock() {
    lock.unlock();
  }

  /** How many bytes more can be used. */
  long leftBytes() {
    lock.lock();
    try {
      return Math.max(0, Math.min(quotaBytes - heldBytes, totalBytes - writtenBytes));
    } finally {
      lock.unlock();
    }
  }

  /**
   * How much of a write fits, at least one byte.
   *
   * @throws IOException if nothing does
   */
  long fitting(long size, long offset, long bytes) throws IOException {
    if (bytes == 0) {
      return 0;
    }
    long left = totalBytes - writtenBytes;
    if (left <= 0) {
      throw ErrnoExceptions.ofChannel(Errno.ENOSPC);
    }
    long fits = Math.min(bytes, left);
    long room = quotaBytes - heldBytes;
    // What is there already can be overwritten; beyond, only the room can be filled.
    long beyond = offset - size;
    if (fits > room - beyond) {
      fits = room - beyond;
      if (fits <= 0) {
        throw ErrnoExceptions.ofChannel(Errno.EDQUOT);
      }
    }
    return fits;
  }

  /**
   * Asks for room for a whole file.
   *
   * @throws IOException if it does not fit
   */
  void demand(long bytes) throws IOException {
    if (bytes > totalBytes - writtenBytes) {
      throw ErrnoExceptions.ofChannel(Errno.ENOSPC);
    }
    if (bytes > quotaBytes - heldBytes) {
      throw ErrnoExceptions.ofChannel(Errno.EDQUOT);
    }
  }

  /** Bytes were written. */
  void charge(Object file, long size, long offset, long bytes) {
    if (bytes <= 0) {
      return;
    }
    writtenBytes += bytes;
    grow(file, Math.max(0, offset + bytes - size));
  }

  private void grow(Object file, long bytes) {
    if (bytes > 0) {
      held.merge(file, bytes, Long::sum);
      heldBytes += bytes;
    }
  }

  /** A file was cut: gives back at most what it has grown by. */
  void shrink(Object file, long bytes) {
    long back = Math.min(bytes, held.getOrDefault(file, 0L));
    if (back > 0) {
      heldBytes -= back;
      held.merge(file, -back, Long::sum);
    }
  }

  /** A file is gone. */
  void forget(@Nullable Object file) {
    if (file == null) {
      return;
    }
    lock.lock();
    try {
      Long back = held.remove(file);
      if (back != null) {
        heldBytes -= back;
      }
    } finally {
      lock.unlock();
    }
  }

  /** A file without a key of its own has moved. */
  void moved(Object from, Object to) {
    lock.lock();
    try {
      Long bytes = held.remove(from);
      if (bytes != null) {
        held.put(to, bytes);
      }
    } finally {
      lock.unlock();
    }
  }

  /** What a file is known by; its path if it has no key. */
  static Object keyOf(Path path, LinkOption... options) throws IOException {
    Object key = Files.readAttributes(path, BasicFileAttributes.class, options).fileKey();
    return key != null ? key : path.toAbsolutePath().normalize();
  }

  /** The key of a file whose bytes are given back if this name of it goes; null if none are. */
  static @Nullable Object lastNameOf(Path path) {
    try {
      if (path.getFileSystem().supportedFileAttributeViews().contains("unix")
          && ((Number) Files.getAttribute(path, "unix:nlink", LinkOption.NOFOLLOW_LINKS)).intValue()
              > 1) {
        return null;
      }
      return keyOf(path, LinkOption.NOFOLLOW_LINKS);
    } catch (IOException e) {
      return null; // It is not there; whoever asks is about to be told so.
    }
  }
}
