package io.faultdisk.daemon.disk;

import io.faultdisk.block.blkdebug.Receipt;
import io.faultdisk.rules.SuspendedRequest;

/** Something that happened to a disk. Immutable. */
public sealed interface DiskEvent {
  /** The name of the disk. */
  String disk();

  /** There is one more disk. */
  record Added(String disk) implements DiskEvent {}

  /** A disk is gone. */
  record Removed(String disk) implements DiskEvent {}

  /** Rules came or went, or were armed by hand, or breakpoints were set or removed. */
  record RulesChanged(String disk) implements DiskEvent {}

  /**
   * The engine moved to another state.
   *
   * @param event which event did it; empty if it was set by hand
   */
  record StateChanged(String disk, String event, int from, int to) implements DiskEvent {}

  /** A rule did something to a request. There may be very many of these. */
  record RuleHit(String disk, Receipt receipt) implements DiskEvent {}

  /** A request waits until its tag is resumed. */
  record Suspended(String disk, SuspendedRequest request) implements DiskEvent {}

  /** A request that waited goes on. */
  record Resumed(String disk, SuspendedRequest request) implements DiskEvent {}

  /** The power was cut by hand, or is back. */
  record PowerChanged(String disk, boolean on) implements DiskEvent {}
}
