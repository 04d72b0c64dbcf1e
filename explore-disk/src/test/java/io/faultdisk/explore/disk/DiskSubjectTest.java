package io.faultdisk.explore.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultdisk.base.Errno;
import io.faultdisk.base.Seed;
import io.faultdisk.base.Turns;
import io.faultdisk.base.UsageException;
import io.faultdisk.block.BlockBackend;
import io.faultdisk.block.BlockGraph;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.OpenFlags;
import io.faultdisk.block.RequestFlags;
import io.faultdisk.explore.Case;
import io.faultdisk.explore.CaseResult;
import io.faultdisk.explore.ExplorationPlan;
import io.faultdisk.explore.Explorer;
import io.faultdisk.explore.Reproducer;
import io.faultdisk.explore.ResultSink;
import io.faultdisk.explore.Results;
import io.faultdisk.explore.Shard;
import io.faultdisk.explore.Verdict;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What is found in workloads with and without mistakes, on raw and qcow2. */
class DiskSubjectTest {
  private static final int RECORD = 4096;

  private static ExplorationPlan plan(Set<Case.Family> families) {
    return ExplorationPlan.standard(new Seed(1))
        .withFamilies(families)
        .withErrnos(List.of(Errno.EIO));
  }

  private static final ExplorationPlan ALL =
      plan(EnumSet.allOf(Case.Family.class)).withPairs(200).withRandom(40);

  private static Results explore(DiskSubject subject, ExplorationPlan plan) throws Exception {
    return explore(subject, plan, Shard.ALL);
  }

  private static Results explore(DiskSubject subject, ExplorationPlan plan, Shard shard)
      throws Exception {
    Explorer.Settings settings =
        Explorer.Settings.standard().withShard(shard).withTimeLimitMillis(60_000);
    return new Explorer(subject, plan, settings).run(ResultSink.none());
  }

  private static Set<Verdict> verdicts(Results results) {
    Set<Verdict> verdicts = EnumSet.noneOf(Verdict.class);
    results.cases().forEach(result -> verdicts.add(result.verdict()));
    return verdicts;
  }

  /** Two writes, each flushed; twice in different places. */
  private static void writeAndFlush(BlockBackend image) throws BlockIoException {
    image.write(0, Disks.filled(RECORD, 1), RequestFlags.NONE);
    image.flush();
    image.write(RECORD, Disks.filled(2 * RECORD, 2), RequestFlags.NONE);
    image.write(0, Disks.filled(512, 3), RequestFlags.NONE);
    image.flush();
  }

  @Test
  void rawKeepsWhatItPromised() throws Exception {
    Results results =
        explore(
            Disks.subject("two", DiskContent.empty(1 << 20), "raw", DiskSubjectTest::writeAndFlush),
            ALL);
    assertThat(results.failures()).isEmpty();
    assertThat(verdicts(results)).contains(Verdict.OK);
    assertThat(results.counts().get(Verdict.OK)).isGreaterThan(50);
  }

  @Test
  void theSamePlanGivesTheSameCasesAndVerdicts() throws Exception {
    DiskContent start = Disks.qcow2("size=64M");
    Results one =
        explore(Disks.subject("two", start, "qcow2", DiskSubjectTest::writeAndFlush), ALL);
    Results two =
        explore(Disks.subject("two", start, "qcow2", DiskSubjectTest::writeAndFlush), ALL);
    assertThat(two).isEqualTo(one);
    assertThat(one.isComplete()).isTrue();
  }

  @Test
  void shardsTogetherAreTheWhole() throws Exception {
    DiskContent start = Disks.qcow2("size=64M");
    List<CaseResult> parts = new ArrayList<>();
    Results whole =
        explore(Disks.subject("two", start, "qcow2", DiskSubjectTest::writeAndFlush), ALL);
    for (int i = 1; i <= 4; i++) {
      Results part =
          explore(
              Disks.subject("two", start, "qcow2", DiskSubjectTest::writeAndFlush),
              ALL,
              new Shard(i, 4));
      parts.addAll(part.cases());
    }
    assertThat(new Results(whole.heading(), parts, whole.timeline())).isEqualTo(whole);
  }

  /**
   * The flush that follows the write of the L1 table: QEMU gives back what L1 already refers to.
   */
  @Test
  void aFailedFlushBehindTheL1TableCorruptsTheImageAsInQemu() throws Exception {
    Results results =
        explore(
            Disks.subject(
                "first write",
                Disks.qcow2("size=64M"),
                "qcow2",
                image -> image.write(0, Disks.filled(65536, 1), RequestFlags.NONE)),
            plan(EnumSet.of(Case.Family.ERRORS, Case.Family.CRASHES)));
    assertThat(results.failures())
        .extracting(CaseResult::id)
        .containsExactly("e2 pwritev_done#1 flush: EIO");
    CaseResult failure = results.failures().get(0);
    assertThat(failure.outcome().reason()).contains("ERROR cluster 4 refcount=0 reference=1");
    assertThat(failure.outcome().reproducer().orElseThrow().files().get("rules.conf"))
        .isEqualTo(
            """
            # e2 pwritev_done#1 flush: EIO
            [inject-error]
            event = "l1_update"
            iotype = "flush"
            once = "on"
            errno = "5"
            """);
  }

  @Test
  void aDriverThatWritesL2BeforeRefcountsIsFoundByPowerCuts() throws Exception {
    DiskContent start = Disks.qcow2("size=64M");
    Disks.Use use =
        image -> {
          image.write(0, Disks.filled(65536, 1), RequestFlags.NONE);
          image.flush();
          image.write(1 << 20, Disks.filled(65536, 2), RequestFlags.NONE);
          image.flush();
        };
    ExplorationPlan crashes = plan(EnumSet.of(Case.Family.CRASHES));
    Results wrong =
        explore(Disks.subject(Disks.lateRefcounts("late refcounts", use), start, "qcow2"), crashes);
    Results right =
        explore(Disks.subject(Disks.workload("in order", use), start, "qcow2"), crashes);
    assertThat(right.failures()).isEmpty();
    assertThat(wrong.failures()).isNotEmpty();
    CaseResult first = wrong.failures().get(0);
    assertThat(first.outcome().reason()).contains("refcount=0 reference=1");
    assertThat(first.outcome().reproducer().orElseThrow().files().get("rules.conf"))
        .contains("[cut-power]\nevent = \"none\"\noccurrence = ");
  }

  /** The disk as the power cut left it, and the request of its repair that fails. */
  @Test
  void aRecoveryThatFailsAndLeavesTheImageBrokenCanBeRepeated() throws Exception {
    Results results =
        explore(
            Disks.subject(
                Disks.lateRefcounts(
                    "late refcounts",
                    image -> {
                      image.write(0, Disks.filled(65536, 1), RequestFlags.NONE);
                      image.flush();
                    }),
                Disks.qcow2("size=64M"),
                "qcow2"),
            plan(EnumSet.of(Case.Family.PAIRS)).withPairs(2000));
    List<CaseResult> failures =
        results.failures().stream()
            .filter(failure -> failure.id().contains("; recovery's request "))
            .toList();
    assertThat(failures).isNotEmpty();
    for (CaseResult failure : failures) {
      Reproducer reproducer = failure.outcome().reproducer().orElseThrow();
      String request = failure.id().replaceFirst(".*; recovery's request (\\d+): EIO", "$1");
      assertThat(reproducer.files()).containsOnlyKeys("disk.tar.gz.b64", "rules.conf");
      assertThat(reproducer.files().get("rules.conf"))
          .isEqualTo(
              "# "
                  + failure.id()
                  + "\n[inject-error]\nevent = \"none\"\n"
                  + (request.equals("1") ? "times = \"1\"" : "occurrence = \"" + request + "\"")
                  + "\nerrno = \"EIO\"\n");
      assertThat(reproducer.command())
          .contains(
              """
              base64 -d disk.tar.gz.b64 | tar -xzf -
              faultdisk img check -r all -f qcow2 blkdebug:rules.conf:disk.img || true
              faultdisk img check -f qcow2 disk.img\
              """);
      assertThat(reproducer.qemuCommand()).isEmpty();
    }
  }

  /** A recovery that is not ours: what it has left is kept. */
  @Test
  void whatARecoveryLeavesIsKeptIfItIsNotOurs() throws Exception {
    StateCheck check =
        new StateCheck() {
          @Override
          public String description() {
            return "nothing but zeroes, or its mark at the end";
          }

          @Override
          public Finding check(DiskState state) {
            byte[] byteAtEnd = new byte[1];
            state.content().read((1 << 20) - 512, byteAtEnd, 0, 1);
            return byteAtEnd[0] == 7 ? Finding.bad("half recovered") : Finding.GOOD;
          }

          @Override
          public void recover(DiskUnderTest disk) {
            try (BlockGraph graph =
                    new BlockGraph(disk.drivers(Disks.drivers()), Turns.free(), text -> {});
                BlockBackend image = graph.open(Optional.empty(), disk.options(), OpenFlags.TOOL)) {
              image.write((1 << 20) - 512, Disks.filled(512, 7), RequestFlags.NONE);
              image.write((1 << 20) - 512, Disks.filled(512, 8), RequestFlags.NONE);
            } catch (UsageException | BlockIoException failed) {
              // As recoveries do.
            }
          }
        };
    Results results =
        explore(
            new DiskSubject(
                Disks.workload("two", DiskSubjectTest::writeAndFlush),
                DiskContent.empty(1 << 20),
                "raw",
                Disks::drivers,
                tool -> "truncate -s 1M disk.img",
                Optional.of(check)),
            plan(EnumSet.of(Case.Family.PAIRS)).withPairs(2000));
    assertThat(results.failures()).isNotEmpty();
    assertThat(results.failures())
        .allSatisfy(
            failure -> {
              assertThat(failure.id()).contains("; recovery's request 2: EIO");
              assertThat(failure.outcome().reason()).isEqualTo("half recovered");
              Reproducer reproducer = failure.outcome().reproducer().orElseThrow();
              assertThat(reproducer.files()).containsOnlyKeys("disk.tar.gz.b64");
            });
  }

  @Test
  void whatWasNotFlushedMayBeLost() throws Exception {
    Results results =
        explore(
            Disks.subject(
                Disks.workload("no flush", DiskSubjectTest::writeTwice),
                DiskContent.empty(1 << 20),
                "raw"),
            plan(EnumSet.of(Case.Family.CRASHES)));
    // Nothing is wrong with this one: what was not flushed may be lost.
    assertThat(results.failures()).isEmpty();
  }

  private static void writeTwice(BlockBackend image) throws BlockIoException {
    image.write(0, Disks.filled(RECORD, 1), RequestFlags.NONE);
    image.write(0, Disks.filled(RECORD, 2), RequestFlags.NONE);
  }

  /** With cache=unsafe flushes go nowhere, and what they promise is lost. */
  @Test
  void aPromiseThatNothingBelowKeepsIsFound() throws Exception {
    Results results =
        explore(
            Disks.subject(
                Disks.unsafe("cache=unsafe", DiskSubjectTest::writeAndFlush),
                DiskContent.empty(1 << 20),
                "raw"),
            plan(EnumSet.of(Case.Family.CRASHES)));
    assertThat(results.failures()).isNotEmpty();
    assertThat(results.failures())
        .allSatisfy(
            failure -> {
              assertThat(failure.outcome().reason())
                  .contains("lost: acknowledged and flushed data at offset");
              assertThat(failure.outcome().reproducer()).isPresent();
            });
    // No request follows the last ones, so no rule can cut the power there.
    assertThat(results.failures())
        .filteredOn(failure -> failure.id().startsWith("end"))
        .isNotEmpty()
        .allSatisfy(
            failure ->
                assertThat(failure.outcome().reproducer().orElseThrow().files())
                    .containsOnlyKeys("disk.tar.gz.b64"));
  }

  @Test
  void aWorkloadThatFailsByItselfIsRefused() {
    assertThatThrownBy(
            () ->
                explore(
                    Disks.subject(
                        "beyond",
                        DiskContent.empty(1 << 20),
                        "raw",
                        image -> image.write(1 << 20, Disks.filled(512, 1), 0)),
                    ALL))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("The workload fails without any fault, with exit code 1");
  }

  @Test
  void aWorkloadThatDiesIsOneCasesResult() throws Exception {
    Results results =
        explore(
            Disks.subject(
                "dies of errors",
                DiskContent.empty(1 << 20),
                "raw",
                image -> {
                  try {
                    image.write(0, Disks.filled(512, 1), RequestFlags.NONE);
                  } catch (BlockIoException e) {
                    throw new IllegalStateException("nobody expects this", e);
                  }
                }),
            plan(EnumSet.of(Case.Family.ERRORS)));
    assertThat(results.failures()).isNotEmpty();
    assertThat(results.failures())
        .allSatisfy(
            failure -> {
              assertThat(failure.verdict()).isEqualTo(Verdict.CRASHED);
              assertThat(failure.outcome().reason()).contains("nobody expects this");
            });
  }
}
