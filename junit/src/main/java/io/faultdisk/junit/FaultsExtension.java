package io.faultdisk.junit;

import io.faultdisk.base.Seed;
import io.faultdisk.faults.Faults;
import io.faultdisk.nio.FaultFileSystem;
import io.faultdisk.nio.explore.Attempt;
import io.faultdisk.rules.Rule;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.AfterTestExecutionCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.BeforeTestExecutionCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.LifecycleMethodExecutionExceptionHandler;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;

/**
 * Gives each test faults and a file system of its own, as parameters of the test and of
 * {@code @BeforeEach} and {@code @AfterEach} methods:
 *
 * <ul>
 *   <li>{@link Faults}: rules, breakpoints, receipts. What the test's thread announces with {@code
 *       FaultEvents.current()} reaches them, also from threads that it starts
 *   <li>{@link FaultFileSystem}, and {@link FaultDir @FaultDir} {@link Path}, a directory there
 *   <li>{@link Seed}: for what the test chooses at random; a failure says how to have the same
 *   <li>{@link Attempt} in tests with {@link EveryFaultPoint} or {@link EveryPowerCut}
 * </ul>
 *
 * <p>Comes with all annotations of this package, or with
 * {@code @ExtendWith(FaultsExtension.class)}.
 */
public final class FaultsExtension
    implements BeforeEachCallback,
        BeforeTestExecutionCallback,
        AfterTestExecutionCallback,
        AfterEachCallback,
        ParameterResolver,
        TestExecutionExceptionHandler,
        LifecycleMethodExecutionExceptionHandler {

  /** Called by JUnit. */
  public FaultsExtension() {}

  @Override
  public void beforeEach(ExtensionContext context) throws IOException {
    Session.open(context);
  }

  @Override
  public void beforeTestExecution(ExtensionContext context) {
    Session.of(context).ifPresent(Session::begin);
  }

  @Override
  public void afterTestExecution(ExtensionContext context) {
    boolean passed = context.getExecutionException().isEmpty();
    boolean check =
        passed
            && (Annotations.nearest(context, MayStayUnfired.class).isEmpty()
                || Session.of(context).map(FaultsExtension::expectsMore).orElse(false));
    Session.of(context).ifPresent(session -> session.end(check));
  }

  /** Whether a rule with {@code expect-fired} has done nothing. */
  private static boolean expectsMore(Session session) {
    return session.disk().faults().unfired().stream().anyMatch(Rule::expectFired);
  }

  @Override
  public void afterEach(ExtensionContext context) throws IOException {
    Session.close(context);
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    Class<?> type = parameter.getParameter().getType();
    return type == Faults.class
        || type == FaultFileSystem.class
        || type == Seed.class
        || type == Attempt.class
        || parameter.isAnnotated(FaultDir.class);
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    Class<?> type = parameter.getParameter().getType();
    if (parameter.isAnnotated(FaultDir.class) && type != Path.class) {
      throw new Mistake("@FaultDir is for a Path, not for a " + type.getSimpleName(), context);
    }
    Session session =
        Session.of(context)
            .orElseThrow(
                () ->
                    new Mistake(
                        type.getSimpleName()
                            + " is made for each test: take it as a parameter of the test method,"
                            + " or of a @BeforeEach or @AfterEach method",
                        context));
    if (type == Faults.class) {
      return session.disk().faults();
    }
    if (type == FaultFileSystem.class) {
      return session.disk().files();
    }
    if (type == Seed.class) {
      return session.seed();
    }
    if (type == Path.class) {
      return session.disk().directory();
    }
    return session
        .attempt()
        .orElseThrow(
            () ->
                new Mistake(
                    "an Attempt is for tests with @EveryFaultPoint or @EveryPowerCut", context));
  }

  @Override
  public void handleTestExecutionException(ExtensionContext context, Throwable failure)
      throws Throwable {
    explain(context, failure);
    throw failure;
  }

  @Override
  public void handleBeforeEachMethodExecutionException(ExtensionContext context, Throwable failure)
      throws Throwable {
    explain(context, failure);
    throw failure;
  }

  @Override
  public void handleAfterEachMethodExecutionException(ExtensionContext context, Throwable failure)
      throws Throwable {
    explain(context, failure);
    throw failure;
  }

  private static void explain(ExtensionContext context, Throwable failure) {
    Session.of(context).ifPresent(session -> session.explain(failure));
  }
}
