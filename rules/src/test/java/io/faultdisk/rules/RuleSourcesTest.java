package io.faultdisk.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultdisk.base.Errno;
import io.faultdisk.base.UsageException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class RuleSourcesTest {

  private static List<Rule> read(String file) throws UsageException {
    return RuleSources.read(
        Optional.of(RuleFile.of("rules.conf", file)), Map.of(), Dialect.FAULTDISK);
  }

  @Test
  void everyKeyHasItsPlace() throws Exception {
    List<Rule> rules =
        read(
            """
            # set-state comes first here, and last in the result
            [set-state]
            event = "write_aio"
            state = "1"
            new_state = "2"

            [inject-error "mine"]
            event = "l2_load"
            state = "2"
            iotype = "write-zeroes"
            errno = "28"
            sector = "0x10"
            once = "on"
            immediately = "yes"
            """);
    assertThat(rules)
        .containsExactly(
            new InjectError(
                RuleMatch.on(QemuEvents.L2_LOAD)
                    .withState(2)
                    .withType(RequestType.WRITE_ZEROES)
                    .withSector(16)
                    .withOnce(true)
                    .withSource(Source.file("rules.conf", 7, "inject-error")),
                Errno.ENOSPC,
                true),
            new SetState(QemuEvents.WRITE_AIO, 1, 2, Source.file("rules.conf", 2, "set-state")));
  }

  @Test
  void defaultsAreQemus() throws Exception {
    InjectError rule = (InjectError) read("[inject-error]\nevent = \"none\"\n").get(0);
    assertThat(rule.state()).isZero();
    assertThat(rule.types())
        .containsExactly(
            RequestType.READ,
            RequestType.WRITE,
            RequestType.WRITE_ZEROES,
            RequestType.DISCARD,
            RequestType.FLUSH);
    assertThat(rule.errno()).isEqualTo(Errno.EIO);
    assertThat(rule.sector()).isEmpty();
    assertThat(rule.once()).isFalse();
    assertThat(rule.immediately()).isFalse();
    SetState set = (SetState) read("[set-state]\nevent = \"none\"\n").get(0);
    assertThat(set.newState()).isZero();
  }

  @Test
  void fileComesBeforeOptionsAndOptionsGoByNumber() throws Exception {
    List<Rule> rules =
        RuleSources.read(
            Optional.of(RuleFile.of("f", "[inject-error]\nevent = \"none\"\n")),
            Map.of(
                "inject-error.1.event", "write_aio",
                "inject-error.0.event", "read_aio",
                "image.filename", "ignored"),
            Dialect.QEMU);
    assertThat(rules)
        .extracting(rule -> rule.event() + " " + rule.source())
        .containsExactly("none f:1", "read_aio inject-error.0", "write_aio inject-error.1");
  }

  @Test
  void noSourceNoRules() throws Exception {
    assertThat(RuleSources.read(Optional.empty(), Map.of("a.b", "c"), Dialect.QEMU)).isEmpty();
  }

  @Test
  void messagesPointToTheLineAndHint() {
    assertThatThrownBy(() -> read("\n[inject-error]\nevent = \"read_aoi\"\n"))
        .isInstanceOfSatisfying(
            UsageException.class,
            e -> {
              assertThat(e).hasMessage("rules.conf:3: invalid parameter value: read_aoi");
              assertThat(e.hints())
                  .containsExactly(
                      "Did you mean 'read_aio'? For an event of your own choose a name less like"
                          + " it, or one with a dot.");
            });
  }

  /** Lines are counted as an editor does, though a long one is read in pieces. */
  @Test
  void longLinesCountOnce() {
    assertThatThrownBy(() -> read("[inject-error]\n" + "x".repeat(3000) + "\n\t\n"))
        .hasMessageStartingWith("rules.conf:3: parse error");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "wal_append",
        "btree_split",
        "log_write",
        "db.row_write",
        "db.read_aoi",
        "my-event",
        "x",
        "l1_grow.alloc_table",
        "commit_2"
      })
  void namesOfOnesOwnAreEvents(String name) throws Exception {
    assertThat(read("[inject-error]\nevent = \"" + name + "\"\n").get(0).event().name())
        .isEqualTo(name.equals("l1_grow.alloc_table") ? "l1_grow_alloc_table" : name);
    assertThatThrownBy(
            () ->
                RuleSources.read(
                    Optional.empty(), Map.of("inject-error.event", name), Dialect.QEMU))
        .hasMessage("invalid parameter value: " + name);
  }

  @ParameterizedTest
  @CsvSource({
    "read_aoi, Did you mean 'read_aio'?",
    "READ_AIO, Did you mean 'read_aio'?",
    "write-aio, Did you mean 'write_aio'?",
    "flush_to_disc, Did you mean 'flush_to_disk'?",
    "refblock_alloc_wirte_tabel, Did you mean 'refblock_alloc_write_table'?",
    "l1grow_alloctable, Did you mean 'l1_grow_alloc_table'?",
    "non, Did you mean 'none'?",
    "write, That is a request type",
    "block-status, That is a request type",
    "Commit, Events are named in lower case",
    "2pc, Events are named in lower case",
    "'', Events are named in lower case",
  })
  void mistypedNamesAreRefused(String name, String hint) {
    assertThatThrownBy(() -> read("[inject-error]\nevent = \"" + name + "\"\n"))
        .isInstanceOfSatisfying(
            UsageException.class,
            e -> assertThat(e.hints()).singleElement().asString().startsWith(hint));
  }

  @ParameterizedTest
  @ValueSource(strings = {"-5", "4294967291", "-2147483648"})
  void negativeErrnoIsRefused(String errno) {
    for (Dialect dialect : Dialect.values()) {
      assertThatThrownBy(
              () ->
                  RuleSources.read(
                      Optional.empty(),
                      Map.of("inject-error.event", "none", "inject-error.errno", errno),
                      dialect))
          .isInstanceOf(UsageException.class)
          .hasMessageEndingWith("Parameter 'errno' must not be negative");
    }
  }
}
