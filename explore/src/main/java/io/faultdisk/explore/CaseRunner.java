package io.faultdisk.explore;

import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Runs cases one after the other, on a thread of their own that is left alone once a case takes too
 * long. For one thread.
 */
final class CaseRunner implements AutoCloseable {
  private static final int FRAMES_SHOWN = 5;

  private final Subject subject;
  private final long timeLimitMillis;
  private ExecutorService executor = newExecutor();
  private volatile @Nullable Thread thread;

  CaseRunner(Subject subject, long timeLimitMillis) {
    this.subject = subject;
    this.timeLimitMillis = timeLimitMillis;
  }

  private static ExecutorService newExecutor() {
    return Executors.newSingleThreadExecutor(
        work -> {
          Thread made = new Thread(work, "case");
          made.setDaemon(true);
          return made;
        });
  }

  /** Runs one; never throws what the subject throws. */
  Outcome run(Case what) throws InterruptedException {
    Future<Outcome> outcome =
        executor.submit(
            () -> {
              thread = Thread.currentThread();
              return subject.run(what);
            });
    try {
      return outcome.get(timeLimitMillis, TimeUnit.MILLISECONDS);
    } catch (TimeoutException late) {
      String where = where();
      outcome.cancel(true);
      executor.shutdownNow();
      executor = newExecutor();
      return new Outcome(
          Verdict.HUNG, "not done after " + timeLimitMillis + " ms" + where, List.of());
    } catch (ExecutionException e) {
      return new Outcome(Verdict.CRASHED, describe(e.getCause()), List.of());
    }
  }

  private String where() {
    Thread running = thread;
    return running == null ? "" : frames(running.getStackTrace());
  }

  private static String describe(@Nullable Throwable thrown) {
    return thrown == null ? "no reason" : thrown + frames(thrown.getStackTrace());
  }

  private static String frames(StackTraceElement[] trace) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < Math.min(FRAMES_SHOWN, trace.length); i++) {
      text.append("\n  at ").append(trace[i]);
    }
    return text.toString();
  }

  @Override
  public void close() {
    executor.shutdownNow();
  }
}
