package io.faultdisk.nbd.tls;

import io.faultdisk.nbd.Transport;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;

/**
 * A transport as streams, for a library that wants those. Bytes are gathered in direct buffers, so
 * that many records cross the transport at once. Closing the streams does nothing.
 *
 * <p>The two are independent, each for one thread at a time.
 */
final class TransportStreams {
  private static final int BYTES = 64 << 10;
  private static final int RECORD_HEADER_BYTES = 5;

  private TransportStreams() {}

  /** Nothing is there, and waiting was not wanted. The library takes it for a pause. */
  static final class NothingThere extends InterruptedIOException {
    private static final long serialVersionUID = 1L;

    @Override
    public synchronized Throwable fillInStackTrace() {
      return this;
    }
  }

  /** What comes. */
  static final class In extends InputStream {
    private final Transport plain;
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(BYTES).limit(0);
    private final NothingThere nothingThere = new NothingThere();
    private boolean waiting = true;

    In(Transport plain) {
      this.plain = plain;
    }

    /** Whether a record of TLS is there as a whole, so that reading it will not wait. */
    boolean hasRecord() {
      int at = buffer.position();
      return buffer.remaining() >= RECORD_HEADER_BYTES
          && buffer.remaining() - RECORD_HEADER_BYTES >= (buffer.getShort(at + 3) & 0xffff);
    }

    /**
     * Whether reading waits for the transport, or throws {@link NothingThere} when the buffer is
     * empty.
     */
    void waits(boolean wait) {
      waiting = wait;
    }

    @Override
    public int read() throws IOException {
      return fill() ? buffer.get() & 0xff : -1;
    }

    @Override
    public int read(byte[] target, int offset, int bytes) throws IOException {
      if (bytes == 0) {
        return 0;
      }
      if (!fill()) {
        return -1;
      }
      int count = Math.min(bytes, buffer.remaining());
      buffer.get(target, offset, count);
      return count;
    }

    private boolean fill() throws IOException {
      if (buffer.hasRemaining()) {
        return true;
      }
      if (!waiting) {
        throw nothingThere;
      }
      buffer.clear();
      try {
        return plain.receive(buffer) >= 0;
      } finally {
        buffer.flip();
      }
    }
  }

  /** What goes, when it is pushed. */
  static final class Out extends OutputStream {
    private final Transport plain;
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(BYTES);
    private boolean gathering;

    Out(Transport plain) {
      this.plain = plain;
    }

    /** From now on, records wait until there is no room for more or they are pushed. */
    void gather() {
      gathering = true;
    }

    void push() throws IOException {
      try {
        plain.send(buffer.flip());
      } finally {
        buffer.clear();
      }
    }

    @Override
    public void write(int one) throws IOException {
      write(new byte[] {(byte) one}, 0, 1);
    }

    @Override
    public void write(byte[] source, int offset, int bytes) throws IOException {
      if (bytes > buffer.remaining()) {
        push();
      }
      if (bytes > buffer.remaining()) {
        plain.send(ByteBuffer.wrap(source, offset, bytes));
      } else {
        buffer.put(source, offset, bytes);
      }
    }

    @Override
    public void flush() throws IOException {
      if (!gathering) {
        push();
      }
    }
  }
}
