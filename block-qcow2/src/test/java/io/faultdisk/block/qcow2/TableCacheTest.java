package io.faultdisk.block.qcow2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultdisk.base.Errno;
import io.faultdisk.base.UsageException;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.testkit.ManualClock;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Three slots for slices of 512 bytes: which table goes, and what is written in which order. */
class TableCacheTest {
  private static final int TABLE = 512;

  private MetadataFixture image;
  private TableCache cache;

  @BeforeEach
  void open() throws UsageException {
    image =
        MetadataFixture.of(12, 4, Map.of("l2-cache-size", "1536", "l2-cache-entry-size", "512"));
    image.file.setBytes(Arrays.copyOf(image.file.bytes(), 0x30000));
    cache = image.metadata.l2Cache;
  }

  private void use(long table) throws BlockIoException {
    cache.release(cache.get(table));
  }

  private void change(TableCache in, long table) throws BlockIoException {
    CachedTable held = in.get(table);
    held.word(0, table);
    in.markDirty(held);
    in.release(held);
  }

  private static long table(int index) {
    return 0x10000 + (long) index * TABLE;
  }

  @Test
  void aTableIsLoadedOnceAndThenCached() throws BlockIoException {
    use(table(0));
    assertThat(image.file.log()).isEqualTo("l2_load R 10000+200");
    use(table(0));
    assertThat(image.file.log()).isEmpty();
    assertThat(cache.cached(table(0))).isPresent();
    assertThat(cache.cached(table(1))).isEmpty();
  }

  @Test
  void theTableThatWasNotUsedForLongestGoes() throws BlockIoException {
    use(table(0));
    use(table(1));
    use(table(2));
    use(table(0));
    use(table(3));
    assertThat(cache.cached(table(1))).isEmpty();
    assertThat(cache.cached(table(0))).isPresent();
    assertThat(cache.cached(table(2))).isPresent();
  }

  @Test
  void aHeldTableStays() throws BlockIoException {
    CachedTable held = cache.get(table(0));
    for (int i = 1; i < 6; i++) {
      use(table(i));
    }
    assertThat(cache.cached(table(0))).containsSame(held);
    cache.release(held);
  }

  @Test
  void anEmptySlotIsNotRead() throws BlockIoException {
    CachedTable held = cache.getEmpty(table(7));
    assertThat(image.file.log()).isEmpty();
    cache.release(held);
  }

  @Test
  void aFailedLoadLeavesNothingBehind() throws BlockIoException {
    image.file.failNext("R 10000+200");
    assertThatThrownBy(() -> use(table(0))).isInstanceOf(BlockIoException.class);
    assertThat(cache.cached(table(0))).isEmpty();
    use(table(0));
    assertThat(image.file.log()).isEqualTo("l2_load R 10000+200 l2_load R 10000+200");
  }

  @Test
  void aChangedTableIsWrittenBeforeItsSlotIsUsedAgain() throws BlockIoException {
    change(cache, table(0));
    use(table(1));
    use(table(2));
    assertThat(image.file.log()).doesNotContain("W");
    use(table(3));
    assertThat(image.file.log()).isEqualTo("l2_update W 10000+200 l2_load R 10600+200");
    assertThat(image.file.at(table(0)).getLong(0)).isEqualTo(table(0));
  }

  @Test
  void aTableThatCannotBeWrittenStaysChanged() throws BlockIoException {
    change(cache, table(0));
    image.file.log();
    image.file.failNext("W 10000+200");
    assertThatThrownBy(cache::write).isInstanceOf(BlockIoException.class);
    cache.write();
    assertThat(image.file.log()).isEqualTo("l2_update W 10000+200 l2_update W 10000+200");
  }

  @Test
  void writingGoesOnAfterAnError() throws BlockIoException {
    change(cache, table(0));
    change(cache, table(1));
    image.file.log();
    image.file.failNext("W 10000+200");
    assertThatThrownBy(cache::flush).isInstanceOf(BlockIoException.class);
    assertThat(image.file.log()).contains("W 10000+200").contains("W 10200+200");
    cache.flush();
    assertThat(image.file.log()).isEqualTo("l2_update W 10000+200 F");
  }

  @Test
  void whatItDependsOnIsWrittenAndFlushedFirst() throws BlockIoException {
    TableCache counts = image.metadata.refcountCache;
    change(counts, 0x2000);
    change(cache, table(0));
    image.file.log();
    cache.dependsOn(counts);
    assertThat(image.file.log()).isEmpty();
    cache.write();
    assertThat(image.file.log())
        .isEqualTo("refblock_update_part W 2000+1000 F l2_update W 10000+200");
    change(cache, table(0));
    cache.write();
    assertThat(image.file.log()).isEqualTo("l2_update W 10000+200");
  }

  @Test
  void aCycleIsBrokenByWriting() throws BlockIoException {
    TableCache counts = image.metadata.refcountCache;
    change(counts, 0x2000);
    change(cache, table(0));
    image.file.log();
    cache.dependsOn(counts);
    counts.dependsOn(cache);
    assertThat(image.file.log()).isEqualTo("refblock_update_part W 2000+1000 F");
    counts.write();
    assertThat(image.file.log()).isEmpty();
    change(counts, 0x2000);
    counts.write();
    assertThat(image.file.log())
        .isEqualTo("l2_update W 10000+200 F refblock_update_part W 2000+1000");
  }

  @Test
  void theFileIsFlushedBeforeATableThatDependsOnThat() throws BlockIoException {
    image.metadata.file.write(0x20000, ByteBuffer.allocate(TABLE), 0);
    change(cache, table(0));
    image.file.log();
    cache.dependsOnFlush();
    cache.write();
    assertThat(image.file.log()).isEqualTo("F l2_update W 10000+200");
  }

  @Test
  void emptyingWritesAndForgets() throws BlockIoException {
    change(cache, table(0));
    cache.empty();
    assertThat(image.file.log()).isEqualTo("l2_load R 10000+200 l2_update W 10000+200 F");
    assertThat(cache.cached(table(0))).isEmpty();
  }

  @Test
  void aForgottenTableIsNotWritten() throws BlockIoException {
    change(cache, table(0));
    image.file.log();
    cache.forget(cache.cached(table(0)).orElseThrow());
    cache.flush();
    assertThat(image.file.log()).isEmpty();
  }

  @Test
  void onlyCleanTablesThatNobodyUsesAreDropped() throws BlockIoException {
    use(table(0));
    change(cache, table(1));
    cache.dropUnused();
    assertThat(cache.cached(table(0))).isPresent();
    cache.dropUnused();
    assertThat(cache.cached(table(0))).isEmpty();
    assertThat(cache.cached(table(1))).isPresent();
  }

  @Test
  void tablesAreDroppedAfterAnIntervalWithoutUse() throws Exception {
    ManualClock clock = new ManualClock(Instant.EPOCH);
    image.metadata.clock = clock;
    image.metadata.aging = new CacheAging(clock, 10);
    use(table(0));
    clock.advance(Duration.ofSeconds(11));
    use(table(1));
    assertThat(cache.cached(table(0))).isPresent();
    clock.advance(Duration.ofSeconds(9));
    use(table(1));
    assertThat(cache.cached(table(0))).isEmpty();
    assertThat(cache.cached(table(1))).isPresent();
    clock.advance(Duration.ofSeconds(100));
    use(table(2));
    assertThat(cache.cached(table(1))).isEmpty();
  }

  @Test
  void anUnalignedTableIsCorruption() {
    assertThatThrownBy(() -> cache.get(0x10001))
        .isInstanceOfSatisfying(
            BlockIoException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EIO));
    assertThat(image.messages)
        .containsExactly(
            "qcow2: Marking image as corrupt: Cannot get entry from L2 table cache: Offset 0x10001"
                + " is unaligned; further corruption events will be suppressed");
    assertThat(image.metadata.dead).isTrue();
    assertThat(image.file.at(72).getLong(0)).isEqualTo(Features.INCOMPATIBLE_CORRUPT);
  }

  @Test
  void aReaderWithoutLockSeesThatItsSlotWasTaken() throws BlockIoException {
    use(table(0));
    CachedTable slot = cache.cached(table(0)).orElseThrow();
    int seen = slot.generation();
    assertThat(slot.unchangedSince(seen)).isTrue();
    for (int i = 1; i < 4; i++) {
      use(table(i));
    }
    assertThat(slot.unchangedSince(seen)).isFalse();
  }
}
