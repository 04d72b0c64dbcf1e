package io.faultdisk.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultdisk.base.Errno;
import io.faultdisk.base.Seed;
import io.faultdisk.base.UsageException;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Rules for disks beyond QEMU's: read from sections, JSON and options. */
final class DiskRulesTest {
  private static List<Rule> read(String text) throws UsageException {
    return RuleSources.read(RuleFile.of("r", text), Dialect.FAULTDISK);
  }

  private static Rule only(String text) throws UsageException {
    List<Rule> rules = read(text);
    assertThat(rules).hasSize(1);
    return rules.get(0);
  }

  private static RuleMatch match(String event, String section) {
    return RuleMatch.on(new Event(event)).withSource(Source.file("r", 1, section));
  }

  @Test
  void injectError() throws Exception {
    assertThat(
            only(
                """
                [inject-error]
                event = "write_aio"
                state = "2"
                iotype = "write"
                errno = "ENOSPC"
                sector = "7"
                once = "on"
                when = "after"
                delay-ns = "1000"
                suspend = "A"
                start = "8"
                nr_sectors = "2"
                occurrence = "3"
                expect-fired = "on"
                """))
        .isEqualTo(
            new InjectError(
                match("write_aio", "inject-error")
                    .withState(2)
                    .withType(RequestType.WRITE)
                    .withSector(7)
                    .withOnce(true)
                    .withFilter(
                        RuleFilter.NONE.withRange(4096, 1024).withOccurrence(3).withTimes(1))
                    .withExpectFired(true),
                Errno.ENOSPC,
                false,
                InjectError.When.AFTER,
                1000,
                Optional.of("A")));
  }

  @Test
  void corruption() throws Exception {
    Corrupt rule =
        (Corrupt)
            only(
                """
                [inject-corruption]
                event = "read_aio"
                bits = "3"
                seed = "0x2a"
                times = "2"
                """);
    assertThat(rule.bits()).isEqualTo(3);
    assertThat(rule.types()).isEqualTo(EnumSet.of(RequestType.READ, RequestType.WRITE));
    assertThat(rule.filter()).isEqualTo(RuleFilter.NONE.withTimes(2).withChance(100, new Seed(42)));
  }

  @Test
  void tornWrites() throws Exception {
    assertThat(
            only(
                """
                [tear-write]
                event = "none"
                sectors = "0"
                part = "last"
                then = "power-cut"
                """))
        .isEqualTo(
            new TearWrite(
                match("none", "tear-write"),
                OptionalLong.of(0),
                TearWrite.Part.LAST,
                TearWrite.Then.POWER_CUT,
                Errno.EIO));
    assertThat(only("[tear-write]\nevent = \"none\"\n"))
        .isEqualTo(
            new TearWrite(
                match("none", "tear-write"),
                OptionalLong.empty(),
                TearWrite.Part.FIRST,
                TearWrite.Then.ERROR,
                Errno.EIO));
  }

  @Test
  void lostMisdirectedAndStale() throws Exception {
    assertThat(((DropWrite) only("[drop-write]\nevent = \"none\"\n")).types())
        .isEqualTo(EnumSet.of(RequestType.WRITE, RequestType.WRITE_ZEROES, RequestType.DISCARD));
    assertThat(((DropWrite) only("[drop-write]\nevent = \"none\"\niotype = \"discard\"\n")).types())
        .containsExactly(RequestType.DISCARD);
    assertThat(((MisdirectWrite) only("[misdirect-write]\nevent = \"none\"\nby = \"-8\"\n")).by())
        .hasValue(-8);
    assertThat(((MisdirectWrite) only("[misdirect-write]\nevent = \"none\"\nto = \"0\"\n")).to())
        .hasValue(0);
    assertThat(((StaleRead) only("[stale-read]\nevent = \"none\"\nstart = \"1\"\n")).types())
        .containsExactly(RequestType.READ);
  }

  @Test
  void flushesAndPower() throws Exception {
    assertThat(
            ((FailFlush) only("[fail-flush]\nevent = \"flush_to_disk\"\nmode = \"lie\"\n")).mode())
        .isEqualTo(FailFlush.Mode.LIE);
    CutPower cut =
        (CutPower)
            only("[cut-power]\nevent = \"none\"\noccurrence = \"9\"\nsurvivors = \"1-2,4[0]\"\n");
    assertThat(cut.survivors()).hasToString("1-2,4[0]");
    assertThat(cut.once()).isTrue();
    assertThat(((CutPower) only("[cut-power]\nevent = \"none\"\n")).survivors())
        .isEqualTo(Survivors.none());
    CutPower random =
        (CutPower) only("[cut-power]\nevent = \"none\"\nsurvivors = \"random\"\nseed = \"5\"\n");
    assertThat(random.filter().seed()).isEqualTo(new Seed(5));
  }

  @Test
  void badBlocks() throws Exception {
    assertThat(
            only(
                "[bad-blocks]\n"
                    + "event = \"none\"\n"
                    + "start = \"2\"\n"
                    + "nr_sectors = \"3\"\n"
                    + "errno = \"ENODATA\"\n"))
        .isEqualTo(
            new BadBlocks(
                match("none", "bad-blocks").withFilter(RuleFilter.NONE.withRange(1024, 1536)),
                Errno.ENODATA));
  }

  @Test
  void connections() throws Exception {
    assertThat(only("[inject-connection-fault]\nevent = \"nbd_connect\"\n"))
        .isEqualTo(
            new ConnectionFault(
                match("nbd_connect", "inject-connection-fault"), ConnectionFault.Mode.REFUSE));
    ConnectionFault late =
        (ConnectionFault)
            only(
                """
                [inject-connection-fault]
                event = "nbd_reply"
                iotype = "read"
                mode = "late-reply"
                delay-ns = "5"
                occurrence = "4"
                """);
    assertThat(late.mode()).isEqualTo(ConnectionFault.Mode.LATE_REPLY);
    assertThat(late.delayNanos()).isEqualTo(5);
    assertThat(late.types()).containsExactly(RequestType.READ);
  }

  @Test
  void statesCountOccurrences() throws Exception {
    SetState rule =
        (SetState)
            only(
                "[set-state]\nevent = \"write_aio\"\nnew_state = \"2\"\noccurrence = \"3\"\n"
                    + "expect-fired = \"on\"\n");
    assertThat(rule.filter()).isEqualTo(RuleFilter.NONE.withOccurrence(3).withTimes(1));
    assertThat(rule.expectFired()).isTrue();
  }

  @Test
  void theOrderIsThatOfTheFileWhateverTheKind() throws Exception {
    assertThat(
            read(
                """
                [drop-write]
                event = "none"

                [set-state]
                event = "none"

                [inject-error]
                event = "none"

                [cut-power]
                event = "none"

                [inject-error]
                event = "none"
                """))
        .extracting(rule -> rule.kind().wireName() + " " + rule.source())
        .containsExactly(
            "drop-write r:1",
            "inject-error r:7",
            "cut-power r:10",
            "inject-error r:13",
            "set-state r:4");
  }

  @Test
  void jsonAndOptionsSayTheSame() throws Exception {
    List<Rule> rules =
        RuleSources.read(
            Optional.of(
                RuleFile.of(
                    "r.json",
                    """
                    {"tear-write": {"event": "none", "sectors": 1},
                     "set-state": {"event": "none", "new_state": 2},
                     "inject-error": [{"event": "none", "errno": "EIO", "delay-ns": 5}]}
                    """)),
            Map.of(
                "bad-blocks.0.event", "none",
                "bad-blocks.0.start", "1",
                "inject-error.event", "none",
                "set-state.event", "none"),
            Dialect.FAULTDISK);
    assertThat(rules)
        .extracting(rule -> rule.kind().wireName() + " " + rule.source())
        .containsExactly(
            "inject-error inject-error.0",
            "tear-write tear-write.0",
            "inject-error inject-error",
            "bad-blocks bad-blocks.0",
            "set-state set-state.0",
            "set-state set-state");
    assertThatThrownBy(() -> read("{\"tear-write\": {\"event\": \"none\", \"part\": \"x\"}}"))
        .hasMessage("r: tear-write.0: invalid parameter value: x");
  }

  @Test
  void qemuKnowsNoneOfIt() {
    for (String section : RuleSources.sections(Dialect.FAULTDISK)) {
      if (!RuleSources.sections(Dialect.QEMU).contains(section)) {
        assertThatThrownBy(
                () ->
                    RuleSources.read(
                        RuleFile.of("r", "[" + section + "]\nevent = \"none\"\n"), Dialect.QEMU))
            .hasMessage("There is no option group '" + section + "'");
      }
    }
    assertThat(RuleSources.sections(Dialect.QEMU)).containsExactly("inject-error", "set-state");
  }

  /** A key that no section has makes the sentence that lists them: it names all that there are. */
  @ParameterizedTest
  @ValueSource(strings = {"inject-error", "tear-write", "cut-power", "inject-connection-fault"})
  void aWrongKeyIsAnsweredWithTheRightOnes(String section) {
    assertThatThrownBy(() -> read("[" + section + "]\nevent = \"none\"\nfoo = \"1\"\n"))
        .isInstanceOfSatisfying(
            UsageException.class,
            e -> {
              assertThat(e).hasMessage("r:3: Invalid parameter 'foo'");
              assertThat(e.hints()).singleElement().asString().contains("expect-fired");
            });
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "inject-error~errno = \"EFOO\"|r:3: Parameter 'errno' expects a number|ENOSPC",
        "inject-error~start = \"1\"~bytes = \"1\"|r:1: The range is given twice|512",
        "inject-error~seed = \"1\"|r:3: Parameter 'seed' has no effect here|chance",
        "set-state~seed = \"1\"|r:3: Parameter 'seed' has no effect here|chance",
        "tear-write~seed = \"1\"|r:3: Parameter 'seed' has no effect here|chance",
        "cut-power~seed = \"1\"|r:3: Parameter 'seed' has no effect here|chance",
        "inject-error~when = \"later\"|r:3: invalid parameter value: later|after",
        "inject-error~errno = \"0\"~when = \"after\"|r:4: Parameter 'when' has no effect|error",
        "inject-error~delay-ns = \"-1\"|r:3: Parameter 'delay-ns' expects a number of at least 0|",
        "inject-error~suspend = \" \"|r:3: Parameter 'suspend' expects a tag|resume",
        "inject-error~iotype = \"flush\"~start = \"1\"|r:3: This rule can never apply|no range",
        "inject-error~path = \"x\"|r:3: Invalid parameter 'path'|start",
        "inject-corruption~bits = \"0\"|r:3: Parameter 'bits' expects a number of at least 1|",
        "inject-corruption~iotype = \"flush\"|r:3: This rule can never apply|only to read, write",
        "drop-write~iotype = \"read\"|r:3: This rule can never apply|write-zeroes",
        "tear-write~part = \"middle\"|r:3: invalid parameter value: middle|random",
        "tear-write~then = \"fail\"|r:3: invalid parameter value: fail|power-cut",
        "tear-write~then = success|r:3: invalid parameter value: |then = \"success\"",
        "tear-write~then = \"success\"~errno = \"5\"|r:4: Parameter 'errno' has no effect|leave",
        "tear-write~errno = \"0\"|r:3: Parameter 'errno' expects an error|EIO",
        "tear-write~sectors = \"-1\"|r:3: Parameter 'sectors' expects a number of at least 0|",
        "misdirect-write|r:1: The target is missing|to = ",
        "misdirect-write~to = \"1\"~by = \"1\"|r:1: The target is given twice|by = ",
        "misdirect-write~by = \"0\"|r:3: Parameter 'by' has no effect here|should",
        "misdirect-write~to = \"0x7fffffffffffffff\"|r:3: Parameter 'to' goes beyond|512",
        "fail-flush~mode = \"x\"|r:3: invalid parameter value: x|keep",
        "fail-flush~mode = \"lie\"~errno = \"5\"|r:4: Parameter 'errno' has no effect|leave",
        "fail-flush~start = \"5\"|r:3: Invalid parameter 'start'|mode",
        "cut-power~survivors = \"few\"|r:3: 'few' does not say what survives|1-3,5,4[0-1]",
        "cut-power~survivors = all|r:3: '' does not say what survives|survivors = \"all\"",
        "cut-power~once = \"on\"|r:3: Invalid parameter 'once'|occurrence",
        "bad-blocks|r:1: The range is missing|nr_sectors",
        "bad-blocks~start = \"1\"~errno = \"0\"|r:4: Parameter 'errno' expects an error|EIO",
        "inject-connection-fault|r:2: This rule can never apply|nbd_reply",
        "stale-read~nr_sectors = \"0\"|r:3: Parameter 'nr_sectors' expects a number|",
        "stale-read~expect-fired = \"maybe\"|r:3: Parameter 'expect-fired' expects 'on'|",
        "short-transfer|r:1: There is no option group 'short-transfer'|[tear-write]",
      })
  void saysWhatIsWrongAndWhatToDo(String section, String message, String hint) {
    refused(section.replaceFirst("~|$", "]~event = \"none\"$0"), message, hint);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "nbd_reply\"~mode = \"refuse\"|r:3: This rule can never apply|nbd_connect",
        "nbd_connect\"~mode = \"late-reply\"|r:3: This rule can never apply|nbd_reply",
        "nbd_connect\"~iotype = \"read\"|r:3: Parameter 'iotype' has no effect|no request",
        "nbd_connect\"~start = \"0\"|r:3: Parameter 'start' has no effect|no request",
        "nbd_reply\"~delay-ns = \"5\"|r:3: Parameter 'delay-ns' has no effect|late-reply",
        "nbd_reply\"~mode = \"x\"|r:3: invalid parameter value: x|drop-after-header",
        "nbd_replay\"|r:2: invalid parameter value: nbd_replay|Did you mean 'nbd_reply'",
      })
  void connectionsHaveTheirOwn(String rest, String message, String hint) {
    refused("inject-connection-fault]~event = \"" + rest, message, hint);
  }

  @Test
  void requestsAreOverAtAReply() {
    refused("inject-error]~event = \"nbd_reply\"", "r:2: This rule can never apply", "set-state");
  }

  private static void refused(String section, String message, String hint) {
    assertThatThrownBy(() -> read("[" + section.replace("~", "\n") + "\n"))
        .isInstanceOfSatisfying(
            UsageException.class,
            e -> {
              assertThat(e.getMessage()).startsWith(message);
              assertThat(e.hints()).isNotEmpty();
              if (hint != null) {
                assertThat(String.join(" ", e.hints())).contains(hint);
              }
            });
  }
}
