package io.faultdisk.nbd.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;

/**
 * A connection as a load uses it: requests out, replies in, on one thread. Any thread may close.
 */
sealed interface Wire extends AutoCloseable {

  /**
   * Sends and receives.
   *
   * @param out what remains in it is sent, though not all of it if replies come first
   * @param in with room for a byte; replies are appended
   * @param await whether to wait for a byte of a reply after everything was sent
   * @return false if the server will send no more
   */
  boolean exchange(ByteBuffer out, ByteBuffer in, boolean await) throws IOException;

  @Override
  void close() throws IOException;

  /**
   * Sends everything, then receives: two system calls. Right as long as either direction is thin,
   * that is, for reads alone and for writes alone; with both, the server could be waiting for us to
   * take data while we wait for it to take some.
   */
  record InTurn(SocketChannel channel) implements Wire {
    @Override
    public boolean exchange(ByteBuffer out, ByteBuffer in, boolean await) throws IOException {
      while (out.hasRemaining()) {
        channel.write(out);
      }
      return !await || channel.read(in) >= 0;
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }

  /** Sends what goes and receives what comes. One more system call whenever neither does. */
  record AtOnce(SocketChannel channel, Selector selector, SelectionKey key) implements Wire {
    static AtOnce over(SocketChannel channel) throws IOException {
      channel.configureBlocking(false);
      Selector selector = Selector.open();
      return new AtOnce(channel, selector, channel.register(selector, SelectionKey.OP_READ));
    }

    @Override
    public boolean exchange(ByteBuffer out, ByteBuffer in, boolean await) throws IOException {
      while (true) {
        if (out.hasRemaining()) {
          channel.write(out);
        }
        boolean blocked = out.hasRemaining();
        int received = blocked || await ? channel.read(in) : 0;
        if (received < 0) {
          return false;
        }
        if (received > 0 || !(blocked || await)) {
          return true;
        }
        key.interestOps(
            blocked ? SelectionKey.OP_READ | SelectionKey.OP_WRITE : SelectionKey.OP_READ);
        selector.select(_ -> {});
      }
    }

    @Override
    public void close() throws IOException {
      selector.close();
      channel.close();
    }
  }
}
