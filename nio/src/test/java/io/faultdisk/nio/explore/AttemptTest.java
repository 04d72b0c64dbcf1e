package io.faultdisk.nio.explore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultdisk.base.Errno;
import io.faultdisk.base.Seed;
import io.faultdisk.faults.FaultPoint;
import io.faultdisk.nio.Durability;
import io.faultdisk.nio.PowerCut;
import io.faultdisk.rules.FailFlush;
import io.faultdisk.rules.RuleBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * One attempt: what is held back, what is thrown on, and what the disk is like before and after.
 */
class AttemptTest {
  private static final FaultPoint MKDIR = new FaultPoint("mkdir", 2, "b", 0);

  private TestDisk disk;

  @BeforeEach
  void open() throws IOException {
    disk = TestDisk.open(DiskSettings.DEFAULT.withPowerLoss(Durability.POSIX));
  }

  @AfterEach
  void close() throws IOException {
    disk.close();
  }

  private Attempt attempt() {
    return new Attempt(disk, Trial.of(MKDIR, PointFault.fail(Errno.EIO), false, Optional.empty()));
  }

  @Test
  void onlyTheWorkloadCountsAndFails() throws Exception {
    Path directory = disk.directory();
    Attempt attempt = attempt();
    Files.createDirectory(directory.resolve("before"));
    Files.createDirectory(directory.resolve("before too"));
    boolean completed =
        attempt.run(
            given -> {
              assertThat(given).isEqualTo(directory);
              Files.createDirectory(given.resolve("a"));
              Files.createDirectory(given.resolve("b"));
            });
    Files.createDirectory(directory.resolve("b"));
    assertThat(completed).isFalse();
    assertThat(attempt.failure().orElseThrow()).hasMessageEndingWith("b: Input/output error");
    assertThat(attempt.isReached()).isTrue();
    assertThat(attempt.points()).hasSize(2);
    assertThat(attempt.faults().snapshot().rules()).isEmpty();
  }

  private void thrown(Exception exception) throws Exception {
    Files.deleteIfExists(disk.directory().resolve("a"));
    attempt()
        .run(
            directory -> {
              Files.createDirectory(directory.resolve("a"));
              try {
                Files.createDirectory(directory.resolve("b"));
              } catch (IOException e) {
                throw exception;
              }
            });
  }

  @Test
  void whatMayComeFromTheFaultIsHeldBack() throws Exception {
    thrown(new IOException("closed"));
    thrown(new UncheckedIOException(new IOException("closed")));
    thrown(new IllegalStateException(new RuntimeException(new IOException("tragic"))));
    IllegalStateException suppressing = new IllegalStateException("closed");
    suppressing.addSuppressed(new IOException("first"));
    thrown(suppressing);
  }

  @Test
  void whatDoesNotIsThrownOn() {
    IllegalStateException round = new IllegalStateException("a");
    round.initCause(new IllegalStateException("b", round));
    for (Exception exception :
        List.of(new NullPointerException("x"), new InterruptedException(), round)) {
      assertThatThrownBy(() -> thrown(exception)).isSameAs(exception);
    }
    assertThatThrownBy(
            () ->
                attempt()
                    .run(
                        directory -> {
                          throw new IOException("before the fault");
                        }))
        .hasMessage("before the fault");
  }

  @Test
  void aStickyFaultLastsUntilTheWorkloadEnds() throws Exception {
    Attempt attempt =
        new Attempt(disk, Trial.of(MKDIR, PointFault.fail(Errno.EIO), true, Optional.empty()));
    attempt.run(
        directory -> {
          Files.createDirectory(directory.resolve("a"));
          for (String name : List.of("b", "c", "d")) {
            assertThatThrownBy(() -> Files.createDirectory(directory.resolve(name)))
                .hasMessageEndingWith(name + ": Input/output error");
          }
          Files.createFile(directory.resolve("file"));
        });
    Files.createDirectory(attempt.directory().resolve("b"));
    assertThat(attempt.faults().receipts()).hasSize(3);
  }

  @Test
  void aLongHistoryIsCutShortButForTheFault() throws Exception {
    Attempt attempt = attempt();
    Path directory = attempt.directory();
    attempt.run(
        given -> {
          Files.createDirectory(given.resolve("a"));
          Files.createDirectory(given.resolve("b"));
        });
    for (int i = 1; i <= 30; i++) {
      Files.createFile(directory.resolve("file" + i));
    }
    disk.faults().add(RuleBuilder.on("delete").fail(Errno.EIO));
    for (int i = 1; i <= 30; i++) {
      Path file = directory.resolve("file" + i);
      assertThatThrownBy(() -> Files.delete(file)).isInstanceOf(IOException.class);
    }
    String thread = "[" + Thread.currentThread().getName() + "] ";
    assertThat(disk.report("test", "again", Optional.of(attempt.trial())))
        .startsWith(
            """
            faultdisk: test
              injected:
                epoch 0: mkdir b: fail with EIO by program
                epoch 0: delete file1: fail with EIO by program
            """)
        .contains(
            "    epoch 0: delete file19: fail with EIO by program\n"
                + "    and so on, 31 in all\n"
                + "  the steps to the first of them:\n"
                + ("    1 " + thread + "mkdir a\n")
                + ("    2 " + thread + "mkdir b: fail with EIO by program\n")
                + "  the last 20 of 92 steps:\n"
                + ("    73 " + thread + "delete file11: fail with EIO by program\n"));
  }

  @Test
  void rulesThatDidNothingAreNamedWithWhatHappenedInstead() throws Exception {
    Path file = disk.directory().resolve("file");
    disk.faults().add(RuleBuilder.on("fsync").path("*.wal").fail(Errno.EIO));
    disk.faults().add(RuleBuilder.on("mkdir").occurrence(3).fail(Errno.EIO));
    disk.faults().add(RuleBuilder.on("wal_append").setState(2));
    disk.faults().add(RuleBuilder.on("close").fail(Errno.EIO));
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      channel.force(false);
      Files.createDirectory(disk.directory().resolve("a"));
      Files.createDirectory(disk.directory().resolve("b"));
    } catch (IOException e) {
      assertThat(e).hasMessage("Input/output error");
    }
    assertThat(disk.unfired())
        .contains(
            """
            3 of 4 rules did nothing. Does the test do what it is meant to?
              [inject-error] event = "fsync" path = "*.wal" errno = "EIO": fsync happened once, \
            but never as the rule wants it
              [inject-error] event = "mkdir" occurrence = "3" errno = "EIO": mkdir happened 2 \
            times, but never as the rule wants it
              [set-state] event = "wal_append" new_state = "2": wal_append never happened\
            """);
  }

  @Test
  void whatWasPreparedIsDurableAndThePathsAreNew() throws Exception {
    Path directory = disk.directory();
    Files.writeString(directory.resolve("prepared"), "x");
    Attempt attempt = new Attempt(disk, Trial.cutAtEnd(PowerCut.dropAll()));
    boolean completed = attempt.run(given -> Files.writeString(given.resolve("not durable"), "x"));
    assertThat(completed).isTrue();
    assertThat(attempt.files()).isNotSameAs(directory.getFileSystem());
    assertThat(attempt.directory()).hasToString(directory.toString());
    assertThat(attempt.directory().resolve("prepared")).hasContent("x");
    assertThat(attempt.directory().resolve("not durable")).doesNotExist();
    assertThatThrownBy(() -> Files.readString(directory.resolve("prepared")))
        .isInstanceOf(IOException.class);
    assertThat(disk.report("test", "again", Optional.of(attempt.trial())))
        .contains(
            "the power was cut after step 6, PowerCut.dropAll(): 2 operations not durable\n"
                + "    create not durable\n");
  }

  @Test
  void namesAreForPeopleAndForRepeating() {
    FaultPoint point = new FaultPoint("fsync", 3, "a.wal", 0);
    PointFault eio = PointFault.fail(Errno.EIO);
    assertThat(Trial.CLEAN).hasToString("clean run");
    assertThat(Trial.of(point, eio, false, Optional.empty()))
        .hasToString("fsync#3 a.wal: EIO")
        .extracting(Trial::id)
        .isEqualTo("fsync#3: EIO");
    assertThat(Trial.of(point, eio, true, Optional.of(PowerCut.torn(new Seed(16), 512))))
        .hasToString("fsync#3 a.wal: EIO from then on, then power cut, torn(0x10L, 512)");
    assertThat(
            Trial.of(
                point,
                PointFault.failFlush(FailFlush.Mode.DROP),
                false,
                Optional.of(PowerCut.keepAll())))
        .hasToString("fsync#3 a.wal: flush drop, then power cut, keepAll()");
    assertThat(Trial.of(point, PointFault.cutPower(), false, Optional.of(PowerCut.dropAll())))
        .extracting(Trial::id)
        .isEqualTo("fsync#3: power cut, dropAll()");
    assertThat(Trial.cutAtEnd(PowerCut.subset(1))).hasToString("end: power cut, subset(0x1L)");
    assertThatThrownBy(
            () -> new Trial(Optional.of(point), Optional.empty(), false, Optional.empty()))
        .hasMessage("a fault needs a point, and a point a fault");
  }
}
