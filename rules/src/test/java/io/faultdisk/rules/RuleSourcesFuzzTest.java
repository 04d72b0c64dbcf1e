package io.faultdisk.rules;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultdisk.base.UsageException;
import io.faultdisk.testkit.RandomCases;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/**
 * Whatever is fed in: rules or a {@link UsageException}, nothing else. There is no time limit here
 * because there is no loop that could need one: the parser looks at each byte a fixed number of
 * times, names are only compared up to 64 characters, numbers up to 64 bits.
 */
final class RuleSourcesFuzzTest {

  @Test
  void filesThatLookLikeRules() {
    RandomCases.run("rule files", 20_000, random -> read(RuleText.random(random)));
  }

  @Test
  void anyBytes() {
    RandomCases.run(
        "bytes",
        5_000,
        random -> {
          byte[] bytes = new byte[random.nextInt(3000)];
          String alphabet = "[]\"= \n\r\t#\0einject-orvs\u00ff";
          for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) alphabet.charAt(random.nextInt(alphabet.length()));
          }
          if (random.nextInt(4) == 0) {
            random.nextBytes(bytes);
          }
          for (Dialect dialect : Dialect.values()) {
            try {
              RuleSources.read(Optional.of(new RuleFile("fuzz", bytes)), Map.of(), dialect);
            } catch (UsageException e) {
              assertThat(e.getMessage()).isNotEmpty();
            }
          }
        });
  }

  @Test
  void anyKeys() {
    RandomCases.run(
        "dotted keys",
        10_000,
        random -> {
          Map<String, String> options = new LinkedHashMap<>();
          for (int i = random.nextInt(6); i >= 0; i--) {
            options.put(randomKey(random), random.nextBoolean() ? "none" : randomText(random));
          }
          for (Dialect dialect : Dialect.values()) {
            try {
              RuleSources.read(Optional.empty(), options, dialect);
            } catch (UsageException e) {
              assertThat(e.getMessage()).isNotEmpty();
            }
          }
        });
  }

  private static String randomKey(RandomGenerator random) {
    StringBuilder key = new StringBuilder(random.nextBoolean() ? "inject-error" : "set-state");
    for (int i = random.nextInt(4); i >= 0; i--) {
      key.append('.').append(randomText(random));
    }
    return key.toString();
  }

  private static String randomText(RandomGenerator random) {
    List<String> parts =
        List.of("0", "1", "2", "", "event", "errno", "-1", ".", "99999999999", "\u00e9", "\ud800");
    return parts.get(random.nextInt(parts.size()));
  }

  /** Our own dialect reads all that QEMU reads, as the same rules. */
  private static void read(RuleText text) {
    Optional<List<Rule>> strict = tryRead(text, Dialect.QEMU);
    Optional<List<Rule>> own = tryRead(text, Dialect.FAULTDISK);
    if (strict.isPresent()) {
      assertThat(own).as(text.toString()).isEqualTo(strict);
    }
    if (own.isPresent() && strict.isEmpty()) {
      assertThat(own.get())
          .as(text.toString())
          .anyMatch(rule -> QemuEvents.named(rule.event().name()).isEmpty());
    }
  }

  private static Optional<List<Rule>> tryRead(RuleText text, Dialect dialect) {
    try {
      return Optional.of(text.read(dialect));
    } catch (UsageException e) {
      return Optional.empty();
    }
  }
}
