package io.faultdisk.block;

import io.faultdisk.base.Errno;
import io.faultdisk.base.UsageException;
import io.faultdisk.block.options.Options;
import io.faultdisk.rules.Event;
import io.faultdisk.rules.FaultEngine;
import io.faultdisk.rules.RequestType;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * An opened driver: what one node of the graph does with the requests that reach it.
 *
 * <p>{@link Node} is its only caller. Ranges have been checked, padded to {@link #limits} and cut
 * to the transfer limit before they arrive; several threads may call at the same time. Every method
 * that fails throws {@link BlockIoException}.
 */
public interface BlockDriver extends AutoCloseable {
  /**
   * Reads {@code target.remaining()} bytes; what lies behind the end of the data reads as zeroes.
   */
  void read(long offset, ByteBuffer target) throws BlockIoException;

  /** Writes {@code source.remaining()} bytes. Only flags of {@link #writeFlags()} arrive. */
  void write(long offset, ByteBuffer source, int flags) throws BlockIoException;

  /**
   * Makes a range read as zeroes without a buffer. Only flags of {@link #zeroFlags()} arrive.
   *
   * @throws BlockIoException with {@code ENOTSUP} if it cannot do so; the caller then writes zeroes
   *     instead
   */
  default void writeZeroes(long offset, long bytes, int flags) throws BlockIoException {
    throw new BlockIoException(Errno.ENOTSUP);
  }

  /**
   * Drops a range.
   *
   * @throws BlockIoException with {@code ENOTSUP} if it does not want this one; that is not a
   *     failure of the request
   */
  default void discard(long offset, long bytes) throws BlockIoException {
    throw new BlockIoException(Errno.ENOTSUP);
  }

  /** Writes data compressed; drivers without compression refuse with {@code ENOTSUP}. */
  default void writeCompressed(long offset, ByteBuffer source) throws BlockIoException {
    throw new BlockIoException(Errno.ENOTSUP);
  }

  /** Hands cached changes of the driver itself to the nodes below. */
  default void flushToOs() throws BlockIoException {}

  /** Makes everything written so far durable. The node then flushes its children. */
  default void flushToDisk() throws BlockIoException {}

  /**
   * Where the data of a range comes from.
   *
   * @param precise true for a map of zeroes and data, false if only "allocated or not" matters
   */
  Mapping map(long offset, long bytes, boolean precise) throws BlockIoException;

  /** Length of the content in bytes, not rounded. */
  long length() throws BlockIoException;

  /** True if {@link #length()} must be asked each time; otherwise the node remembers it. */
  default boolean lengthVaries() {
    return false;
  }

  /**
   * Changes the length.
   *
   * @param exact false if a longer result is good enough
   */
  default void truncate(long size, boolean exact, Preallocation preallocation)
      throws BlockIoException {
    throw new BlockIoException(Errno.ENOTSUP, "Image format driver does not support resize");
  }

  /**
   * The same for an image that grows over a backing file with content in the new range: that must
   * not show through.
   */
  default void truncateZeroed(long size, boolean exact, Preallocation preallocation)
      throws BlockIoException {
    throw new BlockIoException(Errno.ENOTSUP, "Block driver does not support requested flags");
  }

  /** What requests must look like; {@code inherited} is what the children impose. */
  default BlockLimits limits(BlockLimits inherited) {
    return inherited;
  }

  /** The {@link RequestFlags} that {@link #write} honours by itself. */
  default int writeFlags() {
    return RequestFlags.NONE;
  }

  /**
   * Whether requests spend their time waiting for a device or for somebody else, not for a
   * processor: then it pays to have many in flight.
   */
  default boolean waits() {
    return false;
  }

  /** The {@link RequestFlags} that {@link #writeZeroes} honours by itself. */
  default int zeroFlags() {
    return RequestFlags.NONE;
  }

  /** Whether {@link #writeZeroes} can be anything but {@code ENOTSUP}. */
  default boolean writesZeroes() {
    return false;
  }

  /** Whether {@link #discard} can be anything but {@code ENOTSUP}. */
  default boolean discards() {
    return false;
  }

  /**
   * An event announced at this node, before the I/O that it names. May park the caller (a
   * breakpoint).
   */
  default void announce(Event event, RequestType type, long offset, long bytes) {}

  /** The rules engine in this node, if it is one that holds rules. */
  default Optional<FaultEngine> engine() {
    return Optional.empty();
  }

  /** The power of the disk, if this node is where it can be cut. */
  default Optional<PowerSwitch> power() {
    return Optional.empty();
  }

  /** The permissions to take on a child when the node's parents want {@code wish} of it. */
  default Permission.Wish childWish(ChildRole role, Permission.Wish wish, boolean writable) {
    return role.childWish(wish, writable);
  }

  /**
   * Prepares for new permissions of the parents, such as by locking the file; called before they
   * are in force.
   *
   * @throws UsageException if they cannot be had
   */
  default void preparePermissions(Permission.Wish wish) throws UsageException {}

  /**
   * The permissions are in force: what is no longer needed can go. Also called to go back after a
   * refusal.
   */
  default void settlePermissions(Permission.Wish wish) {}

  /**
   * Takes over new flags and options, or refuses and leaves everything as it was. The node's own
   * flags and those of its children are still the old ones; also called to go back when another
   * node has refused.
   *
   * @param options all that are in force from now on; the driver takes out those that it can
   *     change, what stays has to be as it was
   */
  default void reopen(OpenFlags flags, Options options) throws UsageException {}

  /** A reopen of this node has succeeded; flags and permissions are in force, here and below. */
  default void reopened() {}

  /**
   * A plain file name that opens the same, if there is one; otherwise the node is named by its
   * options.
   */
  default Optional<String> exactFilename() {
    return Optional.empty();
  }

  /** Facts about the image, as {@code info} shows them. */
  default ImageInfo info() throws BlockIoException {
    throw new BlockIoException(Errno.ENOTSUP);
  }

  /**
   * Disk space in use, in bytes. Only asked of drivers that are no format: those of a format are
   * those of its children. Empty if the driver cannot tell.
   */
  default OptionalLong allocatedSize() {
    return OptionalLong.empty();
  }

  /**
   * Reads the state of a virtual machine that the format keeps beside the guest's data; ENOTSUP if
   * it keeps none.
   */
  default void readVmState(long position, ByteBuffer target) throws BlockIoException {
    throw new BlockIoException(Errno.ENOTSUP);
  }

  /** Stores such state; ENOTSUP if the format keeps none. */
  default void writeVmState(long position, ByteBuffer source) throws BlockIoException {
    throw new BlockIoException(Errno.ENOTSUP);
  }

  /**
   * The node around this driver exists now: called once, before any request. Drivers that look at
   * their own node (its backing file, its status) keep it.
   */
  default void attached(Node self) {}

  /**
   * Whether the image can still be used. A format that has found its metadata damaged closes itself
   * to requests: flushes then do nothing and {@link BlockBackend} answers ENOMEDIUM.
   */
  default boolean usable() {
    return true;
  }

  /**
   * The backing file that the image itself names; the graph opens it after the driver, unless told
   * otherwise by options.
   */
  default Optional<BackingReference> backingReference() {
    return Optional.empty();
  }

  /** Lets go of everything; the node has flushed before. Idempotent. */
  @Override
  void close();
}
