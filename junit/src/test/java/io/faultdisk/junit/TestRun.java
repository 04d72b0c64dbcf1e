package io.faultdisk.junit;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.platform.engine.DiscoverySelector;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Event;
import org.junit.platform.testkit.engine.EventType;

/**
 * Runs test classes with JUnit, as a build would, and tells what came of each test in words.
 *
 * @param results {@code name: passed}, {@code name: failed} and so on, in the order of their ends
 * @param failures what the failed ones threw, by name
 * @param aborted what the aborted ones threw, by name
 */
record TestRun(
    List<String> results, Map<String, Throwable> failures, Map<String, Throwable> aborted) {
  static TestRun of(Class<?> type) {
    return of(Map.of(), selectClass(type));
  }

  static TestRun of(Map<String, String> parameters, DiscoverySelector... selectors) {
    Map<String, String> all = new HashMap<>();
    // Whatever runs this test is not what the tests in it are to be told.
    all.put("faultdisk.seed", "0x1");
    all.put("faultdisk.only", "");
    all.putAll(parameters);
    TestRun run = new TestRun(new ArrayList<>(), new HashMap<>(), new HashMap<>());
    EngineTestKit.engine("junit-jupiter")
        .selectors(selectors)
        .configurationParameters(all)
        .enableImplicitConfigurationParameters(false)
        .execute()
        .allEvents()
        .stream()
        .forEach(run::add);
    return run;
  }

  private void add(Event event) {
    String name = event.getTestDescriptor().getDisplayName();
    boolean isTest = event.getTestDescriptor().isTest();
    if (event.getType() == EventType.SKIPPED) {
      results.add(name + ": skipped, " + event.getRequiredPayload(String.class));
    } else if (event.getType() == EventType.FINISHED) {
      TestExecutionResult result = event.getRequiredPayload(TestExecutionResult.class);
      Optional<Throwable> thrown = result.getThrowable();
      switch (result.getStatus()) {
        case SUCCESSFUL -> {
          if (isTest) {
            results.add(name + ": passed");
          }
        }
        case ABORTED -> {
          results.add(name + ": aborted, " + thrown.orElseThrow().getMessage());
          aborted.put(name, thrown.orElseThrow());
        }
        case FAILED -> {
          results.add(name + ": failed");
          failures.put(name, thrown.orElseThrow());
        }
      }
    }
  }

  /** What a failed test threw. */
  Throwable failure(String name) {
    return failures.get(name);
  }

  /** The only failure. */
  Throwable failure() {
    if (failures.size() != 1) {
      throw new AssertionError("not one failure, but " + failures);
    }
    return failures.values().iterator().next();
  }

  /** What hangs on a failure; the thread is called main. */
  static String report(Throwable failure) {
    if (failure.getSuppressed().length != 1) {
      throw new AssertionError("not one report", failure);
    }
    return failure
        .getSuppressed()[0]
        .toString()
        .replace("[" + Thread.currentThread().getName() + "]", "[main]");
  }
}
