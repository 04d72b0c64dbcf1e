package io.faultdisk.explore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.faultdisk.base.UsageException;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ShardTest {
  @Test
  void readsWhatItPrints() throws Exception {
    Shard shard = Shard.parse("2/4", Map.of());
    assertThat(shard).isEqualTo(new Shard(2, 4)).hasToString("2/4");
    assertThat(Shard.parse(Shard.ALL.toString(), Map.of())).isEqualTo(Shard.ALL);
  }

  @Test
  void takesTheIndexOfAKubernetesJobWhichCountsFromZero() throws Exception {
    assertThat(Shard.parse("/4", Map.of("JOB_COMPLETION_INDEX", "0"))).isEqualTo(new Shard(1, 4));
    assertThat(Shard.parse("/4", Map.of("JOB_COMPLETION_INDEX", "3"))).isEqualTo(new Shard(4, 4));
    assertThat(Shard.parse("2/4", Map.of("JOB_COMPLETION_INDEX", "0"))).isEqualTo(new Shard(2, 4));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "3",
        "/",
        "a/b",
        "1/",
        "1/x",
        "0/4",
        "5/4",
        "-1/4",
        "1/-4",
        "1/0",
        "1/4/2",
        " 1/4",
        "99999999999/4",
        "/4"
      })
  void everythingElseIsRefusedWithARemedy(String text) {
    assertThatExceptionOfType(UsageException.class)
        .isThrownBy(() -> Shard.parse(text, Map.of()))
        .satisfies(e -> assertThat(e.hints()).isNotEmpty());
  }

  @ParameterizedTest
  @ValueSource(strings = {"4", "-1", "x", "2147483647"})
  void anIndexThatTheJobCannotHaveIsRefused(String index) {
    assertThatExceptionOfType(UsageException.class)
        .isThrownBy(() -> Shard.parse("/4", Map.of("JOB_COMPLETION_INDEX", index)));
  }

  @Test
  void eachCaseIsInOneShard() {
    for (int of = 1; of <= 5; of++) {
      int shards = of;
      for (int i = 0; i < 20; i++) {
        int index = i;
        assertThat(
                IntStream.rangeClosed(1, of).filter(s -> new Shard(s, shards).has(index)).count())
            .isEqualTo(1);
      }
    }
  }
}
