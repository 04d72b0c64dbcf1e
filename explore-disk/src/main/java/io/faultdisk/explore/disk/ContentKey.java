package io.faultdisk.explore.disk;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * Tells contents of a disk apart: the sum, in 128 bits, of a hash of each sector that differs from
 * the start, number and data. Equal contents have equal keys, and that different ones have equal
 * keys is as likely as a collision of SHA-256 cut to 128 bits.
 *
 * @param high the upper half
 * @param low the lower half
 */
record ContentKey(long high, long low) {
  static final ContentKey START = new ContentKey(0, 0);

  private static final ThreadLocal<MessageDigest> SHA =
      ThreadLocal.withInitial(
          () -> {
            try {
              return MessageDigest.getInstance("SHA-256");
            } catch (NoSuchAlgorithmException e) {
              throw new IllegalStateException("every JDK has SHA-256", e);
            }
          });

  /** The key of one sector with some content, which is consumed. */
  static ContentKey of(long sector, ByteBuffer data) {
    MessageDigest sha = SHA.get();
    sha.update(ByteBuffer.allocate(Long.BYTES).putLong(0, sector));
    sha.update(data);
    ByteBuffer hash = ByteBuffer.wrap(sha.digest());
    return new ContentKey(hash.getLong(), hash.getLong());
  }

  ContentKey plus(ContentKey other) {
    return new ContentKey(high + other.high, low + other.low);
  }

  ContentKey minus(ContentKey other) {
    return new ContentKey(high - other.high, low - other.low);
  }

  /** 32 hexadecimal digits. */
  @Override
  public String toString() {
    return String.format("%016x%016x", high, low);
  }
}
