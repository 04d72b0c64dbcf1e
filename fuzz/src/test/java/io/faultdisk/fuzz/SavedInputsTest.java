package io.faultdisk.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Runs the seeds, what the fuzzer has learnt, and every input that once found something: {@code
 * fuzz/src/test/resources/inputs/TARGET/NAME}. No fuzzer is needed for that.
 */
@Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SavedInputsTest {
  private static final Path INPUTS =
      Path.of(System.getProperty("faultdisk.root"), "fuzz/src/test/resources/inputs");

  static Stream<Path> inputs() throws IOException {
    try (Stream<Path> files = Files.walk(INPUTS)) {
      return files.filter(Files::isRegularFile).map(INPUTS::relativize).sorted().toList().stream();
    }
  }

  @ParameterizedTest
  @EnumSource
  void seedsFindNothing(Target target) {
    List<byte[]> seeds = target.seeds();
    assertThat(seeds).isNotEmpty();
    seeds.forEach(target::run);
  }

  @ParameterizedTest
  @EnumSource
  void whatWasLearntFindsNothing(Target target) {
    Corpus.of(target).forEach(target::run);
  }

  @ParameterizedTest
  @MethodSource("inputs")
  void whatFoundSomethingFindsNothingMore(Path input) throws IOException {
    Target.named(input.getName(0).toString()).run(Files.readAllBytes(INPUTS.resolve(input)));
  }
}
