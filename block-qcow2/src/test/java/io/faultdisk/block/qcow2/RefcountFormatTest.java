package io.faultdisk.block.qcow2;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultdisk.testkit.RandomCases;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class RefcountFormatTest {
  private static final int BLOCK = 512;

  @Test
  void narrowRefcountsBeginInTheLowestBits() {
    ByteBuffer block = ByteBuffer.allocate(BLOCK);
    RefcountFormat.set(block, 0, 1, 1);
    RefcountFormat.set(block, 1, 5, 3);
    RefcountFormat.set(block, 2, 5, 9);
    assertThat(block.get(0)).isEqualTo((byte) 0b10);
    assertThat(block.get(1)).isEqualTo((byte) 0b1100);
    assertThat(block.get(2)).isEqualTo((byte) 0x90);
  }

  @Test
  void wideRefcountsAreBigEndian() {
    ByteBuffer block = ByteBuffer.allocate(BLOCK);
    RefcountFormat.set(block, 4, 1, 0x1234);
    RefcountFormat.set(block, 6, 1, 0x123456789abcdef0L);
    assertThat(block.get(2)).isEqualTo((byte) 0x12);
    assertThat(block.get(15)).isEqualTo((byte) 0xf0);
  }

  @Test
  void everyWidthKeepsEveryCountAndLeavesTheNeighboursAlone() {
    RandomCases.run(
        "refcounts of all widths",
        200,
        random -> {
          int order = random.nextInt(7);
          int entries = BLOCK * 8 >> order;
          long mask = order == 6 ? -1L : (1L << (1 << order)) - 1;
          long[] model = new long[entries];
          ByteBuffer block = ByteBuffer.allocate(BLOCK);
          for (int i = 0; i < 500; i++) {
            int index = random.nextInt(entries);
            model[index] = random.nextLong() & mask;
            RefcountFormat.set(block, order, index, model[index]);
          }
          for (int i = 0; i < entries; i++) {
            assertThat(RefcountFormat.get(block, order, i)).isEqualTo(model[i]);
          }
        });
  }
}
