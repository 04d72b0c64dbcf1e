package io.faultdisk.nbd;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/** A connected TCP or Unix socket as it is. Threads: as {@link Transport} says. */
public final class SocketTransport implements Transport {
  private final SocketChannel channel;
  private final String peer;

  /**
   * Takes the socket over; {@link #close} closes it. Small messages leave at once (no Nagle).
   *
   * @throws IOException if the socket is broken already
   */
  public SocketTransport(SocketChannel channel) throws IOException {
    this.channel = channel;
    channel.configureBlocking(true);
    if (channel.getRemoteAddress() instanceof InetSocketAddress address) {
      channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
      this.peer = address.getAddress().getHostAddress() + ":" + address.getPort();
    } else {
      this.peer = "unix";
    }
  }

  @Override
  public int receive(ByteBuffer target) throws IOException {
    return channel.read(target);
  }

  @Override
  public void send(ByteBuffer source) throws IOException {
    while (source.hasRemaining()) {
      channel.write(source);
    }
  }

  @Override
  public void stopReceiving() {
    try {
      channel.shutdownInput();
    } catch (IOException e) {
      close(); // it is broken, and so nothing comes any more
    }
  }

  @Override
  public void stopSending() throws IOException {
    channel.shutdownOutput();
  }

  @Override
  public String peer() {
    return peer;
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      // Nobody can do anything about it, and nobody uses it any more.
    }
  }
}
