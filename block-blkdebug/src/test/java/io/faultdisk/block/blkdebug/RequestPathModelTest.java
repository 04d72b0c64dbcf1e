package io.faultdisk.block.blkdebug;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultdisk.block.BlockBackend;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.RequestFlags;
import io.faultdisk.testkit.RandomCases;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/**
 * Whatever the alignment, the limits and the requests: the disk holds what an array of bytes would
 * hold.
 *
 * <p>Also that no request which reaches blkdebug breaks the limits it was opened with.
 */
class RequestPathModelTest {
  private static final int SIZE = 1 << 20;

  @Test
  void diskHoldsWhatAnArrayWouldHold() {
    RandomCases.run("disk against array", 300, RequestPathModelTest::oneDisk);
  }

  private static void oneDisk(RandomGenerator random) throws Exception {
    int align = new int[] {1, 1, 512, 4096, 65536}[random.nextInt(5)];
    int transfer = random.nextBoolean() ? Math.max(512, align) * random.nextInt(1, 6) : 0;
    int zero = random.nextBoolean() ? Math.max(512, align) * random.nextInt(1, 4) : 0;
    int discard = random.nextBoolean() ? Math.max(512, align) * random.nextInt(1, 4) : 0;
    String options = "align=" + (align == 1 ? 0 : align) + ",max-transfer=" + transfer;
    options += ",opt-write-zero=" + zero + ",max-write-zero=" + zero * 2;
    options += ",opt-discard=" + discard + ",max-discard=" + discard * 2;
    byte[] model = new byte[SIZE];
    try (TracedDisk traced = TracedDisk.with(options)) {
      BlockBackend disk = traced.disk();
      traced.trace();
      for (int i = 0; i < 40; i++) {
        int offset =
            random.nextInt(4) == 0 ? random.nextInt(SIZE) : random.nextInt(SIZE / 512) * 512;
        int bytes =
            Math.min(SIZE - offset, random.nextInt(1, random.nextBoolean() ? 5000 : 300_000));
        request(random, disk, model, offset, bytes);
        checkLimits(traced.trace(), align, transfer, zero * 2, discard * 2);
      }
      ByteBuffer all = ByteBuffer.allocate(SIZE);
      disk.read(0, all);
      assertThat(Arrays.mismatch(all.array(), model)).isEqualTo(-1);
    }
  }

  private static void request(
      RandomGenerator random, BlockBackend disk, byte[] model, int offset, int bytes)
      throws Exception {
    switch (random.nextInt(5)) {
      case 0 -> {
        ByteBuffer target = ByteBuffer.allocateDirect(bytes + 7).position(7);
        disk.read(offset, target);
        assertThat(target.hasRemaining()).isFalse();
        assertThat(target.position(7).mismatch(ByteBuffer.wrap(model, offset, bytes)))
            .as("read of %d at %d", bytes, offset)
            .isEqualTo(-1);
      }
      case 1, 2 -> {
        byte[] data = new byte[bytes];
        random.nextBytes(data);
        disk.write(offset, ByteBuffer.wrap(data), random.nextBoolean() ? RequestFlags.FUA : 0);
        System.arraycopy(data, 0, model, offset, bytes);
      }
      case 3 -> {
        disk.writeZeroes(offset, bytes, random.nextBoolean() ? RequestFlags.MAY_UNMAP : 0);
        Arrays.fill(model, offset, offset + bytes, (byte) 0);
      }
      default -> {
        disk.flush();
        long beyond = SIZE - random.nextInt(100);
        assertThatThrownBy(() -> disk.read(beyond, ByteBuffer.allocate(101)))
            .isInstanceOf(BlockIoException.class)
            .hasMessageContaining("EIO");
      }
    }
  }

  private static void checkLimits(String trace, int align, int transfer, int zero, int discard) {
    String[] words = trace.split(" ");
    for (int i = 0; i + 1 < words.length; i++) {
      if (words[i].length() == 1 && !words[i].equals("F")) {
        String[] range = words[i + 1].split("\\+");
        long offset = Long.parseLong(range[0], 16);
        long bytes = Long.parseLong(range[1], 16);
        int max =
            switch (words[i]) {
              case "Z" -> zero;
              case "D" -> discard;
              default -> transfer;
            };
        assertThat(offset % align + bytes % align).as(trace).isZero();
        assertThat(max == 0 || bytes <= max).as(trace).isTrue();
      }
    }
  }
}
