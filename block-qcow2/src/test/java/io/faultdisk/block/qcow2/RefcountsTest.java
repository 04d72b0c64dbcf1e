package io.faultdisk.block.qcow2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultdisk.base.Errno;
import io.faultdisk.base.UsageException;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.testkit.RandomCases;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class RefcountsTest {
  private static final int CLUSTER_BITS = 9;
  private static final int CLUSTER = 1 << CLUSTER_BITS;
  private static final int WORDS_64 = 6;

  private static MetadataFixture image(int refcountOrder) throws UsageException {
    return MetadataFixture.of(CLUSTER_BITS, refcountOrder, Map.of());
  }

  @Test
  void firstAllocationIsBehindTheMetadata() throws Exception {
    MetadataFixture image = image(4);
    assertThat(image.metadata.refcounts.allocate(CLUSTER)).isEqualTo(4 * CLUSTER);
    assertThat(image.file.log()).isEqualTo("cluster_alloc R 400+200 refblock_alloc refblock_load");
    image.metadata.refcounts.flushCaches();
    assertThat(image.file.log()).isEqualTo("refblock_update_part W 400+200 F");
    assertThat(image.countOnDisk(4)).isEqualTo(1);
  }

  @Test
  void aFreedClusterIsFoundAgain() throws Exception {
    MetadataFixture image = image(4);
    Refcounts refcounts = image.metadata.refcounts;
    long first = refcounts.allocate(CLUSTER);
    long second = refcounts.allocate(CLUSTER);
    refcounts.free(first, CLUSTER, DiscardType.NEVER);
    assertThat(second).isEqualTo(first + CLUSTER);
    assertThat(refcounts.allocate(CLUSTER)).isEqualTo(first);
  }

  @Test
  void discardsArePassedOnAsTheReasonForThemSays() throws Exception {
    MetadataFixture image = image(4);
    Refcounts refcounts = image.metadata.refcounts;
    long offset = refcounts.allocate(3 * CLUSTER);
    image.file.setBytes(Arrays.copyOf(image.file.bytes(), 0x2000));
    image.file.log();
    refcounts.free(offset, CLUSTER, DiscardType.OTHER);
    refcounts.free(offset + CLUSTER, 2 * CLUSTER, DiscardType.REQUEST);
    assertThat(image.file.log())
        .isEqualTo(
            "cluster_free refblock_alloc refblock_load"
                + " cluster_free refblock_alloc refblock_load D a00+400");
  }

  @Test
  void tooHighACountIsRefusedAndUndone() throws Exception {
    MetadataFixture image = image(1);
    Refcounts refcounts = image.metadata.refcounts;
    long offset = refcounts.allocate(2 * CLUSTER);
    refcounts.update(offset + CLUSTER, CLUSTER, 2, false, DiscardType.NEVER);
    assertThatThrownBy(() -> refcounts.update(offset, 2 * CLUSTER, 1, false, DiscardType.NEVER))
        .isInstanceOfSatisfying(
            BlockIoException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EINVAL));
    assertThat(refcounts.get(offset / CLUSTER)).isEqualTo(1);
    assertThat(refcounts.get(offset / CLUSTER + 1)).isEqualTo(3);
  }

  @Test
  void aFailedFreeIsReportedOnly() throws Exception {
    MetadataFixture image = image(4);
    image.metadata.refcounts.free(100 * CLUSTER, CLUSTER, DiscardType.NEVER);
    assertThat(image.messages).containsExactly("qcow2_free_clusters failed: Invalid argument");
  }

  @Test
  void compressedDataSharesClusters() throws Exception {
    MetadataFixture image = image(4);
    Refcounts refcounts = image.metadata.refcounts;
    long first = refcounts.allocateBytes(200);
    long second = refcounts.allocateBytes(200);
    long third = refcounts.allocateBytes(300);
    assertThat(first).isEqualTo(4 * CLUSTER);
    assertThat(second).isEqualTo(first + 200);
    assertThat(third).isEqualTo(second + 200);
    assertThat(refcounts.get(4)).isEqualTo(3);
    assertThat(refcounts.get(5)).isEqualTo(1);
    refcounts.endCompressedRun();
    assertThat(refcounts.allocateBytes(10)).isEqualTo(6 * CLUSTER);
  }

  @Test
  void aNewBlockCountsItself() throws Exception {
    MetadataFixture image = image(WORDS_64); // 64 counts in a block
    Refcounts refcounts = image.metadata.refcounts;
    assertThat(refcounts.allocate(60 * CLUSTER)).isEqualTo(4 * CLUSTER);
    image.metadata.refcounts.flushCaches();
    image.file.log();
    assertThat(refcounts.allocate(CLUSTER)).isEqualTo(64 * CLUSTER);
    assertThat(image.file.log())
        .isEqualTo(
            "cluster_alloc refblock_alloc refblock_alloc_write"
                + " refblock_update_part W 8200+200 F refblock_alloc_hookup W 208+8 F"
                + " refblock_alloc refblock_load");
    assertThat(refcounts.get(65)).isEqualTo(1);
  }

  @Test
  void aFullTableGrows() throws Exception {
    MetadataFixture image = image(WORDS_64); // one table cluster lists 64 blocks
    Refcounts refcounts = image.metadata.refcounts;
    Metadata metadata = image.metadata;
    long clusters = 0;
    while (metadata.refcountTable.offset == CLUSTER) {
      refcounts.allocate(32 * CLUSTER);
      clusters += 32;
      assertThat(clusters).isLessThan(64 * 64);
    }
    assertThat(image.file.log())
        .contains(
            "reftable_grow",
            "refblock_alloc_write_blocks",
            "refblock_alloc_write_table",
            "refblock_alloc_switch_table W 30+c F cluster_free");
    assertThat(metadata.refcountTable.entries.length).isGreaterThan(64);
    assertThat(image.file.at(48).getLong(0)).isEqualTo(metadata.refcountTable.offset);
    assertThat(refcounts.get(1)).as("the old table").isZero();
  }

  @Test
  void aDroppedBlockIsFree() throws Exception {
    MetadataFixture image = image(WORDS_64);
    Refcounts refcounts = image.metadata.refcounts;
    assertThat(refcounts.allocate(60 * CLUSTER)).isEqualTo(4 * CLUSTER);
    long behind = refcounts.allocate(CLUSTER);
    refcounts.free(behind, CLUSTER, DiscardType.NEVER);
    refcounts.shrinkTable();
    assertThat(image.metadata.refcountTable.entries[1]).isZero();
    assertThat(refcounts.get(65)).isZero();
    assertThat(refcounts.lastCluster(100 * CLUSTER)).isEqualTo(63);
  }

  /** Clusters that the caller holds, by index; everything else must be metadata or free. */
  @Test
  void randomUseAgreesWithAModelOnDisk() {
    RandomCases.run(
        "refcounts agree with a model",
        60,
        random -> {
          MetadataFixture image = image(2 + random.nextInt(5));
          Map<Long, Integer> model = new HashMap<>();
          for (int i = 0; i < 200; i++) {
            step(image, random, model);
          }
          image.metadata.refcounts.flushCaches();
          verify(image, model);
        });
  }

  private static void step(MetadataFixture image, RandomGenerator random, Map<Long, Integer> model)
      throws BlockIoException {
    Refcounts refcounts = image.metadata.refcounts;
    if (model.isEmpty() || random.nextInt(3) > 0) {
      long clusters = 1 + random.nextInt(20);
      long offset = refcounts.allocate(clusters * CLUSTER);
      for (long i = 0; i < clusters; i++) {
        assertThat(model.put(offset / CLUSTER + i, 1)).as("taken twice").isNull();
      }
      return;
    }
    long cluster =
        model.keySet().stream()
            .sorted()
            .skip(random.nextInt(model.size()))
            .findFirst()
            .orElseThrow();
    int count = model.getOrDefault(cluster, 0);
    if (count < 3 && random.nextBoolean()) {
      refcounts.updateCluster(cluster, 1, false, DiscardType.NEVER);
      model.put(cluster, count + 1);
    } else {
      refcounts.free(cluster * CLUSTER, 1, DiscardType.ALWAYS);
      if (count == 1) {
        model.remove(cluster);
      } else {
        model.put(cluster, count - 1);
      }
    }
  }

  private static void verify(MetadataFixture image, Map<Long, Integer> model) {
    Map<Long, Integer> expected = new HashMap<>(model);
    RefcountTable table = image.metadata.refcountTable;
    expected.put(0L, 1);
    expected.put(3L, 1);
    for (int i = 0; i < table.entries.length * Long.BYTES / CLUSTER; i++) {
      assertThat(expected.put(table.offset / CLUSTER + i, 1)).isNull();
    }
    long last = 0;
    for (long block : table.entries) {
      if (block != 0) {
        assertThat(expected.put(block / CLUSTER, 1)).isNull();
        last = Math.max(last, block / CLUSTER);
      }
    }
    last = Math.max(last, expected.keySet().stream().mapToLong(Long::longValue).max().orElse(0));
    for (long i = 0; i <= last + 70; i++) {
      assertThat(image.countOnDisk(i))
          .as("cluster %d", i)
          .isEqualTo((long) expected.getOrDefault(i, 0));
    }
  }
}
