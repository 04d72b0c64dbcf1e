package io.faultdisk.block.nbd;

import java.nio.ByteBuffer;

/** Zeroes for parts of a buffer. Stateless. */
final class Zeroes {
  private static final byte[] ZEROES = new byte[16 << 10];

  private Zeroes() {}

  /** Clears so many bytes from an index on; position and limit stay. */
  static void fill(ByteBuffer buffer, int from, int bytes) {
    for (int done = 0; done < bytes; done += ZEROES.length) {
      buffer.put(from + done, ZEROES, 0, Math.min(ZEROES.length, bytes - done));
    }
  }
}
