package io.faultdisk.rules;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultdisk.base.Errno;
import io.faultdisk.base.Seed;
import io.faultdisk.testkit.RandomCases;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What the engine decides by the kinds of rules that QEMU has not got. */
final class DiskFaultsTest {
  private static FaultEngine armed(Rule... rules) {
    FaultEngine engine = new FaultEngine(List.of(rules));
    engine.announce(QemuEvents.NONE);
    return engine;
  }

  private static RuleBuilder always() {
    return RuleBuilder.on(QemuEvents.NONE);
  }

  @Test
  void badBlocksHealWhenWritten() {
    FaultEngine engine = armed(always().range(1024, 1024).badBlocks());
    assertThat(engine.check(RequestType.READ, 0, 1024)).isEqualTo(Decision.pass());
    assertThat(engine.check(RequestType.READ, 0, 1025)).isInstanceOf(Decision.Fail.class);
    // A discard heals nothing, and a write only what it touches.
    engine.check(RequestType.DISCARD, 0, 4096);
    engine.check(RequestType.WRITE, 1500, 1);
    assertThat(engine.check(RequestType.READ, 1024, 512)).isEqualTo(Decision.pass());
    assertThat(engine.check(RequestType.READ, 1024, 513)).isInstanceOf(Decision.Fail.class);
    engine.check(RequestType.WRITE_ZEROES, 1536, 512);
    assertThat(engine.check(RequestType.READ, 0, 4096)).isEqualTo(Decision.pass());
  }

  @Test
  void aWriteThatIsNotDoneHealsNothing() {
    FaultEngine engine =
        armed(
            always().type(RequestType.WRITE).occurrence(1).fail(Errno.EIO),
            always().type(RequestType.WRITE).occurrence(2).dropWrite(),
            always().range(0, 1024).badBlocks());
    for (int i = 0; i < 2; i++) {
      engine.check(RequestType.WRITE, 0, 1024);
      assertThat(engine.check(RequestType.READ, 0, 512)).isInstanceOf(Decision.Fail.class);
    }
    engine.check(RequestType.WRITE, 0, 1024);
    assertThat(engine.check(RequestType.READ, 0, 1024)).isEqualTo(Decision.pass());
  }

  @Test
  void aTornWriteHealsWhatItReaches() {
    FaultEngine engine =
        armed(
            always().occurrence(1).tearWrite(1, TearWrite.Then.SUCCESS),
            always().range(0, 1024).badBlocks());
    engine.check(RequestType.WRITE, 0, 1024);
    assertThat(engine.check(RequestType.READ, 0, 512)).isEqualTo(Decision.pass());
    assertThat(engine.check(RequestType.READ, 512, 512)).isInstanceOf(Decision.Fail.class);
  }

  @Test
  void aRuleCanHoldARequestUntilItIsResumed() throws Exception {
    FaultEngine engine = armed(always().occurrence(2).fail(Errno.EIO).withSuspend("A"));
    assertThat(engine.check(RequestType.READ, 0, 512)).isEqualTo(Decision.pass());
    CompletableFuture<Decision> held =
        CompletableFuture.supplyAsync(() -> engine.check(RequestType.READ, 0, 512));
    assertThat(engine.awaitSuspended("A", Duration.ofSeconds(30).toNanos())).isTrue();
    assertThat(engine.snapshot().suspended())
        .singleElement()
        .satisfies(request -> assertThat(request.event()).isEqualTo(QemuEvents.NONE));
    assertThat(held).isNotDone();
    assertThat(engine.resume("A")).isTrue();
    assertThat(held.get(30, TimeUnit.SECONDS)).isInstanceOf(Decision.Fail.class);
  }

  @Test
  void resumeAllLetsThemGoAndLateSuccessIsADelay() throws Exception {
    FaultEngine engine = armed(always().once().suspend("A"));
    CompletableFuture<Decision> held =
        CompletableFuture.supplyAsync(() -> engine.check(RequestType.READ, 0, 512));
    assertThat(engine.awaitSuspended("A", Duration.ofSeconds(30).toNanos())).isTrue();
    engine.resumeAll();
    assertThat(held.get(30, TimeUnit.SECONDS)).hasToString("pass after being resumed by program");
    assertThat(engine.check(RequestType.READ, 0, 512)).isEqualTo(Decision.pass());
  }

  @Test
  void resumedForGoodNothingWaitsAgainAndRulesStay() throws Exception {
    FaultEngine engine = armed(always().fail(Errno.EIO).withSuspend("A"));
    CompletableFuture<Decision> held =
        CompletableFuture.supplyAsync(() -> engine.check(RequestType.READ, 0, 512));
    assertThat(engine.awaitSuspended("A", Duration.ofSeconds(30).toNanos())).isTrue();
    engine.resumeForGood();
    assertThat(held.get(30, TimeUnit.SECONDS)).isInstanceOf(Decision.Fail.class);

    engine.addBreakpoint(QemuEvents.READ_AIO, "B");
    engine.addBreakpoint(FileEvents.WRITE.event(), "B");
    CompletableFuture<Decision> next =
        CompletableFuture.supplyAsync(
            () -> {
              engine.announce(QemuEvents.READ_AIO, RequestType.READ, 0, 512);
              engine.perform(FileEvents.WRITE, Target.of("/f"), 0, 512);
              return engine.check(RequestType.READ, 0, 512);
            });
    assertThat(next.get(30, TimeUnit.SECONDS)).isInstanceOf(Decision.Fail.class);
    assertThat(engine.snapshot().suspended()).isEmpty();
    assertThat(engine.snapshot().rules())
        .singleElement()
        .satisfies(status -> assertThat(status.injected()).isGreaterThanOrEqualTo(2));
  }

  @Test
  void delaysAndEffectsAreInTheDecision() {
    FaultEngine engine =
        armed(
            always().type(RequestType.READ).delayNanos(7),
            always().type(RequestType.WRITE).failAfter(Errno.EIO).withDelayNanos(5));
    assertThat(engine.check(RequestType.READ, 0, 1)).hasToString("pass after 7 ns by program");
    Decision decision = engine.check(RequestType.WRITE, 0, 1);
    assertThat(decision).hasToString("fail with EIO afterwards after 5 ns by program");
    assertThat(decision.writes(0, 1)).containsExactly(new RuleFilter.ByteRange(0, 1));
  }

  @Test
  void theSameSeedFlipsTheSameBitsAndEveryMatchOthers() {
    List<List<Integer>> runs = new ArrayList<>();
    for (int run = 0; run < 2; run++) {
      FaultEngine engine = armed(always().seed(new Seed(42)).range(100, 50).corrupt(3));
      List<Integer> bits = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        Decision.Corrupt corrupt = (Decision.Corrupt) engine.check(RequestType.READ, 0, 512);
        List<Integer> flipped = flips(corrupt, 0, 512);
        assertThat(flipped).hasSize(3).allMatch(bit -> bit >= 800 && bit < 1200);
        bits.addAll(flipped);
      }
      assertThat(bits.subList(0, 3)).isNotEqualTo(bits.subList(3, 6));
      runs.add(bits);
    }
    assertThat(runs.get(0)).isEqualTo(runs.get(1));
  }

  @Test
  void notMoreBitsThanThereAre() {
    FaultEngine engine = armed(always().range(511, 5).corrupt(99));
    Decision.Corrupt corrupt = (Decision.Corrupt) engine.check(RequestType.WRITE, 0, 512);
    assertThat(flips(corrupt, 0, 512))
        .containsExactly(4088, 4089, 4090, 4091, 4092, 4093, 4094, 4095);
  }

  private static List<Integer> flips(Decision.Corrupt corrupt, long offset, int bytes) {
    ByteBuffer data = ByteBuffer.allocate(bytes + 7).position(7);
    corrupt.flip(offset, data);
    assertThat(data.position()).isEqualTo(7);
    List<Integer> flipped = new ArrayList<>();
    for (int bit = 0; bit < bytes * 8; bit++) {
      if ((data.get(7 + bit / 8) >> bit % 8 & 1) != 0) {
        flipped.add(bit);
      }
    }
    return flipped;
  }

  @Test
  void tornWritesReachTheMediumSectorBySector() {
    assertThat(torn(2, TearWrite.Part.FIRST, 0, 2048)).hasToString("[0+1024]");
    assertThat(torn(2, TearWrite.Part.LAST, 0, 2048)).hasToString("[1024+1024]");
    // The write begins and ends inside sectors.
    assertThat(torn(1, TearWrite.Part.FIRST, 100, 1000)).hasToString("[100+412]");
    assertThat(torn(1, TearWrite.Part.LAST, 100, 1000)).hasToString("[1024+76]");
    assertThat(torn(0, TearWrite.Part.FIRST, 0, 2048)).isEmpty();
    assertThat(torn(9, TearWrite.Part.RANDOM, 100, 1000)).hasToString("[100+1000]");
    assertThat(torn(2, TearWrite.Part.FIRST, Long.MAX_VALUE - 600, 600))
        .hasToString("[" + (Long.MAX_VALUE - 600) + "+600]");
    TearWrite half =
        always().tearWrite(OptionalLong.empty(), TearWrite.Part.FIRST, TearWrite.Then.ERROR);
    assertThat(half.reaching(0, 1536, new Seed(0)))
        .containsExactly(new RuleFilter.ByteRange(0, 512));
  }

  private static List<String> torn(long sectors, TearWrite.Part part, long offset, long bytes) {
    Decision decision =
        new Decision.Tear(
            new Seed(1),
            always().tearWrite(OptionalLong.of(sectors), part, TearWrite.Then.SUCCESS));
    return decision.writes(offset, bytes).stream()
        .map(range -> range.offset() + "+" + range.bytes())
        .toList();
  }

  @Test
  void randomTearsHaveTheirNumberOfSectorsAndOrder() {
    RandomCases.run(
        "random tears",
        2000,
        random -> {
          long sectors = random.nextInt(9);
          long offset = random.nextInt(2000);
          long bytes = 1 + random.nextInt(4000);
          Seed seed = new Seed(random.nextLong());
          TearWrite rule =
              always()
                  .tearWrite(
                      OptionalLong.of(sectors), TearWrite.Part.RANDOM, TearWrite.Then.SUCCESS);
          List<RuleFilter.ByteRange> pieces = rule.reaching(offset, bytes, seed);
          long count = 0;
          long at = offset;
          for (RuleFilter.ByteRange piece : pieces) {
            assertThat(piece.offset()).isGreaterThanOrEqualTo(at);
            at = piece.offset() + piece.bytes();
            count += (at - 1) / 512 - piece.offset() / 512 + 1;
          }
          assertThat(at).isLessThanOrEqualTo(offset + bytes);
          long touched = (offset + bytes - 1) / 512 - offset / 512 + 1;
          assertThat(count).isEqualTo(Math.min(sectors, touched));
          assertThat(rule.reaching(offset, bytes, seed)).isEqualTo(pieces);
        });
  }

  @Test
  void misdirectedWritesLandElsewhere() {
    assertThat(always().misdirectTo(8).landsAt(1000)).isEqualTo(8 * 512 + 488);
    assertThat(always().misdirectBy(-2).landsAt(1024)).isZero();
    assertThat(always().misdirectBy(-3).landsAt(1024)).isNegative();
    assertThat(new Decision.Misdirect(always().misdirectBy(-3)).writes(1024, 512)).isEmpty();
    long far = Long.MAX_VALUE / 512;
    assertThat(always().misdirectBy(far).landsAt(1024)).isEqualTo(Long.MAX_VALUE);
    assertThat(new Decision.Misdirect(always().misdirectBy(1)).writes(0, 512))
        .containsExactly(new RuleFilter.ByteRange(512, 512));
  }

  @Test
  void whatWasExpectedAndHasNotHappenedIsListed() {
    Rule fired = always().type(RequestType.READ).expectFired().fail(Errno.EIO);
    Rule idle = always().type(RequestType.WRITE).expectFired().dropWrite();
    Rule other = always().type(RequestType.DISCARD).dropWrite();
    Rule state = RuleBuilder.on("l2_load").expectFired().setState(2);
    FaultEngine engine = armed(fired, idle, other, state);
    engine.check(RequestType.READ, 0, 1);
    assertThat(engine.snapshot().neverFired()).containsExactly(idle, state);
    engine.announce(QemuEvents.L2_LOAD);
    engine.check(RequestType.WRITE, 0, 1);
    assertThat(engine.snapshot().neverFired()).isEmpty();
  }

  @Test
  void theFirstInDefinitionOrderDecidesWhateverItsKind() {
    FaultEngine engine =
        armed(
            always().type(RequestType.WRITE).dropWrite(),
            always().fail(Errno.EIO),
            always().staleRead());
    assertThat(engine.check(RequestType.WRITE, 0, 1)).isInstanceOf(Decision.Drop.class);
    assertThat(engine.check(RequestType.READ, 0, 1)).isInstanceOf(Decision.Fail.class);
  }

  @Test
  void everyMatchOfACutHasASeedOfItsOwn() {
    FaultEngine engine = armed(always().seed(new Seed(1)).cutPower(Survivors.random()));
    Decision.CutPower cut = (Decision.CutPower) engine.check(RequestType.WRITE, 0, 512);
    assertThat(cut.writes(0, 512)).isEmpty();
    assertThat(engine.check(RequestType.WRITE, 0, 512)).isEqualTo(Decision.pass());
    FaultEngine again = armed(always().seed(new Seed(1)).cutPower(Survivors.random()));
    assertThat(((Decision.CutPower) again.check(RequestType.WRITE, 0, 512)).seed())
        .isEqualTo(cut.seed());
  }
}
