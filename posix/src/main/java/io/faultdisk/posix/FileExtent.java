package io.faultdisk.posix;

import java.util.Collections;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;

/**
 * A piece of a file that lies in one piece on the device of its file system.
 *
 * @param offset where it begins in the file, in bytes
 * @param physical where it begins on the device, in bytes; without meaning if it is {@link
 *     Trait#UNKNOWN}
 * @param bytes how long it is; the last one may reach beyond the end of the file
 * @param traits what makes it other than plain data at that place
 */
public record FileExtent(long offset, long physical, long bytes, Set<Trait> traits) {

  /** What the kernel says about an extent. Source: linux/fiemap.h. */
  public enum Trait {
    /** It has no place on the device yet. */
    UNKNOWN(0x2),
    /** It has not been written back; it is {@link #UNKNOWN}, too. */
    DELAYED(0x4),
    /** What is stored is not what is read: it is compressed, for example. */
    ENCODED(0x8),
    /** What is stored is encrypted. */
    ENCRYPTED(0x80),
    /** It does not begin and end at blocks. */
    UNALIGNED(0x100),
    /** It lies among the metadata, in an inode for example. */
    INLINE(0x200),
    /** It shares a block with other files' data. */
    TAIL(0x400),
    /** It has its place, but reads as zeroes whatever is there. */
    UNWRITTEN(0x800),
    /** Other files have the same extent. */
    SHARED(0x2000);

    private final int bit;

    Trait(int bit) {
      this.bit = bit;
    }

    static Set<Trait> ofFlags(int flags) {
      Set<Trait> traits = EnumSet.noneOf(Trait.class);
      for (Trait trait : values()) {
        if ((flags & trait.bit) != 0) {
          traits.add(trait);
        }
      }
      return traits;
    }

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Copies the set. */
  public FileExtent {
    Set<Trait> copy = EnumSet.noneOf(Trait.class);
    copy.addAll(traits);
    traits = Collections.unmodifiableSet(copy);
  }

  /** Whether it has a place on the device. */
  public boolean isPlaced() {
    return !traits.contains(Trait.UNKNOWN) && !traits.contains(Trait.DELAYED);
  }
}
