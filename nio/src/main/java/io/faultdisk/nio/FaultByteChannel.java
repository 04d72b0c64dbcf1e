package io.faultdisk.nio;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A channel over one that is no {@code FileChannel}, as zip's are: one position, and no more than a
 * {@link SeekableByteChannel} can.
 */
final class FaultByteChannel implements SeekableByteChannel {
  private final OpenFile file;
  private final SeekableByteChannel delegate;
  private final ReentrantLock writes = new ReentrantLock();

  FaultByteChannel(OpenFile file, SeekableByteChannel delegate) {
    this.file = file;
    this.delegate = delegate;
  }

  @Override
  public int read(ByteBuffer dst) throws IOException {
    if (!delegate.isOpen()) {
      return delegate.read(dst);
    }
    long offset = delegate.position();
    return file.reading(offset, dst.remaining()).read(dst, offset, delegate::read);
  }

  @Override
  public int write(ByteBuffer src) throws IOException {
    if (!delegate.isOpen()) {
      return delegate.write(src);
    }
    Passage passage = file.writing(delegate.position(), src.remaining());
    writes.lock();
    try {
      long offset = file.appends() ? delegate.size() : delegate.position();
      if (passage.isChanged()) {
        return file.storeChanged(
            passage,
            src,
            offset,
            file::content,
            stored ->
                file.store(stored, offset, stored.remaining(), delegate::size, delegate::write));
      }
      int allowed = (int) passage.of(src.remaining());
      return file.store(src, offset, allowed, delegate::size, delegate::write);
    } finally {
      writes.unlock();
    }
  }

  @Override
  public long position() throws IOException {
    file.gate().checkPower();
    return delegate.position();
  }

  @Override
  public SeekableByteChannel position(long newPosition) throws IOException {
    file.gate().checkPower();
    delegate.position(newPosition);
    return this;
  }

  @Override
  public long size() throws IOException {
    file.gate().checkPower();
    return delegate.size();
  }

  @Override
  public SeekableByteChannel truncate(long size) throws IOException {
    if (delegate.isOpen()) {
      file.truncate(size, delegate::size, () -> delegate.truncate(size));
    } else {
      delegate.truncate(size);
    }
    return this;
  }

  @Override
  public boolean isOpen() {
    return delegate.isOpen();
  }

  @Override
  public void close() throws IOException {
    if (delegate.isOpen()) {
      file.close(delegate::close);
    }
  }
}
