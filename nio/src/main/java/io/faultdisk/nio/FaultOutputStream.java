package io.faultdisk.nio;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A stream of the wrapped file system's, announced as writes. A rule that shortens a write only
 * makes more of them: a stream writes until all is written.
 */
final class FaultOutputStream extends OutputStream {
  private final OpenFile file;
  private final OutputStream delegate;
  private final Path path;
  private long offset;
  private boolean closed;

  FaultOutputStream(OpenFile file, OutputStream delegate, Path path) {
    this.file = file;
    this.delegate = delegate;
    this.path = path;
    this.offset = file.appends() ? size() : 0;
  }

  /** The file's size as far as the stream knows; it may be in no directory any more. */
  private long size() {
    try {
      return Files.size(path);
    } catch (IOException e) {
      return offset;
    }
  }

  @Override
  public void write(int value) throws IOException {
    if (closed) {
      delegate.write(value);
    } else if (file.precise()) {
      write(new byte[] {(byte) value}, 0, 1);
    } else {
      Passage passage = file.writing(offset, 1);
      if (passage.isChanged()) {
        write(passage, ByteBuffer.wrap(new byte[] {(byte) value}));
      } else {
        delegate.write(value);
        offset++;
      }
    }
  }

  @Override
  public void write(byte[] bytes, int from, int count) throws IOException {
    if (from < 0 || count < 0 || count > bytes.length - from || closed) {
      delegate.write(bytes, from, count); // It has something to say to that.
      return;
    }
    int done = 0;
    do {
      int left = count - done;
      Passage passage = file.writing(offset, left);
      done += write(passage, ByteBuffer.wrap(bytes, from + done, left));
    } while (done < count);
  }

  private int write(Passage passage, ByteBuffer bytes) throws IOException {
    if (passage.isChanged()) {
      return file.storeChanged(
          passage,
          bytes,
          file.appends() ? size() : offset,
          file::content,
          stored -> write(Passage.ALL, stored));
    }
    int allowed = (int) passage.of(bytes.remaining());
    if (file.precise()) {
      return store(bytes, allowed);
    }
    delegate.write(bytes.array(), bytes.arrayOffset() + bytes.position(), allowed);
    offset += allowed;
    return allowed;
  }

  private int store(ByteBuffer bytes, int allowed) throws IOException {
    long where = file.appends() ? size() : offset;
    int moved =
        file.store(
            bytes,
            where,
            allowed,
            () -> Math.max(size(), offset),
            part -> {
              int count = part.remaining();
              delegate.write(part.array(), part.arrayOffset() + part.position(), count);
              part.position(part.limit());
              return count;
            });
    offset = where + moved;
    return moved;
  }

  @Override
  public void flush() throws IOException {
    file.gate().checkPower();
    delegate.flush();
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
