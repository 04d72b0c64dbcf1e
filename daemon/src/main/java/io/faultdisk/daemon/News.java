package io.faultdisk.daemon;

import io.faultdisk.base.Deliveries;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/**
 * What listeners are still to be told: added under whatever lock guards the change, told once that
 * is free. Any thread.
 */
final class News {
  private final Deliveries deliveries = new Deliveries();
  private final List<DaemonListener> listeners = new CopyOnWriteArrayList<>();

  void listen(DaemonListener listener) {
    listeners.add(listener);
  }

  void forget(DaemonListener listener) {
    listeners.remove(listener);
  }

  void add(Consumer<DaemonListener> item) {
    for (DaemonListener listener : listeners) {
      deliveries.add(() -> item.accept(listener));
    }
  }

  /** Something else that has to be told in its place among the news. */
  void add(Runnable item) {
    deliveries.add(item);
  }

  void run() {
    deliveries.run();
  }
}
