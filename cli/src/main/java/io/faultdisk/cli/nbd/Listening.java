package io.faultdisk.cli.nbd;

import io.faultdisk.base.Errno;
import io.faultdisk.base.UsageException;
import io.faultdisk.cli.Program;
import io.faultdisk.nbd.NbdLimits;
import io.faultdisk.nbd.server.Sockets;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
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
final class Listening implements AutoCloseable {
  /** Of a socket's path in the kernel's structure, with the zero at its end. */
  private static final int PATH_BYTES_MAX = 108;

  /** Of larger numbers the system uses the lower bits. */
  private static final int PORT_MAX = 0xffff;

  private final List<ServerSocketChannel> sockets = new ArrayList<>();
  private Optional<Path> path = Optional.empty();

  private Listening() {}

  /** Where to listen if nobody says; QEMU's tool listens on all interfaces. */
  static String defaultHost(Program program) {
    return program.isStandIn() ? "0.0.0.0" : "127.0.0.1";
  }

  /**
   * Opens what the command line says.
   *
   * @throws UsageException with the text for the user; nothing stays open
   */
  static Listening open(Program program, NbdArguments arguments) throws UsageException {
    Listening listening = new Listening();
    boolean done = false;
    try {
      if (arguments.socket.isPresent()) {
        listening.unix(program, arguments.socket.get());
      } else {
        listening.tcp(
            program,
            arguments.bind.orElse(defaultHost(program)),
            arguments.port.orElse(Integer.toString(NbdLimits.DEFAULT_PORT)));
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
  static Listening on(ServerSocketChannel socket) {
    Listening listening = new Listening();
    listening.sockets.add(socket);
    return listening;
  }

  /** All of them, at least one. */
  List<ServerSocketChannel> sockets() {
    return sockets;
  }

  private void unix(Program program, String name) throws UsageException {
    checkLength(name);
    Path file = Path.of(name);
    remove(program, file);
    try {
      sockets.add(Sockets.unix(file));
      path = Optional.of(file);
    } catch (IOException e) {
      throw new UsageException("Failed to bind socket to " + name + ": " + reason(e));
    }
  }

  static void checkLength(String name) throws UsageException {
    if (name.getBytes(StandardCharsets.UTF_8).length >= PATH_BYTES_MAX) {
      throw new UsageException(
          "UNIX socket path '" + name + "' is too long",
          "Path must be less than " + PATH_BYTES_MAX + " bytes");
    }
  }

  /** A server that has died leaves its socket behind. */
  private static void remove(Program program, Path file) throws UsageException {
    try {
      if (!program.isStandIn() && Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
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

  private void tcp(Program program, String host, String port) throws UsageException {
    String where = host + ":" + port;
    int number = port(where, port);
    if ((number < 0 || number > PORT_MAX) && !program.isStandIn()) {
      throw new UsageException("port " + port + " is not from 0 to " + PORT_MAX);
    }
    InetAddress[] addresses;
    try {
      if (host.startsWith("[")) {
        throw new UnknownHostException(host);
      }
      addresses = InetAddress.getAllByName(host.isEmpty() ? "0.0.0.0" : host);
    } catch (UnknownHostException e) {
      throw new UsageException(
          "address resolution failed for " + where + ": Name or service not known");
    }
    for (InetAddress address : addresses) {
      try {
        sockets.add(Sockets.tcp(new InetSocketAddress(address, number & PORT_MAX)));
      } catch (IOException e) {
        String reason = reason(e);
        if (!program.isStandIn()) {
          throw new UsageException(
              "cannot listen on " + where + ": " + reason + "; choose with --bind and --port");
        }
        throw new UsageException(
            reason.equals(Errno.EADDRINUSE.text())
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
