package io.faultdisk.cli.damage;

import io.faultdisk.cli.call.ToolOutput;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/** How long a call may take. */
final class Deadline {
  private static final Duration LIMIT = Duration.ofSeconds(30);

  private Deadline() {}

  /** What the call returns, or an output that says that it hangs; it is left alone then. */
  static ToolOutput limit(Supplier<ToolOutput> call) {
    FutureTask<ToolOutput> task = new FutureTask<>(call::get);
    Thread.ofPlatform().daemon().start(task);
    try {
      return task.get(LIMIT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      return new ToolOutput("", "hangs", ToolOutput.HUNG);
    } catch (ExecutionException e) {
      return new ToolOutput("", "threw " + e.getCause(), ToolOutput.HUNG);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
