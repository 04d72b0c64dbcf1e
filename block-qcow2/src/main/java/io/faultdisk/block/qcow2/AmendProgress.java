package io.faultdisk.block.qcow2;

import io.faultdisk.block.format.Amendable.Progress;

/**
 * Makes one progress out of those of several operations in a row. How long the later ones take is
 * guessed from the earlier ones.
 *
 * <p>For one thread.
 */
final class AmendProgress {
  private final Progress whole;
  private final int operations;
  private int begun;
  private int current;
  private int completed;
  private long doneBefore;
  private long lastTotal;

  /**
   * Nothing done yet.
   *
   * @param operations how many there will be at most
   */
  AmendProgress(Progress whole, int operations) {
    this.whole = whole;
    this.operations = operations;
  }

  /** The progress of the next operation; from its first report on, the one before is over. */
  Progress nextOperation() {
    int operation = ++begun;
    return (done, total) -> {
      if (current != operation) {
        if (current != 0) {
          doneBefore += lastTotal;
          completed++;
        }
        current = operation;
      }
      report(done, total);
    };
  }

  private void report(long done, long total) {
    lastTotal = total;
    long known = doneBefore + total;
    long projected = known * (operations - completed - 1) / (completed + 1);
    whole.at(doneBefore + done, known + projected);
  }
}
