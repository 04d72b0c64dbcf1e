package io.faultdisk.junit;

import io.faultdisk.base.Seed;
import io.faultdisk.nio.explore.Attempt;
import io.faultdisk.nio.explore.AttemptSeries;
import io.faultdisk.nio.explore.PointMissedException;
import io.faultdisk.nio.explore.Trial;
import java.util.Optional;
import org.junit.jupiter.api.extension.AfterTestExecutionCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.opentest4j.TestAbortedException;

/** Makes one invocation an attempt of a series. */
final class AttemptExtension implements BeforeEachCallback, AfterTestExecutionCallback {
  private final AttemptSeries series;
  private final Trial trial;
  private final Seed seed;

  AttemptExtension(AttemptSeries series, Trial trial, Seed seed) {
    this.series = series;
    this.trial = trial;
    this.seed = seed;
  }

  @Override
  public void beforeEach(ExtensionContext context) {
    Session session = Session.of(context).orElseThrow();
    session.attempt(series.begin(trial, session.disk()), seed);
  }

  @Override
  public void afterTestExecution(ExtensionContext context) {
    Optional<Session> session = Session.of(context);
    Optional<Attempt> attempt = session.flatMap(Session::attempt);
    if (attempt.isEmpty() || context.getExecutionException().isPresent()) {
      return;
    }
    try {
      series.end(attempt.get());
    } catch (PointMissedException e) {
      throw new TestAbortedException(e.getMessage(), e);
    } catch (AssertionError e) {
      session.get().explain(e);
      throw e;
    }
  }
}
