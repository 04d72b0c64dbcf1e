package io.faultdisk.cli.io;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class BuffersTest {
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 7, 8, 9, 4095, 4096, 65536, 65537, 200_000})
  void holdsOneByteEverywhere(int bytes) {
    ByteBuffer buffer = new Buffers(false).filled(bytes, 0xcd);
    assertThat(buffer.remaining()).isEqualTo(bytes);
    assertThat(Buffers.holdsOnly(buffer, 0, bytes, 0xcd)).isTrue();
    if (bytes > 0) {
      assertThat(Buffers.holdsOnly(buffer, 0, bytes, 0xcc)).isFalse();
      for (int at : new int[] {0, bytes / 2, bytes - 1}) {
        buffer.put(at, (byte) 0);
        assertThat(Buffers.holdsOnly(buffer, 0, bytes, 0xcd)).isFalse();
        assertThat(Buffers.holdsOnly(buffer, at + 1, bytes - at - 1, 0xcd)).isTrue();
        buffer.put(at, (byte) 0xcd);
      }
    }
  }

  @Test
  void isAlignedForDirectInputOutput() {
    assertThat(new Buffers(false).filled(512, 1).alignmentOffset(0, 4096)).isZero();
  }

  @Test
  void isMisalignedOnRequest() {
    ByteBuffer buffer = new Buffers(true).filled(512, 1);
    assertThat(buffer.alignmentOffset(0, 4096)).isEqualTo(16);
    assertThat(buffer.remaining()).isEqualTo(512);
  }
}
