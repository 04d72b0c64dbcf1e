package io.faultdisk.nio;

import io.faultdisk.rules.Decision;
import io.faultdisk.rules.FailFlush;
import io.faultdisk.rules.FileEvents;
import io.faultdisk.rules.Target;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import org.jspecify.annotations.Nullable;

/**
 * What a channel or a stream knows of its file: asks the rules before, tells of effects after,
 * keeps within the space.
 *
 * <p>Safe from any thread.
 */
final class OpenFile {
  private final FaultPath path;
  private final Target target;
  private final Gate gate;
  private final FileEffects effects;
  private final Effects all;
  private final boolean listening;
  private final @Nullable Space space;
  private final Object key;
  private final boolean directory;
  private final boolean append;
  private final boolean deleteOnClose;
  private final boolean writable;

  OpenFile(FaultPath path, FileEffects effects, Kind kind, Object key) {
    FaultFileSystem fileSystem = path.getFileSystem();
    this.path = path;
    this.target = path.target();
    this.gate = fileSystem.gate();
    this.effects = effects;
    this.all = fileSystem.effects();
    this.listening = all.listening();
    this.space = fileSystem.space().limited() ? fileSystem.space() : null;
    this.key = key;
    this.directory = kind.directory();
    this.append = kind.append();
    this.deleteOnClose = kind.deleteOnClose();
    this.writable = kind.writable();
  }

  /**
   * How it was opened.
   *
   * @param directory known only if effects are listened to
   */
  record Kind(boolean directory, boolean writable, boolean append, boolean deleteOnClose) {}

  /** What a file's size is now. */
  @FunctionalInterface
  interface Size {
    long bytes() throws IOException;
  }

  /** Writes from a buffer's position to its limit. */
  @FunctionalInterface
  interface Write {
    int from(ByteBuffer bytes) throws IOException;
  }

  FaultFileSystem fileSystem() {
    return path.getFileSystem();
  }

  Gate gate() {
    return gate;
  }

  boolean appends() {
    return append;
  }

  /** Whether someone has to know exactly what is written, and where; if anything can be. */
  boolean precise() {
    return writable && (listening || space != null);
  }

  boolean listening() {
    return listening;
  }

  /** Before a read. */
  Passage reading(long offset, long bytes) throws IOException {
    return gate.transfer(FileEvents.READ, target, offset, bytes);
  }

  /** Before a write. */
  Passage writing(long offset, long bytes) throws IOException {
    return gate.transfer(FileEvents.WRITE, target, offset, bytes);
  }

  /**
   * Writes a buffer as a rule wants it.
   *
   * @param before what the file holds now
   * @param write does it with the bytes that are really stored
   * @return how many bytes the caller is told
   */
  int storeChanged(
      Passage passage, ByteBuffer bytes, long offset, Passage.Content before, Write write)
      throws IOException {
    int moved = write.from(passage.stored(bytes, offset, before));
    passage.done(gate);
    bytes.position(bytes.position() + moved);
    return moved;
  }

  /** What the file holds, for channels that cannot read; nothing if it is not there any more. */
  int content(ByteBuffer into, long offset) throws IOException {
    try (SeekableByteChannel now = Files.newByteChannel(path.delegate())) {
      return now.position(offset).read(into);
    } catch (NoSuchFileException e) {
      return -1;
    }
  }

  /**
   * Writes the first bytes of a buffer, as many as fit, and tells of it.
   *
   * @return how many were written
   */
  int store(ByteBuffer bytes, long offset, int allowed, Size size, Write write) throws IOException {
    if (!listening) {
      return storeWithin(bytes, offset, allowed, size, write);
    }
    all.lock();
    try {
      // Another channel may have appended, too.
      long where = append ? size.bytes() : offset;
      int start = bytes.position();
      int moved = storeWithin(bytes, where, allowed, size, write);
      if (moved > 0) {
        ByteBuffer written = bytes.asReadOnlyBuffer();
        written.limit(start + moved).position(start);
        effects.wrote(where, written);
      } else {
        effects.grown(size.bytes()); // In some file systems, a write of nothing makes it grow.
      }
      return moved;
    } finally {
      all.unlock();
    }
  }

  private int storeWithin(ByteBuffer bytes, long offset, int allowed, Size size, Write write)
      throws IOException {
    if (space == null) {
      return Limits.first(bytes, allowed, write);
    }
    space.lock();
    try {
      long before = size.bytes();
      int moved = Limits.first(bytes, (int) space.fitting(before, offset, allowed), write);
      space.charge(key, before, offset, moved);
      return moved;
    } finally {
      space.unlock();
    }
  }

  /** Tells of bytes that were written past {@link #store}. */
  void wrote(long offset, ByteBuffer bytes) throws IOException {
    all.lock();
    try {
      effects.wrote(offset, bytes);
    } finally {
      all.unlock();
    }
  }

  /** The same for who has the lock of effects, and perhaps no power. */
  void wroteUnasked(long offset, ByteBuffer bytes) throws IOException {
    effects.wrote(offset, bytes);
  }

  /** How large the file is by what was told, for who has the lock of effects. */
  long sizeTold() {
    return effects.size();
  }

  /**
   * The file is mapped for writing, and perhaps has grown by that.
   *
   * @param mappings null if nobody looks what is stored
   */
  void mapped(@Nullable Mappings mappings, long before, long after) throws IOException {
    if (space != null && after > before) {
      space.lock();
      try {
        space.charge(key, before, before, after - before);
      } finally {
        space.unlock();
      }
    }
    all.lock();
    try {
      if (after > before) {
        effects.grown(after);
      }
      if (mappings != null) {
        all.mapped(mappings);
      }
    } finally {
      all.unlock();
    }
  }

  /** Cuts the file, unless a rule says no. */
  void truncate(long newSize, Size size, Action truncate) throws IOException {
    gate.transfer(
        FileEvents.TRUNCATE, target, Math.max(0, newSize), Long.MAX_VALUE - Math.max(0, newSize));
    if (!precise()) {
      truncate.run();
      return;
    }
    all.lock();
    try {
      long before = size.bytes();
      truncateWithin(before, size, truncate);
      long after = size.bytes();
      if (after < before) {
        effects.truncated(after);
      }
    } finally {
      all.unlock();
    }
  }

  private void truncateWithin(long before, Size size, Action truncate) throws IOException {
    if (space == null) {
      truncate.run();
      return;
    }
    space.lock();
    try {
      truncate.run();
      space.shrink(key, before - size.bytes());
    } finally {
      space.unlock();
    }
  }

  /** Something that can fail. */
  @FunctionalInterface
  interface Action {
    void run() throws IOException;
  }

  /** Makes the file durable, unless a rule says otherwise. */
  void force(boolean metadata, Action force) throws IOException {
    Decision decision = gate.flush(metadata ? FileEvents.FSYNC : FileEvents.FDATASYNC, target);
    all.lock();
    try {
      if (decision instanceof Decision.FailFlush failFlush) {
        FailFlush rule = failFlush.rule();
        effects.flushFailed(rule.mode());
        if (rule.mode() != FailFlush.Mode.LIE) {
          throw ErrnoExceptions.ofChannel(rule.errno());
        }
        return;
      }
      force.run();
      if (directory) {
        all.forcedDirectory(path);
      } else {
        effects.forced(metadata);
      }
    } finally {
      all.unlock();
    }
    if (decision instanceof Decision.Fail fail) {
      throw ErrnoExceptions.ofChannel(fail.errno());
    }
  }

  /** Before a lock. */
  void locking(long offset, long bytes) throws IOException {
    gate.transfer(FileEvents.LOCK, target, offset, bytes);
  }

  /** Before a mapping. */
  void mapping(long offset, long bytes) throws IOException {
    gate.transfer(FileEvents.MAP, target, offset, bytes);
  }

  /** Closes in any case; then throws what a rule says. */
  void close(Action close) throws IOException {
    IOException failure = null;
    if (gate.isPowered()) {
      try {
        gate.transfer(FileEvents.CLOSE, target, 0, 0);
      } catch (IOException e) {
        failure = e;
      }
    }
    try {
      close.run();
    } finally {
      closed();
    }
    if (failure != null) {
      throw failure;
    }
  }

  /** It was closed, perhaps by an interrupt. */
  void closed() throws IOException {
    effects.closed();
    if (deleteOnClose
        && gate.isPowered()
        && Files.notExists(path.delegate(), LinkOption.NOFOLLOW_LINKS)) {
      fileSystem().space().forget(key);
      all.lock();
      try {
        all.deleted(path);
      } finally {
        all.unlock();
      }
    }
  }
}
