package io.faultdisk.block;

import io.faultdisk.base.Errno;
import java.io.IOException;

/**
 * A request that failed, with the errno that the client sees.
 *
 * <p>Injected and real errors are the same type: whoever handles one handles both.
 */
public final class BlockIoException extends IOException {
  private static final long serialVersionUID = 1L;

  private final transient Errno errno;
  private final int number;
  private final String reason;
  private final boolean located;

  /** A failure that the errno alone describes; {@link #reason()} is its {@code strerror} text. */
  public BlockIoException(Errno errno) {
    this(errno, errno.text());
  }

  /** A failure with a text of its own, such as {@code Cannot resize fixed-size raw disks}. */
  public BlockIoException(Errno errno, String reason) {
    super(errno.name() + " (" + reason + ")");
    this.errno = errno;
    this.number = errno.number();
    this.reason = reason;
    this.located = false;
  }

  private BlockIoException(String where, BlockIoException cause) {
    super(where + ": " + cause.getMessage(), cause);
    this.errno = cause.errno();
    this.number = cause.number;
    this.reason = cause.reason;
    this.located = true;
  }

  /**
   * The same failure, saying where it happened: {@code write of 4096 bytes at 65536 on node
   * 'proto0': ENOSPC (No space left on device)}. The node nearest to the cause has the say; nodes
   * above change nothing.
   */
  public BlockIoException at(String operation, long offset, long bytes, String node) {
    if (located) {
      return this;
    }
    return new BlockIoException(
        operation + " of " + bytes + " bytes at " + offset + " on node '" + node + "'", this);
  }

  /** Why, as the client is told. Never {@link Errno#SUCCESS}. */
  public Errno errno() {
    return errno != null ? errno : Errno.of(number);
  }

  /**
   * The text that a tool prints after its name: the {@code strerror} text unless the driver said
   * more.
   */
  public String reason() {
    return reason;
  }
}
