package io.faultdisk.cli.img;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Sectors are drawn as {@code D} (data) and {@code .} (zeroes); runs as numbers, zeroes negative.
 */
final class SparseRunsTest {
  @Test
  void whatIsAllTheSameIsOneRun() {
    assertThat(runs("DDDDD", 8, 8, 0)).containsExactly(5);
    assertThat(runs(".....", 8, 8, 3)).containsExactly(-5);
  }

  @Test
  void fewZeroesBetweenDataAreData() {
    assertThat(runs("DD....DD", 8, 1, 0)).containsExactly(8);
  }

  @Test
  void enoughZeroesEndTheData() {
    assertThat(runs("DD........DD", 8, 1, 0)).containsExactly(2, -8, 2);
  }

  @Test
  void zeroesThatComeLastStandAloneHoweverFew() {
    assertThat(runs("DDDD.", 8, 1, 0)).containsExactly(4, -1);
    assertThat(runs("DD.DD....", 8, 1, 0)).containsExactly(5, -4);
  }

  @Test
  void zeroesThatComeFirstStandAloneHoweverFew() {
    assertThat(runs(".DDD", 8, 1, 0)).containsExactly(-1, 3);
  }

  @Test
  void dataEndsAtTheAlignment() {
    assertThat(runs("D.......", 4, 4, 0)).containsExactly(4, -4);
    assertThat(runs("D.......", 4, 4, 2)).containsExactly(2, -6);
  }

  @Test
  void zeroesEndAtTheAlignment() {
    assertThat(runs(".....DDD", 4, 4, 0)).containsExactly(-4, 4);
  }

  @Test
  void zeroesThatDoNotReachTheAlignmentAreData() {
    assertThat(runs(".DDDDDDD", 4, 4, 0)).containsExactly(8);
    assertThat(runs(".DDD....", 4, 4, 0)).containsExactly(4, -4);
  }

  @Test
  void theAlignmentNeverGoesBeyondTheBuffer() {
    assertThat(runs("D.", 1, 8, 0)).containsExactly(2);
  }

  private static List<Integer> runs(String sectors, int minimum, int alignment, long position) {
    ByteBuffer data = ByteBuffer.allocate(sectors.length() * SectorScan.SECTOR);
    for (int i = 0; i < sectors.length(); i++) {
      if (sectors.charAt(i) == 'D') {
        data.put(i * SectorScan.SECTOR + (i * 37) % SectorScan.SECTOR, (byte) 1);
      }
    }
    SparseRuns how = new SparseRuns(minimum, alignment);
    List<Integer> runs = new ArrayList<>();
    int at = 0;
    while (at < sectors.length()) {
      int run = how.next(data, at, sectors.length() - at, position + at);
      runs.add(run);
      at += Math.abs(run);
    }
    return runs;
  }
}
