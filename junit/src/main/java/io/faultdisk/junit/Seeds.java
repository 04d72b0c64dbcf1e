package io.faultdisk.junit;

import io.faultdisk.base.Seed;
import io.faultdisk.base.UsageException;
import io.faultdisk.nio.explore.Exploration;
import java.util.Optional;
import org.junit.jupiter.api.extension.ExtensionContext;

/** The seed of a test: from the command line, the annotation, or a new one. */
final class Seeds {
  private Seeds() {}

  static Seed of(ExtensionContext context) {
    return given(context)
        .or(
            () ->
                Annotations.nearest(context, FaultSeed.class)
                    .map(annotation -> new Seed(annotation.value())))
        .orElseGet(Seed::fresh);
  }

  /** That of the command line. */
  static Optional<Seed> given(ExtensionContext context) {
    Optional<String> given =
        context
            .getConfigurationParameter(Exploration.SEED_PROPERTY)
            .filter(text -> !text.isEmpty());
    if (given.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(Seed.parse(given.get()));
    } catch (UsageException e) {
      throw new Mistake(
          Exploration.SEED_PROPERTY + ": " + e.getMessage() + "\n" + String.join("\n", e.hints()),
          context);
    }
  }
}
