package io.faultdisk.explore.disk;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultdisk.testkit.RandomCases;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/** The overlay against an array of bytes. */
class DiskOverlayTest {
  private static final int MOST = 5 * DiskContent.PAGE;

  @Test
  void holdsWhatAnArrayHolds() {
    RandomCases.run("the overlay is like an array", 300, DiskOverlayTest::oneDisk);
  }

  private static void oneDisk(RandomGenerator random) {
    byte[] page = new byte[DiskContent.PAGE];
    Arrays.fill(page, (byte) 9);
    DiskContent base = new DiskContent(Map.of(1L, page), 2 * DiskContent.PAGE + 100);
    DiskOverlay disk = new DiskOverlay(base);
    byte[] model = new byte[MOST];
    System.arraycopy(page, 0, model, DiskContent.PAGE, DiskContent.PAGE);
    int size = (int) base.size();
    for (int step = 0; step < 30; step++) {
      int offset = random.nextInt(MOST - 1);
      int bytes = 1 + random.nextInt(Math.min(9000, MOST - offset));
      switch (random.nextInt(4)) {
        case 0, 1 -> {
          byte[] data = new byte[bytes];
          Arrays.fill(data, (byte) (step + 1));
          disk.write(offset, ByteBuffer.wrap(data));
          System.arraycopy(data, 0, model, offset, bytes);
          size = Math.max(size, offset + bytes);
        }
        case 2 -> {
          disk.zero(offset, bytes);
          Arrays.fill(model, offset, offset + bytes, (byte) 0);
          size = Math.max(size, offset + bytes);
        }
        default -> {
          disk.truncate(offset);
          Arrays.fill(model, Math.min(offset, size), MOST, (byte) 0);
          size = offset;
        }
      }
      assertThat(disk.size()).isEqualTo(size);
      ByteBuffer found = ByteBuffer.allocate(MOST);
      disk.read(0, found);
      assertThat(found.array()).isEqualTo(model);
      byte[] copied = new byte[MOST];
      disk.snapshot().read(0, copied, 0, MOST);
      assertThat(copied).isEqualTo(model);
    }
    byte[] untouched = new byte[DiskContent.PAGE];
    base.read(DiskContent.PAGE, untouched, 0, DiskContent.PAGE);
    assertThat(untouched).isEqualTo(page);
  }

  @Test
  void findsTheNextPageNearAndFar() {
    byte[] page = new byte[DiskContent.PAGE];
    page[0] = 1;
    long far = 1L << 28;
    DiskContent base = new DiskContent(Map.of(3L, page, far, page), 1L << 41);
    DiskOverlay disk = new DiskOverlay(base);
    disk.write(5000L << DiskContent.PAGE_BITS, ByteBuffer.wrap(page));
    long end = 1L << 29;
    assertThat(disk.nextHeld(0, end)).isEqualTo(3);
    assertThat(disk.nextHeld(3, end)).isEqualTo(3);
    assertThat(disk.nextHeld(4, end)).isEqualTo(5000);
    assertThat(disk.nextHeld(4, 4999)).isEqualTo(4999);
    assertThat(disk.nextHeld(5001, end)).isEqualTo(far);
    assertThat(disk.nextHeld(far + 1, end)).isEqualTo(end);
    // What was cut off does not come back.
    disk.truncate(1L << 40);
    disk.truncate(1L << 41);
    assertThat(disk.nextHeld(5001, end)).isEqualTo(end);
  }
}
