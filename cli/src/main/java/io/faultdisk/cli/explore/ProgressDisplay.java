package io.faultdisk.cli.explore;

import io.faultdisk.base.Clock;
import io.faultdisk.base.UsageException;
import io.faultdisk.cli.Console;
import io.faultdisk.explore.CaseResult;
import io.faultdisk.explore.Heading;
import io.faultdisk.explore.ProgressLine;
import io.faultdisk.explore.ResultSink;
import io.faultdisk.explore.TimelineEntry;
import java.util.List;
import java.util.Map;

/**
 * Passes results on and shows in one line of standard error how far the exploration is, if somebody
 * sits there. Called by one thread at a time.
 */
public final class ProgressDisplay implements ResultSink {
  private static final long NANOS_BETWEEN = 100_000_000;
  private static final int WIDTH = 79;

  private final ResultSink sink;
  private final Console console;
  private final Clock clock;
  private final Runnable begins;
  private int left;
  private int tried;
  private int failures;
  private long begin;
  private long shown;
  private boolean visible;

  /**
   * A display.
   *
   * @param begins called when all is recorded and the cases begin
   */
  public ProgressDisplay(ResultSink sink, Console console, Clock clock, Runnable begins) {
    this.begins = begins;
    this.sink = sink;
    this.console = console;
    this.clock = clock;
  }

  int tried() {
    return tried;
  }

  boolean isDone() {
    return tried == left;
  }

  @Override
  public Opened open(Heading heading, List<TimelineEntry> timeline) throws UsageException {
    Opened opened = sink.open(heading, timeline);
    return new Opened() {
      @Override
      public Map<Integer, CaseResult> done() {
        return opened.done();
      }

      @Override
      public void begins(int cases, int casesLeft) {
        left = casesLeft;
        begins.run();
        begin = clock.nanoTime();
        opened.begins(cases, casesLeft);
      }

      @Override
      public void found(CaseResult result) throws UsageException {
        opened.found(result);
        tried++;
        failures += result.verdict().isFailure() ? 1 : 0;
        show();
      }
    };
  }

  private void show() {
    long now = clock.nanoTime();
    if (console.terminal() && now - shown >= NANOS_BETWEEN) {
      shown = now;
      visible = true;
      console.errorText(
          "\r" + ProgressLine.text(tried, left, failures, (now - begin) / 1_000_000, WIDTH));
    }
  }

  /** Takes the line away. */
  public void end() {
    if (visible) {
      console.errorText("\r" + " ".repeat(WIDTH) + "\r");
    }
  }
}
