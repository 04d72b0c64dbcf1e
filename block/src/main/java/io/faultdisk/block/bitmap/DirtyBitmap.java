package io.faultdisk.block.bitmap;

import io.faultdisk.base.UsageException;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * One named bitmap of a node: a bit for each {@link #granularity()} bytes, set when something in
 * there was written.
 *
 * <p>Offsets and lengths are bytes of the node. A bitmap that is not {@linkplain #enabled()
 * enabled} keeps what it has but records nothing. A {@linkplain #persistent() persistent} one is
 * stored in the image. An {@linkplain #inconsistent() inconsistent} one was not stored when the
 * image was last in use: its bits mean nothing, and it can only be removed. While a bitmap is
 * {@linkplain #readOnly() read-only}, the node refuses writes that it would have to record.
 *
 * <p>Any thread.
 *
 * <p>Source: the behaviour of QEMU 7.2, block/dirty-bitmap.c.
 */
public final class DirtyBitmap {
  private final String name;
  private final int granularityBits;
  private final SparseBits bits;
  private long size;
  private volatile boolean enabled = true;
  private volatile boolean persistent;
  private volatile boolean inconsistent;
  private volatile boolean readOnly;

  /** A stretch of dirty bytes. */
  public record Area(long offset, long bytes) {}

  /**
   * A bitmap with nothing dirty.
   *
   * @param size bytes of the node
   * @param granularity bytes per bit, a power of two
   */
  public DirtyBitmap(String name, long size, long granularity) {
    if (Long.bitCount(granularity) != 1) {
      throw new IllegalArgumentException("granularity " + granularity);
    }
    this.name = name;
    this.granularityBits = Long.numberOfTrailingZeros(granularity);
    this.size = size;
    this.bits = new SparseBits(bitsFor(size));
  }

  private long bitsFor(long bytes) {
    return (bytes >>> granularityBits) + ((bytes & (granularity() - 1)) == 0 ? 0 : 1);
  }

  public String name() {
    return name;
  }

  /** Bytes per bit. */
  public long granularity() {
    return 1L << granularityBits;
  }

  /** Bytes that it describes. */
  public synchronized long size() {
    return size;
  }

  /** Whether writes are recorded. */
  public boolean enabled() {
    return enabled;
  }

  public void enabled(boolean on) {
    enabled = on;
  }

  /** Whether it belongs to the image rather than to this run only. */
  public boolean persistent() {
    return persistent;
  }

  public void persistent(boolean on) {
    persistent = on;
  }

  /** Whether it was in use when the image was last open for writing, and never stored. */
  public boolean inconsistent() {
    return inconsistent;
  }

  /** Marks a persistent bitmap as useless; it records nothing from now on. */
  public void markInconsistent() {
    inconsistent = true;
    enabled = false;
  }

  /** Whether neither it nor the node may be changed. */
  public boolean readOnly() {
    return readOnly;
  }

  public void readOnly(boolean on) {
    readOnly = on;
  }

  /**
   * Refuses unless it can be changed.
   *
   * @throws UsageException with the text for the user
   */
  public void requireWritable() throws UsageException {
    requireNotReadOnly();
    requireConsistent();
  }

  /** Refuses if it is read-only: then it cannot even be removed. */
  public void requireNotReadOnly() throws UsageException {
    if (readOnly) {
      throw new UsageException("Bitmap '" + name + "' is readonly and cannot be modified");
    }
  }

  /** Refuses if its bits mean nothing. */
  public void requireConsistent() throws UsageException {
    if (inconsistent) {
      throw new UsageException(
          "Bitmap '" + name + "' is inconsistent and cannot be used",
          "Try block-dirty-bitmap-remove to delete this bitmap from disk");
    }
  }

  /** Marks what a range touches; what lies behind the end is left out. */
  public synchronized void set(long offset, long bytes) {
    long end = Math.min(size, offset + bytes);
    if (offset < end) {
      bits.set(offset >>> granularityBits, bitsFor(end));
    }
  }

  /** Marks everything clean. */
  public synchronized void clear() {
    bits.clear();
  }

  /** Follows the node to a new length; what is new is clean. */
  public synchronized void resize(long bytes) {
    bits.resize(bitsFor(bytes));
    size = bytes;
  }

  /** Dirty bytes, in whole bits: can be more than {@link #size()}. */
  public synchronized long count() {
    return bits.count() << granularityBits;
  }

  /** Whether the byte at {@code offset} is in a dirty part. */
  public synchronized boolean isDirty(long offset) {
    return bits.get(offset >>> granularityBits);
  }

  /**
   * The first dirty stretch that begins or goes on at or behind {@code offset}, before {@code end}.
   */
  public synchronized Optional<Area> nextDirty(long offset, long end) {
    long last = Math.min(size, end);
    if (offset >= last) {
      return Optional.empty();
    }
    long first = bits.nextSet(offset >>> granularityBits, bitsFor(last));
    if (first < 0) {
      return Optional.empty();
    }
    long clear = bits.nextClear(first, bitsFor(last));
    long start = Math.max(offset, first << granularityBits);
    long stop = clear < 0 ? last : clear << granularityBits;
    return Optional.of(new Area(start, stop - start));
  }

  /**
   * Marks what is dirty in another bitmap, which may have another granularity.
   *
   * @throws UsageException with the text for the user; nothing has changed
   */
  public void merge(DirtyBitmap source) throws UsageException {
    requireWritable();
    source.requireConsistent();
    long sourceSize;
    SparseBits copy;
    synchronized (source) {
      sourceSize = source.size;
      copy = source.bits.copy();
    }
    synchronized (this) {
      if (sourceSize != size) {
        throw new UsageException(
            "Bitmaps are of different sizes (destination size is "
                + size
                + ", source size is "
                + sourceSize
                + ") and can't be merged");
      }
      if (source.granularityBits == granularityBits) {
        bits.or(copy);
      } else {
        mergeAreas(copy, source.granularityBits);
      }
    }
  }

  private void mergeAreas(SparseBits source, int sourceGranularityBits) {
    long to = 0;
    for (long from = source.nextSet(0, source.size());
        from >= 0;
        from = source.nextSet(to, source.size())) {
      long clear = source.nextClear(from, source.size());
      to = clear < 0 ? source.size() : clear;
      long end = Math.min(size, to << sourceGranularityBits);
      bits.set(from << sourceGranularityBits >>> granularityBits, bitsFor(end));
    }
  }

  /** Bytes that {@link #serialise} needs for the whole bitmap: whole 64-bit words. */
  public synchronized long serialisedBytes() {
    return bits.words() * Long.BYTES;
  }

  /**
   * Writes a part of the bits, little-endian.
   *
   * @param firstByte where in the serialised form to begin, a multiple of 8
   * @param target takes as much as there is, up to its limit; a multiple of 8
   */
  public synchronized void serialise(long firstByte, ByteBuffer target) {
    long words = Math.min(bits.words() - firstByte / Long.BYTES, target.remaining() / Long.BYTES);
    for (long i = 0; i < words; i++) {
      target.putLong(Long.reverseBytes(bits.word(firstByte / Long.BYTES + i)));
    }
  }

  /** Takes over a part of the bits from what {@link #serialise} wrote. */
  public synchronized void deserialise(long firstByte, ByteBuffer source) {
    long words = Math.min(bits.words() - firstByte / Long.BYTES, source.remaining() / Long.BYTES);
    for (long i = 0; i < words; i++) {
      bits.word(firstByte / Long.BYTES + i, Long.reverseBytes(source.getLong()));
    }
  }

  /** Sets all bits of a part, in whole words. */
  public synchronized void deserialiseOnes(long firstByte, long bytes) {
    long words = Math.min(bits.words() - firstByte / Long.BYTES, bytes / Long.BYTES);
    for (long i = 0; i < words; i++) {
      bits.word(firstByte / Long.BYTES + i, -1L);
    }
  }

  /**
   * The first byte of the serialised form, at or behind {@code firstByte}, that holds a set bit; -1
   * if there is none.
   */
  public synchronized long nextSerialised(long firstByte) {
    long bit = bits.nextSet(firstByte * Byte.SIZE, bits.size());
    return bit < 0 ? -1 : bit / Byte.SIZE;
  }

  @Override
  public String toString() {
    return name + " (" + granularity() + " bytes per bit, " + count() + " dirty)";
  }
}
