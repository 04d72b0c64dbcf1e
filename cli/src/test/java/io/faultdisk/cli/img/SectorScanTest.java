package io.faultdisk.cli.img;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

final class SectorScanTest {
  private static final int BYTES = 300 * SectorScan.SECTOR;

  @Test
  void everyByteIsSeen() {
    ByteBuffer data = ByteBuffer.allocateDirect(BYTES);
    assertThat(SectorScan.isZero(data, 0, BYTES)).isTrue();
    for (int at = 0; at < BYTES; at += 511) {
      data.put(at, (byte) 0x80);
      assertThat(SectorScan.isZero(data, 0, BYTES)).as("byte %s", at).isFalse();
      assertThat(SectorScan.zeroBytes(data, 0, BYTES)).isEqualTo(at & -SectorScan.SECTOR);
      data.put(at, (byte) 0);
    }
  }

  @Test
  void onlyTheRangeCounts() {
    ByteBuffer data = ByteBuffer.allocate(BYTES);
    data.put(99, (byte) 1).put(200, (byte) 1);
    assertThat(SectorScan.isZero(data, 100, 100)).isTrue();
    assertThat(SectorScan.isZero(data, 100, 101)).isFalse();
    assertThat(SectorScan.isZero(data, 99, 1)).isFalse();
  }

  @Test
  void sectorsWithDataAreCountedUpToTheFirstZeroOne() {
    ByteBuffer data = ByteBuffer.allocate(BYTES);
    data.put(0, (byte) 1).put(2 * SectorScan.SECTOR - 1, (byte) 1);
    assertThat(SectorScan.dataSectors(data, 0, 300)).isEqualTo(2);
    assertThat(SectorScan.dataSectors(data, 0, 1)).isEqualTo(1);
    assertThat(SectorScan.dataSectors(data, 2 * SectorScan.SECTOR, 1)).isZero();
  }

  @Test
  void differencesAreFoundBySector() {
    ByteBuffer a = ByteBuffer.allocate(BYTES);
    ByteBuffer b = ByteBuffer.allocate(BYTES);
    b.put(1030, (byte) 1).put(1536, (byte) 1);
    assertThat(SectorScan.sameBytes(a, b, 0, BYTES)).isEqualTo(1024);
    assertThat(SectorScan.differentBytes(a, b, 1024, BYTES - 1024)).isEqualTo(1024);
    assertThat(SectorScan.differentBytes(a, b, 1024, 100)).isEqualTo(100);
    assertThat(SectorScan.sameBytes(a, b, 2048, BYTES - 2048)).isEqualTo(BYTES - 2048);
  }

  @Test
  void aRangeIsMadeZeroAndNothingElse() {
    ByteBuffer data = ByteBuffer.allocateDirect(BYTES);
    for (int i = 0; i < BYTES; i++) {
      data.put(i, (byte) 1);
    }
    SectorScan.zero(data, 1, BYTES - 2);
    assertThat(SectorScan.isZero(data, 1, BYTES - 2)).isTrue();
    assertThat(data.get(0)).isEqualTo((byte) 1);
    assertThat(data.get(BYTES - 1)).isEqualTo((byte) 1);
  }
}
