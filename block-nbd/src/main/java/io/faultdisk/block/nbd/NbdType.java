package io.faultdisk.block.nbd;

import io.faultdisk.base.Errno;
import io.faultdisk.base.Sleeper;
import io.faultdisk.base.UsageException;
import io.faultdisk.block.BlockDriver;
import io.faultdisk.block.BlockGraph;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.DriverType;
import io.faultdisk.block.Opening;
import io.faultdisk.block.create.ExistingTarget;
import io.faultdisk.block.format.Creatable;
import io.faultdisk.block.format.CreateOption;
import io.faultdisk.block.format.CreateOptions;
import io.faultdisk.block.options.Options;
import io.faultdisk.nbd.ExportFlag;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The {@code nbd} driver: an export of an NBD server.
 *
 * <p>Source: the behaviour of QEMU 7.2, block/nbd.c.
 */
public final class NbdType implements DriverType, Creatable {
  private static final String NAME = "nbd";

  private final Encryptions encryptions;
  private final Sleeper sleeper;

  /** Without encryption. */
  public NbdType() {
    this(Encryptions.none());
  }

  /** With those encryptions that users may name. */
  public NbdType(Encryptions encryptions) {
    this(encryptions, Sleeper.system());
  }

  /**
   * Without encryption, and with a way to wait other than the system's.
   *
   * @param sleeper for the pauses between attempts to connect, and for how long to try
   */
  NbdType(Sleeper sleeper) {
    this(Encryptions.none(), sleeper);
  }

  private NbdType(Encryptions encryptions, Sleeper sleeper) {
    this.encryptions = encryptions;
    this.sleeper = sleeper;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Kind kind() {
    return Kind.PROTOCOL;
  }

  @Override
  public Optional<String> prefix() {
    return Optional.of("nbd+unix"); // of all the one that QEMU takes for the driver's
  }

  @Override
  public Set<String> prefixes() {
    return encryptions.takesUris()
        ? Set.of("nbd", "nbd+tcp", "nbd+unix", "nbds", "nbds+tcp", "nbds+unix")
        : Set.of("nbd", "nbd+tcp", "nbd+unix");
  }

  @Override
  public void parseFilename(String filename, Options options) throws UsageException {
    NbdFilename.parse(filename, options);
  }

  @Override
  public List<String> namingOptions() {
    return List.of("path", "host", "port", "export", "tls-creds", "tls-hostname", "server.");
  }

  @Override
  public BlockDriver open(Opening opening) throws UsageException, BlockIoException {
    NbdSettings settings = NbdSettings.of(opening.options(), encryptions);
    boolean writable = !opening.flags().readOnly();
    Link link =
        Link.open(
            new Dialer(settings, opening.turns()),
            opening.turns(),
            sleeper,
            info -> objection(settings, info, writable));
    return new NbdDriver(settings, link, opening.messages());
  }

  private static Optional<Errno> objection(
      NbdSettings settings, ExportInfo info, boolean writable) {
    if (settings.context().isPresent() && info.context().isEmpty()) {
      return Optional.of(Errno.EINVAL);
    }
    return writable && info.has(ExportFlag.READ_ONLY)
        ? Optional.of(Errno.EACCES)
        : Optional.empty();
  }

  @Override
  public List<CreateOption> createOptions() {
    return ExistingTarget.OPTIONS;
  }

  @Override
  public void create(BlockGraph graph, String filename, CreateOptions options)
      throws UsageException, BlockIoException {
    ExistingTarget.create(NAME, graph, filename, options);
  }
}
