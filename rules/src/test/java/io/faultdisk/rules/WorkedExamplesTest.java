package io.faultdisk.rules;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultdisk.base.Errno;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Rules and requests whose outcome was observed with qemu-io 7.2 on a raw image ({@code -f raw
 * blkdebug:RULES:IMAGE}, write-through): the numbered rows of our blkdebug notes.
 *
 * <p>The drivers above are played by {@link RawDisk}.
 */
final class WorkedExamplesTest {

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource(
      delimiter = '|',
      value = {
        "E1 | IE read_aio | read 0 512, read 0 512, write 0 512, flush | EIO EIO EIO EIO",
        "E2 | IE read_aio once | read 0 512, read 0 512 | EIO ok",
        "E3 | IE read_aio once sector=10 | read 0 512, read 4096 1024, read 4096 2048, read 4096"
            + " 2048, read 5120 512 | ok ok EIO ok ok",
        "E4 | IE read_aio sector=10 | read 4608 512, read 5120 512, read 5632 512, read 4608 513,"
            + " read 5119 2, read 5119 1, read 0 0 | ok EIO ok EIO EIO ok ok",
        "E5 | IE write_aio iotype=flush errno=28; IE write_aio iotype=write errno=5"
            + " | write 0 512, flush | EIO ENOSPC",
        "E6 | IE read_aio errno=28; IE read_aio errno=5 | read 0 512, read 0 512 | ENOSPC ENOSPC",
        "E7 | IE read_aio errno=28 once; IE read_aio errno=5"
            + " | read 0 512, read 0 512, read 0 512 | ENOSPC EIO EIO",
        "E8 | IE read_aio errno=0; IE read_aio errno=5 | read 0 512 | ok",
        "E9 | IE read_aio errno=0 sector=2; IE read_aio errno=5"
            + " | read 0 512, read 1024 512, read 0 2048 | EIO ok ok",
        "E10 | IE read_aio errno=0 once; IE read_aio errno=5 | read 0 512, read 0 512 | ok ok",
        "E11 | SS read_aio 1>2; SS read_aio 2>3; IE read_aio state=3"
            + " | read 0 512, read 0 512, read 0 512, read 0 512 | ok ok EIO EIO",
        "E12 | SS read_aio >2; SS read_aio >3; IE read_aio state=2 errno=28; IE read_aio state=3"
            + " errno=5 | read 0 512, read 0 512, read 0 512 | ok ENOSPC ENOSPC",
        "E13 | IE read_aio state=0 errno=28; SS read_aio 1>7"
            + " | read 0 512, read 0 512 | ENOSPC ENOSPC",
        "E14 | SS read_aio >0; IE read_aio state=1 errno=5 once; IE read_aio state=0 errno=28"
            + " | read 0 512, read 0 512 | EIO ENOSPC",
        "E15 | SS read_aio 1>2; IE read_aio state=1 errno=5"
            + " | read 0 512, read 0 512, write 0 512, read 0 512 | EIO EIO EIO EIO",
        "E16 | IE write_aio iotype=read errno=5"
            + " | read 0 512, write 0 512, read 0 512, read 0 512 | ok ok EIO EIO",
        "E17 | IE write_aio iotype=read errno=5; IE read_aio iotype=write errno=28"
            + " | write 0 512, read 0 512, write 0 512, read 0 512 | ok ok ok ok",
        "E18 | IE write_aio iotype=read errno=5; IE read_aio state=9 errno=28"
            + " | write 0 512, read 0 512 | ok EIO",
        "E19 | IE none iotype=write errno=5 | read 0 512, write 0 512, read 0 512 | ok EIO ok",
        "E20 | SS none >5; IE read_aio state=5 errno=28 | read 0 512 | ENOSPC",
        "E21 | IE none iotype=write; IE read_aio iotype=flush errno=28"
            + " | write 0 512, read 0 512, write 0 512 | EIO ok ENOSPC",
        "E22 | IE none iotype=block-status | map, read 0 512 | EIO ok",
        "E23 | IE none | map | ok",
        "E24 | IE write_aio errno=28; IE pwritev errno=5 | write 0 512 | EIO",
        "E25 | IE pwritev_done once | write 0 512, read 0 512, read 0 512 | EIO ok ok",
        "E26 | IE none iotype=write-zeroes | write -z 0 512, write 0 512, discard 0 512 | EIO ok"
            + " ok",
        "E27 | IE none iotype=discard | write -z 0 512, discard 0 512 | ok EIO",
        "E28 | IE none iotype=flush | flush, write 0 512, write 0 512, flush | ok EIO EIO EIO",
        "E29 | IE read_aio immediately | read 0 512 | EIO",
        "E30 | IE none iotype=flush sector=0 | write 0 512, flush | ok ok",
        "E31 | IE write_aio errno=5 once; IE pwritev errno=28 once"
            + " | write 0 512, write 0 512, write 0 512 | ENOSPC EIO ok",
        // A sector number times 512 wraps around in 64 bits.
        "wrap | IE none sector=36028797018963968 | read 0 512, read 512 512 | EIO ok",
        "negative | IE none sector=-2 | read 0 512, flush | ok ok",
        // Numbers keep 32 bits.
        "state | IE read_aio state=4294967297 | read 0 512 | EIO",
        "minus | SS none >-1; IE read_aio state=-1 | read 0 512 | EIO",
        "errno | IE none errno=4294967301 | read 0 512 | EIO",
      })
  void outcomeIsThatOfQemu(String row, String rules, String requests, String outcomes)
      throws Exception {
    List<String> commands = List.of(requests.split(", "));
    String actual =
        new RawDisk(ShortRules.read(rules))
            .run(commands).stream()
                .map(errno -> errno.equals(Errno.SUCCESS) ? "ok" : errno.name())
                .collect(Collectors.joining(" "));
    assertThat(actual).as(row).isEqualTo(outcomes);
  }
}
