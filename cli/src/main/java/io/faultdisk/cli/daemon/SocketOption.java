package io.faultdisk.cli.daemon;

import io.faultdisk.base.UsageException;
import io.faultdisk.block.options.Options;
import io.faultdisk.nbd.server.ListenAddress;
import io.faultdisk.nbd.server.Listening;
import io.faultdisk.qmp.CharacterDevice;
import io.faultdisk.qmp.ConnectingDevice;
import io.faultdisk.qmp.ListeningDevice;
import io.faultdisk.qmp.SingleDevice;
import io.faultdisk.rules.Dialect;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;

/**
 * {@code --chardev socket,...}. For one thread, used once.
 *
 * <p>Source: texts and order of checks observed with qemu-storage-daemon 7.2.
 */
final class SocketOption {
  private final Options options;
  private final Dialect dialect;

  /** Its options, all of them known. */
  SocketOption(Options options, Dialect dialect) {
    this.options = options;
    this.dialect = dialect;
  }

  /**
   * Listens or connects; waits for the first client, if that is wanted.
   *
   * @param waits told, before a client is waited for, what somebody who wonders should know
   */
  CharacterDevice open(BiConsumer<String, CharacterDevice> waits) throws UsageException {
    Optional<String> path = options.take("path");
    Optional<String> host = options.take("host");
    Optional<String> port = options.take("port");
    boolean server = flag("server").orElse(false);
    Optional<Boolean> wait = flag("wait");
    long reconnect = number("reconnect").orElse(0);
    if (path.isPresent() && host.isPresent()) {
      throw new UsageException("None or one of 'path', 'fd' or 'host' option required.");
    }
    refuseUnsupported();
    if (path.isEmpty() && host.isEmpty()) {
      throw new UsageException("chardev: socket: neither 'path' nor 'host' given");
    }
    if (host.isPresent() && port.isEmpty()) {
      throw new UsageException("chardev: socket: no port given");
    }
    if (server && reconnect > 0) {
      throw new UsageException(
          "'reconnect' option is incompatible with socket in server listen mode");
    }
    if (!server && wait.isPresent()) {
      throw new UsageException("'wait' option is incompatible with socket in client connect mode");
    }
    return server
        ? listen(path, host.orElse(""), port.orElse(""), wait.orElse(true), waits)
        : connect(path, host.orElse(""), port.orElse(""), reconnect);
  }

  private void refuseUnsupported() throws UsageException {
    for (String name : List.of("telnet", "tn3270", "websocket", "abstract")) {
      if (flag(name).orElse(false)) {
        throw new UsageException("chardev: socket: '" + name + "' is not supported");
      }
    }
    for (String name : List.of("tls-creds", "tls-authz", "fd")) {
      if (options.has(name)) {
        throw new UsageException(
            "chardev: socket: '" + name + "' is not supported; use a Unix socket");
      }
    }
  }

  private CharacterDevice listen(
      Optional<String> path,
      String host,
      String port,
      boolean wait,
      BiConsumer<String, CharacterDevice> waits)
      throws UsageException {
    ListenAddress address =
        path.isPresent()
            ? new ListenAddress.Unix(path.get())
            : new ListenAddress.Inet(host, port, number("to"), flag("ipv4"), flag("ipv6"));
    Listening listening = Listening.open(address, dialect);
    ListeningDevice device;
    try {
      device = new ListeningDevice(listening);
    } catch (IOException e) {
      listening.close();
      throw new UsageException("Failed to listen on socket: " + e.getMessage());
    }
    if (wait) {
      waits.accept(
          "QEMU waiting for connection on: disconnected:"
              + path.map(name -> "unix:" + name).orElse("tcp:" + host + ":" + port)
              + ",server=on",
          device);
      device.awaitClient();
    }
    return device;
  }

  private static CharacterDevice connect(
      Optional<String> path, String host, String port, long reconnect) throws UsageException {
    SocketAddress address;
    if (path.isPresent()) {
      Listening.checkLength(path.get());
      address = UnixDomainSocketAddress.of(path.get());
    } else {
      address = resolved(host, port);
    }
    if (reconnect > 0) {
      return new ConnectingDevice(address, TimeUnit.SECONDS.toNanos(reconnect));
    }
    try {
      return new SingleDevice(ConnectingDevice.connect(address));
    } catch (IOException e) {
      throw new UsageException(
          "Failed to connect to '" + path.orElse(host + ":" + port) + "': " + e.getMessage());
    }
  }

  private static InetSocketAddress resolved(String host, String port) throws UsageException {
    String where = host + ":" + port;
    InetSocketAddress address;
    try {
      address = new InetSocketAddress(host, Integer.parseInt(port));
    } catch (IllegalArgumentException noPort) {
      throw new UsageException(
          "address resolution failed for " + where + ": Servname not supported for ai_socktype");
    }
    if (address.isUnresolved()) {
      throw new UsageException(
          "address resolution failed for " + where + ": Name or service not known");
    }
    return address;
  }

  private Optional<Boolean> flag(String name) {
    return options.string(name).map("on"::equals);
  }

  private OptionalInt number(String name) throws UsageException {
    Optional<String> text = options.string(name);
    if (text.isEmpty()) {
      return OptionalInt.empty();
    }
    try {
      return OptionalInt.of(Integer.parseUnsignedInt(text.get()));
    } catch (NumberFormatException e) {
      throw new UsageException("Parameter '" + name + "' expects a number");
    }
  }
}
