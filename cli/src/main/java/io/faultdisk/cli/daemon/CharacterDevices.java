package io.faultdisk.cli.daemon;

import io.faultdisk.base.UsageException;
import io.faultdisk.block.options.OptionString;
import io.faultdisk.block.options.Options;
import io.faultdisk.block.options.Warning;
import io.faultdisk.cli.Console;
import io.faultdisk.qmp.CharacterDevice;
import io.faultdisk.qmp.Link;
import io.faultdisk.qmp.NoDevice;
import io.faultdisk.qmp.SingleDevice;
import io.faultdisk.rules.Dialect;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What {@code --chardev} has made. Each serves one monitor.
 *
 * <p>For the thread that reads the command line. Source: texts and order of checks observed with
 * qemu-storage-daemon 7.2.
 */
final class CharacterDevices implements AutoCloseable {
  private static final Set<String> BOOLS =
      Set.of(
          "abstract",
          "append",
          "clipboard",
          "delay",
          "ipv4",
          "ipv6",
          "logappend",
          "mouse",
          "mux",
          "nodelay",
          "server",
          "signal",
          "telnet",
          "tight",
          "tn3270",
          "wait",
          "websocket");

  private static final Set<String> OTHERS =
      Set.of(
          "backend",
          "chardev",
          "cols",
          "debug",
          "fd",
          "height",
          "host",
          "id",
          "localaddr",
          "localport",
          "logfile",
          "name",
          "path",
          "port",
          "reconnect",
          "rows",
          "size",
          "tls-authz",
          "tls-creds",
          "to",
          "width");

  /** What QEMU could also make. */
  private static final Set<String> OF_QEMU_ONLY =
      Set.of(
          "braille",
          "console",
          "file",
          "memory",
          "mux",
          "parallel",
          "pipe",
          "pty",
          "ringbuf",
          "serial",
          "spiceport",
          "spicevmc",
          "testdev",
          "tty",
          "udp",
          "vc",
          "wctablet");

  private final Console console;
  private final Dialect dialect;
  private final boolean daemonize;
  private final Map<String, CharacterDevice> devices = new HashMap<>();
  private final Set<String> taken = new HashSet<>();

  /** The one whose first client is waited for, or was. */
  private volatile Optional<CharacterDevice> waiting = Optional.empty();

  /**
   * None.
   *
   * @param daemonize whether there will be no standard input
   */
  CharacterDevices(Console console, Dialect dialect, boolean daemonize) {
    this.console = console;
    this.dialect = dialect;
    this.daemonize = daemonize;
  }

  /**
   * Makes one.
   *
   * @param text what {@code --chardev} was given
   * @param place what warnings begin with
   */
  void add(String text, String place) throws UsageException {
    int end = 0;
    while (end < text.length() && text.charAt(end) != ',' && text.charAt(end) != '=') {
      end++;
    }
    boolean hasKey = end < text.length() && text.charAt(end) == '=';
    String full = hasKey || text.isEmpty() ? text : "backend=" + text;
    Options options = Options.parse(full, warning -> warn(place, warning));
    check(full);
    Optional<String> backend = options.take("backend");
    Optional<String> id = options.take("id");
    if (id.isEmpty()) {
      throw new UsageException("chardev: no id specified");
    }
    if (backend.isEmpty()) {
      throw new UsageException("chardev: \"" + id.get() + "\" missing backend");
    }
    if (devices.containsKey(id.get())) {
      throw new UsageException("Duplicate ID '" + id.get() + "' for chardev");
    }
    devices.put(id.get(), make(backend.get(), options, place));
  }

  private static void check(String text) throws UsageException {
    for (OptionString.Pair pair : OptionString.pairs(text)) {
      if (BOOLS.contains(pair.name())) {
        if (!pair.value().equals("on") && !pair.value().equals("off")) {
          throw new UsageException("Parameter '" + pair.name() + "' expects 'on' or 'off'");
        }
      } else if (!OTHERS.contains(pair.name())) {
        throw new UsageException("Invalid parameter '" + pair.name() + "'");
      }
    }
  }

  private void warn(String place, Warning warning) {
    console.report(place + "warning: " + warning.message(), warning.hints());
  }

  private CharacterDevice make(String backend, Options options, String place)
      throws UsageException {
    return switch (backend) {
      case "socket" ->
          new SocketOption(options, dialect)
              .open(
                  (text, device) -> {
                    waiting = Optional.of(device);
                    console.report(place + "info: " + text);
                  });
      case "stdio" -> {
        if (daemonize) {
          throw new UsageException("cannot use stdio with -daemonize");
        }
        yield new SingleDevice(new StandardStreams(console.in()));
      }
      case "null" -> new NoDevice();
      default ->
          throw new UsageException(
              OF_QEMU_ONLY.contains(backend)
                  ? "chardev: '" + backend + "' is not supported; use socket, stdio or null"
                  : "'" + backend + "' is not a valid char driver name");
    };
  }

  /** What a terminal or a parent process talks to. */
  private record StandardStreams(InputStream in) implements Link {
    @Override
    public OutputStream out() {
      return new FileOutputStream(FileDescriptor.out);
    }

    /** Standard streams stay open. */
    @Override
    public void close() {}
  }

  /** Refuses a name that there is no device of, or one that serves a monitor. */
  void requireFree(String id) throws UsageException {
    if (!devices.containsKey(id) && !taken.contains(id)) {
      throw new UsageException("chardev \"" + id + "\" not found");
    }
    if (taken.contains(id)) {
      throw new UsageException("Device '" + id + "' is in use");
    }
  }

  /** Hands one over; it is closed by whoever has it. */
  CharacterDevice take(String id) throws UsageException {
    requireFree(id);
    taken.add(id);
    CharacterDevice device = devices.remove(id);
    if (device == null) {
      throw new IllegalStateException(id);
    }
    return device;
  }

  /** If a client is waited for, it is no more; any thread. */
  void stopWaiting() {
    waiting.ifPresent(CharacterDevice::close);
  }

  /** Closes those that nobody has taken. */
  @Override
  public void close() {
    devices.values().forEach(CharacterDevice::close);
    devices.clear();
  }
}
