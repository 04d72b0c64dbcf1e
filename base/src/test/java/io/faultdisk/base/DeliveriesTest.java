package io.faultdisk.base;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class DeliveriesTest {
  private final Deliveries deliveries = new Deliveries();
  private final List<String> told = Collections.synchronizedList(new ArrayList<>());

  @Test
  void tellsInTheOrderOfAddingAndOnlyOnce() {
    deliveries.add(() -> told.add("a"));
    deliveries.add(() -> told.add("b"));
    deliveries.run();
    deliveries.run();
    assertThat(told).containsExactly("a", "b");
  }

  @Test
  void newsOfAListenerComeAfterTheCallThatMadeThem() {
    deliveries.add(
        () -> {
          deliveries.add(() -> told.add("later"));
          deliveries.run();
          told.add("now");
        });
    deliveries.run();
    assertThat(told).containsExactly("now", "later");
  }

  @Test
  void anotherThreadIsNotHeldUpByASlowListener() throws Exception {
    CountDownLatch inside = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    deliveries.add(
        () -> {
          inside.countDown();
          try {
            if (!go.await(60, TimeUnit.SECONDS)) {
              told.add("was never let go");
            }
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          told.add("slow");
        });
    Thread slow = new Thread(deliveries::run);
    slow.start();
    assertThat(inside.await(60, TimeUnit.SECONDS)).isTrue();
    deliveries.add(() -> told.add("next"));
    deliveries.run();
    assertThat(told).isEmpty();
    go.countDown();
    slow.join();
    assertThat(told).containsExactly("slow", "next");
  }

  @Test
  void whatComesAfterAListenerThatFailedIsToldByTheNextRun() {
    deliveries.add(
        () -> {
          throw new IllegalStateException("listener");
        });
    deliveries.add(() -> told.add("after"));
    assertThatThrownBy(deliveries::run).hasMessage("listener");
    assertThat(told).isEmpty();
    deliveries.run();
    assertThat(told).containsExactly("after");
  }
}
