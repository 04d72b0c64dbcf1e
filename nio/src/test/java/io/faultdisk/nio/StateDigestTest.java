package io.faultdisk.nio;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.jimfs.Configuration;
import com.google.common.jimfs.Jimfs;
import io.faultdisk.faults.Faults;
import io.faultdisk.nio.WalStore.Mistake;
import io.faultdisk.rules.Observation;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What a power cut leaves has the same digest as another state if, and only if, it is the same when
 * it is written out: over all cuts of a run of a careless store.
 */
class StateDigestTest {
  private static final int SEEDS = 6;

  private final Map<String, Map<String, String>> treeOf = new HashMap<>();
  private final Map<Map<String, String>, String> digestOf = new HashMap<>();
  private int states;

  @ParameterizedTest
  @EnumSource
  void tellsApartWhatIsNotTheSame(Durability durability) throws IOException {
    try (FileSystem memory = Jimfs.newFileSystem(Configuration.unix())) {
      Path real = Files.createDirectory(memory.getPath("/store"));
      Faults faults = Faults.create();
      try (FaultFileSystem files =
          FaultFileSystem.over(memory).faults(faults).powerLoss(durability).open()) {
        Path directory = files.wrap(real);
        faults.observe(
            observation -> {
              if (observation instanceof Observation.OperationPerformed) {
                compare(files, directory, memory.getPath("/found"));
              }
            });
        try (WalStore store =
            new WalStore(directory, Mistake.LOG_NOT_SYNCED, Mistake.RENAMED_BEFORE_SYNC)) {
          for (int i = 0; i < 5; i++) {
            store.add();
            if (i % 2 == 1) {
              store.compact();
            }
          }
        }
      }
    }
    assertThat(states).isGreaterThan(500);
    assertThat(digestOf.size()).isGreaterThan(20).isLessThan(states / 4);
  }

  private void compare(FaultFileSystem files, Path directory, Path target) {
    try {
      for (PowerCut cut : cuts()) {
        String digest = files.afterPowerCut(cut).digest(files.unwrap(directory));
        Files.createDirectory(target);
        files.afterPowerCut(cut, directory, target);
        Map<String, String> tree = Trees.of(target);
        Trees.delete(target);
        assertThat(treeOf.computeIfAbsent(digest, d -> tree)).as("%s", cut).isEqualTo(tree);
        assertThat(digestOf.computeIfAbsent(tree, t -> digest)).as("%s", cut).isEqualTo(digest);
        states++;
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<PowerCut> cuts() {
    List<PowerCut> cuts = new ArrayList<>(List.of(PowerCut.dropAll(), PowerCut.keepAll()));
    for (int seed = 0; seed < SEEDS; seed++) {
      cuts.add(PowerCut.subset(seed));
      cuts.add(PowerCut.torn(seed, 512));
      cuts.add(PowerCut.prefix(seed));
    }
    return cuts;
  }
}
