package io.faultdisk.block.blkdebug;

import io.faultdisk.base.Errno;
import io.faultdisk.base.Turns;
import io.faultdisk.block.BlockBackend;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.BlockLimits;
import io.faultdisk.block.Child;
import io.faultdisk.block.ChildRole;
import io.faultdisk.block.FilterDriver;
import io.faultdisk.block.Mapping;
import io.faultdisk.block.Messages;
import io.faultdisk.block.Node;
import io.faultdisk.block.Permission;
import io.faultdisk.block.PowerSwitch;
import io.faultdisk.block.Preallocation;
import io.faultdisk.block.RequestFlags;
import io.faultdisk.rules.Decision;
import io.faultdisk.rules.Event;
import io.faultdisk.rules.FaultEngine;
import io.faultdisk.rules.Request;
import io.faultdisk.rules.RequestType;
import io.faultdisk.rules.Rule;
import io.faultdisk.rules.Snapshot;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * An opened blkdebug node: asks the engine about every request and passes on what may go on.
 *
 * <p>Zero writes shorter than the preferred alignment, and discards shorter than the request
 * alignment, are declined without asking, so that the fallbacks above get exercised. Truncates and
 * length queries pass unasked. Any thread.
 *
 * <p>Rules that take back what was not flushed (fail-flush with drop or lie, cut-power, tear-write
 * with a power cut) need a {@code write-cache} node somewhere below; if there is none, this node
 * brings a cache of its own, which then is what flushes flush and FUA writes through. Without power
 * requests fail before any rule is asked.
 *
 * <p>Every injection is written down in {@link #receipts}.
 */
public final class BlkdebugDriver implements FilterDriver {
  private final Node image;
  private final FaultEngine engine;
  private final LimitOverrides overrides;
  private final Permission.Wish permissions;
  private final Optional<String> config;
  private final ReceiptBook receipts;
  private final Messages messages;
  private final LowerDisk disk;
  private final Effects effects;

  /** Completed flushes. */
  private final AtomicLong epoch = new AtomicLong();

  private final AtomicBoolean closed = new AtomicBoolean();

  /** The revision of the rules that {@link #disk} is ready for. */
  private volatile int prepared;

  private volatile @Nullable DiskObserver observer;

  /**
   * A node over {@code image}.
   *
   * @param permissions what to take of the child in any case, and the most that may be shared
   * @param config the name of the rule file ({@code ""} for none), if a plain file name can say how
   *     this node was opened
   * @param receipts where injections are written down
   * @param messages who is told of rules that should have fired and have not
   */
  BlkdebugDriver(
      Node image,
      FaultEngine engine,
      LimitOverrides overrides,
      Permission.Wish permissions,
      Turns turns,
      Optional<String> config,
      ReceiptBook receipts,
      Messages messages) {
    this.image = image;
    this.engine = engine;
    this.overrides = overrides;
    this.permissions = permissions;
    this.config = config;
    this.receipts = receipts;
    this.messages = messages;
    this.disk = new LowerDisk(image, turns);
    this.effects = new Effects(disk, turns, receipts, epoch);
    prepare();
  }

  /** The nearest blkdebug node of an image, found by walking down the primary children. */
  public static Optional<BlkdebugDriver> nearest(BlockBackend image) {
    Optional<Node> node = Optional.of(image.root());
    while (node.isPresent()) {
      if (node.get().driver() instanceof BlkdebugDriver found) {
        return Optional.of(found);
      }
      node = node.get().primaryChild().map(Child::node);
    }
    return Optional.empty();
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

  @Override
  public Optional<PowerSwitch> power() {
    return disk.ownPower();
  }

  /** The injections so far. */
  public ReceiptBook receipts() {
    return receipts;
  }

  /** Tells an observer of every request from now on; null ends that. There is one at a time. */
  public void observe(@Nullable DiskObserver next) {
    observer = next;
  }

  /**
   * The power of the disk, for somebody who wants to cut it by hand: if there is no cache yet, the
   * node brings its own from now on. What was written before that cannot be lost any more.
   */
  public PowerSwitch requirePowerSwitch() {
    return disk.requirePowerSwitch();
  }

  /** How many flushes of this node have completed. */
  public long epoch() {
    return epoch.get();
  }

  /** What is to be done with a request that rules have decided. */
  private interface Passage {
    void run(Decision decision) throws BlockIoException;
  }

  private void decided(RequestType type, long offset, long bytes, Passage passage)
      throws BlockIoException {
    DiskObserver watching = observer;
    if (watching == null) {
      passage.run(check(type, offset, bytes));
    } else {
      observed(watching, type, offset, bytes, passage);
    }
  }

  private void observed(
      DiskObserver watching, RequestType type, long offset, long bytes, Passage passage)
      throws BlockIoException {
    long began = watching.began(type);
    Decision decision = Decision.pass();
    BlockIoException failure = null;
    try {
      decision = check(type, offset, bytes);
      began = watching.decided(began, decision);
      passage.run(decision);
    } catch (BlockIoException e) {
      failure = e;
      throw e;
    } finally {
      watching.ended(began, type, offset, bytes, decision, failure);
    }
  }

  private Decision check(RequestType type, long offset, long bytes) throws BlockIoException {
    if (engine.revision() != prepared) {
      prepare();
    }
    disk.requirePower();
    return engine.check(type, offset, bytes);
  }

  /** Rules came or went. */
  private void prepare() {
    int revision = engine.revision();
    disk.prepareFor(engine.snapshot().rules().stream().map(Snapshot.RuleStatus::rule).toList());
    prepared = revision;
  }

  @Override
  public void read(long offset, ByteBuffer target) throws BlockIoException {
    decided(
        RequestType.READ,
        offset,
        target.remaining(),
        decision -> {
          switch (decision) {
            case Decision.Pass pass -> disk.read(offset, target);
            case Decision.ByRule rule -> effects.read(rule, offset, target);
          }
        });
  }

  @Override
  public void write(long offset, ByteBuffer source, int flags) throws BlockIoException {
    decided(
        RequestType.WRITE,
        offset,
        source.remaining(),
        decision -> {
          switch (decision) {
            case Decision.Pass pass -> disk.write(offset, source, flags);
            case Decision.ByRule rule -> effects.write(rule, offset, source, flags);
          }
        });
  }

  @Override
  public void writeZeroes(long offset, long bytes, int flags) throws BlockIoException {
    if (bytes < Math.max(overrides.align(), overrides.optWriteZero())) {
      throw new BlockIoException(Errno.ENOTSUP);
    }
    other(RequestType.WRITE_ZEROES, offset, bytes, () -> disk.writeZeroes(offset, bytes, flags));
  }

  @Override
  public void discard(long offset, long bytes) throws BlockIoException {
    if (bytes < overrides.align()) {
      throw new BlockIoException(Errno.ENOTSUP);
    }
    other(RequestType.DISCARD, offset, bytes, () -> disk.discard(offset, bytes));
  }

  private void other(RequestType type, long offset, long bytes, Effects.Action action)
      throws BlockIoException {
    decided(
        type,
        offset,
        bytes,
        decision -> {
          switch (decision) {
            case Decision.Pass pass -> action.run();
            case Decision.ByRule rule ->
                effects.other(rule, new Request(type, offset, bytes), action);
          }
        });
  }

  @Override
  public void flushToDisk() throws BlockIoException {
    decided(
        RequestType.FLUSH,
        0,
        0,
        decision -> {
          switch (decision) {
            case Decision.Pass pass -> {
              disk.flush();
              epoch.incrementAndGet();
            }
            case Decision.ByRule rule -> effects.flush(rule);
          }
        });
  }

  @Override
  public Mapping map(long offset, long bytes, boolean precise) throws BlockIoException {
    other(RequestType.BLOCK_STATUS, offset, bytes, () -> {});
    return disk.map(offset, bytes);
  }

  @Override
  public long length() throws BlockIoException {
    return disk.length();
  }

  /** What is cached behind the end of the child can be lost. */
  @Override
  public boolean lengthVaries() {
    return disk.hasOwnCache();
  }

  @Override
  public void truncate(long size, boolean exact, Preallocation preallocation)
      throws BlockIoException {
    disk.requirePower();
    disk.truncate(size, exact, preallocation);
  }

  @Override
  public void truncateZeroed(long size, boolean exact, Preallocation preallocation)
      throws BlockIoException {
    disk.requirePower();
    disk.truncateZeroed(size, exact, preallocation);
  }

  @Override
  public int writeFlags() {
    return FilterDriver.super.writeFlags() | (disk.hasOwnCache() ? RequestFlags.FUA : 0);
  }

  @Override
  public int zeroFlags() {
    return FilterDriver.super.zeroFlags() | (disk.hasOwnCache() ? RequestFlags.FUA : 0);
  }

  /** Says which rules should have fired and have not. */
  @Override
  public void close() {
    receipts.close();
    if (closed.getAndSet(true)) {
      return;
    }
    for (Rule rule : engine.snapshot().neverFired()) {
      messages.unmet(
          "rule "
              + rule.source()
              + " ["
              + rule.kind().wireName()
              + "] on "
              + rule.event().name()
              + " never fired");
    }
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
