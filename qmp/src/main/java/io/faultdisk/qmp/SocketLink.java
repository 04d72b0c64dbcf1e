package io.faultdisk.qmp;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;

/** A connected socket, in blocking mode. */
record SocketLink(SocketChannel channel) implements Link {
  @Override
  public InputStream in() {
    return Channels.newInputStream(channel);
  }

  @Override
  public OutputStream out() {
    return Channels.newOutputStream(channel);
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
