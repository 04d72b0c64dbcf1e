package io.faultdisk.rules;

import java.util.Arrays;

/**
 * Who is told of what happens in an engine. Telling takes no lock; {@link #add} and {@link #remove}
 * are guarded by the engine's.
 */
final class Observers {
  private static final Told[] NOBODY = {};

  /** Replaced as a whole. */
  private volatile Told[] all = NOBODY;

  /** Those who want to know of everything. */
  private volatile Told[] curious = NOBODY;

  /** Whether there are none: each request asks, and this is in one place less than their number. */
  private volatile boolean empty = true;

  /** One registration: the same observer can be registered twice, and each is closed by itself. */
  static final class Told {
    private final Observer observer;
    private final boolean curious;

    private Told(Observer observer, boolean curious) {
      this.observer = observer;
      this.curious = curious;
    }
  }

  /** Whether nobody wants to know of every event and request. */
  boolean isEmpty() {
    return empty;
  }

  /** One more; one that is not curious only hears of changes. */
  Told add(Observer observer, boolean isCurious) {
    Told[] now = all;
    Told[] more = Arrays.copyOf(now, now.length + 1);
    Told own = new Told(observer, isCurious);
    more[now.length] = own;
    all(more);
    return own;
  }

  void remove(Told own) {
    all(Arrays.stream(all).filter(told -> told != own).toArray(Told[]::new));
  }

  private void all(Told[] next) {
    all = next;
    curious = Arrays.stream(next).filter(told -> told.curious).toArray(Told[]::new);
    empty = curious.length == 0;
  }

  /** Not under the lock: an observer may call the engine. */
  void tell(Observation observation) {
    tell(curious, observation);
  }

  /** Something that those want to know, too, who do not care for every event. */
  void tellChange(Observation observation) {
    tell(all, observation);
  }

  private static void tell(Told[] whom, Observation observation) {
    for (Told told : whom) {
      told.observer.observed(observation);
    }
  }
}
