package io.faultdisk.block.writecache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultdisk.base.Seed;
import io.faultdisk.base.UsageException;
import io.faultdisk.block.BlockBackend;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.BlockStatus;
import io.faultdisk.block.PowerSwitch;
import io.faultdisk.block.Preallocation;
import io.faultdisk.block.RequestFlags;
import io.faultdisk.block.Unsynced;
import io.faultdisk.rules.Survivors;
import io.faultdisk.testkit.Race;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What the cache passes on and when, what it holds, and what errors of the medium do. */
class WriteCacheTest {
  private static final long DEADLINE_SECONDS = 60;
  private static final int SIZE = 64 << 10;

  private final Medium medium = new Medium(SIZE);

  @Test
  void flushPassesEverythingOnInTheOrderOfArrival() throws Exception {
    try (BlockBackend disk = medium.cached("")) {
      write(disk, 4096, 512, 1);
      disk.writeZeroes(0, 1024, 0);
      disk.discard(8192, 512);
      write(disk, 512, 1024, 2);
      assertThat(medium.trace()).isEmpty();
      disk.flush();
      assertThat(medium.trace()).isEqualTo("W 4096+512 Z 0+1024 D 8192+512 W 512+1024 F");
      disk.flush();
      assertThat(medium.trace()).as("nothing new").isEmpty();
    }
  }

  @Test
  void writeWithFuaMakesOnlyItselfDurable() throws Exception {
    try (BlockBackend disk = medium.cached("")) {
      write(disk, 0, 2048, 1);
      disk.write(512, filled(512, 2), RequestFlags.FUA);
      write(disk, 4096, 512, 3);
      assertThat(medium.trace()).isEqualTo("W 512+512 FUA");
      disk.flush();
      assertThat(medium.trace()).isEqualTo("W 0+512 W 1024+1024 W 4096+512 F");
      assertThat(read(disk, 0, 2048))
          .isEqualTo(join(filled(512, 1), filled(512, 2), filled(1024, 1)));
    }
  }

  @Test
  void writeWithFuaSurvivesAnOlderWriteThatSurvivesToo() throws Exception {
    try (BlockBackend disk = medium.cached("")) {
      write(disk, 0, 1024, 1);
      disk.write(512, filled(512, 2), RequestFlags.FUA);
      PowerSwitch power = disk.power().orElseThrow();
      assertThat(power.cut(Survivors.parse("1"), new Seed(1))).hasToString("1");
      power.restore();
      assertThat(read(disk, 0, 1024)).isEqualTo(join(filled(512, 1), filled(512, 2)));
    }
  }

  @Test
  void survivorsReachTheMediumInTheOrderTheyAreListed() throws Exception {
    try (BlockBackend disk = medium.cached("")) {
      write(disk, 0, 2048, 1);
      write(disk, 512, 1024, 2);
      write(disk, 8192, 512, 3);
      PowerSwitch power = disk.power().orElseThrow();
      assertThat(power.cut(Survivors.parse("2,1[1-2],9"), new Seed(1))).hasToString("2,1[1-2]");
      assertThat(medium.trace()).isEqualTo("W 512+1024 W 512+1024 F");
      power.restore();
      assertThat(read(disk, 0, 2048))
          .isEqualTo(join(filled(512, 0), filled(1024, 1), filled(512, 0)));
    }
  }

  @Test
  void randomSurvivorsRepeatWithTheirSeed() throws Exception {
    String first = randomCuts();
    assertThat(randomCuts()).isEqualTo(first);
    assertThat(Arrays.stream(first.split(" ")).distinct().count()).isGreaterThan(5);
    assertThat(first).contains("none").contains("[0");
  }

  private static String randomCuts() throws Exception {
    StringBuilder cuts = new StringBuilder();
    Medium fresh = new Medium(SIZE);
    try (BlockBackend disk = fresh.cached("survivors=random,seed=7")) {
      PowerSwitch power = disk.power().orElseThrow();
      for (int i = 0; i < 40; i++) {
        for (int piece = 0; piece < 3; piece++) {
          write(disk, piece * 4096L, 4096, i);
        }
        cuts.append(power.cut()).append(' ');
        power.restore();
      }
    }
    return cuts.toString();
  }

  @Test
  void nothingIsLostWhenTheMediumFailsDuringAFlush() throws Exception {
    for (int failing = 0; failing < 5; failing++) {
      Medium fresh = new Medium(SIZE);
      try (BlockBackend disk = fresh.cached("")) {
        write(disk, 0, 512, 1);
        disk.writeZeroes(512, 512, 0);
        disk.discard(1024, 512);
        write(disk, 256, 512, 2);
        fresh.failAfter(failing);
        assertThatThrownBy(disk::flush)
            .as("flush whose request %d fails", failing)
            .isInstanceOf(BlockIoException.class)
            .hasMessageContaining("ENOSPC");
        assertThat(disk.power().orElseThrow().unsynced().writes()).isEqualTo(4);
        assertThat(read(disk, 0, 1024))
            .isEqualTo(join(filled(256, 1), filled(512, 2), filled(256, 0)));
        fresh.trace();
        disk.flush();
        assertThat(fresh.trace()).isEqualTo("W 0+512 Z 512+512 D 1024+512 W 256+512 F");
      }
    }
  }

  @Test
  void failingWriteWithFuaLeavesWhatIsPendingAlone() throws Exception {
    try (BlockBackend disk = medium.cached("")) {
      write(disk, 0, 1024, 1);
      medium.failAfter(0);
      assertThatThrownBy(() -> disk.write(0, filled(512, 2), RequestFlags.FUA))
          .hasMessageContaining("ENOSPC");
      assertThat(read(disk, 0, 1024)).isEqualTo(join(filled(1024, 1)));
      medium.trace();
      disk.flush();
      assertThat(medium.trace()).isEqualTo("W 0+1024 F");
    }
  }

  @Test
  void writeThatFindsNoRoomFailsIfTheMediumDoesAndTakesNothingWithIt() throws Exception {
    try (BlockBackend disk = medium.cached("size=2000")) {
      write(disk, 0, 512, 1);
      write(disk, 512, 512, 2);
      medium.failAfter(0);
      assertThatThrownBy(() -> write(disk, 4096, 1024, 3)).hasMessageContaining("ENOSPC");
      assertThat(read(disk, 0, 1024)).isEqualTo(join(filled(512, 1), filled(512, 2)));
      medium.trace();
      write(disk, 4096, 1024, 3);
      assertThat(medium.trace()).isEqualTo("W 0+512");
      Unsynced unsynced = disk.power().orElseThrow().unsynced();
      assertThat(unsynced.writes()).isEqualTo(3);
      assertThat(unsynced.held()).isEqualTo(2);
    }
  }

  @Test
  void droppedWritesAreReadUntilTheRoomIsNeededAndNeverDurable() throws Exception {
    try (BlockBackend disk = medium.cached("size=4000")) {
      PowerSwitch power = disk.power().orElseThrow();
      write(disk, 0, 512, 1);
      power.dropUnsynced();
      assertThat(read(disk, 0, 512)).isEqualTo(join(filled(512, 1)));
      assertThat(power.unsynced()).isEqualTo(new Unsynced(0, 0, 0, List.of(), 1));
      disk.flush();
      assertThat(medium.trace()).isEmpty();
      write(disk, 4096, 3500, 2);
      assertThat(read(disk, 0, 512)).isEqualTo(join(filled(512, 0)));
      assertThat(medium.trace()).isEmpty();
    }
  }

  @Test
  void reportSaysWhatAPowerCutMayTake() throws Exception {
    try (BlockBackend disk = medium.cached("")) {
      PowerSwitch power = disk.power().orElseThrow();
      write(disk, 4096, 512, 1);
      write(disk, 0, 512, 1);
      disk.writeZeroes(512, 512, 0);
      disk.write(256, filled(128, 1), RequestFlags.FUA);
      assertThat(power.unsynced())
          .isEqualTo(
              new Unsynced(
                  3,
                  3,
                  1408,
                  List.of(
                      new Unsynced.Range(0, 256),
                      new Unsynced.Range(384, 640),
                      new Unsynced.Range(4096, 512)),
                  0));
      power.checkpoint();
      assertThat(power.unsynced()).isEqualTo(new Unsynced(0, 0, 0, List.of(), 0));
    }
  }

  @Test
  void lengthIsOfWhatIsCachedToo() throws Exception {
    try (BlockBackend disk = medium.cached("")) {
      disk.root().write(SIZE, filled(1024, 1), 0);
      assertThat(disk.length()).isEqualTo(SIZE + 1024);
      assertThat(read(disk, SIZE, 1024)).isEqualTo(join(filled(1024, 1)));
      disk.truncate(SIZE + 512, true, Preallocation.OFF);
      assertThat(disk.length()).isEqualTo(SIZE + 512);
      disk.truncate(SIZE + 1024, true, Preallocation.OFF);
      assertThat(read(disk, SIZE, 1024)).isEqualTo(join(filled(512, 1), filled(512, 0)));
      disk.root().write(SIZE + 1024, filled(1024, 1), 0);
      disk.power().orElseThrow().cut();
      disk.power().orElseThrow().restore();
      assertThat(disk.length()).isEqualTo(SIZE + 1024);
      assertThat(read(disk, SIZE, 1024)).isEqualTo(join(filled(1024, 0)));
    }
  }

  @Test
  void statusIsOfWhatIsCachedToo() throws Exception {
    try (BlockBackend disk = medium.cached("")) {
      disk.writeZeroes(0, 4096, 0);
      write(disk, 8192, 4096, 1);
      BlockStatus zeroes = disk.status(0, SIZE);
      assertThat(zeroes.zero()).isTrue();
      assertThat(zeroes.bytes()).isEqualTo(4096);
      BlockStatus below = disk.status(4096, SIZE - 4096);
      assertThat(below.zero()).isFalse();
      assertThat(below.bytes()).isEqualTo(4096);
      assertThat(disk.status(8192, SIZE - 8192).bytes()).isEqualTo(4096);
    }
  }

  @Test
  void othersGoOnWhileTheMediumIsBusy() throws Exception {
    try (BlockBackend disk = medium.cached("");
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      write(disk, 0, 512, 1);
      medium.hold("W 0+512");
      Future<?> flush =
          threads.submit(
              () -> {
                disk.flush();
                return null;
              });
      medium.awaitHeld();
      write(disk, 0, 512, 2);
      assertThat(read(disk, 0, 512)).isEqualTo(join(filled(512, 2)));
      assertThat(flush.isDone()).isFalse();
      medium.release();
      flush.get(DEADLINE_SECONDS, TimeUnit.SECONDS);
      assertThat(disk.power().orElseThrow().unsynced().writes()).isEqualTo(1);
      medium.trace();
      disk.flush();
      assertThat(medium.trace()).isEqualTo("W 0+512 F");
    }
  }

  @Test
  void cutDuringAFlushFailsTheFlush() throws Exception {
    try (BlockBackend disk = medium.cached("");
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      PowerSwitch power = disk.power().orElseThrow();
      write(disk, 0, 512, 1);
      write(disk, 512, 512, 2);
      medium.hold("W 0+512");
      Future<String> flush =
          threads.submit(
              () -> {
                try {
                  disk.flush();
                  return "done";
                } catch (BlockIoException e) {
                  return e.errno().name();
                }
              });
      medium.awaitHeld();
      Future<Survivors> cut = threads.submit(() -> power.cut(Survivors.none(), new Seed(1)));
      while (power.isOn()) {
        Thread.onSpinWait();
      }
      medium.release();
      assertThat(flush.get(DEADLINE_SECONDS, TimeUnit.SECONDS)).isEqualTo("EIO");
      cut.get(DEADLINE_SECONDS, TimeUnit.SECONDS);
      power.restore();
      assertThat(read(disk, 0, 1024)).isEqualTo(join(filled(512, 1), filled(512, 0)));
    }
  }

  @Test
  void threadsWithPlacesOfTheirOwnReadWhatTheyWrote() throws Exception {
    try (BlockBackend disk = medium.cached("size=9000")) {
      new Race(Duration.ofSeconds(60))
          .threads(
              4,
              thread -> {
                for (int round = 0; round < 500; round++) {
                  long at = thread * 8192L + round % 5 * 1000;
                  int flags = round % 7 == 3 ? RequestFlags.FUA : 0;
                  disk.write(at, filled(1500, round), flags);
                  if (round % 11 == 5) {
                    disk.flush();
                  }
                  assertThat(read(disk, at, 1500)).isEqualTo(join(filled(1500, round)));
                }
              })
          .run();
      byte[] seen = read(disk, 0, SIZE);
      disk.flush();
      assertThat(medium.content()).isEqualTo(seen);
    }
  }

  @Test
  void wrongOptionsAreRefused() {
    assertThatThrownBy(() -> medium.cached("size=0"))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("A write cache of size '0' cannot hold anything");
    assertThatThrownBy(() -> medium.cached("survivors=some"))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("'some' does not say what survives");
    assertThatThrownBy(() -> medium.cached("seed=x"))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("'x' is not a seed");
  }

  private static void write(BlockBackend disk, long offset, int bytes, int value)
      throws BlockIoException {
    disk.write(offset, filled(bytes, value), 0);
  }

  private static byte[] read(BlockBackend disk, long offset, int bytes) throws BlockIoException {
    ByteBuffer target = ByteBuffer.allocate(bytes);
    disk.read(offset, target);
    return target.array();
  }

  private static ByteBuffer filled(int bytes, int value) {
    byte[] data = new byte[bytes];
    Arrays.fill(data, (byte) value);
    return ByteBuffer.wrap(data);
  }

  private static byte[] join(ByteBuffer... parts) {
    ByteBuffer all =
        ByteBuffer.allocate(Arrays.stream(parts).mapToInt(ByteBuffer::remaining).sum());
    for (ByteBuffer part : parts) {
      all.put(part);
    }
    return all.array();
  }
}
