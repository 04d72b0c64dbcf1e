package io.faultdisk.block;

import java.util.Optional;

/**
 * What a parent may do to a node, and what it lets other parents do: bits of an {@code int} set.
 *
 * <p>The bit number is also the lock byte that an image file carries for it (see {@link
 * io.faultdisk.block.file.ImageLock}), so the order is part of the protocol with other programs.
 */
public final class Permission {
  /** Reads give consistent data. */
  public static final int CONSISTENT_READ = 1;

  /** Visible content may be changed. */
  public static final int WRITE = 1 << 1;

  /** Writes that leave the visible content as it is, such as copy-on-read. */
  public static final int WRITE_UNCHANGED = 1 << 2;

  /** The size may be changed. */
  public static final int RESIZE = 1 << 3;

  /** Every permission. */
  public static final int ALL = 15;

  /** How many there are; bits 0 to {@code COUNT - 1}. */
  public static final int COUNT = 4;

  private static final String[] TEXTS = {"consistent read", "write", "write unchanged", "resize"};

  private Permission() {}

  /**
   * The permission called {@code consistent-read}, {@code write}, {@code write-unchanged} or {@code
   * resize}.
   */
  public static Optional<Integer> named(String name) {
    for (int bit = 0; bit < COUNT; bit++) {
      if (TEXTS[bit].replace(' ', '-').equals(name)) {
        return Optional.of(1 << bit);
      }
    }
    return Optional.empty();
  }

  /** The names in a set, as messages spell them: {@code consistent read, write}. */
  public static String describe(int permissions) {
    StringBuilder text = new StringBuilder();
    for (int bit = 0; bit < COUNT; bit++) {
      if ((permissions & 1 << bit) != 0) {
        text.append(text.isEmpty() ? "" : ", ").append(TEXTS[bit]);
      }
    }
    return text.toString();
  }

  static boolean mayWrite(int permissions) {
    return (permissions & (WRITE | WRITE_UNCHANGED)) != 0;
  }

  /**
   * A parent's wishes on one edge of the graph.
   *
   * @param taken what the parent itself needs
   * @param shared what it allows other parents of the same node to take
   */
  public record Wish(int taken, int shared) {
    /** Takes nothing, minds nothing. */
    public static final Wish NONE = new Wish(0, ALL);
  }
}
