package io.faultdisk.nio;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;

/**
 * A stream of the wrapped file system's, announced as reads. A rule that shortens a read makes it
 * return less, as any stream may.
 */
final class FaultInputStream extends InputStream {
  private final OpenFile file;
  private final InputStream delegate;
  private long offset;
  private long marked;
  private boolean closed;

  FaultInputStream(OpenFile file, InputStream delegate) {
    this.file = file;
    this.delegate = delegate;
  }

  @Override
  public int read() throws IOException {
    Passage passage = closed ? Passage.ALL : file.reading(offset, 1);
    if (passage.isChanged()) {
      byte[] one = new byte[1];
      return read(passage, one, 0, 1) < 0 ? -1 : Byte.toUnsignedInt(one[0]);
    }
    int value = delegate.read();
    if (value >= 0) {
      offset++;
    }
    return value;
  }

  @Override
  public int read(byte[] bytes, int from, int count) throws IOException {
    if (from < 0 || count <= 0 || count > bytes.length - from || closed) {
      return delegate.read(bytes, from, count);
    }
    return read(file.reading(offset, count), bytes, from, count);
  }

  private int read(Passage passage, byte[] bytes, int from, int count) throws IOException {
    int moved =
        passage.read(
            ByteBuffer.wrap(bytes, from, count),
            offset,
            part -> delegate.read(bytes, part.position(), part.remaining()));
    if (moved > 0) {
      offset += moved;
    }
    return moved;
  }

  @Override
  public long skip(long bytes) throws IOException {
    file.gate().checkPower();
    long skipped = delegate.skip(bytes);
    offset += skipped;
    return skipped;
  }

  @Override
  public int available() throws IOException {
    file.gate().checkPower();
    return delegate.available();
  }

  @Override
  public boolean markSupported() {
    return delegate.markSupported();
  }

  @Override
  public synchronized void mark(int readLimit) {
    delegate.mark(readLimit);
    marked = offset;
  }

  @Override
  public synchronized void reset() throws IOException {
    delegate.reset();
    offset = marked;
  }

  @Override
  public void close() throws IOException {
    if (closed) {
      delegate.close();
    } else {
      closed = true;
      file.close(delegate::close);
    }
  }
}
