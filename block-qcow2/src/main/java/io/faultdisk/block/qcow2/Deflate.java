package io.faultdisk.block.qcow2;

import java.util.Arrays;

/**
 * Compresses one buffer as a raw deflate stream whose distances stay within 4 KiB, which is what
 * readers of qcow2 images can undo. (The JDK's deflater always uses 32 KiB.)
 *
 * <p>It looks for repetitions as zlib does at level 6 with a window of 12 bits and the largest hash
 * table: chains of at most 128 earlier places, a match is given up if the next byte begins a longer
 * one. All limits are the same, and so are the bytes.
 *
 * <p>Works in a window of 8 KiB: when the upper half is used up, it becomes the lower one. One use,
 * one thread.
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

  private final byte[] source;
  private int sourceUsed;

  private final byte[] window = new byte[2 * WINDOW + MATCH_MAX];

  /** By hash: the last place in the window that has it; 0 if none (so place 0 is never found). */
  private final char[] head = new char[1 << HASH_BITS];

  /** By place modulo window: the place before it with the same hash. */
  private final char[] previous = new char[WINDOW];

  private final DeflateBlock block;

  private int hash;

  /** The place in the window that is looked at. */
  private int at;

  /** Bytes in the window from there on. */
  private int ahead;

  /** Where the current block began; negative once that has left the window. */
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
      if (ahead < LOOKAHEAD_MIN) {
        fill();
        if (ahead == 0) {
          break;
        }
      }
      int candidate = ahead >= MATCH_MIN ? insert(at) : 0;
      int lastLength = length;
      int lastStart = matchStart;
      length = MATCH_MIN - 1;
      if (candidate != 0 && lastLength < LAZY_MAX && at - candidate <= DISTANCE_MAX) {
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
        if (literalPending && block.literal(window[at - 1]) && !endBlock(false)) {
          return -1;
        }
        literalPending = true;
        at++;
        ahead--;
      }
    }
    if (literalPending) {
      block.literal(window[at - 1]);
    }
    return endBlock(true) ? block.bytes() : -1;
  }

  /** Goes behind a match that began one byte ago; its places can be found later. */
  private void skip(int length) {
    int insertEnd = at + ahead - MATCH_MIN;
    ahead -= length - 1;
    int end = at + length - 1;
    for (at++; at < end; at++) {
      if (at <= insertEnd) {
        insert(at);
      }
    }
  }

  private boolean endBlock(boolean last) {
    boolean fits = block.end(window, blockStart, at - blockStart, last);
    blockStart = at;
    return fits;
  }

  /** Moves the window if need be, and fills it from the source. */
  private void fill() {
    do {
      if (at >= WINDOW + DISTANCE_MAX) {
        slide();
      }
      int bytes = Math.min(2 * WINDOW - ahead - at, source.length - sourceUsed);
      if (bytes == 0) {
        return;
      }
      System.arraycopy(source, sourceUsed, window, at + ahead, bytes);
      sourceUsed += bytes;
      ahead += bytes;
      if (ahead >= MATCH_MIN) {
        hash = hash(hash(0, at), at + 1);
      }
    } while (ahead < LOOKAHEAD_MIN && sourceUsed < source.length);
  }

  private void slide() {
    System.arraycopy(window, WINDOW, window, 0, WINDOW);
    at -= WINDOW;
    matchStart -= WINDOW;
    blockStart -= WINDOW;
    slide(head);
    slide(previous);
  }

  private static void slide(char[] places) {
    for (int i = 0; i < places.length; i++) {
      places[i] = (char) Math.max(places[i] - WINDOW, 0);
    }
  }

  private int hash(int before, int place) {
    return ((before << HASH_SHIFT) ^ (window[place] & 0xff)) & HASH_MASK;
  }

  /** Makes a place findable; returns the last one with the same hash, or 0. */
  private int insert(int place) {
    hash = hash(hash, place + MATCH_MIN - 1);
    char before = head[hash];
    previous[place & (WINDOW - 1)] = before;
    head[hash] = (char) place;
    return before;
  }

  /** The longest match at {@code at} that is longer than {@code best}; sets its start. */
  private int longestMatch(int candidate, int best) {
    int chain = best >= GOOD_LENGTH ? CHAIN_MAX >> 2 : CHAIN_MAX;
    int nice = Math.min(NICE_LENGTH, ahead);
    int limit = Math.max(at - DISTANCE_MAX, 0);
    int length = best;
    int place = candidate;
    do {
      if (window[place + length] == window[at + length]
          && window[place + length - 1] == window[at + length - 1]
          && window[place] == window[at]
          && window[place + 1] == window[at + 1]) {
        int found = Arrays.mismatch(window, place, place + MATCH_MAX, window, at, at + MATCH_MAX);
        if (found < 0) {
          found = MATCH_MAX;
        }
        if (found > length) {
          matchStart = place;
          length = found;
          if (found >= nice) {
            break;
          }
        }
      }
      place = previous[place & (WINDOW - 1)];
    } while (place > limit && --chain != 0);
    return Math.min(length, ahead);
  }
}
