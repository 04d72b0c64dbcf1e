package io.faultdisk.explore.disk;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultdisk.base.Seed;
import io.faultdisk.explore.CrashState;
import io.faultdisk.explore.FaultPoint;
import io.faultdisk.testkit.RandomCases;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/** The states worked out from a log against all that a brute force finds. */
class CrashStatesTest {
  private static final int SECTOR = 512;
  private static final int SECTORS = 6;
  private static final int BYTES = SECTORS * SECTOR;

  private static final class Log {
    final List<LogEntry> entries = new ArrayList<>();
    final List<FaultPoint> points = new ArrayList<>();

    void write(int sector, int count, int value, boolean fua) {
      byte[] data = new byte[count * SECTOR];
      Arrays.fill(data, (byte) value);
      ByteBuffer content = value == 0 ? ByteBuffer.allocate(0) : ByteBuffer.wrap(data);
      entries.add(
          new LogEntry.Write(
              entries.size() + 1, point(), sector * SECTOR, data.length, content, fua));
    }

    void flush() {
      entries.add(new LogEntry.Flush(entries.size() + 1, point()));
    }

    private int point() {
      points.add(new FaultPoint(points.size() + 1, 0, "request " + (points.size() + 1)));
      return points.size();
    }

    CrashStates states(int perCut) {
      return CrashStates.of(
          DiskContent.empty(BYTES), entries, points, tick -> 0L, perCut, new Seed(7));
    }
  }

  private static String text(DiskContent content) {
    byte[] all = new byte[BYTES];
    content.read(0, all, 0, BYTES);
    StringBuilder text = new StringBuilder();
    for (int s = 0; s < SECTORS; s++) {
      text.append((char) ('a' + all[s * SECTOR]));
      for (int i = 1; i < SECTOR; i++) {
        assertThat(all[s * SECTOR + i]).isEqualTo(all[s * SECTOR]);
      }
    }
    return text.toString();
  }

  /** Everything that any subset of the writes since the last flush leaves, in their order. */
  private static Set<String> bruteForce(List<LogEntry> entries) {
    Set<String> found = new HashSet<>();
    List<LogEntry.Write> durable = new ArrayList<>();
    List<LogEntry.Write> pending = new ArrayList<>();
    for (int i = 0; i <= entries.size(); i++) {
      if (i == entries.size() || entries.get(i) instanceof LogEntry.Flush) {
        for (int bits = 0; bits < 1 << pending.size(); bits++) {
          List<LogEntry.Write> all = new ArrayList<>(durable);
          for (int w = 0; w < pending.size(); w++) {
            if (pending.get(w).fua() || (bits >> w & 1) != 0) {
              all.add(pending.get(w));
            }
          }
          char[] disk = "a".repeat(SECTORS).toCharArray();
          for (LogEntry.Write write : all) {
            char value = (char) ('a' + (write.isZero() ? 0 : write.data().get(0)));
            int first = (int) (write.offset() / SECTOR);
            Arrays.fill(disk, first, first + (int) (write.bytes() / SECTOR), value);
          }
          found.add(new String(disk));
        }
        durable.addAll(pending);
        pending.clear();
      } else if (entries.get(i) instanceof LogEntry.Write write) {
        pending.add(write);
      }
    }
    return found;
  }

  @Test
  void allSubsetsOfAFewWritesAreThereOnceEach() {
    RandomCases.run(
        "all subsets",
        200,
        random -> {
          Log log = randomLog(random, 5);
          CrashStates states = log.states(100_000);
          Set<String> contents = new HashSet<>();
          for (CrashState state : states.states()) {
            assertThat(contents.add(text(states.content(state)))).as(state.id()).isTrue();
          }
          assertThat(contents).containsAll(bruteForce(log.entries));
          assertThat(states.listed()).isGreaterThanOrEqualTo(contents.size());
        });
  }

  @Test
  void aLimitLeavesNoneAndAllOfEachEpoch() {
    RandomCases.run(
        "limited subsets",
        100,
        random -> {
          Log log = randomLog(random, 12);
          CrashStates states = log.states(4);
          Set<String> contents = new HashSet<>();
          states.states().forEach(state -> contents.add(text(states.content(state))));
          // What is durable at each flush, and what would be if all of the next epoch were.
          List<LogEntry> whole = log.entries;
          for (int i = 0; i <= whole.size(); i++) {
            if (i == whole.size() || whole.get(i) instanceof LogEntry.Flush) {
              List<LogEntry> flushed = new ArrayList<>(whole.subList(0, i));
              flushed.add(new LogEntry.Flush(1000, 1));
              assertThat(contents).contains(allOf(flushed));
            }
          }
        });
  }

  private static String allOf(List<LogEntry> entries) {
    char[] disk = "a".repeat(SECTORS).toCharArray();
    for (LogEntry entry : entries) {
      if (entry instanceof LogEntry.Write write) {
        char value = (char) ('a' + (write.isZero() ? 0 : write.data().get(0)));
        int first = (int) (write.offset() / SECTOR);
        Arrays.fill(disk, first, first + (int) (write.bytes() / SECTOR), value);
      }
    }
    return new String(disk);
  }

  private static Log randomLog(RandomGenerator random, int writesInEpoch) {
    Log log = new Log();
    for (int epoch = 0; epoch < 1 + random.nextInt(3); epoch++) {
      for (int i = random.nextInt(writesInEpoch + 1); i > 0; i--) {
        int sector = random.nextInt(SECTORS);
        int count = 1 + random.nextInt(SECTORS - sector);
        log.write(sector, count, random.nextInt(20), random.nextInt(6) == 0);
      }
      if (random.nextInt(4) != 0) {
        log.flush();
      }
    }
    if (log.points.isEmpty()) {
      log.flush();
    }
    return log;
  }

  @Test
  void aTornWriteAndOneThatOvertookAnotherAreAmongThem() {
    Log log = new Log();
    log.write(0, 4, 1, false);
    log.write(2, 1, 2, false);
    log.flush();
    CrashStates states = log.states(100);
    List<String> contents = new ArrayList<>();
    states.states().forEach(state -> contents.add(text(states.content(state))));
    assertThat(contents).contains("bbaaaa", "aabbaa", "bbbbaa", "aacaaa", "bbcbaa");
    assertThat(states.states().get(0).id()).isEqualTo("e0 request 3: cut, none of 2 survive");
  }

  @Test
  void aDurableWriteIsNotOvertakenByAnOlderOne() {
    Log log = new Log();
    log.write(0, 1, 1, false);
    log.write(0, 1, 2, true);
    log.flush();
    CrashStates states = log.states(100);
    assertThat(states.states()).hasSize(1);
    assertThat(text(states.content(states.states().get(0)))).startsWith("c");
  }

  @Test
  void equalContentIsListedAgainOnceMoreWasPromised() {
    Log log = new Log();
    log.write(0, 1, 1, false);
    log.flush();
    log.flush();
    CrashStates same = log.states(10);
    CrashStates promised =
        CrashStates.of(
            DiskContent.empty(BYTES), log.entries, log.points, tick -> tick, 10, new Seed(7));
    assertThat(same.states()).hasSize(2);
    assertThat(promised.states()).hasSize(4);
  }

  @Test
  void thousandsOfPendingWritesFitIntoMemory() {
    Log log = new Log();
    for (int i = 0; i < 10_000; i++) {
      log.write(i % SECTORS, 1, 1 + i % 20, false);
    }
    CrashStates states = log.states(4);
    assertThat(states.listed()).isEqualTo(4);
    states.states().forEach(state -> assertThat(text(states.content(state))).hasSize(SECTORS));
  }
}
