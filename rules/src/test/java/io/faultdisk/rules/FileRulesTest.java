package io.faultdisk.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultdisk.base.Errno;
import io.faultdisk.base.Seed;
import io.faultdisk.base.UsageException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Rules for files: read from sections and JSON, and written again. */
class FileRulesTest {
  private static List<Rule> read(String text) throws UsageException {
    return RuleSources.read(RuleFile.of("r", text), Dialect.FILES);
  }

  private static final String ALL =
      """
      [inject-error]
      event = "fsync"
      state = "2"
      path = "*.wal"
      occurrence = "3"
      errno = "ENOSPC"

      [short-transfer]
      event = "write"
      limit = "10"
      once = "on"
      offset = "4096"
      bytes = "512"

      [fail-flush]
      event = "fdatasync"
      mode = "lie"

      [inject-error]
      event = "wal_append"
      iotype = "write"
      sector = "7"
      chance = "2.5"
      seed = "42"
      times = "9"

      [cut-power]
      event = "rename"
      path = "/data/**"

      [set-state]
      event = "fsync"
      state = "1"
      new_state = "2"
      path = "*.wal"
      """;

  @Test
  void everyKeyReachesItsRule() throws Exception {
    List<Rule> rules = read(ALL);
    assertThat(rules.stream().map(Rule::kind))
        .containsExactly(
            Rule.Kind.INJECT_ERROR,
            Rule.Kind.SHORT_TRANSFER,
            Rule.Kind.FAIL_FLUSH,
            Rule.Kind.INJECT_ERROR,
            Rule.Kind.CUT_POWER,
            Rule.Kind.SET_STATE);
    InjectError error = (InjectError) rules.get(0);
    assertThat(error.errno()).isEqualTo(Errno.ENOSPC);
    assertThat(error.filter())
        .isEqualTo(RuleFilter.NONE.withPath(PathGlob.of("*.wal")).withOccurrence(3).withTimes(1));
    ShortTransfer transfer = (ShortTransfer) rules.get(1);
    assertThat(transfer.bytes()).hasValue(10);
    assertThat(transfer.filter()).isEqualTo(RuleFilter.NONE.withRange(4096, 512));
    assertThat(((FailFlush) rules.get(2)).mode()).isEqualTo(FailFlush.Mode.LIE);
    assertThat(((InjectError) rules.get(3)).filter())
        .isEqualTo(RuleFilter.NONE.withTimes(9).withChance(2.5, new Seed(42)));
    assertThat(((SetState) rules.get(5)).filter().path()).contains(PathGlob.of("*.wal"));
  }

  @Test
  void aRangeIsInBytesOrInSectors() throws Exception {
    String head = "[inject-error]\nevent = \"write\"\n";
    assertThat(read(head + "start = \"8\"\nnr_sectors = \"2\"\n"))
        .containsExactly(
            ((InjectError) read(head + "offset = \"4096\"\nbytes = \"1024\"\n").get(0)));
    assertThat(((InjectError) read(head + "start = \"1\"\n").get(0)).filter().range())
        .contains(new RuleFilter.ByteRange(512, Long.MAX_VALUE - 512));
    assertThat(((InjectError) read(head + "bytes = \"7\"\n").get(0)).filter().range())
        .contains(new RuleFilter.ByteRange(0, 7));
  }

  @Test
  void whatIsWrittenReadsBackTheSame() throws Exception {
    String written = RuleWriter.write(read(ALL));
    assertThat(RuleWriter.write(read(written))).isEqualTo(written);
    assertThat(written).contains("path = \"*.wal\"\n").contains("seed = \"42\"");
  }

  @Test
  void jsonSaysTheSame() throws Exception {
    List<Rule> rules =
        read(
            """
            {"inject-error": [{"event": "fsync", "path": "*.wal", "occurrence": 3,
                               "errno": "EIO", "once": true},
                              {"event": "read", "errno": 5}],
             "set-state": {"event": "fsync", "new_state": 2}}
            """);
    assertThat(RuleWriter.write(rules))
        .isEqualTo(
            """
            [inject-error]
            event = "fsync"
            once = "on"
            path = "*.wal"
            occurrence = "3"
            errno = "EIO"

            [inject-error]
            event = "read"
            errno = "EIO"

            [set-state]
            event = "fsync"
            new_state = "2"
            """);
  }

  @Test
  void theBuilderSaysTheSame() throws Exception {
    assertThat(
            RuleWriter.write(
                List.of(
                    RuleBuilder.on("fsync").path("*.wal").occurrence(3).fail(Errno.EIO),
                    RuleBuilder.on("write").once().shortTransfer(),
                    RuleBuilder.on("fsync").failFlush(FailFlush.Mode.KEEP),
                    RuleBuilder.on("delete").occurrence(2).cutPower())))
        .isEqualTo(
            """
            [inject-error]
            event = "fsync"
            path = "*.wal"
            occurrence = "3"
            errno = "EIO"

            [short-transfer]
            event = "write"
            once = "on"

            [fail-flush]
            event = "fsync"
            mode = "keep"
            errno = "EIO"

            [cut-power]
            event = "delete"
            occurrence = "2"
            """);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "[inject-error]~event = \"fsinc\"|r:2: invalid parameter value: fsinc|Did you mean 'fsync'",
        "[inject-error]~event = \"l2_load\"|r:2: invalid parameter value: l2_load|A file system has"
            + " no",
        "[inject-error]~event = \"fsync\"~errno = \"EFOO\"|r:3: Parameter 'errno' expects a"
            + " number|ENOSPC",
        "[inject-error]~event = \"fsync\"~path = \"{a\"|r:3: '{a' is not a path pattern|not closed",
        "[inject-error]~event = \"rename\"~iotype = \"write\"|r:3: This rule can never apply|leave"
            + " iotype out",
        "[inject-error]~event = \"fsync\"~occurrence = \"0\"|r:3: Parameter 'occurrence' expects a"
            + " number of at least 1|leave",
        "[inject-error]~event = \"fsync\"~chance = \"101\"|r:3: Parameter 'chance' expects"
            + " percent|at most 100",
        "[inject-error]~event = \"read\"~start = \"1\"~bytes = \"1\"|r:1: The range is given"
            + " twice|512",
        "[inject-error]~event = \"read\"~start = \"0x7fffffffffffffff\"|r:1: The range goes"
            + " beyond|length",
        "[short-transfer]~event = \"fsync\"|r:2: This rule can never apply|Only read and write",
        "[fail-flush]~event = \"write\"|r:2: This rule can never apply|are flushes",
        "[fail-flush]~event = \"fsync\"~mode = \"x\"|r:3: invalid parameter value: x|keep",
        "[cut-power]~event = \"fsync\"~errno = \"5\"|r:3: Invalid parameter 'errno'|occurrence",
        "[inject-corruption]~event = \"fsync\"|r:2: This rule can never apply|bits",
        "[tear-write]~event = \"read\"|r:2: This rule can never apply|Only write stores",
        "[drop-write]~event = \"truncate\"|r:2: This rule can never apply|Only write stores",
        "[inject-error]~event = \"rename\"~when = \"after\"|r:3: This rule can never apply|leave"
            + " 'when' out",
        "[inject-error]~event = \"write\"~when = \"later\"|r:3: invalid parameter value:"
            + " later|before",
        "[inject-error]~event = \"write\"~suspend = \"\"|r:3: Parameter 'suspend' expects a"
            + " tag|resume",
        "[misdirect-write]~event = \"write\"|r:1: [misdirect-write] is for disks only|[drop-write]",
        "[stale-read]~event = \"read\"|r:1: [stale-read] is for disks only|For files there are",
        "[bad-blocks]~event = \"read\"|r:1: [bad-blocks] is for disks only|[inject-error]",
        "[inject-connection-fault]~event = \"nbd_reply\"|r:1: [inject-connection-fault] is for"
            + " disks only|For files",
        "{\"stale-read\": []}|r: [stale-read] is for disks only|For files",
        "[cut-power]~event = \"write\"~survivors = \"all\"|r:3: Invalid parameter 'survivors'|",
        "[inject]~event = \"fsync\"|r:1: There is no option group 'inject'|[cut-power]",
        "{\"inject\": []}|r: There is no option group 'inject'|[cut-power]",
        "{\"inject-error\": [3]}|r: inject-error.0 is not a JSON object|event",
        "{\"inject-error\": [{\"event\": \"fsync\", \"errno\": null}]}|r: inject-error.0.errno has"
            + " no value|strings",
        "{\"inject-error\": [{\"event\": \"fsync\"|r: JSON parse error|",
      })
  void saysWhatIsWrongAndWhatToDo(String file, String message, String hint) {
    assertThatThrownBy(() -> read(file.replace("~", "\n") + "\n"))
        .isInstanceOfSatisfying(
            UsageException.class,
            e -> {
              assertThat(e.getMessage()).startsWith(message);
              if (hint != null) {
                assertThat(String.join(" ", e.hints())).contains(hint);
              }
            });
  }

  @Test
  void whatADiskCanDoToAWriteAFileCanToo() throws Exception {
    String text =
        """
        [inject-error]
        event = "rename"
        errno = "EIO"
        delay-ns = "5"
        suspend = "A"
        expect-fired = "on"

        [inject-error]
        event = "write"
        path = "*.wal"
        errno = "ENOSPC"
        when = "after"

        [inject-corruption]
        event = "read"
        path = "*.wal"
        bits = "3"

        [tear-write]
        event = "write"
        sectors = "1"
        part = "last"
        then = "power-cut"

        [drop-write]
        event = "write"
        once = "on"
        """;
    assertThat(RuleWriter.write(read(text))).isEqualTo(text);
  }

  @Test
  void disksKnowNoneOfThis() {
    for (String text :
        List.of(
            "[short-transfer]\nevent = \"none\"\n",
            "[inject-error]\nevent = \"write_aio\"\npath = \"x\"\n",
            "[inject-error]\nevent = \"write\"\n")) {
      for (Dialect dialect : List.of(Dialect.QEMU, Dialect.FAULTDISK)) {
        assertThatThrownBy(() -> RuleSources.read(RuleFile.of("r", text), dialect))
            .isInstanceOf(UsageException.class);
      }
    }
  }
}
