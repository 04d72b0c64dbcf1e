package io.faultdisk.cli.img;

import io.faultdisk.base.Units;
import io.faultdisk.block.format.Amendable;
import io.faultdisk.cli.Console;

/** {@code -p}: one line that says how far a command is, written again and again. */
final class Progress implements Amendable.Progress {
  private static final double ALL = 100;

  private final Console console;
  private final boolean shown;
  private final float step;
  private float reached;
  private float printed;

  /**
   * Progress that has not begun.
   *
   * @param shown false to keep quiet
   * @param step print only if it has moved by so many percent, or is at either end
   */
  Progress(Console console, boolean shown, double step) {
    this.console = console;
    this.shown = shown;
    this.step = (float) step;
  }

  /** It is at {@code done} of {@code total}. */
  @Override
  public void at(long done, long total) {
    percent(ALL * done / total);
  }

  /** It is at so many percent. */
  void percent(double percent) {
    float now = (float) Math.min(percent, ALL);
    reached = now;
    if (now > printed + step || now < printed - step || now == ALL || now == 0) {
      printed = now;
      if (shown) {
        console.print("    (" + Units.fixed(now, 2) + "/100%)\r");
        console.flush();
      }
    }
  }

  /** It has moved on by so many percent. */
  void advance(double percent) {
    percent(reached + (float) percent);
  }

  /** The line is complete. */
  void end() {
    if (shown) {
      console.print("\n");
    }
  }
}
