package io.faultdisk.rules;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultdisk.base.Errno;
import io.faultdisk.base.Seed;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Rules about operations on files: what decides which operation, and how often. */
class OperationTest {
  private static final Target WAL = Target.of("/data/a.wal");
  private static final Target TABLE = Target.of("/data/a.table");

  private static FaultEngine engine(Rule... rules) {
    return new FaultEngine(List.of(rules));
  }

  private static String fsync(FaultEngine engine, Target target) {
    return engine.perform(FileEvents.FSYNC, target, 0, 0).toString();
  }

  private static String write(FaultEngine engine, Target target, long offset, long bytes) {
    return engine.perform(FileEvents.WRITE, target, offset, bytes).toString();
  }

  @Test
  void aRuleDecidesItsOwnOperationAndNoOther() {
    FaultEngine engine = engine(RuleBuilder.on("fsync").fail(Errno.EIO));
    assertThat(write(engine, WAL, 0, 10)).isEqualTo("pass");
    assertThat(fsync(engine, WAL)).isEqualTo("fail with EIO by program");
    assertThat(write(engine, WAL, 0, 10)).isEqualTo("pass");
    assertThat(fsync(engine, WAL)).isEqualTo("fail with EIO by program");
  }

  @Test
  void theThirdFsyncOfAnyWalFails() {
    FaultEngine engine =
        engine(RuleBuilder.on("fsync").path("*.wal").occurrence(3).fail(Errno.EIO));
    List<String> results = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      assertThat(fsync(engine, TABLE)).isEqualTo("pass");
      results.add(fsync(engine, i % 2 == 0 ? WAL : Target.of("/other/b.wal")));
    }
    assertThat(results).containsExactly("pass", "pass", "fail with EIO by program", "pass", "pass");
  }

  @Test
  void everyMatchCountsWhicheverRuleDecidesIt() {
    FaultEngine engine =
        engine(
            RuleBuilder.on("fsync").occurrence(1).fail(Errno.EIO),
            RuleBuilder.on("fsync").occurrence(2).fail(Errno.ENOSPC),
            RuleBuilder.on("fsync").occurrence(2).times(2).fail(Errno.EDQUOT));
    assertThat(List.of(fsync(engine, WAL), fsync(engine, WAL), fsync(engine, WAL)))
        .containsExactly(
            "fail with EIO by program",
            "fail with ENOSPC by program",
            "fail with EDQUOT by program");
    assertThat(fsync(engine, WAL)).isEqualTo("fail with EDQUOT by program");
    assertThat(fsync(engine, WAL)).isEqualTo("pass");
  }

  @Test
  void rulesOnFsyncDecideFdatasyncToo() {
    FaultEngine engine =
        engine(
            RuleBuilder.on("fdatasync").occurrence(1).fail(Errno.ENOSPC),
            RuleBuilder.on("fsync").occurrence(2).fail(Errno.EIO));
    assertThat(engine.perform(FileEvents.FDATASYNC, WAL, 0, 0))
        .hasToString("fail with ENOSPC by program");
    assertThat(fsync(engine, WAL)).isEqualTo("fail with EIO by program");
    assertThat(engine.perform(FileEvents.FDATASYNC, WAL, 0, 0)).hasToString("pass");
  }

  @Test
  void aRangeIsTouchedByItsFirstAndLastByte() {
    FaultEngine engine = engine(RuleBuilder.on("write").range(100, 10).fail(Errno.EIO));
    assertThat(write(engine, WAL, 90, 10)).isEqualTo("pass");
    assertThat(write(engine, WAL, 90, 11)).startsWith("fail");
    assertThat(write(engine, WAL, 109, 1)).startsWith("fail");
    assertThat(write(engine, WAL, 110, 1)).isEqualTo("pass");
    assertThat(write(engine, WAL, 105, 0)).isEqualTo("pass");
  }

  @Test
  void aSectorIsHitByWhoeverContainsItsFirstByte() {
    FaultEngine engine = engine(RuleBuilder.on("write").sector(1).path("*.wal").fail(Errno.EIO));
    assertThat(write(engine, WAL, 0, 512)).isEqualTo("pass");
    assertThat(write(engine, WAL, 0, 513)).startsWith("fail");
    assertThat(write(engine, WAL, 513, 512)).isEqualTo("pass");
    assertThat(write(engine, TABLE, 0, 513)).isEqualTo("pass");
  }

  @Test
  void onceConsumesTheRuleWhenItFires() {
    FaultEngine engine = engine(RuleBuilder.on("write").path("*.wal").once().fail(Errno.EIO));
    assertThat(write(engine, TABLE, 0, 1)).isEqualTo("pass");
    assertThat(write(engine, WAL, 0, 1)).startsWith("fail");
    assertThat(write(engine, WAL, 0, 1)).isEqualTo("pass");
    assertThat(engine.snapshot().rules().get(0).consumed()).isTrue();
    assertThat(engine.snapshot().rules().get(0).injected()).isEqualTo(1);
  }

  @Test
  void aChanceIsTheSameForTheSameSeed() {
    List<String> runs = new ArrayList<>();
    for (int run = 0; run < 2; run++) {
      FaultEngine engine = engine(RuleBuilder.on("write").chance(30, new Seed(7)).fail(Errno.EIO));
      StringBuilder results = new StringBuilder();
      for (int i = 0; i < 1000; i++) {
        results.append(write(engine, WAL, 0, 1).charAt(0));
      }
      runs.add(results.toString());
    }
    assertThat(runs.get(0)).isEqualTo(runs.get(1));
    assertThat(runs.get(0).chars().filter(c -> c == 'f').count()).isBetween(230L, 370L);
  }

  @Test
  void anOwnEventArmsRulesForReadsWritesAndFlushesOnly() {
    FaultEngine engine = engine(RuleBuilder.on("wal_append").once().fail(Errno.ENOSPC));
    assertThat(write(engine, WAL, 0, 1)).isEqualTo("pass");
    engine.announce(new Event("wal_append"));
    assertThat(engine.perform(FileEvents.RENAME, WAL, 0, 0)).hasToString("pass");
    assertThat(write(engine, WAL, 0, 1)).startsWith("fail with ENOSPC");
    assertThat(write(engine, WAL, 0, 1)).isEqualTo("pass");
  }

  @Test
  void aFileForQemuWorksOnFiles() throws Exception {
    FaultEngine engine =
        new FaultEngine(
            RuleSources.read(
                RuleFile.of(
                    "q",
                    "[set-state]\nevent = \"write_aio\"\nstate = \"1\"\nnew_state = \"2\"\n"
                        + "[inject-error]\nevent = \"write_aio\"\nstate = \"2\"\nerrno = \"28\"\n"
                        + "once = \"on\"\n"),
                Dialect.FILES));
    assertThat(write(engine, WAL, 0, 1)).isEqualTo("pass");
    assertThat(write(engine, WAL, 0, 1)).isEqualTo("fail with ENOSPC by q:5");
    assertThat(write(engine, WAL, 0, 1)).isEqualTo("pass");
  }

  @Test
  void statesMoveWithOperationsOnCertainFiles() {
    FaultEngine engine =
        engine(
            RuleBuilder.on("fsync").path("*.wal").state(1).setState(2),
            RuleBuilder.on("fsync").state(2).fail(Errno.EIO));
    assertThat(fsync(engine, TABLE)).isEqualTo("pass");
    assertThat(engine.snapshot().state()).isEqualTo(1);
    assertThat(fsync(engine, WAL)).isEqualTo("pass");
    assertThat(fsync(engine, TABLE)).startsWith("fail");
  }

  @Test
  void shortTransfersFailingFlushesAndPowerCuts() {
    FaultEngine engine =
        engine(
            RuleBuilder.on("read").shortTransfer(),
            RuleBuilder.on("write").shortTransfer(3),
            RuleBuilder.on("fsync").failFlush(FailFlush.Mode.LIE),
            RuleBuilder.on("rename").path("/data/b").cutPower());
    assertThat(engine.perform(FileEvents.READ, WAL, 0, 9))
        .hasToString("shorten to 4 bytes by program");
    assertThat(engine.perform(FileEvents.READ, WAL, 0, 1))
        .hasToString("shorten to 1 bytes by program");
    assertThat(write(engine, WAL, 0, 9)).isEqualTo("shorten to 3 bytes by program");
    assertThat(fsync(engine, WAL)).isEqualTo("flush lie by program");
    assertThat(engine.perform(FileEvents.RENAME, WAL, 0, 0)).hasToString("pass");
    assertThat(engine.perform(FileEvents.RENAME, Target.of("/data/a", "/data/b"), 0, 0))
        .hasToString("power cut by program");
  }

  @Test
  void rulesComeAndGo() {
    FaultEngine engine = engine();
    assertThat(fsync(engine, WAL)).isEqualTo("pass");
    Rule rule = RuleBuilder.on("fsync").fail(Errno.EIO);
    engine.add(List.of(rule));
    assertThat(fsync(engine, WAL)).startsWith("fail");
    Rule later = RuleBuilder.on("fsync").fail(Errno.ENOSPC);
    engine.add(List.of(later));
    assertThat(fsync(engine, WAL)).contains("EIO");
    assertThat(engine.remove(List.of(rule))).isEqualTo(1);
    assertThat(fsync(engine, WAL)).contains("ENOSPC");
    Snapshot.RuleStatus status = engine.snapshot().rules().get(0);
    assertThat(status.rule()).isEqualTo(later);
    assertThat(List.of(status.eventsMatched(), status.injected())).containsExactly(2L, 1L);
    assertThat(engine.remove(List.of(rule, later))).isEqualTo(1);
    assertThat(fsync(engine, WAL)).isEqualTo("pass");
    assertThat(engine.snapshot().rules()).isEmpty();
  }

  @Test
  void whatIsArmedStaysArmedWhenOthersCome() {
    Event event = new Event("wal_append");
    FaultEngine engine = engine(RuleBuilder.on(event).fail(Errno.EIO));
    engine.announce(event);
    engine.add(List.of(RuleBuilder.on("fsync").path("*.x").fail(Errno.ENOSPC)));
    assertThat(engine.check(RequestType.WRITE, 0, 1)).hasToString("fail with EIO by program");
    engine.remove(List.of(RuleBuilder.on(event).fail(Errno.EIO)));
    assertThat(engine.check(RequestType.WRITE, 0, 1)).hasToString("pass");
  }

  @Test
  void observersHearOfEveryOperation() {
    FaultEngine engine = engine(RuleBuilder.on("write").path("*.wal").fail(Errno.EIO));
    List<String> heard = new ArrayList<>();
    engine.observe(
        observation -> {
          if (observation instanceof Observation.OperationPerformed performed) {
            heard.add(
                performed.operation() + " " + performed.target() + " " + performed.decision());
          }
        });
    write(engine, WAL, 0, 1);
    engine.perform(FileEvents.STAT, TABLE, 0, 0);
    assertThat(heard)
        .containsExactly("write /data/a.wal fail with EIO by program", "stat /data/a.table pass");
  }
}
