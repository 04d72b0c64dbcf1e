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

  /** One registration: the same observer can be registered twice, and each is closed by itself. */
  static final class Told {
    private final Observer observer;

    private Told(Observer observer) {
      this.observer = observer;
    }
  }

  boolean isEmpty() {
    return all.length == 0;
  }

  Told add(Observer observer) {
    Told[] now = all;
    Told[] more = Arrays.copyOf(now, now.length + 1);
    Told own = new Told(observer);
    more[now.length] = own;
    all = more;
    return own;
  }

  void remove(Told own) {
    all = Arrays.stream(all).filter(told -> told != own).toArray(Told[]::new);
  }

  /** Not under the lock: an observer may call the engine. */
  void tell(Observation observation) {
    for (Told told : all) {
      told.observer.observed(observation);
    }
  }
}
