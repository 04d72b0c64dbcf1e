package io.faultdisk.block.blkdebug;

import io.faultdisk.base.Errno;
import io.faultdisk.base.Turns;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.BlockLimits;
import io.faultdisk.block.ChildRole;
import io.faultdisk.block.FilterDriver;
import io.faultdisk.block.Mapping;
import io.faultdisk.block.Node;
import io.faultdisk.block.Permission;
import io.faultdisk.rules.Decision;
import io.faultdisk.rules.Event;
import io.faultdisk.rules.FaultEngine;
import io.faultdisk.rules.RequestType;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * An opened blkdebug node: asks the engine about every request and passes on what may go on.
 *
 * <p>Zero writes shorter than the preferred alignment, and discards shorter than the request
 * alignment, are declined without asking, so that the fallbacks above get exercised. Truncates and
 * length queries pass unasked. Any thread.
 */
final class BlkdebugDriver implements FilterDriver {
  private final Node image;
  private final FaultEngine engine;
  private final LimitOverrides overrides;
  private final Permission.Wish permissions;
  private final Turns turns;
  private final Optional<String> config;

  /**
   * A node over {@code image}.
   *
   * @param permissions what to take of the child in any case, and the most that may be shared
   * @param config the name of the rule file ({@code ""} for none), if a plain file name can say how
   *     this node was opened
   */
  BlkdebugDriver(
      Node image,
      FaultEngine engine,
      LimitOverrides overrides,
      Permission.Wish permissions,
      Turns turns,
      Optional<String> config) {
    this.image = image;
    this.engine = engine;
    this.overrides = overrides;
    this.permissions = permissions;
    this.turns = turns;
    this.config = config;
  }

  @Override
  public Node below() {
    return image;
  }

  @Override
  public void announce(Event event, RequestType type, long offset, long bytes) {
    engine.announce(event, type, offset, bytes);
  }

  @Override
  public Optional<FaultEngine> engine() {
    return Optional.of(engine);
  }

  private void check(RequestType type, long offset, long bytes) throws BlockIoException {
    switch (engine.check(type, offset, bytes)) {
      case Decision.Pass pass -> {}
      case Decision.Fail fail -> {
        if (!fail.immediately()) {
          turns.pass();
        }
        throw new BlockIoException(fail.errno());
      }
      case Decision.ByRule other -> throw notForDisks(other);
    }
  }

  /** The rule sources of disks have no such rules yet. */
  private static IllegalStateException notForDisks(Decision decision) {
    return new IllegalStateException("a disk cannot " + decision);
  }

  @Override
  public void read(long offset, ByteBuffer target) throws BlockIoException {
    check(RequestType.READ, offset, target.remaining());
    image.read(offset, target);
  }

  @Override
  public void write(long offset, ByteBuffer source, int flags) throws BlockIoException {
    check(RequestType.WRITE, offset, source.remaining());
    image.write(offset, source, flags);
  }

  @Override
  public void writeZeroes(long offset, long bytes, int flags) throws BlockIoException {
    if (bytes < Math.max(overrides.align(), overrides.optWriteZero())) {
      throw new BlockIoException(Errno.ENOTSUP);
    }
    check(RequestType.WRITE_ZEROES, offset, bytes);
    image.writeZeroes(offset, bytes, flags);
  }

  @Override
  public void discard(long offset, long bytes) throws BlockIoException {
    if (bytes < overrides.align()) {
      throw new BlockIoException(Errno.ENOTSUP);
    }
    check(RequestType.DISCARD, offset, bytes);
    image.discard(offset, bytes);
  }

  @Override
  public void flushToDisk() throws BlockIoException {
    check(RequestType.FLUSH, 0, 0);
    image.flush();
  }

  @Override
  public Mapping map(long offset, long bytes, boolean precise) throws BlockIoException {
    check(RequestType.BLOCK_STATUS, offset, bytes);
    return new Mapping.Forward(image, offset, bytes);
  }

  @Override
  public BlockLimits limits(BlockLimits inherited) {
    return overrides.over(inherited);
  }

  @Override
  public Permission.Wish childWish(ChildRole role, Permission.Wish wish, boolean writable) {
    Permission.Wish usual = role.childWish(wish, writable);
    return new Permission.Wish(
        usual.taken() | permissions.taken(), usual.shared() & permissions.shared());
  }

  @Override
  public Optional<String> exactFilename() {
    Optional<String> below = image.exactFilename();
    return config.isPresent() && below.isPresent()
        ? Optional.of("blkdebug:" + config.get() + ":" + below.get())
        : Optional.empty();
  }
}
