package io.faultdisk.nbd.server;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Path;

/** Opens what a {@link NbdServer} listens on. */
public final class Sockets {
  /** Clients that may wait to be accepted; the kernel has a limit of its own. */
  private static final int BACKLOG = 1024;

  private Sockets() {}

  /**
   * A socket in the file system; whoever opened it removes the file, before and after.
   *
   * @throws IOException if the path is taken, or too long (107 bytes)
   */
  public static ServerSocketChannel unix(Path path) throws IOException {
    return bound(
        ServerSocketChannel.open(StandardProtocolFamily.UNIX), UnixDomainSocketAddress.of(path));
  }

  /**
   * A TCP port; 0 lets the system choose. {@code 0.0.0.0} takes clients of IPv4 only.
   *
   * @throws IOException if the address is not ours or the port is taken
   */
  public static ServerSocketChannel tcp(InetSocketAddress address) throws IOException {
    ServerSocketChannel socket =
        ServerSocketChannel.open(
            address.getAddress() instanceof Inet4Address
                ? StandardProtocolFamily.INET
                : StandardProtocolFamily.INET6);
    socket.setOption(StandardSocketOptions.SO_REUSEADDR, true);
    return bound(socket, address);
  }

  private static ServerSocketChannel bound(ServerSocketChannel socket, SocketAddress address)
      throws IOException {
    boolean done = false;
    try {
      ServerSocketChannel result = socket.bind(address, BACKLOG);
      done = true;
      return result;
    } finally {
      if (!done) {
        socket.close();
      }
    }
  }
}
