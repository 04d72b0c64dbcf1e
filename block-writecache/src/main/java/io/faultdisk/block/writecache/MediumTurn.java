package io.faultdisk.block.writecache;

import io.faultdisk.base.Turns;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Who may change the medium: one at a time, in the order in which they came. Not reentrant. Any
 * thread; waiting goes through {@link Turns}, since whoever has it may wait for the node below.
 */
final class MediumTurn {
  private final Turns turns;

  /** The first of them has it. */
  private final Queue<Claim> claims = new ConcurrentLinkedQueue<>();

  MediumTurn(Turns turns) {
    this.turns = turns;
  }

  /** One who has the medium or waits for it. */
  private static final class Claim {
    private final Thread thread = Thread.currentThread();
  }

  /** Returns when it is the caller's; {@link #leave} gives it back. */
  void enter() {
    Claim claim = new Claim();
    claims.add(claim);
    boolean entered = false;
    try {
      if (claims.peek() != claim) {
        turns.await(() -> claims.peek() == claim);
      }
      entered = true;
    } finally {
      if (!entered) {
        remove(claim);
      }
    }
  }

  /** Gives it to the next. */
  void leave() {
    Claim mine = claims.peek();
    if (mine == null) {
      throw new IllegalStateException("the medium is nobody's");
    }
    remove(mine);
  }

  private void remove(Claim claim) {
    claims.remove(claim);
    Claim next = claims.peek();
    if (next != null) {
      turns.signal(next.thread);
    }
  }
}
