package io.faultdisk.nio;

import io.faultdisk.rules.Decision;
import io.faultdisk.rules.RuleFilter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a read or write goes on that the {@link Gate} has let in: how much of it may be done, which
 * bytes it really moves, and what the caller is told when it is done.
 *
 * <p>A write that stores something else than it was given is done like any other, with what it is
 * to store: what was there before, where the new bytes get lost. So a file grows by a write that is
 * dropped, by zeroes. A read that fails has done nothing, whenever it fails.
 *
 * <p>Immutable; safe from any thread.
 */
final class Passage {
  /** All of it, as it is. */
  static final Passage ALL = new Passage(Long.MAX_VALUE, null);

  private final long bytesMax;
  private final @Nullable Decision change;

  private Passage(long bytesMax, @Nullable Decision change) {
    this.bytesMax = bytesMax;
    this.change = change;
  }

  /** So much of it. */
  static Passage upTo(long bytesMax) {
    return new Passage(bytesMax, null);
  }

  /** All of it, but not as it is. */
  static Passage changed(Decision change) {
    return new Passage(Long.MAX_VALUE, change);
  }

  /** Reads what a file holds at an offset; -1 behind its end. */
  @FunctionalInterface
  interface Content {
    int read(ByteBuffer into, long offset) throws IOException;
  }

  /** How many of so many bytes may be moved. */
  long of(long wanted) {
    return Math.min(wanted, bytesMax);
  }

  /** Whether more than the number of bytes is different. */
  boolean isChanged() {
    return change != null;
  }

  /** Reads into a buffer as far as may be, what the caller is to see. */
  int read(ByteBuffer into, long offset, OpenFile.Write read) throws IOException {
    int start = into.position();
    int moved = Limits.first(into, (int) of(into.remaining()), read);
    if (moved > 0 && change instanceof Decision.Corrupt corrupt) {
      corrupt.flip(offset, into.duplicate().position(start).limit(start + moved));
    }
    return moved;
  }

  /**
   * What a write stores, given what it was to store.
   *
   * @param before what the file holds now
   */
  ByteBuffer stored(ByteBuffer given, long offset, Content before) throws IOException {
    ByteBuffer stored = ByteBuffer.allocate(given.remaining());
    List<RuleFilter.ByteRange> written =
        change == null
            ? List.of(new RuleFilter.ByteRange(offset, given.remaining()))
            : change.writes(offset, given.remaining());
    long lost = given.remaining() - written.stream().mapToLong(RuleFilter.ByteRange::bytes).sum();
    while (lost > 0 && stored.hasRemaining()) {
      if (before.read(stored, offset + stored.position()) <= 0) {
        break;
      }
    }
    stored.clear();
    for (RuleFilter.ByteRange range : written) {
      int at = (int) (range.offset() - offset);
      stored.put(at, given, given.position() + at, (int) range.bytes());
    }
    if (change instanceof Decision.Corrupt corrupt) {
      corrupt.flip(offset, stored);
    }
    return stored;
  }

  /** After a write was done: throws what the caller is told instead. */
  void done(Gate gate) throws IOException {
    if (change instanceof Decision.Fail fail) {
      throw ErrnoExceptions.ofChannel(fail.errno());
    }
    if (change instanceof Decision.Tear tear) {
      switch (tear.rule().then()) {
        case SUCCESS -> {}
        case ERROR -> throw ErrnoExceptions.ofChannel(tear.rule().errno());
        case POWER_CUT -> {
          gate.cutPower();
          gate.checkPower();
        }
      }
    }
  }
}
