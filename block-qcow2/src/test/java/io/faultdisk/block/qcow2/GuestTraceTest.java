package io.faultdisk.block.qcow2;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Which events and requests reach the file below, in which order: the traces recorded from QEMU
 * 7.2. In the tables, {@code w} stands for {@code pwritev}, {@code z} for {@code pwritev_zero},
 * {@code d} for {@code pwritev_done}, {@code ra rl} for {@code refblock_alloc refblock_load},
 * {@code rup} for {@code refblock_update_part}.
 */
class GuestTraceTest {
  private static final long SIZE = 64L << 20;

  /** The first allocation of an image: the L2 table. */
  private static final String NEW_L2 =
      "cluster_alloc R 20000+10000 ra rl rup w W 20000+10000 d F l2_alloc_write"
          + " l2_update w W 40000+10000 d F l1_update w W 30000+8 d F";

  @TempDir private Path folder;

  @ParameterizedTest(name = "{0} then {1}")
  @CsvSource(
      delimiter = '|',
      nullValues = "-",
      textBlock =
          """
          -            | write 0 64k    | NEW_L2 cluster_alloc ra rl write_aio w W 50000+10000 d
          -            | write 4k 4k    | NEW_L2 cluster_alloc ra rl cluster_alloc_space z Z 50000+10000 d write_aio w W 51000+1000 d
          -            | write 60k 8k   | NEW_L2 cluster_alloc ra rl cluster_alloc_space z Z 50000+20000 d write_aio w W 5f000+2000 d
          write 0 64k  | write 64k 64k  | l2_load R 40000+10000 cluster_alloc R 20000+10000 ra rl write_aio w W 60000+10000 d
          write 0 64k  | write 0 64k    | l2_load R 40000+10000 write_aio w W 50000+10000 d
          write 0 64k  | write 4k 512   | l2_load R 40000+10000 write_aio w W 51000+200 d
          write 0 64k  | write 4k 4k;write 8k 4k;read 0 16k | l2_load R 40000+10000 write_aio w W 51000+1000 d write_aio w W 52000+1000 d read_aio R 50000+4000
          write 0 64k  | write 32k 64k  | l2_load R 40000+10000 R 20000+10000 ra rl cluster_alloc_space z Z 60000+10000 d write_aio w W 58000+10000 d
          -            | zero 0 64k     | NEW_L2
          -            | zero 4k 4k     | NEW_L2
          write 0 64k  | zero 0 64k     | l2_load R 40000+10000
          write 0 64k  | zero 4k 4k     | l2_load R 40000+10000 write_aio w W 51000+1000 d
          write 0 64k  | unmap 0 64k    | l2_load R 40000+10000 cluster_free ra rl R 20000+10000 D 50000+10000
          write 0 128k | discard 0 128k | l2_load R 40000+10000 cluster_free ra rl R 20000+10000 cluster_free ra rl D 50000+20000
          -            | discard 0 64k  | NEW_L2
          write 0 64k  | discard 4k 4k  | ''
          zero 0 64k   | write 4k 4k    | l2_load R 40000+10000 cluster_alloc R 20000+10000 ra rl cluster_alloc_space z Z 50000+10000 d write_aio w W 51000+1000 d
          write 0 64k;zero 0 64k | write 4k 4k;flush | l2_load R 40000+10000 cluster_alloc_space z Z 50000+10000 d write_aio w W 51000+1000 d flush_to_os F l2_update w W 40000+10000 d flush_to_disk F
          -            | compress 0 64k | NEW_L2 cluster_alloc_bytes ra rl l2_update_compressed write_compressed w W 50000+4f d
          compress 0 64k | compress 64k 64k | l2_load R 40000+10000 cluster_alloc_bytes R 20000+10000 ra rl l2_update_compressed write_compressed w W 60000+4f d
          compress 0 64k | write 4k 4k  | l2_load R 40000+10000 cluster_alloc R 20000+10000 ra rl cow_read read_compressed R 50000+200 write_aio cow_write w W 60000+10000 d cluster_free rup w W 20000+10000 d F ra rl
          compress 0 64k | read 4k 4k   | l2_load R 40000+10000 read_compressed R 50000+200
          write 0 64k  | read 0 64k     | l2_load R 40000+10000 read_aio R 50000+10000
          write 0 64k  | read 64k 64k   | l2_load R 40000+10000
          -            | read 0 64k     | ''
          """)
  void requestsAfterOpening(String before, String commands, String expected) throws Exception {
    Path file = folder.resolve("disk.qcow2");
    TracedImage.create(file, "", SIZE);
    prepare(file, before);
    assertThat(trace(file, commands)).isEqualTo(expand(expected));
  }

  private static void prepare(Path file, String commands) throws Exception {
    if (commands != null) {
      try (TracedImage image = TracedImage.open(file)) {
        image.run(commands);
      }
    }
  }

  private static String trace(Path file, String commands) throws Exception {
    try (TracedImage image = TracedImage.open(file)) {
      image.trace();
      image.run(commands);
      return image.trace();
    }
  }

  private static String expand(String shorthand) {
    return shorthand
        .replace("NEW_L2", NEW_L2)
        .replaceAll("\\bw\\b", "pwritev")
        .replaceAll("\\bz\\b", "pwritev_zero")
        .replaceAll("\\bd\\b", "pwritev_done")
        .replaceAll("\\bra rl\\b", "refblock_alloc refblock_load")
        .replaceAll("\\brup\\b", "refblock_update_part");
  }

  @Test
  void smallClustersGetTheSecondTableBeforeTheFirstDataAreWritten() throws Exception {
    Path file = folder.resolve("disk.qcow2");
    TracedImage.create(file, "cluster_size=512", SIZE);
    assertThat(trace(file, "write 0 64k"))
        .startsWith(
            expand(
                "cluster_alloc R 400+200 ra rl rup w W 400+200 d F l2_alloc_write l2_update"
                    + " w W 4600+200 d F l1_update w W 600+8 d F cluster_alloc ra rl"
                    + " cluster_alloc ra rl rup w W 400+200 d F l2_alloc_write l2_update"
                    + " w W c800+200 d F l1_update w W 608+8 d F"))
        .contains("W 4800+8000", "W ca00+8000");
  }

  @ParameterizedTest(name = "overlay: {0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          write 4k 4k    | NEW_L2 cluster_alloc ra rl cow_read read_backing_aio write_aio cow_write w W 50000+10000 d
          write 0 4k     | NEW_L2 cluster_alloc ra rl cow_read read_backing_aio write_aio cow_write w W 50000+10000 d
          write 4k 32k   | NEW_L2 cluster_alloc ra rl cow_read read_backing_aio cow_read read_backing_aio write_aio cow_write w W 50000+10000 d
          write 32k 160k | NEW_L2 cluster_alloc ra rl cow_read read_backing_aio write_aio cow_write w W 50000+30000 d
          write 32k 176k | NEW_L2 cluster_alloc ra rl cow_read read_backing_aio cow_read read_backing_aio write_aio cow_write w W 50000+40000 d
          read 0 64k     | read_backing_aio
          discard 0 64k  | NEW_L2
          zero 4k 4k     | NEW_L2 cluster_alloc ra rl cow_read read_backing_aio write_aio cow_write w W 50000+10000 d
          """)
  void overlays(String commands, String expected) throws Exception {
    Path base = folder.resolve("base.qcow2");
    TracedImage.create(base, "", SIZE);
    prepare(base, "write 0 256k");
    Path file = folder.resolve("disk.qcow2");
    TracedImage.createOverlay(file, "", base);
    assertThat(trace(file, commands)).isEqualTo(expand(expected));
  }

  @Test
  void subclustersNeedNoCopy() throws Exception {
    Path file = folder.resolve("disk.qcow2");
    TracedImage.create(file, "extended_l2=on", SIZE);
    assertThat(trace(file, "write 2k 2k"))
        .isEqualTo(expand("NEW_L2 cluster_alloc ra rl write_aio w W 50800+800 d"));
  }

  @Test
  void flushAfterAnAllocationWritesRefcountsFirst() throws Exception {
    Path file = folder.resolve("disk.qcow2");
    TracedImage.create(file, "", SIZE);
    try (TracedImage image = TracedImage.open(file)) {
      image.run("write 0 64k");
      image.trace();
      image.run("flush");
      assertThat(image.trace())
          .isEqualTo(
              expand(
                  "flush_to_os rup w W 20000+10000 d F l2_update w W 40000+10000 d flush_to_disk"
                      + " F"));
    }
  }
}
