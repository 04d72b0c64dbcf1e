package io.faultdisk.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;

class EventScopeTest {
  private static final FaultEvents CURRENT = FaultEvents.current();

  private static final class Recording implements FaultEvents {
    final List<String> heard = Collections.synchronizedList(new ArrayList<>());

    @Override
    public void event(String name) {
      heard.add(name);
    }

    @Override
    public void check(String name) throws IOException {
      heard.add(name);
      throw new IOException(name);
    }
  }

  private final Recording one = new Recording();
  private final Recording other = new Recording();

  @Test
  void nobodyListensOutsideAScope() throws Exception {
    CURRENT.event("a");
    CURRENT.check("b");
    FaultEvents.none().event("c");
    FaultEvents.none().check("d");
    try (EventScope scope = EventScope.open(one)) {
      assertThat(scope).isNotNull();
      FaultEvents.none().check("e");
    }
    CURRENT.check("f");
    assertThat(one.heard).isEmpty();
  }

  @Test
  void theInnerScopeHidesTheOuter() {
    try (EventScope outer = EventScope.open(one)) {
      CURRENT.event("1");
      try (EventScope inner = EventScope.open(other)) {
        CURRENT.event("2");
        assertThatThrownBy(() -> CURRENT.check("3"))
            .isInstanceOf(IOException.class)
            .hasMessage("3");
        assertThatThrownBy(outer::close).isInstanceOf(IllegalStateException.class);
        inner.close();
        inner.close();
      }
      CURRENT.event("4");
    }
    assertThat(one.heard).containsExactly("1", "4");
    assertThat(other.heard).containsExactly("2", "3");
  }

  @Test
  void threadsStartedInsideBelongToItUntilItCloses() throws Exception {
    CountDownLatch closed = new CountDownLatch(1);
    CountDownLatch first = new CountDownLatch(1);
    Thread thread;
    try (EventScope scope = EventScope.open(one)) {
      assertThat(scope).isNotNull();
      thread =
          new Thread(
              () -> {
                CURRENT.event("inside");
                first.countDown();
                try {
                  closed.await();
                } catch (InterruptedException e) {
                  throw new IllegalStateException(e);
                }
                CURRENT.event("after");
              });
      thread.start();
      first.await();
    }
    closed.countDown();
    thread.join();
    assertThat(one.heard).containsExactly("inside");
  }

  @Test
  void twoThreadsAreApart() throws Exception {
    Thread[] threads = new Thread[2];
    Recording[] recordings = {one, other};
    for (int t = 0; t < 2; t++) {
      int number = t;
      threads[t] =
          new Thread(
              () -> {
                try (EventScope scope = EventScope.open(recordings[number])) {
                  for (int i = 0; scope != null && i < 1000; i++) {
                    CURRENT.event("t" + number);
                  }
                }
              });
      threads[t].start();
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(one.heard).hasSize(1000).containsOnly("t0");
    assertThat(other.heard).hasSize(1000).containsOnly("t1");
  }

  @Test
  void aCarriedTaskBelongsToWhoeverHandedItOver() throws Exception {
    ExecutorService pool = Executors.newSingleThreadExecutor();
    try {
      pool.submit(() -> CURRENT.event("before")).get();
      try (EventScope scope = EventScope.open(one)) {
        assertThat(scope).isNotNull();
        pool.submit(EventScope.carry(() -> CURRENT.event("carried"))).get();
        assertThat(
                pool.submit(
                        EventScope.carry(
                            () -> {
                              CURRENT.event("called");
                              return 7;
                            }))
                    .get())
            .isEqualTo(7);
        pool.submit(() -> CURRENT.event("not carried")).get();
      }
    } finally {
      pool.shutdown();
    }
    assertThat(one.heard).containsExactly("carried", "called");
  }
}
