package io.faultdisk.rules;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultdisk.base.Errno;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Rules and requests whose outcome was observed with qemu-io 7.2 on a raw image ({@code -f raw
 * blkdebug:RULES:IMAGE}, write-through): the numbered rows of our blkdebug notes.
 *
 * <p>The raw driver is played by hand: a read announces read_aio; a write announces write_aio and
 * pwritev, then writes, announces pwritev_done, and being write-through flushes.
 */
final class WorkedExamplesTest {

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource(
      delimiter = '|',
      value = {
        "E1 | IE read_aio | r 0 512, r 0 512, w 0 512, f | EIO EIO EIO EIO",
        "E2 | IE read_aio once | r 0 512, r 0 512 | EIO ok",
        "E3 | IE read_aio once sector=10"
            + " | r 0 512, r 4096 1024, r 4096 2048, r 4096 2048, r 5120 512 | ok ok EIO ok ok",
        "E4 | IE read_aio sector=10 | r 4608 512, r 5120 512, r 5632 512, r 4608 513, r 5119 2,"
            + " r 5119 1, r 0 0 | ok EIO ok EIO EIO ok ok",
        "E5 | IE write_aio iotype=flush errno=28; IE write_aio iotype=write errno=5"
            + " | w 0 512, f | EIO ENOSPC",
        "E6 | IE read_aio errno=28; IE read_aio errno=5 | r 0 512, r 0 512 | ENOSPC ENOSPC",
        "E7 | IE read_aio errno=28 once; IE read_aio errno=5"
            + " | r 0 512, r 0 512, r 0 512 | ENOSPC EIO EIO",
        "E8 | IE read_aio errno=0; IE read_aio errno=5 | r 0 512 | ok",
        "E9 | IE read_aio errno=0 sector=2; IE read_aio errno=5"
            + " | r 0 512, r 1024 512, r 0 2048 | EIO ok ok",
        "E10 | IE read_aio errno=0 once; IE read_aio errno=5 | r 0 512, r 0 512 | ok ok",
        "E11 | SS read_aio 1>2; SS read_aio 2>3; IE read_aio state=3"
            + " | r 0 512, r 0 512, r 0 512, r 0 512 | ok ok EIO EIO",
        "E12 | SS read_aio >2; SS read_aio >3; IE read_aio state=2 errno=28;"
            + " IE read_aio state=3 errno=5 | r 0 512, r 0 512, r 0 512 | ok ENOSPC ENOSPC",
        "E13 | IE read_aio state=0 errno=28; SS read_aio 1>7"
            + " | r 0 512, r 0 512 | ENOSPC ENOSPC",
        "E14 | SS read_aio >0; IE read_aio state=1 errno=5 once; IE read_aio state=0 errno=28"
            + " | r 0 512, r 0 512 | EIO ENOSPC",
        "E15 | SS read_aio 1>2; IE read_aio state=1 errno=5"
            + " | r 0 512, r 0 512, w 0 512, r 0 512 | EIO EIO EIO EIO",
        "E16 | IE write_aio iotype=read errno=5"
            + " | r 0 512, w 0 512, r 0 512, r 0 512 | ok ok EIO EIO",
        "E17 | IE write_aio iotype=read errno=5; IE read_aio iotype=write errno=28"
            + " | w 0 512, r 0 512, w 0 512, r 0 512 | ok ok ok ok",
        "E18 | IE write_aio iotype=read errno=5; IE read_aio state=9 errno=28"
            + " | w 0 512, r 0 512 | ok EIO",
        "E19 | IE none iotype=write errno=5 | r 0 512, w 0 512, r 0 512 | ok EIO ok",
        "E20 | SS none >5; IE read_aio state=5 errno=28 | r 0 512 | ENOSPC",
        "E21 | IE none iotype=write; IE read_aio iotype=flush errno=28"
            + " | w 0 512, r 0 512, w 0 512 | EIO ok ENOSPC",
        "E22 | IE none iotype=block-status | s 0 65536, r 0 512 | EIO ok",
        "E23 | IE none | s 0 65536 | ok",
        "E24 | IE write_aio errno=28; IE pwritev errno=5 | w 0 512 | EIO",
        "E25 | IE pwritev_done once | w 0 512, r 0 512, r 0 512 | EIO ok ok",
        "E26 | IE none iotype=write-zeroes | z 0 512, w 0 512, d 0 512 | EIO ok ok",
        "E27 | IE none iotype=discard | z 0 512, d 0 512 | ok EIO",
        "E29 | IE read_aio immediately | r 0 512 | EIO",
        "E30 | IE none iotype=flush sector=0 | w 0 512, f | ok ok",
        "E31 | IE write_aio errno=5 once; IE pwritev errno=28 once"
            + " | w 0 512, w 0 512, w 0 512 | ENOSPC EIO ok",
        // A sector number times 512 wraps around in 64 bits.
        "wrap | IE none sector=36028797018963968 | r 0 512, r 512 512 | EIO ok",
        "negative | IE none sector=-2 | r 0 512, f | ok ok",
        // Numbers keep 32 bits.
        "state | IE read_aio state=4294967297 | r 0 512 | EIO",
        "minus | SS none >-1; IE read_aio state=-1 | r 0 512 | EIO",
        "errno | IE none errno=4294967301 | r 0 512 | EIO",
      })
  void outcomeIsThatOfQemu(String row, String rules, String requests, String outcomes)
      throws Exception {
    FaultEngine engine = new FaultEngine(ShortRules.read(rules));
    engine.announce(QemuEvents.NONE);
    List<String> actual = new ArrayList<>();
    for (String request : requests.split(",")) {
      String[] words = request.strip().split(" ");
      long offset = words.length > 1 ? Long.parseLong(words[1]) : 0;
      long bytes = words.length > 2 ? Long.parseLong(words[2]) : 0;
      Errno errno = run(engine, words[0], offset, bytes);
      actual.add(errno.equals(Errno.SUCCESS) ? "ok" : errno.name());
    }
    assertThat(String.join(" ", actual)).as(row).isEqualTo(outcomes);
  }

  private static Errno run(FaultEngine engine, String what, long offset, long bytes) {
    switch (what) {
      case "r":
        engine.announce(QemuEvents.READ_AIO, RequestType.READ, offset, bytes);
        return check(engine, RequestType.READ, offset, bytes);
      case "w":
        engine.announce(QemuEvents.WRITE_AIO, RequestType.WRITE, offset, bytes);
        engine.announce(QemuEvents.PWRITEV, RequestType.WRITE, offset, bytes);
        return done(engine, check(engine, RequestType.WRITE, offset, bytes));
      case "z":
        engine.announce(QemuEvents.PWRITEV_ZERO, RequestType.WRITE_ZEROES, offset, bytes);
        return done(engine, check(engine, RequestType.WRITE_ZEROES, offset, bytes));
      case "d":
        return check(engine, RequestType.DISCARD, offset, bytes);
      case "s":
        return check(engine, RequestType.BLOCK_STATUS, offset, bytes);
      default:
        return check(engine, RequestType.FLUSH, 0, 0);
    }
  }

  private static Errno done(FaultEngine engine, Errno written) {
    engine.announce(QemuEvents.PWRITEV_DONE, RequestType.WRITE, 0, 0);
    return written.equals(Errno.SUCCESS) ? check(engine, RequestType.FLUSH, 0, 0) : written;
  }

  private static Errno check(FaultEngine engine, RequestType type, long offset, long bytes) {
    return engine.check(type, offset, bytes) instanceof Decision.Fail fail
        ? fail.errno()
        : Errno.SUCCESS;
  }
}
