package io.faultdisk.block.qcow2;

import io.faultdisk.base.TurnLock;
import io.faultdisk.base.Turns;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * The allocations of all writes that have not been linked yet. A write that touches the same
 * clusters waits for them. Under the metadata lock.
 */
final class AllocationsInFlight {
  /** What {@link #freeBytes} answers when it has waited: what the caller knew is out of date. */
  static final long WAITED = -1;

  private final Turns turns;
  private final TurnLock lock;

  /** The newest first. */
  private final Deque<Allocation> allocations = new ArrayDeque<>(4);

  private volatile boolean empty = true;

  AllocationsInFlight(Turns turns, TurnLock lock) {
    this.turns = turns;
    this.lock = lock;
  }

  void add(Allocation allocation) {
    allocations.addFirst(allocation);
    empty = false;
  }

  /** Takes an allocation out and lets those go on that wait for it. */
  void end(Allocation allocation) {
    allocations.remove(allocation);
    empty = allocations.isEmpty();
    allocation.dependents.wakeAll(turns);
  }

  /** Whether there is none; also without the lock. */
  boolean isEmpty() {
    return empty;
  }

  /**
   * How many of the guest's bytes from {@code offset} on no other write is allocating.
   *
   * @param mayWait whether to wait if it is none; otherwise the answer is 0
   * @return {@link #WAITED} if it did wait
   */
  long freeBytes(long offset, long bytes, Geometry geometry, boolean mayWait) {
    long free = bytes;
    for (Allocation other : allocations) {
      long from = geometry.startOfCluster(other.guestFrom());
      long to = geometry.roundUp(other.guestTo());
      if (offset + free <= from || offset >= to) {
        continue;
      }
      boolean outside = offset + free <= other.guestFrom() || offset >= other.guestTo();
      if (other.keepsPlace && outside) {
        continue; // the same cluster, but it is there already and the copied areas do not meet
      }
      if (offset < from) {
        free = from - offset;
      } else if (mayWait) {
        other.dependents.await(turns, lock);
        return WAITED;
      } else {
        return 0;
      }
    }
    return free;
  }
}
