package io.faultdisk.block.qcow2.codec;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Compresses one buffer as a raw deflate stream whose distances stay within 4 KiB, which is what
 * readers of qcow2 images can undo. (The JDK's deflater always uses 32 KiB.)
 *
 * <p>It looks for repetitions as zlib does at level 6 with a window of 12 bits and the largest hash
 * table: chains of at most 128 earlier places, a match is given up if the next byte begins a longer
 * one. All limits are the same, and so are the bytes.
 *
 * <p>zlib copies what it works on into a window of 8 KiB, whose upper half becomes the lower one
 * when it is used up; here all places are those in the source, and {@link #base} and {@link
 * #loaded} say what zlib's window would hold: it finds nothing before that, nor the first place in
 * it. One use, one thread.
 *
 * <p>Source: RFC 1951; the parameters and limits of zlib 1.2.13 (deflate.c, level 6).
 */
final class Deflate {
  static final int MATCH_MIN = 3;
  static final int MATCH_MAX = 258;

  private static final int WINDOW = 1 << 12;
  private static final int LOOKAHEAD_MIN = MATCH_MAX + MATCH_MIN + 1;
  private static final int DISTANCE_MAX = WINDOW - LOOKAHEAD_MIN;

  private static final int HASH_BITS = 16;
  private static final int HASH_SHIFT = 6;
  private static final int HASH_MASK = (1 << HASH_BITS) - 1;

  /** A match of this length is good enough not to look for a better one at the next byte. */
  private static final int LAZY_MAX = 16;

  /** With a match of this length in hand, the next byte's chain is followed a quarter as far. */
  private static final int GOOD_LENGTH = 8;

  /** A match of this length ends the search. */
  private static final int NICE_LENGTH = 128;

  private static final int CHAIN_MAX = 128;

  private static final VarHandle SHORT =
      MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);

  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private final byte[] source;

  /** By hash: one more than the last place that has it; 0 if none. */
  private final int[] head = new int[1 << HASH_BITS];

  /** By place modulo window: the same for the place before it with the same hash. */
  private final int[] previous = new int[WINDOW];

  private final DeflateBlock block;

  /** The place that is looked at. */
  private int at;

  /** Where the window begins, and where what was put into it ends. */
  private int base;

  private int loaded;

  private int blockStart;
  private int matchStart;

  Deflate(byte[] source, byte[] target) {
    this.source = source;
    this.block = new DeflateBlock(new BitWriter(target));
  }

  /**
   * Compresses everything.
   *
   * @return how many bytes of the target were filled, -1 unless at least one stays free
   */
  int run() {
    int length = MATCH_MIN - 1;
    boolean literalPending = false;
    while (true) {
      if (loaded - at < LOOKAHEAD_MIN) {
        load();
        if (at == source.length) {
          break;
        }
      }
      int candidate = source.length - at >= MATCH_MIN ? insert(at) : -1;
      int lastLength = length;
      int lastStart = matchStart;
      length = MATCH_MIN - 1;
      if (candidate > base && lastLength < LAZY_MAX && at - candidate <= DISTANCE_MAX) {
        length = longestMatch(candidate, lastLength);
      }
      if (lastLength >= MATCH_MIN && length <= lastLength) {
        boolean full = block.match(at - 1 - lastStart, lastLength);
        skip(lastLength);
        literalPending = false;
        length = MATCH_MIN - 1;
        if (full && !endBlock(false)) {
          return -1;
        }
      } else {
        if (literalPending && block.literal(source[at - 1]) && !endBlock(false)) {
          return -1;
        }
        literalPending = true;
        at++;
      }
    }
    if (literalPending) {
      block.literal(source[at - 1]);
    }
    return endBlock(true) ? block.bytes() : -1;
  }

  /** Goes behind a match that began one byte ago; its places can be found later. */
  private void skip(int length) {
    int end = at + length - 1;
    int insertEnd = Math.min(end, source.length - MATCH_MIN + 1);
    for (at++; at < insertEnd; at++) {
      insert(at);
    }
    at = end;
  }

  /** A block that began before the window can no longer be stored as it is. */
  private boolean endBlock(boolean last) {
    boolean fits = block.end(source, blockStart, at - blockStart, blockStart >= base, last);
    blockStart = at;
    return fits;
  }

  /** Moves the window if need be, and fills it from the source. */
  private void load() {
    do {
      if (at - base >= WINDOW + DISTANCE_MAX) {
        base += WINDOW;
      }
      loaded = Math.min(base + 2 * WINDOW, source.length);
    } while (loaded - at < LOOKAHEAD_MIN && loaded < source.length);
  }

  /** Makes a place findable; returns the last one with the same hash, or -1. */
  private int insert(int place) {
    int hash =
        (source[place] << (2 * HASH_SHIFT))
            ^ ((source[place + 1] & 0xff) << HASH_SHIFT)
            ^ (source[place + 2] & 0xff);
    int before = head[hash & HASH_MASK];
    previous[place & (WINDOW - 1)] = before;
    head[hash & HASH_MASK] = place + 1;
    return before - 1;
  }

  /**
   * The longest match at {@code at}, if it is longer than {@code best}; sets its start. Most
   * candidates are told by the two bytes that would make them longer than the best so far.
   */
  private int longestMatch(int candidate, int best) {
    int ahead = source.length - at;
    if (best >= ahead) {
      return ahead;
    }
    byte[] bytes = source;
    int chain = best >= GOOD_LENGTH ? CHAIN_MAX >> 2 : CHAIN_MAX;
    int nice = Math.min(NICE_LENGTH, ahead);
    int limit = Math.max(at - DISTANCE_MAX, base);
    int max = Math.min(MATCH_MAX, ahead);
    int length = best;
    short first = (short) SHORT.get(bytes, at);
    short last = (short) SHORT.get(bytes, at + length - 1);
    int place = candidate;
    do {
      if ((short) SHORT.get(bytes, place + length - 1) == last
          && (short) SHORT.get(bytes, place) == first) {
        int found = commonLength(bytes, place, at, max);
        if (found > length) {
          matchStart = place;
          length = found;
          if (found >= nice) {
            break;
          }
          last = (short) SHORT.get(bytes, at + length - 1);
        }
      }
      place = previous[place & (WINDOW - 1)] - 1;
    } while (place > limit && --chain != 0);
    return length;
  }

  /** How many bytes are the same at two places, at most {@code max}; there are so many. */
  private static int commonLength(byte[] bytes, int one, int other, int max) {
    int same = 0;
    for (; same <= max - Long.BYTES; same += Long.BYTES) {
      long difference = (long) LONG.get(bytes, one + same) ^ (long) LONG.get(bytes, other + same);
      if (difference != 0) {
        return same + Long.numberOfTrailingZeros(difference) / Byte.SIZE;
      }
    }
    while (same < max && bytes[one + same] == bytes[other + same]) {
      same++;
    }
    return same;
  }
}
