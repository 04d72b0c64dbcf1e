package io.faultdisk.block.nbd;

import io.faultdisk.base.UsageException;
import io.faultdisk.block.options.Options;
import io.faultdisk.nbd.SocketTransport;
import io.faultdisk.nbd.Transport;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Where a server listens. Immutable.
 *
 * <p>Source: the messages are those of QEMU 7.2, util/qemu-sockets.c.
 */
sealed interface ServerAddress {
  /** What to connect to, in the order to be tried; at least one. */
  List<SocketAddress> resolve() throws UsageException;

  /** A port of a host. The port is a text, since that is how it was given. */
  record Inet(String host, String port) implements ServerAddress {
    @Override
    public List<SocketAddress> resolve() throws UsageException {
      int number = number(port);
      if (number < 0) {
        throw unresolved("Servname not supported for ai_socktype");
      }
      try {
        List<SocketAddress> all = new ArrayList<>();
        for (InetAddress each : InetAddress.getAllByName(host)) {
          all.add(new InetSocketAddress(each, number));
        }
        return all;
      } catch (UnknownHostException e) {
        throw unresolved("Name or service not known");
      }
    }

    private UsageException unresolved(String why) {
      return new UsageException("address resolution failed for " + this + ": " + why);
    }

    private static int number(String port) {
      try {
        int number = Integer.parseInt(port);
        return number <= 0xffff ? number : -1;
      } catch (NumberFormatException e) {
        return -1;
      }
    }

    @Override
    public String toString() {
      return host + ":" + port;
    }
  }

  /** The path of a Unix socket. */
  record Unix(String path) implements ServerAddress {
    /** Of a socket's path in the kernel's structure, with the zero at its end. */
    private static final int PATH_BYTES_MAX = 108;

    @Override
    public List<SocketAddress> resolve() throws UsageException {
      if (path.getBytes(StandardCharsets.UTF_8).length >= PATH_BYTES_MAX) {
        throw new UsageException(
            "UNIX socket path '" + path + "' is too long",
            "Path must be less than " + PATH_BYTES_MAX + " bytes");
      }
      return List.of(UnixDomainSocketAddress.of(path));
    }

    @Override
    public String toString() {
      return path;
    }
  }

  /**
   * What the options {@code type}, {@code host}, {@code port} and {@code path} mean.
   *
   * @param server without the prefix {@code server.}; emptied
   */
  static ServerAddress of(Options server) throws UsageException {
    if (server.isEmpty()) {
      throw new UsageException("NBD server address missing");
    }
    String type = required(server, "type");
    ServerAddress address =
        switch (type) {
          case "inet" -> new Inet(required(server, "host"), required(server, "port"));
          case "unix" -> new Unix(required(server, "path"));
          case "vsock", "fd" ->
              throw new UsageException("faultdisk does not connect to servers of type " + type);
          default ->
              throw new UsageException("Parameter 'type' does not accept value '" + type + "'");
        };
    if (!server.isEmpty()) {
      throw new UsageException("Parameter '" + server.keys().getFirst() + "' is unexpected");
    }
    return address;
  }

  private static String required(Options server, String key) throws UsageException {
    return server
        .take(key)
        .orElseThrow(() -> new UsageException("Parameter '" + key + "' is missing"));
  }

  /** {@code host:port}, as it stands in a file name; an IPv6 address is in brackets. */
  static Inet parseInet(String text) throws UsageException {
    int colon = text.startsWith("[") ? text.indexOf("]:") + 1 : text.indexOf(':');
    if (colon < 0 || colon + 1 >= text.length() || (colon == 0 && text.startsWith("["))) {
      throw new UsageException("error parsing address '" + text + "'");
    }
    String host = text.substring(0, colon);
    return new Inet(withoutBrackets(host), text.substring(colon + 1));
  }

  /** The address in {@code [::1]}; other hosts as they are. */
  static String withoutBrackets(String host) {
    return host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
  }

  /**
   * Connects.
   *
   * @throws UsageException saying to what, and why not
   */
  default Transport connect() throws UsageException {
    String why = "";
    for (SocketAddress each : resolve()) {
      try {
        return open(each);
      } catch (IOException e) {
        why = e.getMessage() == null ? e.toString() : e.getMessage();
      }
    }
    throw new UsageException("Failed to connect to '" + this + "': " + why);
  }

  private static Transport open(SocketAddress address) throws IOException {
    return new SocketTransport(SocketChannel.open(address));
  }
}
