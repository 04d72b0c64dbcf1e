package io.faultdisk.block.blkdebug;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultdisk.block.BlockBackend;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.OpenFlags;
import io.faultdisk.block.Preallocation;
import io.faultdisk.block.RequestFlags;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which events and requests reach blkdebug, in which order: the tables recorded from QEMU 7.2. */
class RequestTraceTest {
  private static final int K = 1024;

  @ParameterizedTest(name = "write {0}+{1}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          512 |  512 | pwritev_rmw_head pwritev_rmw_tail R 0+1000 pwritev_rmw_after_head pwritev_rmw_after_tail pwritev W 0+1000 pwritev_done
          512 | 3584 | pwritev_rmw_head R 0+1000 pwritev_rmw_after_head pwritev W 0+1000 pwritev_done
            0 |  512 | pwritev_rmw_tail R 0+1000 pwritev_rmw_after_tail pwritev W 0+1000 pwritev_done
          512 | 4096 | pwritev_rmw_head pwritev_rmw_tail R 0+2000 pwritev_rmw_after_head pwritev_rmw_after_tail pwritev W 0+2000 pwritev_done
          512 | 8192 | pwritev_rmw_head R 0+1000 pwritev_rmw_after_head pwritev_rmw_tail R 2000+1000 pwritev_rmw_after_tail pwritev W 0+3000 pwritev_done
          4096 | 8192 | pwritev W 1000+2000 pwritev_done
          """)
  void unalignedWriteReadsItsEdgesFirst(long offset, int bytes, String expected) throws Exception {
    try (TracedDisk traced = TracedDisk.with("align=4096")) {
      BlockBackend disk = traced.disk();
      disk.write(0, filled(64 * K, 0x11), 0);
      traced.trace();
      disk.write(offset, filled(bytes, 0x22), 0);
      assertThat(traced.trace()).isEqualTo("write_aio " + expected);
      assertThat(read(disk, 0, 64 * K)).isEqualTo(overlaid(64 * K, 0x11, offset, bytes, 0x22));
    }
  }

  @ParameterizedTest(name = "zeroes {0}+{1}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          512 |   512 | pwritev_rmw_head pwritev_rmw_tail R 0+1000 pwritev_rmw_after_head pwritev_rmw_after_tail pwritev W 0+1000 pwritev_done
          512 | 12288 | pwritev_rmw_head R 0+1000 pwritev_rmw_after_head pwritev_rmw_tail R 3000+1000 pwritev_rmw_after_tail pwritev W 0+1000 pwritev_done pwritev_zero Z 1000+2000 pwritev_done pwritev W 3000+1000 pwritev_done
          4096 | 4096 | pwritev_zero Z 1000+1000 pwritev_done
          """)
  void unalignedZeroesAreDataAtTheEdges(long offset, int bytes, String expected) throws Exception {
    try (TracedDisk traced = TracedDisk.with("align=4096")) {
      BlockBackend disk = traced.disk();
      disk.write(0, filled(64 * K, 0x11), 0);
      traced.trace();
      disk.writeZeroes(offset, bytes, 0);
      assertThat(traced.trace()).isEqualTo(expected);
      assertThat(read(disk, 0, 64 * K)).isEqualTo(overlaid(64 * K, 0x11, offset, bytes, 0));
    }
  }

  @Test
  void unalignedReadIsWidened() throws Exception {
    try (TracedDisk traced = TracedDisk.with("align=4096")) {
      traced.disk().write(0, filled(4096, 0x33), 0);
      traced.trace();
      assertThat(read(traced.disk(), 512, 512)).isEqualTo(filled(512, 0x33));
      assertThat(traced.trace()).isEqualTo("read_aio R 0+1000");
    }
  }

  @Test
  void withoutAlignmentRequestsPassUnchanged() throws Exception {
    try (TracedDisk traced = TracedDisk.with("")) {
      assertThat(traced.trace()).isEqualTo("none");
      read(traced.disk(), 1, 1);
      assertThat(traced.trace()).isEqualTo("read_aio R 1+1");
      traced.disk().write(3, filled(5, 1), 0);
      assertThat(traced.trace()).isEqualTo("write_aio pwritev W 3+5 pwritev_done");
      traced.disk().writeZeroes(0, 4096, RequestFlags.MAY_UNMAP);
      assertThat(traced.trace()).isEqualTo("pwritev_zero Z 0+1000 pwritev_done");
      traced.disk().discard(0, 4096);
      assertThat(traced.trace()).isEqualTo("D 0+1000");
      traced.disk().truncate(2048 * K, false, Preallocation.OFF);
      assertThat(traced.trace()).isEmpty();
      traced.disk().allocation(0, 2048 * K);
      assertThat(traced.trace()).isEqualTo("S 0+200000");
    }
  }

  @Test
  void failingReadOfReadModifyWriteIsIgnored() throws Exception {
    try (TracedDisk traced =
        TracedDisk.with(
            "align=4096,inject-error.event=pwritev_rmw_head,inject-error.iotype=read")) {
      traced.trace();
      traced.disk().write(512, filled(512, 1), 0);
      assertThat(traced.trace())
          .isEqualTo(
              "write_aio pwritev_rmw_head pwritev_rmw_tail R 0+1000 pwritev W 0+1000 pwritev_done");
    }
  }

  @Test
  void parentSplitsAtMaxTransfer() throws Exception {
    try (TracedDisk traced = TracedDisk.with("max-transfer=4k")) {
      traced.trace();
      traced.disk().write(0, filled(12 * K, 1), 0);
      assertThat(traced.trace())
          .isEqualTo(
              "write_aio pwritev W 0+1000 pwritev_done write_aio pwritev W 1000+1000 pwritev_done"
                  + " write_aio pwritev W 2000+1000 pwritev_done");
      read(traced.disk(), 0, 8 * K);
      assertThat(traced.trace()).isEqualTo("read_aio R 0+1000 read_aio R 1000+1000");
    }
  }

  @Test
  void zeroesAreCutAtThePreferredAlignment() throws Exception {
    try (TracedDisk traced = TracedDisk.with("opt-write-zero=4k")) {
      traced.trace();
      traced.disk().writeZeroes(2 * K, 10 * K, 0);
      assertThat(traced.trace()).isEqualTo("pwritev_zero W 800+800 Z 1000+2000 pwritev_done");
      assertThatThrownBy(() -> traced.disk().writeZeroes(0, 2 * K, RequestFlags.NO_FALLBACK))
          .isInstanceOf(BlockIoException.class)
          .hasMessageContaining("Operation not supported");
    }
    try (TracedDisk traced = TracedDisk.with("opt-write-zero=4k,max-write-zero=8k")) {
      traced.trace();
      traced.disk().writeZeroes(0, 20 * K, 0);
      assertThat(traced.trace())
          .isEqualTo("pwritev_zero Z 0+2000 Z 2000+2000 Z 4000+1000 pwritev_done");
    }
  }

  @Test
  void discardsAreCutAtThePreferredAlignment() throws Exception {
    try (TracedDisk traced = TracedDisk.with("opt-discard=4k,max-discard=8k")) {
      traced.trace();
      traced.disk().discard(2 * K, 20 * K);
      assertThat(traced.trace()).isEqualTo("D 800+800 D 1000+2000 D 3000+2000 D 5000+800");
    }
  }

  @Test
  void flushesReachTheDiskOnlyWhenSomethingWasWritten() throws Exception {
    try (TracedDisk traced = TracedDisk.with("")) {
      traced.trace();
      traced.disk().flush();
      assertThat(traced.trace()).isEqualTo("flush_to_os");
      traced.disk().write(0, filled(512, 1), 0);
      traced.trace();
      traced.disk().flush();
      assertThat(traced.trace()).isEqualTo("flush_to_os flush_to_disk F");
      traced.disk().flush();
      assertThat(traced.trace()).isEqualTo("flush_to_os");
    }
  }

  @Test
  void failedFlushIsTriedAgain() throws Exception {
    try (TracedDisk traced =
        TracedDisk.with(
            "inject-error.event=flush_to_disk,inject-error.iotype=flush,inject-error.once=on")) {
      traced.disk().write(0, filled(512, 1), 0);
      traced.trace();
      assertThatThrownBy(() -> traced.disk().flush()).hasMessageContaining("EIO");
      assertThat(traced.trace()).isEqualTo("flush_to_os flush_to_disk F");
      traced.disk().flush();
      assertThat(traced.trace()).isEqualTo("flush_to_os flush_to_disk F");
      traced.disk().flush();
      assertThat(traced.trace()).isEqualTo("flush_to_os");
    }
  }

  @Test
  void failedWriteIsCountedToo() throws Exception {
    try (TracedDisk traced =
        TracedDisk.with(
            "inject-error.event=write_aio,inject-error.iotype=write,inject-error.once=on")) {
      traced.trace();
      assertThatThrownBy(() -> traced.disk().write(0, filled(512, 1), 0))
          .isInstanceOf(BlockIoException.class)
          .hasMessage(
              "write of 512 bytes at 0 on node '"
                  + traced.disk().root().children().get(0).node().name()
                  + "': EIO (Input/output error)");
      assertThat(traced.trace()).isEqualTo("write_aio pwritev W 0+200 pwritev_done");
      traced.disk().flush();
      assertThat(traced.trace()).isEqualTo("flush_to_os flush_to_disk F");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "driver=blkdebug,align=64k,image.driver=blkdebug,image.max-transfer=4k",
        "driver=blkdebug,align=64k,image.driver=blkdebug,image.max-write-zero=4k",
        "driver=blkdebug,max-discard=4k,max-write-zero=4k,image.driver=blkdebug,image.opt-discard=64k"
      })
  void limitsThatContradictEachOtherEndNoRequestInALoop(String options) throws Exception {
    try (TracedDisk traced =
        TracedDisk.open(
            options + ",image.image.driver=memory,image.image.size=1M", OpenFlags.TOOL)) {
      traced.disk().write(0, filled(64 * K, 7), 0);
      assertThat(read(traced.disk(), 0, 64 * K)).isEqualTo(filled(64 * K, 7));
      traced.disk().writeZeroes(0, 64 * K, 0);
      traced.disk().discard(0, 64 * K);
      assertThat(read(traced.disk(), 0, 64 * K)).isEqualTo(filled(64 * K, 0));
    }
  }

  @Test
  void imageBeyondWhatAnOffsetCanSayIsRefused() {
    assertThatThrownBy(
            () -> TracedDisk.open("driver=null-co,size=9223372036854775807", OpenFlags.TOOL))
        .hasMessage("Could not refresh total sector count: File too large");
  }

  private static ByteBuffer filled(int bytes, int value) {
    ByteBuffer buffer = ByteBuffer.allocate(bytes);
    while (buffer.hasRemaining()) {
      buffer.put((byte) value);
    }
    return buffer.flip();
  }

  private static ByteBuffer overlaid(int size, int old, long offset, int bytes, int value) {
    ByteBuffer all = filled(size, old);
    all.put((int) offset, filled(bytes, value), 0, bytes);
    return all;
  }

  private static ByteBuffer read(BlockBackend disk, long offset, int bytes) throws Exception {
    ByteBuffer buffer = ByteBuffer.allocate(bytes);
    disk.read(offset, buffer);
    return buffer.flip();
  }
}
