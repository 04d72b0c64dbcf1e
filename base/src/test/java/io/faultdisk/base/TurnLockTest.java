package io.faultdisk.base;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** One owner at a time, first come, first served. */
@Timeout(120)
final class TurnLockTest {
  private final TurnLock lock = new TurnLock(Turns.free());

  @Test
  void onlyOneThreadHoldsIt() throws InterruptedException {
    int[] counter = {0};
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      Thread thread =
          new Thread(
              () -> {
                for (int round = 0; round < 1000; round++) {
                  lock.lock();
                  try {
                    counter[0]++;
                  } finally {
                    lock.unlock();
                  }
                }
              });
      threads.add(thread);
      thread.start();
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(counter[0]).isEqualTo(8000);
    assertThat(lock.isHeld()).isFalse();
  }

  @Test
  void whoeverWaitsLongestIsNext() throws InterruptedException {
    List<Integer> order = Collections.synchronizedList(new ArrayList<>());
    List<Thread> threads = new ArrayList<>();
    lock.lock();
    for (int i = 0; i < 4; i++) {
      int number = i;
      CountDownLatch started = new CountDownLatch(1);
      Thread thread =
          new Thread(
              () -> {
                started.countDown();
                lock.lock();
                order.add(number);
                lock.unlock();
              });
      threads.add(thread);
      thread.start();
      assertThat(started.await(60, TimeUnit.SECONDS)).isTrue();
      while (thread.getState() != Thread.State.WAITING) {
        Thread.onSpinWait();
      }
    }
    lock.unlock();
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(order).containsExactly(0, 1, 2, 3);
  }

  @Test
  void lockingTwiceAndUnlockingWhatOneDoesNotHoldAreMistakes() {
    assertThatThrownBy(lock::unlock).isInstanceOf(IllegalStateException.class);
    lock.lock();
    assertThat(lock.isHeld()).isTrue();
    assertThatThrownBy(lock::lock).isInstanceOf(IllegalStateException.class);
    lock.unlock();
    lock.lock();
    lock.unlock();
  }
}
