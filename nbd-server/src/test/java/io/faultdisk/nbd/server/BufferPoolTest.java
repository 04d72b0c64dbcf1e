package io.faultdisk.nbd.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Buffers of every length, used again and again. */
class BufferPoolTest {
  private static final int MIB = 1 << 20;

  private final BufferPool pool = new BufferPool(256L * MIB);

  /** A payload of no bytes once was so small that it did not do for others when used again. */
  @Test
  void payloadsAreLargeEnoughHoweverOftenTheyAreUsed() throws IOException {
    int[] lengths = {0, 1, 512, 12_223, 12_224, 16_383, 16_384, 16_385, MIB - 1, MIB, 32 * MIB};
    for (int round = 0; round < 3; round++) {
      for (int first : lengths) {
        pool.giveBack(pool.takePayload(first));
        for (int length : lengths) {
          ByteBuffer payload = pool.takePayload(length);
          assertThat(payload.capacity() - BufferPool.dataStart(payload))
              .isGreaterThanOrEqualTo(length);
          pool.giveBack(payload);
          assertThat(pool.usedBytes()).isZero();
        }
      }
    }
    assertThat(pool.allBytes()).isLessThanOrEqualTo(256L * MIB);
  }

  @Test
  void largeBuffersAreCheapUpToHalfOfTheLimit() throws IOException {
    List<ByteBuffer> taken = new ArrayList<>();
    while (pool.usedBytes() < 128L * MIB) {
      ByteBuffer buffer = pool.takeLargeIfCheap();
      assertThat(buffer.capacity()).isEqualTo(BufferPool.LARGE_BYTES);
      taken.add(buffer);
    }
    assertThat(pool.takeLargeIfCheap().capacity()).isEqualTo(BufferPool.SMALL_BYTES);
    assertThat(pool.takeLarge().capacity()).isEqualTo(BufferPool.LARGE_BYTES);
    taken.forEach(pool::giveBack);
    assertThat(pool.usedBytes()).isEqualTo(BufferPool.LARGE_BYTES);
  }
}
