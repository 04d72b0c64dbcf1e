package com.example.wal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultdisk.faults.Faults;
import io.faultdisk.junit.EveryFaultPoint;
import io.faultdisk.junit.EveryPowerCut;
import io.faultdisk.junit.ExploreFaults;
import io.faultdisk.junit.FaultDir;
import io.faultdisk.junit.FaultRules;
import io.faultdisk.junit.WithFaults;
import io.faultdisk.nio.explore.Attempt;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

@WithFaults
class WriteAheadLogTest {

  @Test
  @FaultRules(
      """
      [inject-error]
      event = "fdatasync"
      path = "*.wal"
      occurrence = "2"
      errno = "EIO"
      """)
  void aFailedFsyncIsNotTakenForACommit(@FaultDir Path directory) throws IOException {
    Path file = directory.resolve("a.wal");
    try (WriteAheadLog log = WriteAheadLog.open(file)) {
      log.append("one".getBytes(UTF_8));
      log.commit();
      log.append("two".getBytes(UTF_8));
      IOException failure = assertThrows(IOException.class, log::commit);
      assertEquals("Input/output error", failure.getMessage());
      assertThrows(IOException.class, log::commit, "a second fsync must not be believed");
    }
    assertEquals("one", records(file).get(0));
  }

  @Test
  @FaultRules(
      """
      [inject-error]
      event = "wal_append"
      errno = "ENOSPC"
      once = "on"
      """)
  void aLogThatRanFullKeepsWhatItHas(@FaultDir Path directory) throws IOException {
    Path file = directory.resolve("a.wal");
    try (WriteAheadLog log = WriteAheadLog.open(file)) {
      assertThrows(IOException.class, () -> log.append("one".getBytes(UTF_8)));
    }
    assertEquals(List.of(), records(file));
  }

  @EveryFaultPoint(
      errno = {"EIO", "ENOSPC"},
      shortTransfers = true)
  void anErrorLosesNothingThatWasCommitted(Attempt attempt) throws Exception {
    keepsItsPromise(attempt);
  }

  @EveryPowerCut(subsets = 4, torn = 2)
  void aPowerCutLosesNothingThatWasCommitted(Attempt attempt) throws Exception {
    keepsItsPromise(attempt);
  }

  @ExploreFaults
  void nothingThatGoesWrongLosesWhatWasCommitted(Attempt attempt) throws Exception {
    keepsItsPromise(attempt);
  }

  /** What was committed is there, in order; what was only appended may be; nothing else is. */
  private static void keepsItsPromise(Attempt attempt) throws Exception {
    List<String> appended = new ArrayList<>();
    List<String> committed = new ArrayList<>();
    attempt.run(
        directory -> {
          try (WriteAheadLog log = WriteAheadLog.open(directory.resolve("a.wal"))) {
            for (String record : List.of("one", "", "three", "four")) {
              appended.add(record);
              log.append(record.getBytes(UTF_8));
              log.commit();
              committed.add(record);
            }
          }
        });
    List<String> found = records(attempt.directory().resolve("a.wal"));
    assertTrue(found.size() >= committed.size(), () -> "lost: " + committed + " became " + found);
    assertEquals(appended.subList(0, found.size()), found);
  }

  @Test
  void nothingIsAcknowledgedBeforeItIsDurable(@FaultDir Path directory, Faults faults)
      throws Exception {
    try (WriteAheadLog log = WriteAheadLog.open(directory.resolve("a.wal"))) {
      log.append("one".getBytes(UTF_8));
      faults.suspendAt("fdatasync");
      CompletableFuture<Boolean> acknowledged = new CompletableFuture<>();
      Thread committer =
          new Thread(
              () -> {
                try {
                  log.commit();
                  acknowledged.complete(true);
                } catch (IOException e) {
                  acknowledged.completeExceptionally(e);
                }
              });
      committer.start();
      faults.await("fdatasync");
      assertTrue(!acknowledged.isDone());
      faults.resume("fdatasync");
      assertTrue(acknowledged.get());
    }
  }

  private static List<String> records(Path file) throws IOException {
    try (WriteAheadLog log = WriteAheadLog.open(file)) {
      return log.records().stream().map(record -> new String(record, UTF_8)).toList();
    }
  }
}
