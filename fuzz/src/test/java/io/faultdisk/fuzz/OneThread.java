package io.faultdisk.fuzz;

import io.faultdisk.base.Turns;
import java.util.function.BooleanSupplier;

/**
 * Everything on the thread of the request, so that an input does the same each time. Whoever would
 * have to wait waits for ever, since there is nobody else.
 */
final class OneThread implements Turns {
  @Override
  public void pass() {}

  @Override
  public void await(BooleanSupplier released) {
    if (!released.getAsBoolean()) {
      throw new AssertionError("waits, and nobody is there to end that");
    }
  }

  @Override
  public void signal(Thread waiter) {}

  @Override
  public void start(Runnable part) {
    part.run();
  }
}
