package io.faultdisk.posix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class AlignedBuffersTest {
  @Test
  void firstByteIsAlignedForEveryPowerOfTwo() {
    for (int alignment = 1; alignment <= 1 << 20; alignment *= 2) {
      for (int bytes : new int[] {0, 1, 511, 4096}) {
        ByteBuffer buffer = AlignedBuffers.allocate(bytes, alignment);
        assertThat(buffer.capacity()).isEqualTo(bytes);
        assertThat(AlignedBuffers.isAligned(buffer, alignment)).isTrue();
      }
    }
  }

  @Test
  void alignmentIsThatOfTheFirstRemainingByte() {
    ByteBuffer buffer = AlignedBuffers.allocate(1024, 512);
    assertThat(AlignedBuffers.isAligned(buffer.position(256), 512)).isFalse();
    assertThat(AlignedBuffers.isAligned(buffer.position(512), 512)).isTrue();
    assertThat(AlignedBuffers.isAligned(ByteBuffer.allocate(512), 1)).isFalse();
  }

  @Test
  void nonsenseIsRefused() {
    assertThatIllegalArgumentException().isThrownBy(() -> AlignedBuffers.allocate(-1, 1));
    assertThatIllegalArgumentException().isThrownBy(() -> AlignedBuffers.allocate(1, 0));
    assertThatIllegalArgumentException().isThrownBy(() -> AlignedBuffers.allocate(1, 3));
    assertThatIllegalArgumentException().isThrownBy(() -> AlignedBuffers.allocate(1, -4));
    assertThatIllegalArgumentException().isThrownBy(() -> AlignedBuffers.allocate(1, 1 << 21));
  }
}
