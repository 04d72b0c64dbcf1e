package io.faultdisk.junit;

import io.faultdisk.base.Clock;
import io.faultdisk.base.Seed;
import io.faultdisk.base.UsageException;
import io.faultdisk.explore.CaseResult;
import io.faultdisk.explore.ExplorationPlan;
import io.faultdisk.explore.Explorer;
import io.faultdisk.explore.ReportWriter;
import io.faultdisk.explore.ResultSink;
import io.faultdisk.explore.Results;
import io.faultdisk.explore.Shard;
import io.faultdisk.explore.Summary;
import io.faultdisk.nio.explore.Attempt;
import io.faultdisk.nio.explore.AttemptSeries;
import io.faultdisk.nio.explore.Exploration;
import io.faultdisk.nio.explore.FileSubject;
import io.faultdisk.nio.explore.Trial;
import io.faultdisk.nio.explore.TrialPlan;
import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;
import org.junit.platform.commons.support.ReflectionSupport;

/** Runs a method with {@link ExploreFaults} once for each case, instead of once. */
public final class ExploreExtension implements BeforeEachCallback, InvocationInterceptor {
  private static final int FAILURES_SHOWN = 3;

  /** Called by JUnit. */
  public ExploreExtension() {}

  @Override
  public void beforeEach(ExtensionContext context) {
    Method method = context.getRequiredTestMethod();
    if (!Arrays.equals(method.getParameterTypes(), new Class<?>[] {Attempt.class})) {
      throw new Mistake(
          "@ExploreFaults: the test has one parameter, an Attempt, and calls"
              + " attempt.run(directory -> ...) with what is to fail",
          context);
    }
    // JUnit wants a value for the parameter, though the method is not called with it.
    Seed seed = seed(annotation(context), context);
    Session session = Session.of(context).orElseThrow();
    AttemptSeries unused = new AttemptSeries(TrialPlan.errors(), seed, Optional.empty());
    session.attempt(unused.begin(Trial.CLEAN, session.disk()), seed);
  }

  private static ExploreFaults annotation(ExtensionContext context) {
    return Annotations.onMethod(context, ExploreFaults.class).orElseThrow();
  }

  private static Seed seed(ExploreFaults annotation, ExtensionContext context) {
    return Seeds.given(context).orElseGet(() -> new Seed(annotation.seed()));
  }

  @Override
  public void interceptTestMethod(
      Invocation<Void> invocation,
      ReflectiveInvocationContext<Method> call,
      ExtensionContext context)
      throws InterruptedException, IOException {
    invocation.skip();
    ExploreFaults annotation = annotation(context);
    Method method = call.getExecutable();
    Object target = call.getTarget().orElseThrow();
    FileSubject subject =
        FileSubject.of(
                Annotations.simpleName(context.getRequiredTestClass()) + "." + method.getName(),
                attempt -> ReflectionSupport.invokeMethod(method, target, attempt))
            .on(Settings.of(context))
            .faults(Plans.beside(annotation, context))
            .command(flags -> command(context, flags))
            .only(
                context
                    .getConfigurationParameter(Exploration.ONLY_PROPERTY)
                    .filter(text -> !text.isEmpty()));
    explore(subject, annotation, context);
  }

  private static String command(ExtensionContext context, String flags) {
    return "mvn test -Dtest='"
        + context.getRequiredTestClass().getName()
        + "#"
        + context.getRequiredTestMethod().getName()
        + "' "
        + flags;
  }

  private static void explore(
      FileSubject subject, ExploreFaults annotation, ExtensionContext context)
      throws InterruptedException, IOException {
    ExplorationPlan plan = Plans.of(annotation, seed(annotation, context), context);
    if (annotation.workers() < 1 || annotation.timeLimitMillis() < 1) {
      throw new Mistake("@ExploreFaults: workers and timeLimitMillis count from 1", context);
    }
    Explorer.Settings settings =
        new Explorer.Settings(annotation.workers(), Shard.ALL, annotation.timeLimitMillis());
    Path report =
        annotation.report().isEmpty()
            ? Path.of("target", "faultdisk", subject.description())
            : Path.of(annotation.report());
    long start = Clock.system().nanoTime();
    try {
      Results results = new Explorer(subject, plan, settings).run(ResultSink.none());
      long millis = TimeUnit.NANOSECONDS.toMillis(Clock.system().nanoTime() - start);
      Files.createDirectories(report);
      new ReportWriter().write(report, results);
      context.publishReportEntry("faultdisk", report.resolve(ReportWriter.HTML).toString());
      if (!results.failures().isEmpty()) {
        throw new ExplorationFailure(message(results, millis, report));
      }
    } catch (UsageException e) {
      throw new ExplorationFailure(e.getMessage() + "\n" + String.join("\n", e.hints()));
    }
  }

  private static String message(Results results, long millis, Path report) {
    StringBuilder text = new StringBuilder();
    Summary.Run run = new Summary.Run(results.cases().size(), millis, Optional.of(report));
    text.append(String.join("\n", Summary.lines(results, run)));
    List<CaseResult> failures = results.failures();
    text.append("\n\nthe first of them:");
    for (CaseResult failure : failures.subList(0, Math.min(FAILURES_SHOWN, failures.size()))) {
      text.append("\n  ").append(failure.id()).append(": ").append(failure.verdict().word());
      failure.outcome().reason().lines().forEach(line -> text.append("\n    ").append(line));
      failure
          .outcome()
          .reproducer()
          .ifPresent(again -> text.append("\n    to repeat it: ").append(again.command()));
    }
    return text.toString();
  }
}
