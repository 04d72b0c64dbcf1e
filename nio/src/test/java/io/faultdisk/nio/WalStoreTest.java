package io.faultdisk.nio;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.jimfs.Configuration;
import com.google.common.jimfs.Jimfs;
import io.faultdisk.faults.Faults;
import io.faultdisk.nio.WalStore.Mistake;
import io.faultdisk.rules.Rule;
import io.faultdisk.rules.RuleBuilder;
import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The power is cut at every operation of a small store, in every way. What it has acknowledged must
 * be there if it is written right; if it is not, some cut must show it.
 */
final class WalStoreTest {
  @ParameterizedTest
  @EnumSource
  void writtenRightItSurvivesEveryCut(Durability durability) throws IOException {
    try (FileSystem memory = Jimfs.newFileSystem(Configuration.unix())) {
      Cuts cuts = new Cuts(memory.getPath("/"), durability, 20);
      assertThat(cuts.run()).isEmpty();
      assertThat(cuts.points).isGreaterThan(40);
      assertThat(cuts.states).isGreaterThan(2000);
    }
  }

  @Test
  void writtenRightItSurvivesOnTheDefaultFileSystem(@TempDir Path parent) throws IOException {
    Cuts cuts = new Cuts(parent, Durability.POSIX, 2);
    cuts.events = List.of("fsync", "rename", "truncate");
    assertThat(cuts.run()).isEmpty();
    assertThat(cuts.points).isGreaterThan(10);
  }

  @ParameterizedTest
  @CsvSource({
    "LOG_NOT_SYNCED, POSIX",
    "LOG_NOT_SYNCED, JOURNALED",
    "SNAPSHOT_NOT_SYNCED, POSIX",
    "SNAPSHOT_NOT_SYNCED, JOURNALED",
    "RENAMED_BEFORE_SYNC, POSIX",
    "RENAMED_BEFORE_SYNC, JOURNALED",
    "DIRECTORY_NOT_SYNCED, POSIX",
    "NO_CHECKSUM, POSIX"
  })
  void aMistakeIsFound(Mistake mistake, Durability durability) throws IOException {
    try (FileSystem memory = Jimfs.newFileSystem(Configuration.unix())) {
      assertThat(new Cuts(memory.getPath("/"), durability, 20, mistake).run()).isNotEmpty();
    }
  }

  /** A log is durable with its fsync there, so nobody notices what is forgotten. */
  @Test
  void aJournalForgivesTheDirectory() throws IOException {
    try (FileSystem memory = Jimfs.newFileSystem(Configuration.unix())) {
      Cuts cuts =
          new Cuts(memory.getPath("/"), Durability.JOURNALED, 20, Mistake.DIRECTORY_NOT_SYNCED);
      assertThat(cuts.run()).isEmpty();
    }
  }

  /** All cuts of one store. */
  private static final class Cuts {
    private final Path parent;
    private final Durability durability;
    private final int seeds;
    private List<String> events =
        List.of("create", "write", "truncate", "fsync", "fdatasync", "rename", "close");
    private final Mistake[] mistakes;
    private final List<String> failures = new ArrayList<>();
    private int points;
    private int states;

    /** How many were acknowledged. */
    private int acknowledged;

    Cuts(Path parent, Durability durability, int seeds, Mistake... mistakes) {
      this.parent = parent;
      this.durability = durability;
      this.seeds = seeds;
      this.mistakes = mistakes;
    }

    List<String> run() throws IOException {
      for (String event : events) {
        int occurrence = 1;
        while (cutAt(event, occurrence)) {
          occurrence++;
          points++;
        }
      }
      return failures;
    }

    /** False if there is no such operation. */
    private boolean cutAt(String event, int occurrence) throws IOException {
      Path directory = Files.createDirectory(parent.resolve("store"));
      Rule rule = RuleBuilder.on(event).occurrence(occurrence).cutPower();
      Faults faults = Faults.create();
      faults.add(rule);
      FaultFileSystem files =
          FaultFileSystem.over(parent.getFileSystem()).faults(faults).powerLoss(durability).open();
      boolean cut = false;
      try {
        work(files.wrap(directory));
      } catch (IOException e) {
        assertThat(e).hasMessageContaining("the power was cut");
        cut = true;
      }
      check(files, directory, PowerCut.dropAll());
      check(files, directory, PowerCut.keepAll());
      for (int i = 0; i < files.unsynced().operations(); i++) {
        check(files, directory, PowerCut.prefix(i));
      }
      for (int seed = 0; seed < seeds; seed++) {
        check(files, directory, PowerCut.subset(seed));
        check(files, directory, PowerCut.torn(seed, 512));
      }
      files.close();
      Trees.delete(directory);
      return cut;
    }

    private void work(Path directory) throws IOException {
      acknowledged = 0;
      for (int round = 0; round < 2; round++) {
        try (WalStore store = new WalStore(directory, mistakes)) {
          for (int i = 0; i < 8; i++) {
            store.add();
            acknowledged = store.numbers().size();
            if (i % 3 == 2) {
              store.compact();
            }
          }
        }
      }
    }

    private void check(FaultFileSystem files, Path directory, PowerCut cut) throws IOException {
      states++;
      Path after = Files.createDirectory(parent.resolve("after"));
      CrashState state = files.afterPowerCut(cut, files.wrap(directory), after);
      List<Integer> numbers = new ArrayList<>();
      try (FaultFileSystem found = FaultFileSystem.over(after.getFileSystem()).open();
          WalStore store = new WalStore(found.wrap(after), mistakes)) {
        numbers.addAll(store.numbers());
      } catch (IOException e) {
        numbers.add(-1);
      }
      Trees.delete(after);
      boolean right = numbers.size() >= acknowledged && numbers.size() <= acknowledged + 1;
      for (int i = 0; i < numbers.size(); i++) {
        right &= numbers.get(i) == i;
      }
      if (!right) {
        failures.add(acknowledged + " acknowledged, found " + numbers + " " + state);
      }
    }
  }
}
