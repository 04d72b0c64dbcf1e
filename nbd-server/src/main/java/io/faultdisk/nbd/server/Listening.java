package io.faultdisk.nbd.server;

import io.faultdisk.base.Errno;
import io.faultdisk.base.UsageException;
import io.faultdisk.rules.Dialect;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The sockets that clients connect to. Closing it closes them and removes what they have left in
 * the file system.
 *
 * <p>For one thread. Source: order and messages are those of qemu-nbd 7.2.
 */
public final class Listening implements AutoCloseable {
  /** Of a socket's path in the kernel's structure, with the zero at its end. */
  private static final int PATH_BYTES_MAX = 108;

  /** Of larger numbers the system uses the lower bits. */
  private static final int PORT_MAX = 0xffff;

  private final boolean asQemu;
  private final List<ServerSocketChannel> sockets = new ArrayList<>();
  private Optional<Path> path = Optional.empty();

  private Listening(Dialect dialect) {
    this.asQemu = dialect == Dialect.QEMU;
  }

  /**
   * Opens sockets there.
   *
   * @param dialect {@link Dialect#QEMU} to take and refuse what QEMU does, in its words
   * @throws UsageException with the text for the user; nothing stays open
   */
  public static Listening open(ListenAddress address, Dialect dialect) throws UsageException {
    Listening listening = new Listening(dialect);
    boolean done = false;
    try {
      switch (address) {
        case ListenAddress.Unix(String name) -> listening.unix(name);
        case ListenAddress.Inet inet -> listening.tcp(inet);
        case ListenAddress.Passed _ ->
            throw new UsageException("only QEMU supports file descriptor passing");
        case ListenAddress.Vsock _ ->
            throw new UsageException("socket family AF_VSOCK unsupported");
      }
      done = true;
      return listening;
    } finally {
      if (!done) {
        listening.close();
      }
    }
  }

  /** A socket that somebody else has opened. */
  public static Listening on(ServerSocketChannel socket) {
    Listening listening = new Listening(Dialect.FAULTDISK);
    listening.sockets.add(socket);
    return listening;
  }

  /** All of them, at least one. */
  public List<ServerSocketChannel> sockets() {
    return List.copyOf(sockets);
  }

  /** Where clients find them: a port that the system has chosen is in there. */
  public List<SocketAddress> addresses() {
    List<SocketAddress> addresses = new ArrayList<>();
    for (ServerSocketChannel socket : sockets) {
      try {
        addresses.add(socket.getLocalAddress());
      } catch (IOException closed) {
        // Then nobody finds it.
      }
    }
    return addresses;
  }

  private void unix(String name) throws UsageException {
    checkLength(name);
    Path file = Path.of(name);
    remove(file);
    try {
      sockets.add(Sockets.unix(file));
      path = Optional.of(file);
    } catch (IOException e) {
      throw new UsageException("Failed to bind socket to " + name + ": " + reason(e));
    }
  }

  /** Refuses a path that the kernel would not take. */
  public static void checkLength(String name) throws UsageException {
    if (name.getBytes(StandardCharsets.UTF_8).length >= PATH_BYTES_MAX) {
      throw new UsageException(
          "UNIX socket path '" + name + "' is too long",
          "Path must be less than " + PATH_BYTES_MAX + " bytes");
    }
  }

  /** A server that has died leaves its socket behind. */
  private void remove(Path file) throws UsageException {
    try {
      if (!asQemu && Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
        throw new UsageException(
            "'" + file + "' is a file, not a socket: choose another path, or remove it");
      }
      if (Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS)) {
        throw new UsageException("Failed to unlink socket " + file + ": " + Errno.EISDIR.text());
      }
      Files.deleteIfExists(file);
    } catch (NoSuchFileException e) {
      // Nothing there.
    } catch (FileSystemException e) {
      if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
        throw new UsageException("Failed to unlink socket " + file + ": " + reason(e));
      }
    } catch (IOException e) {
      throw new UsageException("Failed to unlink socket " + file + ": " + reason(e));
    }
  }

  private void tcp(ListenAddress.Inet inet) throws UsageException {
    String where = inet.host() + ":" + inet.port();
    int number = port(where, inet.port());
    if ((number < 0 || number > PORT_MAX) && !asQemu) {
      throw new UsageException("port " + inet.port() + " is not from 0 to " + PORT_MAX);
    }
    for (InetAddress address : addresses(inet, where)) {
      bind(inet, where, address, number & PORT_MAX);
    }
  }

  private static List<InetAddress> addresses(ListenAddress.Inet inet, String where)
      throws UsageException {
    String host = inet.host();
    List<InetAddress> fitting = new ArrayList<>();
    try {
      if (host.startsWith("[")) {
        throw new UnknownHostException(host);
      }
      for (InetAddress address : InetAddress.getAllByName(host.isEmpty() ? "0.0.0.0" : host)) {
        if (address instanceof Inet4Address ? inet.takesIpv4() : inet.takesIpv6()) {
          fitting.add(address);
        }
      }
    } catch (UnknownHostException e) {
      throw new UsageException(
          "address resolution failed for " + where + ": Name or service not known");
    }
    if (fitting.isEmpty()) {
      throw new UsageException(
          "address resolution failed for " + where + ": Address family for hostname not supported");
    }
    return fitting;
  }

  /** Takes the first port that is free. */
  private void bind(ListenAddress.Inet inet, String where, InetAddress address, int first)
      throws UsageException {
    int last = Math.max(first, inet.to().orElse(first));
    for (int port = first; ; port++) {
      try {
        sockets.add(Sockets.tcp(new InetSocketAddress(address, port)));
        return;
      } catch (IOException e) {
        String reason = reason(e);
        boolean taken = reason.equals(Errno.EADDRINUSE.text());
        if (taken && port < last) {
          continue;
        }
        if (!asQemu) {
          throw new UsageException(
              "cannot listen on " + where + ": " + reason + "; choose another address or port");
        }
        throw new UsageException(
            taken
                ? "Failed to find an available port: " + reason
                : "Failed to bind socket: " + reason);
      }
    }
  }

  /** No number at all leaves it to the system. */
  private static int port(String where, String port) throws UsageException {
    if (port.isEmpty()) {
      return 0;
    }
    try {
      int number = Integer.parseInt(port);
      if (number >= 0) {
        return number;
      }
    } catch (NumberFormatException e) {
      // See below.
    }
    throw new UsageException(
        "address resolution failed for " + where + ": Servname not supported for ai_socktype");
  }

  /** What the system said, in its own words. */
  private static String reason(IOException e) {
    if (e instanceof NoSuchFileException) {
      return Errno.ENOENT.text();
    }
    String message = String.valueOf(e.getMessage());
    if (e instanceof FileSystemException files && files.getReason() != null) {
      message = files.getReason();
    }
    // Some messages have it in lower case, or something in front.
    for (Errno errno : List.of(Errno.EACCES, Errno.ENOENT, Errno.EADDRINUSE)) {
      if (message.toLowerCase(Locale.ROOT).contains(errno.text().toLowerCase(Locale.ROOT))) {
        return errno.text();
      }
    }
    return message;
  }

  @Override
  public void close() {
    for (ServerSocketChannel socket : sockets) {
      try {
        socket.close();
      } catch (IOException e) {
        // It is of no use any more, closed or not.
      }
    }
    path.ifPresent(
        file -> {
          try {
            Files.deleteIfExists(file);
          } catch (IOException e) {
            // Whoever comes next removes it.
          }
        });
  }
}
