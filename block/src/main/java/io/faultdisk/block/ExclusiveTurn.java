package io.faultdisk.block;

import io.faultdisk.base.Turns;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Something that one request at a time may have, in the order in which they came, such as the right
 * to change a medium. Not reentrant. Any thread; waiting goes through {@link Turns}, since whoever
 * has it may wait for a node.
 */
public final class ExclusiveTurn {
  private final Turns turns;

  /** The first of them has it. */
  private final Queue<Claim> claims = new ConcurrentLinkedQueue<>();

  /** Nobody has it yet. */
  public ExclusiveTurn(Turns turns) {
    this.turns = turns;
  }

  /** One who has the medium or waits for it. */
  private static final class Claim {
    private final Thread thread = Thread.currentThread();
  }

  /** Returns when it is the caller's; {@link #leave} gives it back. */
  public void enter() {
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
  public void leave() {
    Claim mine = claims.peek();
    if (mine == null) {
      throw new IllegalStateException("it is nobody's turn");
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
