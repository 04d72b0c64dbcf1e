package io.faultdisk.block.logwrites;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultdisk.base.Turns;
import io.faultdisk.base.UsageException;
import io.faultdisk.block.BlockBackend;
import io.faultdisk.block.BlockGraph;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.Node;
import io.faultdisk.block.OpenFlags;
import io.faultdisk.block.memory.MemoryType;
import io.faultdisk.block.options.Options;
import io.faultdisk.testkit.RandomCases;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Logs that we have written, read again; and logs that somebody has damaged. */
class LogReaderTest {
  private static final int DISK = 1 << 20;

  /** What was written, then read with nothing but the layout that LogFormat describes. */
  @Test
  void logHasTheDocumentedLayout() throws Exception {
    ByteBuffer log = ByteBuffer.wrap(sample()).order(ByteOrder.LITTLE_ENDIAN);
    assertThat(log.getLong(0)).isEqualTo(0x6a736677736872L);
    assertThat(log.getLong(8)).isEqualTo(1);
    assertThat(log.getLong(16)).as("entries").isEqualTo(6);
    assertThat(log.getInt(24)).as("sector size").isEqualTo(512);
    assertThat(entry(log, 512)).containsExactly(8, 2, 0, 0);
    assertThat(log.get(1024)).isEqualTo((byte) 7);
    assertThat(entry(log, 2048)).as("flush").containsExactly(0, 0, 1, 0);
    assertThat(entry(log, 2560)).as("mark").containsExactly(0, 0, 8, 5);
    byte[] mark = new byte[6];
    log.get(2560 + 32, mark);
    assertThat(new String(mark, StandardCharsets.UTF_8)).isEqualTo("point\0");
    assertThat(entry(log, 3072)).as("FUA").containsExactly(0, 1, 2, 0);
    assertThat(entry(log, 4096)).as("zeroes").containsExactly(16, 1, 0, 0);
    assertThat(entry(log, 5120)).as("discard").containsExactly(16, 8, 4, 0);
  }

  private static long[] entry(ByteBuffer log, int at) {
    return new long[] {
      log.getLong(at), log.getLong(at + 8), log.getLong(at + 16), log.getLong(at + 24)
    };
  }

  @Test
  void entriesAreReadAsTheyWereWritten() throws Exception {
    assertThat(entries(sample()))
        .containsExactly(
            "write of 1024 bytes at 4096",
            "flush",
            "mark 'point'",
            "write of 512 bytes at 0 (fua)",
            "write of 512 bytes at 8192",
            "discard of 4096 bytes at 8192");
  }

  @Test
  void truncatedLogNamesTheEntryAndItsPlace() throws Exception {
    byte[] log = sample();
    for (int length = 0; length < log.length; length += 100) {
      byte[] cut = Arrays.copyOf(log, length);
      assertThatThrownBy(() -> entries(cut))
          .as("%d bytes", length)
          .isInstanceOf(UsageException.class);
    }
    assertThatThrownBy(() -> entries(Arrays.copyOf(log, 10)))
        .hasMessage("Log 'test.log' has no superblock: it is only 10 bytes long");
    assertThatThrownBy(() -> entries(Arrays.copyOf(log, 3000)))
        .hasMessage(
            "Entry 2 of log 'test.log', at byte 2560, is broken:"
                + " the log ends at byte 3000, before this entry");
    assertThatThrownBy(() -> entries(Arrays.copyOf(log, 1200)))
        .hasMessageContaining("Entry 0 of log 'test.log', at byte 512, is broken: its 1024 bytes");
  }

  @Test
  void hostileHeadersAreRefused() throws Exception {
    refuses(0, 1, "another magic number");
    refuses(8, 2, "has version 2; only 1 is known");
    refuses(16, -1, "claims to have 18446744073709551615 entries");
    refuses(24, 1000, "has sectors of 1000 bytes");
    refuses(24, 0, "has sectors of 0 bytes");
    refuses(512, Long.MAX_VALUE, "which no disk has");
    refuses(520, -1, "about 18446744073709551615 sectors");
    refuses(528, 32, "unknown flags 0x20");
    refuses(2560 + 24, 1 << 20, "its mark has 1048576 bytes");
    refuses(16, 7, "Entry 6 of log 'test.log', at byte 5632");
  }

  private static void refuses(int at, long value, String message) throws Exception {
    byte[] log = sample();
    ByteBuffer.wrap(log).order(ByteOrder.LITTLE_ENDIAN).putLong(at, value);
    assertThatThrownBy(() -> entries(log)).hasMessageContaining(message);
  }

  /** Whatever the damage: read, or refused with one line. */
  @Test
  void damagedLogIsReadOrRefused() {
    RandomCases.run(
        "damaged log",
        5000,
        random -> {
          byte[] log = sample();
          for (int i = random.nextInt(1, 4); i > 0; i--) {
            int at = random.nextBoolean() ? random.nextInt(32) : 512 * random.nextInt(12);
            log[Math.min(log.length - 1, at + random.nextInt(32))] = (byte) random.nextInt(256);
          }
          byte[] cut =
              random.nextInt(4) == 0 ? Arrays.copyOf(log, random.nextInt(log.length)) : log;
          try {
            var unused = entries(cut);
          } catch (UsageException refused) {
            assertThat(refused.getMessage()).contains("test.log").doesNotContain("\n");
          }
        });
  }

  private static List<String> entries(byte[] content) throws UsageException {
    LogReader reader = new LogReader("test.log", new Array(content));
    List<String> entries = new ArrayList<>();
    for (Optional<LogEntry> next = reader.next(); next.isPresent(); next = reader.next()) {
      entries.add(next.get().toString());
    }
    return entries;
  }

  private record Array(byte[] content) implements LogReader.Bytes {
    @Override
    public void read(long offset, ByteBuffer target) {
      target.put(content, (int) offset, target.remaining());
    }

    @Override
    public long length() {
      return content.length;
    }
  }

  /** The log of a few requests. */
  private static byte[] sample() throws UsageException, BlockIoException {
    try (BlockGraph graph =
        new BlockGraph(
            List.of(new LogWritesType(), new MemoryType()), Turns.free(), warning -> {})) {
      BlockBackend disk =
          graph.open(
              Optional.empty(),
              Options.parse(
                  "driver=blklogwrites,file.driver=memory,file.size="
                      + DISK
                      + ",log.driver=memory,log.size=0",
                  warning -> {}),
              OpenFlags.TOOL.withCache(false, false, false).withUnmap(true));
      byte[] data = new byte[1024];
      Arrays.fill(data, (byte) 7);
      disk.write(4096, ByteBuffer.wrap(data), 0);
      disk.flush();
      LogWritesDriver.nearest(disk).orElseThrow().mark("point");
      disk.write(0, ByteBuffer.wrap(data, 0, 512), io.faultdisk.block.RequestFlags.FUA);
      disk.writeZeroes(8192, 512, 0);
      disk.discard(8192, 4096);
      // No flush at the end: a mark writes the superblock, too, and is not counted here.
      Node log = disk.root().children().get(1).node();
      ByteBuffer content = ByteBuffer.allocate((int) log.length());
      log.read(0, content);
      ByteBuffer counted = content.order(ByteOrder.LITTLE_ENDIAN).putLong(16, 6);
      return counted.array();
    }
  }
}
