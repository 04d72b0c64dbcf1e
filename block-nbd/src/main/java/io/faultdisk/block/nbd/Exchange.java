package io.faultdisk.block.nbd;

import io.faultdisk.base.Errno;
import io.faultdisk.nbd.CommandType;
import java.nio.ByteBuffer;

/**
 * One request, on its way to the server and back.
 *
 * <p>Made by the thread that waits for it. The {@link ReplyReader} fills in the result and then
 * ends it, once; after that it is the waiter's again.
 */
final class Exchange {
  /** What has become of it. */
  enum Outcome {
    /** The server has not answered yet. */
    PENDING,
    /** The server has answered; {@link #error} says how. */
    ANSWERED,
    /** The server has answered what is no answer to this. */
    VIOLATED,
    /** The connection is gone, and nobody knows whether the server did it. */
    LOST
  }

  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

  final CommandType command;
  final int flags;
  final long offset;
  final long length;

  /** Where the data of a read goes; its position and limit stay as they are. */
  final ByteBuffer target;

  /** What a write sends. */
  final ByteBuffer payload;

  final Thread waiter = Thread.currentThread();

  /** Its number on the wire; the connection's. */
  long cookie;

  /** It has a place on the connection. */
  volatile boolean admitted;

  /** Why the server did not do it; {@link Errno#SUCCESS} if it did. */
  Errno error = Errno.SUCCESS;

  /** Bytes of a read that have come. */
  long received;

  /** The extent that the block status begins with; 0 bytes: none has come. */
  long extentBytes;

  long extentFlags;

  private volatile Outcome outcome = Outcome.PENDING;

  private Exchange(
      CommandType command,
      int flags,
      long offset,
      long length,
      ByteBuffer target,
      ByteBuffer payload) {
    this.command = command;
    this.flags = flags;
    this.offset = offset;
    this.length = length;
    this.target = target;
    this.payload = payload;
  }

  static Exchange read(long offset, ByteBuffer target) {
    return new Exchange(
        CommandType.READ, 0, offset, target.remaining(), target, NOTHING.duplicate());
  }

  static Exchange write(int flags, long offset, ByteBuffer payload) {
    return new Exchange(
        CommandType.WRITE, flags, offset, payload.remaining(), NOTHING, payload.slice());
  }

  static Exchange of(CommandType command, int flags, long offset, long length) {
    return new Exchange(command, flags, offset, length, NOTHING, NOTHING.duplicate());
  }

  Outcome outcome() {
    return outcome;
  }

  boolean isDone() {
    return outcome != Outcome.PENDING;
  }

  /** The last word; whoever waits has to be signalled then. */
  void end(Outcome how) {
    outcome = how;
  }

  /** Starts over, after a loss. */
  void again() {
    admitted = false;
    error = Errno.SUCCESS;
    received = 0;
    extentBytes = 0;
    payload.clear(); // a slice: all of it
    outcome = Outcome.PENDING;
  }
}
