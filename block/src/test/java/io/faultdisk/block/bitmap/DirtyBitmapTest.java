package io.faultdisk.block.bitmap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultdisk.base.UsageException;
import io.faultdisk.block.bitmap.DirtyBitmap.Area;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class DirtyBitmapTest {
  private static final int KIB = 1024;
  private final DirtyBitmap bitmap = new DirtyBitmap("b", 1000 * KIB + 512, 64 * KIB);

  @Test
  void aWriteMarksAllThatItTouches() {
    bitmap.set(64 * KIB - 1, 2);
    assertThat(bitmap.count()).isEqualTo(128 * KIB);
    assertThat(bitmap.nextDirty(0, Long.MAX_VALUE)).contains(new Area(0, 128 * KIB));
    assertThat(bitmap.nextDirty(1000, 2000)).contains(new Area(1000, 1000));
    assertThat(bitmap.nextDirty(128 * KIB, Long.MAX_VALUE)).isEmpty();
  }

  @Test
  void theLastBitEndsWithTheNode() {
    bitmap.set(1000 * KIB + 511, 1000);
    assertThat(bitmap.nextDirty(0, Long.MAX_VALUE)).contains(new Area(960 * KIB, 40 * KIB + 512));
    bitmap.set(2000 * KIB, 1);
    assertThat(bitmap.count()).isEqualTo(64 * KIB);
  }

  @Test
  void whatIsNewAfterGrowingIsClean() {
    bitmap.set(0, bitmap.size());
    bitmap.resize(2000 * KIB);
    assertThat(bitmap.count()).isEqualTo(1024 * KIB);
  }

  @Test
  void mergesAcrossGranularities() throws UsageException {
    DirtyBitmap fine = new DirtyBitmap("fine", 1000 * KIB + 512, 512);
    fine.set(64 * KIB + 512, 512);
    fine.set(1000 * KIB, 512);
    bitmap.merge(fine);
    assertThat(bitmap.count()).isEqualTo(128 * KIB);
    DirtyBitmap other = new DirtyBitmap("other", 1000 * KIB + 512, 4096);
    other.merge(bitmap);
    assertThat(other.count()).isEqualTo(64 * KIB + 44 * KIB);
  }

  @Test
  void mergingNeedsEqualSizesAndSense() {
    DirtyBitmap other = new DirtyBitmap("other", 1000 * KIB, 64 * KIB);
    assertThatThrownBy(() -> bitmap.merge(other))
        .isInstanceOf(UsageException.class)
        .hasMessage(
            "Bitmaps are of different sizes (destination size is 1024512, source size is 1024000)"
                + " and can't be merged");
    other.markInconsistent();
    assertThatThrownBy(() -> bitmap.merge(other))
        .hasMessage("Bitmap 'other' is inconsistent and cannot be used");
    bitmap.readOnly(true);
    assertThatThrownBy(() -> bitmap.merge(other))
        .hasMessage("Bitmap 'b' is readonly and cannot be modified");
  }

  @Test
  void theSerialisedFormIsLittleEndianWords() {
    bitmap.set(0, 1);
    bitmap.set(9 * 64 * KIB, 1);
    assertThat(bitmap.serialisedBytes()).isEqualTo(8);
    ByteBuffer form = ByteBuffer.allocate(8);
    bitmap.serialise(0, form);
    assertThat(form.array()).containsExactly(1, 2, 0, 0, 0, 0, 0, 0);
    DirtyBitmap copy = new DirtyBitmap("copy", bitmap.size(), bitmap.granularity());
    copy.deserialise(0, form.flip());
    assertThat(copy.count()).isEqualTo(128 * KIB);
    assertThat(copy.nextSerialised(1)).isEqualTo(1);
    assertThat(copy.nextSerialised(2)).isEqualTo(-1);
    copy.deserialiseOnes(0, 8);
    assertThat(copy.count()).isEqualTo(16 * 64 * KIB);
  }
}
