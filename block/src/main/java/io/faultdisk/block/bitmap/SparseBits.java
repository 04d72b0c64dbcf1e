package io.faultdisk.block.bitmap;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A row of bits in 64-bit words, stored in chunks; a chunk without any set bit takes no memory.
 *
 * <p>All positions are bit numbers from 0 to {@link #size()} - 1. The last word can hold bits
 * behind the end: whoever {@linkplain #word(long, long) sets words} puts them there, and they stay,
 * since an image that was loaded is stored as it was. They are never counted nor found.
 *
 * <p>Up to 2<sup>48</sup> bits. Not thread-safe.
 */
final class SparseBits {
  private static final int WORD_BITS = 64;

  /** Words of one chunk (32 KiB). */
  private static final int CHUNK = 4096;

  private long size;
  private long[] @Nullable [] chunks;

  SparseBits(long size) {
    this.size = size;
    this.chunks = new long[chunksFor(size)][];
  }

  private SparseBits(SparseBits other) {
    this.size = other.size;
    this.chunks = new long[other.chunks.length][];
    for (int i = 0; i < chunks.length; i++) {
      long[] chunk = other.chunks[i];
      chunks[i] = chunk == null ? null : chunk.clone();
    }
  }

  private static int chunksFor(long size) {
    return Math.toIntExact(divideUp(divideUp(size, WORD_BITS), CHUNK));
  }

  private static long divideUp(long a, long b) {
    return a / b + (a % b == 0 ? 0 : 1);
  }

  long size() {
    return size;
  }

  /** Words that hold all bits. */
  long words() {
    return divideUp(size, WORD_BITS);
  }

  SparseBits copy() {
    return new SparseBits(this);
  }

  /** Changes the size; new bits are clear, except for what stood behind the end already. */
  void resize(long next) {
    if (next < size) {
      clear(next, size);
    }
    chunks = Arrays.copyOf(chunks, chunksFor(next));
    size = next;
    long kept = words();
    long[] last = chunks.length == 0 ? null : chunks[chunks.length - 1];
    if (last != null && kept % CHUNK != 0) {
      Arrays.fill(last, (int) (kept % CHUNK), CHUNK, 0);
    }
  }

  /** Sets the bits from {@code from} up to, not including, {@code to}. */
  void set(long from, long to) {
    change(from, to, true);
  }

  /** Clears the bits from {@code from} up to, not including, {@code to}. */
  void clear(long from, long to) {
    change(from, to, false);
  }

  /** Clears everything, also behind the end. */
  void clear() {
    Arrays.fill(chunks, null);
  }

  private void change(long from, long to, boolean set) {
    long bit = from;
    while (bit < to) {
      long chunkEnd = (bit / WORD_BITS / CHUNK + 1) * CHUNK * WORD_BITS;
      long end = Math.min(to, chunkEnd);
      if (set || chunks[chunkOf(bit)] != null) {
        changeInChunk(chunk(chunkOf(bit)), bit, end, set);
      }
      bit = end;
    }
  }

  private static void changeInChunk(long[] chunk, long from, long to, boolean set) {
    int first = indexOf(from);
    int last = indexOf(to - 1);
    long firstMask = -1L << from;
    long lastMask = -1L >>> (WORD_BITS - 1 - (int) ((to - 1) % WORD_BITS));
    if (first == last) {
      changeWord(chunk, first, firstMask & lastMask, set);
      return;
    }
    changeWord(chunk, first, firstMask, set);
    Arrays.fill(chunk, first + 1, last, set ? -1L : 0L);
    changeWord(chunk, last, lastMask, set);
  }

  private static void changeWord(long[] chunk, int index, long mask, boolean set) {
    chunk[index] = set ? chunk[index] | mask : chunk[index] & ~mask;
  }

  private static int chunkOf(long bit) {
    return (int) (bit / WORD_BITS / CHUNK);
  }

  private static int indexOf(long bit) {
    return (int) (bit / WORD_BITS % CHUNK);
  }

  private long[] chunk(int index) {
    long[] chunk = chunks[index];
    if (chunk == null) {
      chunk = new long[CHUNK];
      chunks[index] = chunk;
    }
    return chunk;
  }

  boolean get(long bit) {
    return (word(bit / WORD_BITS) >>> bit & 1) != 0;
  }

  /** A word by its number; the lowest bit stands for the lowest position. */
  long word(long index) {
    long[] chunk = chunks[(int) (index / CHUNK)];
    return chunk == null ? 0 : chunk[(int) (index % CHUNK)];
  }

  /** Sets all bits of a word, also those behind the end. */
  void word(long index, long value) {
    int at = (int) (index / CHUNK);
    if (value != 0 || chunks[at] != null) {
      chunk(at)[(int) (index % CHUNK)] = value;
    }
  }

  /** The first set bit from {@code from} on and before {@code to}, or -1. */
  long nextSet(long from, long to) {
    long end = Math.min(to, size);
    long bit = from;
    while (bit < end) {
      if (chunks[chunkOf(bit)] == null) {
        bit = (bit / WORD_BITS / CHUNK + 1) * CHUNK * WORD_BITS;
        continue;
      }
      long rest = word(bit / WORD_BITS) & -1L << bit;
      if (rest != 0) {
        long found = bit / WORD_BITS * WORD_BITS + Long.numberOfTrailingZeros(rest);
        return found < end ? found : -1;
      }
      bit = (bit / WORD_BITS + 1) * WORD_BITS;
    }
    return -1;
  }

  /** The first clear bit from {@code from} on and before {@code to}, or -1. */
  long nextClear(long from, long to) {
    long end = Math.min(to, size);
    long bit = from;
    while (bit < end) {
      long rest = ~word(bit / WORD_BITS) & -1L << bit;
      if (rest != 0) {
        long found = bit / WORD_BITS * WORD_BITS + Long.numberOfTrailingZeros(rest);
        return found < end ? found : -1;
      }
      bit = (bit / WORD_BITS + 1) * WORD_BITS;
    }
    return -1;
  }

  /** How many bits are set. */
  long count() {
    long count = 0;
    for (long[] chunk : chunks) {
      if (chunk != null) {
        for (long word : chunk) {
          count += Long.bitCount(word);
        }
      }
    }
    int used = (int) (size % WORD_BITS);
    if (used != 0) {
      count -= Long.bitCount(word(size / WORD_BITS) & -1L << used);
    }
    return count;
  }

  /** Sets all bits that are set in {@code other}, which is as large. */
  void or(SparseBits other) {
    for (int i = 0; i < chunks.length; i++) {
      long[] more = other.chunks[i];
      if (more != null) {
        long[] chunk = chunk(i);
        for (int k = 0; k < CHUNK; k++) {
          chunk[k] |= more[k];
        }
      }
    }
  }
}
