package io.faultdisk.nbd.server;

import java.util.Optional;
import java.util.OptionalInt;

/** Where a server is to listen, as users write it. Immutable. */
public sealed interface ListenAddress {

  /** A socket in the file system. */
  record Unix(String path) implements ListenAddress {}

  /** A socket that is open already, by the name it was passed under; there are none here. */
  record Passed(String name) implements ListenAddress {}

  /** Ports between a virtual machine and its host; they cannot be opened here. */
  record Vsock(String cid, String port) implements ListenAddress {}

  /**
   * TCP ports, on every address that the host name stands for.
   *
   * @param host empty for all addresses of IPv4
   * @param port a number; 0 or empty leaves it to the system
   * @param to the last port to try when the first ones are taken
   * @param ipv4 whether addresses of IPv4 count; if nobody says, unless only IPv6 is asked for
   * @param ipv6 the same the other way round
   */
  record Inet(
      String host, String port, OptionalInt to, Optional<Boolean> ipv4, Optional<Boolean> ipv6)
      implements ListenAddress {

    /** One port, on whatever the name stands for. */
    public Inet(String host, String port) {
      this(host, port, OptionalInt.empty(), Optional.empty(), Optional.empty());
    }

    boolean takesIpv4() {
      return ipv4.orElse(!ipv6.orElse(false));
    }

    boolean takesIpv6() {
      return ipv6.orElse(!ipv4.orElse(false));
    }
  }
}
