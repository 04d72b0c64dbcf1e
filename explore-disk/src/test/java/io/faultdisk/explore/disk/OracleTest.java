package io.faultdisk.explore.disk;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultdisk.base.Errno;
import io.faultdisk.base.Turns;
import io.faultdisk.block.BlockBackend;
import io.faultdisk.block.BlockGraph;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.DriverType;
import io.faultdisk.block.OpenFlags;
import io.faultdisk.block.RequestFlags;
import io.faultdisk.block.options.Options;
import io.faultdisk.rules.RequestType;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What may be read after a history of writes and flushes, one sector each. */
class OracleTest {
  private static final int SECTOR = 512;
  private static final long NOW = Long.MAX_VALUE;

  private final Ticks ticks = new Ticks();
  private final GuestLog log = new GuestLog(ticks);

  private GuestLog.Ongoing begin(RequestType type, int value, int flags) {
    ByteBuffer data = type == RequestType.WRITE ? Disks.filled(SECTOR, value) : null;
    return log.began(type, 0, type == RequestType.FLUSH ? 0 : SECTOR, data, flags);
  }

  private void write(int value) {
    begin(RequestType.WRITE, value, RequestFlags.NONE).ended(null);
  }

  private void flush() {
    begin(RequestType.FLUSH, 0, RequestFlags.NONE).ended(null);
  }

  private static BlockIoException failure() {
    return new BlockIoException(Errno.EIO);
  }

  /**
   * Does what the letters say: {@code 1}-{@code 9} writes that, {@code z} writes zeroes, {@code d}
   * discards, {@code F} flushes; in brackets what fails; {@code !} before a write makes it FUA.
   */
  private void play(String history) {
    for (int i = 0; i < history.length(); i++) {
      char c = history.charAt(i);
      boolean fails = c == '(';
      boolean fua = c == '!';
      if (fails || fua) {
        c = history.charAt(++i);
      }
      int flags = fua ? RequestFlags.FUA : RequestFlags.NONE;
      GuestLog.Ongoing ongoing =
          switch (c) {
            case 'F' -> begin(RequestType.FLUSH, 0, flags);
            case 'd' -> begin(RequestType.DISCARD, 0, flags);
            case 'z' -> begin(RequestType.WRITE_ZEROES, 0, flags);
            default -> begin(RequestType.WRITE, c - '0', flags);
          };
      ongoing.ended(fails ? failure() : null);
      if (fails) {
        i++; // the bracket
      }
    }
  }

  /** Which of 0 to 9 may be in the sector. */
  private String allowed(long tick) throws Exception {
    Oracle oracle = new Oracle(DiskContent.empty(4 * SECTOR), log);
    StringBuilder allowed = new StringBuilder();
    for (int value = 0; value <= 9; value++) {
      if (check(oracle, value, tick).isEmpty()) {
        allowed.append(value);
      }
    }
    return allowed.toString();
  }

  private static Optional<String> check(Oracle oracle, int value, long tick) throws Exception {
    DiskRun run = DiskRun.on(DiskContent.empty(4 * SECTOR));
    run.disk().write(0, Disks.filled(SECTOR, value));
    Options options = new Options();
    options.put("driver", "raw");
    options.put("file.driver", MediumType.NAME);
    List<DriverType> types = new ArrayList<>(Disks.drivers());
    types.add(new MediumType(run));
    try (BlockGraph graph = new BlockGraph(types, Turns.free(), text -> {});
        BlockBackend image = graph.open(Optional.empty(), options, OpenFlags.TOOL)) {
      return oracle.check(image, tick);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "1,       01", // not flushed: may be lost
    "1F,      1",
    "1F2,     12",
    "1F23,    123",
    "1F23F,   3",
    "12F,     2",
    "1(F),    01", // a flush that failed promises nothing
    "1F(2),   12", // a write that failed may have happened
    "1F(2)F,  12",
    "1F(2)3F, 3",
    "!1,      1",
    "1!2,     2", // overwritten for good
    "1F!2,    2",
    "1Fz,     01",
    "1FzF,    0",
    "1Fd,     0123456789", // undefined
    "1FdF,    0123456789",
    "1Fd2F,   2",
    "F,       0",
    "(1),     01",
  })
  void allowsNoLessAndNoMore(String history, String expected) throws Exception {
    play(history);
    assertThat(allowed(NOW)).isEqualTo(expected);
  }

  @Test
  void writesAtTheSameTimeMayEndEitherWay() throws Exception {
    GuestLog.Ongoing one = begin(RequestType.WRITE, 1, RequestFlags.NONE);
    GuestLog.Ongoing other = begin(RequestType.WRITE, 2, RequestFlags.NONE);
    other.ended(null);
    one.ended(null);
    flush();
    assertThat(allowed(NOW)).isEqualTo("12");
  }

  @Test
  void whatCameAfterThePowerCutCountsForNothing() throws Exception {
    write(1);
    flush();
    write(2);
    long cut = ticks.next();
    flush();
    write(3);
    assertThat(allowed(cut)).isEqualTo("12");
    assertThat(allowed(NOW)).isEqualTo("23");
  }

  @Test
  void promisesNeverBecomeFewer() {
    play("1F2!3(F)F");
    Oracle oracle = new Oracle(DiskContent.empty(4 * SECTOR), log);
    long before = 0;
    for (long tick = 0; tick < 20; tick++) {
      assertThat(oracle.promised(tick)).isGreaterThanOrEqualTo(before);
      before = oracle.promised(tick);
    }
    assertThat(before).isEqualTo(3);
  }

  @Test
  void saysWhatIsLost() throws Exception {
    play("1F2F");
    Oracle oracle = new Oracle(DiskContent.empty(4 * SECTOR), log);
    assertThat(check(oracle, 1, NOW))
        .contains("lost: acknowledged and flushed data at offset 0: there is older data");
    assertThat(check(oracle, 0, NOW).orElseThrow())
        .endsWith("there is what was there at the start");
    assertThat(check(oracle, 7, NOW).orElseThrow())
        .endsWith("there is garbage, which nobody ever wrote there");
  }

  @Test
  void whatNobodyWroteToMustStay() throws Exception {
    write(1);
    Oracle oracle = new Oracle(new DiskContent(Map.of(0L, page(5)), DiskContent.PAGE), log);
    assertThat(check(oracle, 1, NOW).orElseThrow()).startsWith("wrong data at offset 512");
  }

  private static byte[] page(int value) {
    return Disks.filled(DiskContent.PAGE, value).array();
  }
}
