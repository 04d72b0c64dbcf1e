package io.faultdisk.base;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * The start of a repeatable random sequence.
 *
 * <p>Whatever is random in faultdisk hangs on one seed that is printed on failure and can be given
 * back. Parts that must not disturb each other take seeds of their own with {@link #fork}.
 * Sequences are {@link SplittableRandom}'s, whose algorithm is fixed by its documentation.
 *
 * @param value any 64-bit number
 */
public record Seed(long value) {

  /** A new seed that nobody can guess; print it. */
  public static Seed fresh() {
    return new Seed(new SecureRandom().nextLong());
  }

  /**
   * Reads what {@link #toString()} wrote, or any decimal or {@code 0x} hexadecimal number of up to
   * 64 bits.
   *
   * @throws UsageException if the text is something else
   */
  public static Seed parse(String text) throws UsageException {
    try {
      return text.startsWith("0x")
          ? new Seed(Long.parseUnsignedLong(text.substring(2), 16))
          : new Seed(Long.decode(text));
    } catch (NumberFormatException e) {
      throw new UsageException(
          "'" + text + "' is not a seed",
          "A seed is a number of up to 64 bits, decimal or 0x hexadecimal.");
    }
  }

  /** The sequence, from its start. The generator is for one thread. */
  public RandomGenerator random() {
    return new SplittableRandom(value);
  }

  /** A seed for a part of the work, the same for the same label. */
  public Seed fork(String label) {
    // FNV-1a: String.hashCode has too few bits and too many easy collisions.
    long hash = 0xcbf29ce484222325L;
    for (byte b : label.getBytes(StandardCharsets.UTF_8)) {
      hash = (hash ^ (b & 0xff)) * 0x100000001b3L;
    }
    return new Seed(new SplittableRandom(value ^ hash).nextLong());
  }

  /** Hexadecimal with {@code 0x}, as {@link #parse} takes it. */
  @Override
  public String toString() {
    return "0x" + Long.toHexString(value);
  }
}
