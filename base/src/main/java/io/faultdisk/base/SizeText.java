package io.faultdisk.base;

/**
 * What {@link Units#parseSize} made of a text: a number of bytes, or one of two ways to fail, which
 * qemu-io reports with different sentences.
 *
 * @param kind which of the three
 * @param bytes the size, 0 to 2<sup>63</sup>-1; 0 unless {@link Kind#OK}
 * @param hexWithSuffix the text begins with {@code 0x..} and a unit suffix, which QEMU 7.2 takes
 *     with a warning and later releases refuse. QEMU warns before it looks at what is behind the
 *     suffix and at how large the number is, so this may be true of any kind
 */
public record SizeText(Kind kind, long bytes, boolean hexWithSuffix) {

  /** The outcomes. */
  public enum Kind {
    /** A size. */
    OK,
    /** Not a number, or with something behind it that is no unit. */
    NOT_A_NUMBER,
    /** A number, but 8 EiB or more. */
    TOO_LARGE
  }

  static final SizeText NOT_A_NUMBER = new SizeText(Kind.NOT_A_NUMBER, 0, false);
  static final SizeText TOO_LARGE = new SizeText(Kind.TOO_LARGE, 0, false);

  /** The same, of a text that begins with {@code 0x..} and a unit suffix. */
  SizeText withHexSuffix() {
    return new SizeText(kind, bytes, true);
  }

  /** Whether there is a size. */
  public boolean isOk() {
    return kind == Kind.OK;
  }
}
