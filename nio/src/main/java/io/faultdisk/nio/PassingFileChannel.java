package io.faultdisk.nio;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.NonReadableChannelException;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A file channel over one of the wrapped file system. All of a {@code FileChannel} as of Java 17;
 * see {@link FaultFileChannel} for the rest.
 *
 * <p>The wrapped channel keeps the position; what rules see is our copy of it, since asking for it
 * is a system call. If two threads use the position of one channel at the same time, rules may see
 * the offset of either; effects are told of the right one.
 *
 * <p>If the wrapped channel is closed by an interrupt, this one closes, too. Once closed, it leaves
 * complaining to the wrapped one.
 */
abstract class PassingFileChannel extends FileChannel {
  private final OpenFile file;
  private final FileChannel delegate;
  private final Mappings mappings;
  private final ReentrantLock positioned = new ReentrantLock();

  /** Where the wrapped channel's position should be. */
  private long position;

  PassingFileChannel(OpenFile file, FileChannel delegate) throws IOException {
    this.file = file;
    this.delegate = delegate;
    this.mappings = new Mappings(file, delegate);
    if (file.appends()) {
      position = delegate.position();
    }
  }

  OpenFile file() {
    return file;
  }

  FileChannel delegate() {
    return delegate;
  }

  Mappings mappings() {
    return mappings;
  }

  /** Where rules take the position to be. */
  long knownPosition() {
    return position;
  }

  /** After the wrapped channel has moved by itself. */
  void learnPosition() throws IOException {
    position = delegate.position();
  }

  /** If the wrapped channel was closed, this one is. */
  final ClosedChannelException noticed(ClosedChannelException e) throws IOException {
    if (isOpen() && !delegate.isOpen()) {
      close();
    }
    return e;
  }

  @Override
  public int read(ByteBuffer dst) throws IOException {
    if (!isOpen()) {
      return delegate.read(dst);
    }
    Passage passage = file.reading(position, dst.remaining());
    try {
      int moved =
          passage == Passage.ALL ? delegate.read(dst) : passage.read(dst, position, delegate::read);
      if (moved > 0) {
        position += moved;
      }
      return moved;
    } catch (ClosedChannelException e) {
      throw noticed(e);
    }
  }

  @Override
  public int read(ByteBuffer dst, long offset) throws IOException {
    if (!isOpen()) {
      return delegate.read(dst, offset);
    }
    Passage passage = file.reading(offset, dst.remaining());
    try {
      return passage == Passage.ALL
          ? delegate.read(dst, offset)
          : passage.read(dst, offset, bytes -> delegate.read(bytes, offset));
    } catch (ClosedChannelException e) {
      throw noticed(e);
    }
  }

  @Override
  public long read(ByteBuffer[] dsts, int from, int count) throws IOException {
    long wanted = Limits.remaining(dsts, from, count);
    if (!isOpen() || wanted < 0) {
      return delegate.read(dsts, from, count);
    }
    Passage passage = file.reading(position, wanted);
    try {
      long moved =
          passage == Passage.ALL
              ? delegate.read(dsts, from, count)
              : passage.isChanged()
                  ? readChanged(passage, dsts, from, count)
                  : Limits.first(
                      dsts,
                      from,
                      count,
                      passage.of(wanted),
                      () -> delegate.read(dsts, from, count));
      if (moved > 0) {
        position += moved;
      }
      return moved;
    } catch (ClosedChannelException e) {
      throw noticed(e);
    }
  }

  private int readChanged(Passage passage, ByteBuffer[] dsts, int from, int count)
      throws IOException {
    ByteBuffer together = Limits.together(Limits.remaining(dsts, from, count));
    int moved = passage.read(together, position, delegate::read);
    Limits.scatter(together.flip(), dsts, from, count);
    return moved;
  }

  @Override
  public int write(ByteBuffer src) throws IOException {
    if (!isOpen()) {
      return delegate.write(src);
    }
    Passage passage = file.writing(position, src.remaining());
    try {
      return write(passage, src);
    } catch (ClosedChannelException e) {
      throw noticed(e);
    }
  }

  /** Writes at the position what was let in. */
  int write(Passage passage, ByteBuffer src) throws IOException {
    if (passage.isChanged()) {
      return writeChanged(passage, src);
    }
    int allowed = (int) passage.of(src.remaining());
    if (file.precise()) {
      return storeAtPosition(src, allowed);
    }
    int moved =
        passage == Passage.ALL ? delegate.write(src) : Limits.first(src, allowed, delegate::write);
    moved(moved);
    return moved;
  }

  /** A write that fails leaves the position, even if it was done. */
  private int writeChanged(Passage passage, ByteBuffer src) throws IOException {
    long before = delegate.position();
    try {
      return file.storeChanged(
          passage,
          src,
          file.appends() ? delegate.size() : before,
          this::content,
          stored -> write(Passage.ALL, stored));
    } catch (IOException e) {
      if (!file.appends() && delegate.isOpen()) {
        delegate.position(before);
        position = before;
      }
      throw e;
    }
  }

  /** What the file holds now, without asking the rules. */
  private int content(ByteBuffer into, long offset) throws IOException {
    try {
      return delegate.read(into, offset);
    } catch (NonReadableChannelException e) {
      return file.content(into, offset);
    }
  }

  /** After a write at the position, which may have been at the end instead. */
  private void moved(long bytes) throws IOException {
    if (file.appends()) {
      learnPosition();
    } else {
      position += bytes;
    }
  }

  private int storeAtPosition(ByteBuffer src, int allowed) throws IOException {
    positioned.lock();
    try {
      long offset = file.appends() ? delegate.size() : delegate.position();
      int moved = file.store(src, offset, allowed, delegate::size, delegate::write);
      position = offset + moved;
      return moved;
    } finally {
      positioned.unlock();
    }
  }

  @Override
  public int write(ByteBuffer src, long offset) throws IOException {
    if (!isOpen()) {
      return delegate.write(src, offset);
    }
    Passage passage = file.writing(offset, src.remaining());
    try {
      return write(passage, src, offset);
    } catch (ClosedChannelException e) {
      throw noticed(e);
    }
  }

  /** Writes at an offset what was let in. */
  int write(Passage passage, ByteBuffer src, long offset) throws IOException {
    if (offset < 0) {
      return delegate.write(src, offset);
    }
    // Linux appends whatever the offset is.
    if (passage.isChanged()) {
      return file.storeChanged(
          passage,
          src,
          file.appends() ? delegate.size() : offset,
          this::content,
          stored -> write(Passage.ALL, stored, offset));
    }
    int allowed = (int) passage.of(src.remaining());
    if (file.precise()) {
      long where = file.appends() ? delegate.size() : offset;
      return file.store(
          src, where, allowed, delegate::size, bytes -> delegate.write(bytes, offset));
    }
    return passage == Passage.ALL
        ? delegate.write(src, offset)
        : Limits.first(src, allowed, bytes -> delegate.write(bytes, offset));
  }

  @Override
  public long write(ByteBuffer[] srcs, int from, int count) throws IOException {
    long wanted = Limits.remaining(srcs, from, count);
    if (!isOpen() || wanted < 0) {
      return delegate.write(srcs, from, count);
    }
    Passage passage = file.writing(position, wanted);
    try {
      if (passage.isChanged()) {
        int moved = writeChanged(passage, Limits.gathered(srcs, from, count));
        Limits.advance(srcs, from, count, moved);
        return moved;
      }
      long allowed = passage.of(wanted);
      if (file.precise()) {
        return storeAll(srcs, from, count, allowed);
      }
      long moved =
          allowed == wanted
              ? delegate.write(srcs, from, count)
              : Limits.first(srcs, from, count, allowed, () -> delegate.write(srcs, from, count));
      moved(moved);
      return moved;
    } catch (ClosedChannelException e) {
      throw noticed(e);
    }
  }

  /** One buffer after the other; an error counts only if nothing was written before it. */
  private long storeAll(ByteBuffer[] srcs, int from, int count, long allowed) throws IOException {
    long moved = 0;
    for (int i = from; i < from + count && moved < allowed; i++) {
      while (srcs[i].hasRemaining() && moved < allowed) {
        try {
          int part = (int) Math.min(allowed - moved, srcs[i].remaining());
          moved += storeAtPosition(srcs[i], part);
        } catch (IOException e) {
          if (moved == 0) {
            throw e;
          }
          return moved;
        }
      }
    }
    return moved;
  }

  /**
   * Writes a part of a transfer at the position.
   *
   * @param before what was transferred already: then an error only ends it
   */
  int storePart(ByteBuffer part, long before) throws IOException {
    try {
      return storeAtPosition(part, part.remaining());
    } catch (ClosedChannelException e) {
      throw noticed(e);
    } catch (IOException e) {
      if (before == 0) {
        throw e;
      }
      return 0;
    }
  }

  /** Writes a part of a transfer at an offset. */
  int storePart(ByteBuffer part, long offset, long before) throws IOException {
    try {
      long where = file.appends() ? delegate.size() : offset;
      return file.store(
          part, where, part.remaining(), delegate::size, bytes -> delegate.write(bytes, offset));
    } catch (ClosedChannelException e) {
      throw noticed(e);
    } catch (IOException e) {
      if (before == 0) {
        throw e;
      }
      return 0;
    }
  }

  @Override
  public long position() throws IOException {
    if (!isOpen()) {
      return delegate.position();
    }
    file.gate().checkPower();
    try {
      position = delegate.position();
      return position;
    } catch (ClosedChannelException e) {
      throw noticed(e);
    }
  }

  @Override
  public FileChannel position(long newPosition) throws IOException {
    if (!isOpen()) {
      delegate.position(newPosition);
      return this;
    }
    file.gate().checkPower();
    try {
      delegate.position(newPosition);
      position = newPosition;
      return this;
    } catch (ClosedChannelException e) {
      throw noticed(e);
    }
  }

  @Override
  public long size() throws IOException {
    if (!isOpen()) {
      return delegate.size();
    }
    file.gate().checkPower();
    try {
      return delegate.size();
    } catch (ClosedChannelException e) {
      throw noticed(e);
    }
  }

  @Override
  public FileChannel truncate(long size) throws IOException {
    if (!isOpen()) {
      delegate.truncate(size);
      return this;
    }
    try {
      file.truncate(size, delegate::size, () -> delegate.truncate(size));
      learnPosition();
      return this;
    } catch (ClosedChannelException e) {
      throw noticed(e);
    }
  }

  @Override
  public void force(boolean metaData) throws IOException {
    if (!isOpen()) {
      delegate.force(metaData);
      return;
    }
    try {
      mappings.settle();
      file.force(metaData, () -> delegate.force(metaData));
    } catch (ClosedChannelException e) {
      throw noticed(e);
    }
  }

  @Override
  public long transferTo(long offset, long count, WritableByteChannel target) throws IOException {
    if (!isOpen()) {
      return delegate.transferTo(offset, count, target);
    }
    try {
      return Transfers.to(this, offset, count, target);
    } catch (ClosedChannelException e) {
      throw noticed(e);
    }
  }

  @Override
  public long transferFrom(ReadableByteChannel source, long offset, long count) throws IOException {
    if (!isOpen()) {
      return delegate.transferFrom(source, offset, count);
    }
    try {
      return Transfers.from(this, source, offset, count);
    } catch (ClosedChannelException e) {
      throw noticed(e);
    }
  }

  @Override
  public MappedByteBuffer map(MapMode mode, long offset, long bytes) throws IOException {
    if (!isOpen()) {
      return delegate.map(mode, offset, bytes);
    }
    try {
      return mappings.map(mode, offset, bytes, () -> delegate.map(mode, offset, bytes));
    } catch (ClosedChannelException e) {
      throw noticed(e);
    }
  }

  @Override
  public FileLock lock(long offset, long bytes, boolean shared) throws IOException {
    if (!isOpen()) {
      return delegate.lock(offset, bytes, shared);
    }
    file.locking(offset, bytes);
    try {
      return new FaultFileLock(this, delegate.lock(offset, bytes, shared));
    } catch (ClosedChannelException e) {
      throw noticed(e);
    }
  }

  @Override
  public @Nullable FileLock tryLock(long offset, long bytes, boolean shared) throws IOException {
    if (!isOpen()) {
      return delegate.tryLock(offset, bytes, shared);
    }
    file.locking(offset, bytes);
    try {
      FileLock lock = delegate.tryLock(offset, bytes, shared);
      return lock == null ? null : new FaultFileLock(this, lock);
    } catch (ClosedChannelException e) {
      throw noticed(e);
    }
  }

  @Override
  protected void implCloseChannel() throws IOException {
    if (!delegate.isOpen()) {
      file.closed();
      return;
    }
    IOException failure = null;
    try {
      mappings.close();
    } catch (IOException e) {
      failure = e;
    }
    file.close(delegate::close);
    if (failure != null) {
      throw failure;
    }
  }
}
