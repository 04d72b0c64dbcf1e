package io.faultdisk.junit;

import io.faultdisk.base.Seed;
import io.faultdisk.nio.explore.AttemptSeries;
import io.faultdisk.nio.explore.Trial;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.Extension;
import org.junit.jupiter.api.extension.TestTemplateInvocationContext;

/**
 * The invocations of a test one after the other. JUnit runs each before it asks for the next, so
 * that the first, the clean run, has found out what the others are.
 */
final class Invocations implements Iterator<TestTemplateInvocationContext> {
  /** Somebody who repeats one invocation is not thought to mean one behind so many. */
  private static final int ORPHANS_MAX = 100_000;

  private final AttemptSeries series;
  private final Seed seed;
  private @Nullable TestTemplateInvocationContext next;
  private boolean first = true;
  private boolean cleanBegun;
  private boolean toldLeftOut;
  private boolean orphanBegun;
  private int orphans;

  Invocations(AttemptSeries series, Seed seed) {
    this.series = series;
    this.seed = seed;
  }

  @Override
  public boolean hasNext() {
    if (next == null) {
      next = find();
    }
    return next != null;
  }

  @Override
  public TestTemplateInvocationContext next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    TestTemplateInvocationContext found = next;
    next = null;
    return Objects.requireNonNull(found);
  }

  private @Nullable TestTemplateInvocationContext find() {
    Optional<Trial> trial = series.next();
    if (trial.isPresent()) {
      boolean clean = first;
      first = false;
      return new Invocation(
          trial.get().toString(),
          () -> {
            cleanBegun |= clean;
            return List.of(new AttemptExtension(series, trial.get(), seed));
          });
    }
    if (!cleanBegun) {
      return orphan();
    }
    if (series.leftOut() > 0 && !toldLeftOut) {
      toldLeftOut = true;
      return leftOut();
    }
    return null;
  }

  /** JUnit was asked for one invocation, as IDEs do, and has left out the clean run. */
  private @Nullable TestTemplateInvocationContext orphan() {
    if (orphanBegun || ++orphans > ORPHANS_MAX) {
      return null;
    }
    BeforeEachCallback fail =
        context -> {
          throw new Mistake(
              "the clean run was not run, so that the fault points are not known: run the whole"
                  + " method, or one with -Dfaultdisk.only='NAME' or only = \"NAME\"",
              context);
        };
    return new Invocation(
        "unknown",
        () -> {
          orphanBegun = true;
          return List.of(fail);
        });
  }

  private TestTemplateInvocationContext leftOut() {
    String reason = series.leftOut() + " more were left out by max";
    ExecutionCondition condition = context -> ConditionEvaluationResult.disabled(reason);
    return new Invocation(reason, () -> List.of(condition));
  }

  /** Is asked for its extensions when JUnit begins to run it. */
  private record Invocation(String name, Supplier<List<Extension>> begin)
      implements TestTemplateInvocationContext {
    @Override
    public String getDisplayName(int index) {
      return name;
    }

    @Override
    public List<Extension> getAdditionalExtensions() {
      return begin.get();
    }
  }
}
