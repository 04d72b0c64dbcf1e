package io.faultdisk.cli.img;

import io.faultdisk.base.Turns;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Lets workers write in the order of the image, whoever has read first. Any thread. */
final class WriteOrder {
  private final Turns turns;
  private final Map<Long, Thread> waiting = new ConcurrentHashMap<>();
  private volatile long next;
  private volatile boolean givenUp;

  WriteOrder(Turns turns) {
    this.turns = turns;
  }

  /** Returns when everything before the sector has been written, or nobody is to write any more. */
  void await(long sector) {
    if (next == sector || givenUp) {
      return;
    }
    waiting.put(sector, Thread.currentThread());
    try {
      turns.await(() -> next == sector || givenUp);
    } finally {
      waiting.remove(sector);
    }
  }

  /** Everything before the sector has been written. */
  void written(long sector) {
    next = sector;
    Thread waiter = waiting.get(sector);
    if (waiter != null) {
      turns.signal(waiter);
    }
  }

  /** Nobody is to write any more: all waiters go on. */
  void giveUp() {
    givenUp = true;
    waiting.values().forEach(turns::signal);
  }
}
