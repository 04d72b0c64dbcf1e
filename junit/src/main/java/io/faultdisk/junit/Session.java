package io.faultdisk.junit;

import io.faultdisk.base.Seed;
import io.faultdisk.events.EventScope;
import io.faultdisk.nio.explore.Attempt;
import io.faultdisk.nio.explore.Exploration;
import io.faultdisk.nio.explore.TestDisk;
import io.faultdisk.nio.explore.Trial;
import io.faultdisk.rules.Rule;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.opentest4j.TestAbortedException;

/**
 * What one invocation of a test method has, from before its {@code @BeforeEach} methods until after
 * its {@code @AfterEach} methods. Kept in the invocation's store; used by its thread.
 */
final class Session {
  private static final Namespace NAMESPACE = Namespace.create(Session.class);

  private final TestDisk disk;
  private final List<Rule> rules;
  private final EventScope scope;
  private final String name;
  private Seed seed;
  private @Nullable Attempt attempt;

  private Session(TestDisk disk, List<Rule> rules, Seed seed, String name) {
    this.disk = disk;
    this.rules = rules;
    this.seed = seed;
    this.name = name;
    this.scope = disk.faults().listen();
  }

  /** Begins the session of an invocation. */
  static void open(ExtensionContext context) throws IOException {
    List<Rule> rules = RuleAnnotations.read(context);
    Seed seed = Seeds.of(context);
    String name =
        Annotations.simpleName(context.getRequiredTestClass())
            + "."
            + context.getRequiredTestMethod().getName();
    TestDisk disk = TestDisk.open(Settings.of(context));
    context.getStore(NAMESPACE).put(Session.class, new Session(disk, rules, seed, name));
  }

  /** The session of an invocation; empty before and after. */
  static Optional<Session> of(ExtensionContext context) {
    return Optional.ofNullable(context.getStore(NAMESPACE).get(Session.class, Session.class));
  }

  /** Ends the session of an invocation, if it had begun. */
  static void close(ExtensionContext context) throws IOException {
    Session session = context.getStore(NAMESPACE).remove(Session.class, Session.class);
    if (session != null) {
      try {
        session.scope.close();
      } finally {
        session.disk.close();
      }
    }
  }

  TestDisk disk() {
    return disk;
  }

  Seed seed() {
    return seed;
  }

  Optional<Attempt> attempt() {
    return Optional.ofNullable(attempt);
  }

  /** This invocation is an attempt of a series with this seed. */
  void attempt(Attempt newAttempt, Seed ofSeries) {
    attempt = newAttempt;
    seed = ofSeries;
  }

  /** The test method is about to be called. */
  void begin() {
    disk.faults().add(rules);
  }

  /**
   * The test method has returned.
   *
   * @throws AssertionError if it shall, and some rules have done nothing
   */
  void end(boolean checkUnfired) {
    // What a trial breaks off may leave later rules without anything to do.
    boolean whole = attempt == null || attempt.trial().isClean();
    Optional<String> unfired = checkUnfired && whole ? disk.unfired() : Optional.empty();
    disk.quiet();
    if (unfired.isPresent()) {
      AssertionError failure =
          new AssertionError(
              unfired.get() + "\nIf a rule may do nothing, say so with @MayStayUnfired.");
      explain(failure);
      throw failure;
    }
  }

  /** Hangs a report on a failure. */
  void explain(Throwable failure) {
    if (failure instanceof TestAbortedException || failure instanceof ExplorationFailure) {
      return;
    }
    Optional<Trial> trial = attempt().map(Attempt::trial).filter(t -> !t.isClean());
    String heading = name + attempt().map(a -> ", " + a.trial()).orElse("");
    String again = Exploration.again(trial.orElse(Trial.CLEAN), seed);
    failure.addSuppressed(new FaultReport(disk.report(heading, again, trial)));
  }
}
