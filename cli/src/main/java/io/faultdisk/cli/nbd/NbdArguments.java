package io.faultdisk.cli.nbd;

import io.faultdisk.base.UsageException;
import io.faultdisk.block.OpenFlags;
import io.faultdisk.block.nbd.ClientEncryption;
import io.faultdisk.cli.Console;
import io.faultdisk.cli.Program;
import io.faultdisk.cli.getopt.Getopt;
import io.faultdisk.cli.getopt.LongOption;
import io.faultdisk.cli.tool.CInteger;
import io.faultdisk.cli.tool.ObjectOption;
import io.faultdisk.cli.tool.Refusal;
import io.faultdisk.cli.tool.SnapshotChoice;
import io.faultdisk.daemon.objects.UserObjects;
import io.faultdisk.nbd.NbdLimits;
import io.faultdisk.nbd.server.Encryption;
import io.faultdisk.nbd.server.ListenAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What the command line says. Read once, by {@link #read}; from then on nobody changes it.
 *
 * <p>Source: observed with qemu-nbd 7.2, down to the order in which mistakes are found.
 */
final class NbdArguments {
  private static final String SHORT_OPTIONS = "hVb:o:p:rsnc:dvk:e:f:tl:x:T:D:AB:L";
  private static final int CACHE = 256;
  private static final int AIO = 257;
  private static final int DISCARD = 258;
  private static final int DETECT_ZEROES = 259;
  private static final int OBJECT = 260;
  private static final int TLS_CREDS = 261;
  private static final int TLS_HOSTNAME = 262;
  private static final int TLS_AUTHZ = 263;
  private static final int IMAGE_OPTS = 264;
  private static final int FORK = 265;
  private static final int PID_FILE = 266;
  private static final int SELINUX_LABEL = 267;
  private static final int LIMITS = 268;

  private final Program program;
  private final Console console;

  Optional<String> bind = Optional.empty();
  Optional<String> port = Optional.empty();
  Optional<String> socket = Optional.empty();
  int shared = 1;
  final LimitOptions limits = new LimitOptions(Runtime.getRuntime().maxMemory());
  boolean persistent;
  String exportName = "";
  Optional<String> description = Optional.empty();

  /** Of the exported part in the image, in bytes; a number without sign. */
  long offset;

  boolean allocationDepth;
  final List<String> bitmaps = new ArrayList<>();

  boolean list;
  Optional<String> connect = Optional.empty();
  boolean disconnect;
  final UserObjects objects;
  Optional<String> tlsCreds = Optional.empty();
  Optional<String> tlsHostname = Optional.empty();
  Optional<String> tlsAuthz = Optional.empty();

  /** What {@link #tlsCreds} mean to a server. */
  Optional<Encryption> encryption = Optional.empty();

  /** What they mean with {@link #list}. */
  Optional<ClientEncryption> clientEncryption = Optional.empty();

  boolean fork;
  Optional<String> pidFile = Optional.empty();

  Optional<String> format = Optional.empty();
  boolean readOnly;
  Optional<SnapshotChoice> snapshot = Optional.empty();
  boolean imageOptions;
  OpenFlags flags = OpenFlags.TOOL.withUnmap(false).withCache(false, false, false);
  Optional<String> detectZeroes = Optional.empty();

  /** The image or the device; empty only with {@link #list}. */
  String file = "";

  private boolean named;
  private boolean cacheGiven;
  private boolean aioGiven;
  private boolean discardGiven;
  private boolean selinuxLabel;

  private NbdArguments(Program program, Console console) {
    this.program = program;
    this.console = console;
    this.objects = new UserObjects(program.dialect());
  }

  /** Where to listen if nobody says; QEMU's tool listens on all interfaces. */
  static String defaultHost(Program program) {
    return program.isStandIn() ? "0.0.0.0" : "127.0.0.1";
  }

  /** Where to listen. */
  ListenAddress address() {
    return socket.isPresent()
        ? new ListenAddress.Unix(socket.get())
        : new ListenAddress.Inet(
            bind.orElse(defaultHost(program)),
            port.orElse(Integer.toString(NbdLimits.DEFAULT_PORT)));
  }

  /** The long options under our own name: those of QEMU's tool, and ours. */
  static List<LongOption> longOptions() {
    List<LongOption> all = new ArrayList<>(qemuOptions());
    all.add(LongOption.withArgument("limits", LIMITS));
    return all;
  }

  /** QEMU's long options, in the order in which ambiguous ones are listed. */
  private static List<LongOption> qemuOptions() {
    return List.of(
        LongOption.flag("help", 'h'),
        LongOption.flag("version", 'V'),
        LongOption.withArgument("bind", 'b'),
        LongOption.withArgument("port", 'p'),
        LongOption.withArgument("socket", 'k'),
        LongOption.withArgument("offset", 'o'),
        LongOption.flag("read-only", 'r'),
        LongOption.flag("allocation-depth", 'A'),
        LongOption.withArgument("bitmap", 'B'),
        LongOption.withArgument("connect", 'c'),
        LongOption.flag("disconnect", 'd'),
        LongOption.flag("list", 'L'),
        LongOption.flag("snapshot", 's'),
        LongOption.withArgument("load-snapshot", 'l'),
        LongOption.flag("nocache", 'n'),
        LongOption.withArgument("cache", CACHE),
        LongOption.withArgument("aio", AIO),
        LongOption.withArgument("discard", DISCARD),
        LongOption.withArgument("detect-zeroes", DETECT_ZEROES),
        LongOption.withArgument("shared", 'e'),
        LongOption.withArgument("format", 'f'),
        LongOption.flag("persistent", 't'),
        LongOption.flag("verbose", 'v'),
        LongOption.withArgument("object", OBJECT),
        LongOption.withArgument("export-name", 'x'),
        LongOption.withArgument("description", 'D'),
        LongOption.withArgument("tls-creds", TLS_CREDS),
        LongOption.withArgument("tls-hostname", TLS_HOSTNAME),
        LongOption.withArgument("tls-authz", TLS_AUTHZ),
        LongOption.flag("image-opts", IMAGE_OPTS),
        LongOption.withArgument("trace", 'T'),
        LongOption.flag("fork", FORK),
        LongOption.withArgument("pid-file", PID_FILE),
        LongOption.withArgument("selinux-label", SELINUX_LABEL));
  }

  /**
   * Reads all of it.
   *
   * @throws Refusal for a mistake, which has been reported, and after {@code --help}
   */
  static NbdArguments read(Program program, Console console, List<String> args) throws Refusal {
    NbdArguments arguments = new NbdArguments(program, console);
    List<LongOption> known = program.isStandIn() ? qemuOptions() : longOptions();
    Getopt options = new Getopt(program.name(), args, SHORT_OPTIONS, known, console::error);
    for (int o = options.next(); o != Getopt.END; o = options.next()) {
      if (o == Getopt.MISTAKE) {
        throw arguments.refuse(arguments.hint());
      }
      if (options.hasArgument()) {
        arguments.take(o, options.argument());
      } else {
        arguments.take(o);
      }
    }
    arguments.check(options.operands());
    return arguments;
  }

  private void take(int option) throws Refusal {
    switch (option) {
      case 'h' -> {
        console.print(NbdHelp.of(program));
        throw new Refusal(0);
      }
      case 'V' -> {
        NbdHelp.version(program, console);
        throw new Refusal(0);
      }
      case 'r' -> readOnly();
      case 's' -> flags = flags.withSnapshot(true);
      case 'n' -> cache("none");
      case 'd' -> disconnect = true;
      case 't' -> persistent = true;
      case 'A' -> allocationDepth = true;
      case 'L' -> list = true;
      case IMAGE_OPTS -> imageOptions = true;
      case FORK -> fork = true;
      case 'v' -> {} // there is no more to say
      default -> throw new IllegalStateException("option " + option);
    }
  }

  private void take(int option, String text) throws Refusal {
    switch (option) {
      case 'b' -> bind = Optional.of(text);
      case 'p' -> port = Optional.of(text);
      case 'k' -> {
        if (!text.startsWith("/")) {
          throw refuse("socket path must be absolute");
        }
        socket = Optional.of(text);
      }
      case 'o' -> offset(text);
      case 'e' -> {
        OptionalLong number = text.isEmpty() ? OptionalLong.empty() : CInteger.parse(text);
        if (number.isEmpty() || number.getAsLong() < 0 || number.getAsLong() > Integer.MAX_VALUE) {
          throw refuse("Invalid shared device number '" + text + "'");
        }
        shared = (int) number.getAsLong();
      }
      case 'f' -> format = Optional.of(text);
      case 'l' -> loadSnapshot(text);
      case 'x' -> {
        exportName = checkedLength("name", text);
        named = true;
      }
      case 'D' -> description = Optional.of(checkedLength("description", text));
      case 'B' -> bitmaps.add(text);
      case 'c' -> connect = Optional.of(text);
      case CACHE -> cache(text);
      case AIO -> aio(text);
      case DISCARD -> discard(text);
      case DETECT_ZEROES -> detectZeroes(text);
      case OBJECT -> ObjectOption.add(objects, console, text);
      case TLS_CREDS -> tlsCreds = Optional.of(text);
      case TLS_HOSTNAME -> tlsHostname = Optional.of(text);
      case TLS_AUTHZ -> tlsAuthz = Optional.of(text);
      case PID_FILE -> pidFile = Optional.of(text);
      case SELINUX_LABEL -> selinuxLabel = true;
      case LIMITS -> limits(text);
      case 'T' -> {} // there is nothing to trace
      default -> throw new IllegalStateException("option " + option);
    }
  }

  private void readOnly() {
    readOnly = true;
    flags = flags.withReadOnly(true);
  }

  private void cache(String mode) throws Refusal {
    if (cacheGiven) {
      throw refuse("-n and --cache can only be specified once");
    }
    cacheGiven = true;
    flags =
        flags.withCacheMode(mode).orElseThrow(() -> refuse("Invalid cache mode `" + mode + "'"));
  }

  private void aio(String mode) throws Refusal {
    if (aioGiven) {
      throw refuse("--aio can only be specified once");
    }
    aioGiven = true;
    flags =
        flags.withAio(
            OpenFlags.Aio.named(mode).orElseThrow(() -> refuse("Invalid aio mode '" + mode + "'")));
  }

  private void discard(String mode) throws Refusal {
    if (discardGiven) {
      throw refuse("--discard can only be specified once");
    }
    discardGiven = true;
    flags =
        flags
            .withDiscardMode(mode)
            .orElseThrow(() -> refuse("Invalid discard mode `" + mode + "'"));
  }

  private void detectZeroes(String mode) throws Refusal {
    if (!List.of("off", "on", "unmap").contains(mode)) {
      throw refuse("Failed to parse detect_zeroes mode: invalid parameter value: " + mode);
    }
    if (mode.equals("unmap") && !flags.unmap()) {
      throw refuse(
          "setting detect-zeroes to unmap is not allowed without setting discard operation to"
              + " unmap");
    }
    detectZeroes = Optional.of(mode);
  }

  private void limits(String text) throws Refusal {
    try {
      limits.add(text);
    } catch (UsageException mistake) {
      throw refuse(mistake.getMessage());
    }
  }

  private void offset(String text) throws Refusal {
    OptionalLong number = text.isEmpty() ? OptionalLong.empty() : CInteger.parse(text);
    if (number.isEmpty() || number.getAsLong() == Long.MAX_VALUE) {
      throw refuse("Invalid offset '" + text + "'");
    }
    offset = number.getAsLong();
  }

  private void loadSnapshot(String text) throws Refusal {
    Optional<SnapshotChoice> choice = SnapshotChoice.read(console, text);
    if (choice.isEmpty()) {
      throw refuse("Failed in parsing snapshot param `" + text + "'");
    }
    snapshot = choice;
    readOnly();
  }

  private String checkedLength(String what, String text) throws Refusal {
    if (text.getBytes(StandardCharsets.UTF_8).length > NbdLimits.STRING_BYTES_MAX) {
      throw refuse("export " + what + " '" + text + "' too long");
    }
    return text;
  }

  /** What can only be said when all options are known. */
  private void check(List<String> operands) throws Refusal {
    if (list) {
      checkList(operands);
    } else if (operands.size() != 1) {
      console.report("Invalid number of arguments");
      console.error(hint());
      throw new Refusal();
    } else {
      file = operands.get(0);
    }
    checkTls();
    if (selinuxLabel) {
      throw refuse(
          socket.isEmpty() && connect.isEmpty()
              ? "--selinux-label is not permitted without --socket"
              : "faultdisk does not set SELinux labels; label the socket from outside");
    }
  }

  private void checkList(List<String> operands) throws Refusal {
    if (!operands.isEmpty()) {
      throw refuse("List mode is incompatible with a file name");
    }
    if (named
        || description.isPresent()
        || offset != 0
        || connect.isPresent()
        || disconnect
        || format.isPresent()
        || snapshot.isPresent()
        || !bitmaps.isEmpty()
        || allocationDepth
        || aioGiven
        || discardGiven
        || cacheGiven) {
      throw refuse("List mode is incompatible with per-device settings");
    }
    if (fork) {
      throw refuse("List mode is incompatible with forking");
    }
    if (!limits.isEmpty()) {
      throw refuse("List mode is incompatible with --limits");
    }
  }

  private void checkTls() throws Refusal {
    if (tlsCreds.isEmpty()) {
      if (tlsAuthz.isPresent()) {
        throw refuse("--tls-authz is not permitted without --tls-creds");
      }
      if (tlsHostname.isPresent()) {
        throw refuse("--tls-hostname is not permitted without --tls-creds");
      }
      return;
    }
    if (connect.isPresent()) {
      throw refuse("TLS is not supported with a host device");
    }
    if (tlsAuthz.isPresent() && list) {
      throw refuse("TLS authorization is incompatible with export list");
    }
    if (tlsHostname.isPresent() && !list) {
      throw refuse("TLS hostname is only supported with export list");
    }
    try {
      if (list) {
        clientEncryption = Optional.of(objects.named(tlsCreds.get()));
      } else {
        encryption = Optional.of(objects.serverEncryption(tlsCreds.get(), tlsAuthz));
      }
    } catch (UsageException e) {
      throw refuse("Failed to get TLS creds: " + e.getMessage());
    }
  }

  private String hint() {
    return "Try `" + program.name() + " --help' for more information.";
  }

  private Refusal refuse(String message) {
    console.report(message);
    return new Refusal();
  }
}
