package io.faultdisk.block.bitmap;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.BitSet;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Random changes, compared with {@link BitSet}; a fixed seed. */
class SparseBitsTest {
  private static final int CHUNK_BITS = 4096 * 64;

  @ParameterizedTest
  @ValueSource(ints = {1, 63, 64, 65, 1000, CHUNK_BITS, CHUNK_BITS + 1, 3 * CHUNK_BITS - 7})
  void behavesLikeABitSet(int size) {
    SplittableRandom random = new SplittableRandom(size);
    SparseBits bits = new SparseBits(size);
    BitSet model = new BitSet();
    for (int i = 0; i < 60; i++) {
      int from = random.nextInt(size);
      int to = from + random.nextInt(size - from + 1);
      if (random.nextInt(3) > 0) {
        bits.set(from, to);
        model.set(from, to);
      } else {
        bits.clear(from, to);
        model.clear(from, to);
      }
      int at = random.nextInt(size);
      assertThat(bits.count()).isEqualTo(model.cardinality());
      assertThat(bits.get(at)).isEqualTo(model.get(at));
      assertThat(bits.nextSet(at, size)).isEqualTo(model.nextSetBit(at));
      int clear = model.nextClearBit(at);
      assertThat(bits.nextClear(at, size)).isEqualTo(clear < size ? clear : -1);
    }
  }

  @Test
  void shrinkingForgetsWhatWasCutOff() {
    SparseBits bits = new SparseBits(CHUNK_BITS + 200);
    bits.set(0, CHUNK_BITS + 200);
    bits.resize(100);
    assertThat(bits.count()).isEqualTo(100);
    bits.resize(CHUNK_BITS + 200);
    assertThat(bits.count()).isEqualTo(100);
  }

  @Test
  void bitsBehindTheEndAreKeptButNotFound() {
    SparseBits bits = new SparseBits(70);
    bits.word(1, -1L);
    assertThat(bits.count()).isEqualTo(6);
    assertThat(bits.nextSet(0, 1000)).isEqualTo(64);
    assertThat(bits.nextClear(64, 1000)).isEqualTo(-1);
    assertThat(bits.word(1)).isEqualTo(-1L);
  }

  @Test
  void mergingSetsWhatIsSetInEither() {
    SparseBits a = new SparseBits(2 * CHUNK_BITS);
    SparseBits b = new SparseBits(2 * CHUNK_BITS);
    a.set(5, 10);
    b.set(8, 12);
    b.set(CHUNK_BITS + 3, CHUNK_BITS + 4);
    a.or(b);
    assertThat(a.count()).isEqualTo(8);
    assertThat(b.count()).isEqualTo(5);
  }
}
