package io.faultdisk.junit;

import io.faultdisk.base.Seed;
import io.faultdisk.nio.explore.Attempt;
import io.faultdisk.nio.explore.AttemptSeries;
import io.faultdisk.nio.explore.Exploration;
import io.faultdisk.nio.explore.TrialPlan;
import java.util.Arrays;
import java.util.Optional;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestTemplateInvocationContext;
import org.junit.jupiter.api.extension.TestTemplateInvocationContextProvider;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Turns a method with {@link EveryFaultPoint} or {@link EveryPowerCut} into its invocations. */
public final class EveryPointExtension implements TestTemplateInvocationContextProvider {

  /** Called by JUnit. */
  public EveryPointExtension() {}

  @Override
  public boolean supportsTestTemplate(ExtensionContext context) {
    return Annotations.onMethod(context, EveryFaultPoint.class).isPresent()
        || Annotations.onMethod(context, EveryPowerCut.class).isPresent();
  }

  @Override
  public Stream<TestTemplateInvocationContext> provideTestTemplateInvocationContexts(
      ExtensionContext context) {
    Optional<EveryFaultPoint> points = Annotations.onMethod(context, EveryFaultPoint.class);
    Optional<EveryPowerCut> cuts = Annotations.onMethod(context, EveryPowerCut.class);
    if (points.isPresent() && cuts.isPresent()) {
      throw new Mistake(
          "@EveryFaultPoint and @EveryPowerCut are for one method each: let two methods call the"
              + " same code",
          context);
    }
    TrialPlan plan =
        points
            .map(annotation -> Plans.of(annotation, context))
            .orElseGet(() -> Plans.of(cuts.orElseThrow(), context));
    String only = points.map(EveryFaultPoint::only).orElseGet(() -> cuts.orElseThrow().only());
    return stream(plan, only, context);
  }

  private static Stream<TestTemplateInvocationContext> stream(
      TrialPlan plan, String only, ExtensionContext context) {
    check(context);
    Seed seed = Seeds.of(context);
    Optional<String> onlyOne =
        context
            .getConfigurationParameter(Exploration.ONLY_PROPERTY)
            .filter(text -> !text.isEmpty())
            .or(() -> Optional.of(only).filter(text -> !text.isEmpty()));
    Invocations invocations = new Invocations(new AttemptSeries(plan, seed, onlyOne), seed);
    return StreamSupport.stream(
        Spliterators.spliteratorUnknownSize(invocations, Spliterator.ORDERED | Spliterator.NONNULL),
        false);
  }

  private static void check(ExtensionContext context) {
    boolean attempt =
        Arrays.asList(context.getRequiredTestMethod().getParameterTypes()).contains(Attempt.class);
    if (!attempt) {
      throw new Mistake(
          "the test needs a parameter of type Attempt, and calls attempt.run(directory -> ...)"
              + " with what is to fail",
          context);
    }
    if (context.getExecutionMode() == ExecutionMode.CONCURRENT) {
      throw new Mistake(
          "the invocations run one after the other, since the first finds the points for the"
              + " others: remove @Execution(CONCURRENT) from the method",
          context);
    }
  }
}
