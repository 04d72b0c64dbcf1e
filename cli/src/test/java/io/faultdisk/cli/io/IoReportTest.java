package io.faultdisk.cli.io;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultdisk.cli.Console;
import io.faultdisk.cli.Stdio;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** Lines copied from real runs, so the arithmetic behind them can be checked without a clock. */
final class IoReportTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final Console console =
      new Console("test", new Stdio(new ByteArrayInputStream(new byte[0]), out, out, false), false);

  private String printed() {
    console.flush();
    return out.toString(StandardCharsets.UTF_8);
  }

  @Test
  void twoLinesForPeople() {
    IoReport.print(console, "read", 0, 65536, 2_932_240, false);
    assertThat(printed())
        .isEqualTo(
            """
            read 65536/65536 bytes at offset 0
            64 KiB, 1 ops; 00.00 sec (21.315 MiB/sec and 341.0362 ops/sec)
            """);
  }

  @Test
  void oneLineForPrograms() {
    IoReport.print(console, "read", 0, 1024, 1_000_000, true);
    assertThat(printed()).isEqualTo("1024,1,0:00:00.00,1024000.000,1000.000\n");
  }

  @Test
  void longerThanASecondIsHoursMinutesSeconds() {
    IoReport.print(console, "wrote", 512, 512, 1_807_890_000_000L, false);
    assertThat(printed())
        .isEqualTo(
            """
            wrote 512/512 bytes at offset 512
            512 bytes, 1 ops; 0:30:07.89 (0.283203 bytes/sec and 0.0006 ops/sec)
            """);
  }

  @Test
  void lessThanASecondIsRounded() {
    IoReport.print(console, "wrote", 0, 1536, 996_000_000, false);
    assertThat(printed()).contains("1.500 KiB, 1 ops; 01.00 sec (");
  }

  @Test
  void noTimeAtAllIsInfinitelyFast() {
    IoReport.print(console, "read", 0, 512, 0, true);
    assertThat(printed()).isEqualTo("512,1,0:00:00.00,inf,inf\n");
  }

  @Test
  void dumpShowsBytesAndLettersAndLeavesAShortLineShort() {
    ByteBuffer bytes = ByteBuffer.allocate(18);
    bytes.put(0, (byte) 'A').put(1, (byte) 0xff).put(16, (byte) '9').put(17, (byte) '_');
    IoReport.dump(console, bytes, 0x1_0000_0000L);
    assertThat(printed())
        .isEqualTo(
            """
            100000000:  41 ff 00 00 00 00 00 00 00 00 00 00 00 00 00 00  A...............
            100000010:  39 5f  9.
            """);
  }
}
