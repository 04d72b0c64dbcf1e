package io.faultdisk.nio.explore;

import io.faultdisk.base.Errno;
import io.faultdisk.faults.FaultPoint;
import io.faultdisk.rules.FailFlush;
import io.faultdisk.rules.FileEvents;
import io.faultdisk.rules.Rule;
import io.faultdisk.rules.RuleBuilder;
import java.util.Set;
import java.util.function.Function;

/**
 * What goes wrong at a fault point: an error, a short transfer, a flush that loses data, a power
 * cut.
 *
 * <p>Immutable; safe from any thread.
 */
public final class PointFault {
  /** Operations that can need space; a read that fails for want of it is nobody's worry. */
  private static final Set<String> NEEDS_SPACE =
      Set.of("create", "write", "truncate", "fsync", "rename", "link", "mkdir", "setattr", "map");

  /** Operations that a power cut can undo; between two others it finds what it found before. */
  private static final Set<String> CHANGES =
      Set.of("create", "write", "truncate", "fsync", "rename", "delete", "link", "mkdir");

  private static final Set<String> FLUSHES = Set.of("fsync");

  private final String name;
  private final Set<String> operations;
  private final boolean ownEvents;
  private final Function<RuleBuilder, Rule> end;

  /**
   * Makes one.
   *
   * @param operations those of a file system that it can happen to; empty is any
   * @param ownEvents whether it can happen at a program's own {@code check}
   */
  private PointFault(
      String name, Set<String> operations, boolean ownEvents, Function<RuleBuilder, Rule> end) {
    this.name = name;
    this.operations = operations;
    this.ownEvents = ownEvents;
    this.end = end;
  }

  /**
   * The operation fails and does nothing. Without space ({@code ENOSPC}, {@code EDQUOT}) only what
   * can need space fails.
   */
  public static PointFault fail(Errno errno) {
    boolean space = errno.equals(Errno.ENOSPC) || errno.equals(Errno.EDQUOT);
    return new PointFault(
        errno.name(), space ? NEEDS_SPACE : Set.of(), true, builder -> builder.fail(errno));
  }

  /** A read or write moves half of its bytes, and says so. */
  public static PointFault shortTransfer() {
    return new PointFault("short", Set.of("read", "write"), false, RuleBuilder::shortTransfer);
  }

  /** A flush goes wrong; what that does to the data only a power cut shows. */
  public static PointFault failFlush(FailFlush.Mode mode) {
    return new PointFault("flush " + mode, FLUSHES, false, builder -> builder.failFlush(mode));
  }

  /** The power goes before the operation. */
  public static PointFault cutPower() {
    return new PointFault("power cut", CHANGES, true, RuleBuilder::cutPower);
  }

  /** Whether operations of a kind can fail for want of space; a program's own may. */
  static boolean needsSpace(String event) {
    return FileEvents.named(event).isEmpty() || NEEDS_SPACE.contains(event);
  }

  /** Whether it can happen at a point. */
  boolean fits(FaultPoint point) {
    return fits(point.event());
  }

  /** Whether it can happen to operations of a kind. */
  boolean fits(String event) {
    return FileEvents.named(event).isPresent()
        ? operations.isEmpty() || operations.contains(event)
        : ownEvents;
  }

  /** Whether it can happen to flushes only; then what it costs shows after a power cut. */
  boolean isOfFlushes() {
    return operations.equals(FLUSHES);
  }

  /**
   * The rule that makes it happen.
   *
   * @param sticky whether to all later operations of the same event, too
   */
  Rule at(FaultPoint point, boolean sticky) {
    RuleBuilder builder = point.rule();
    return end.apply(sticky ? builder.times(Long.MAX_VALUE) : builder);
  }

  /** {@code EIO}, {@code short}, {@code flush drop}, {@code power cut}. */
  @Override
  public String toString() {
    return name;
  }
}
