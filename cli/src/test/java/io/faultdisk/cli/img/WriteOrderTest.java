package io.faultdisk.cli.img;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultdisk.base.Turns;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, unit = TimeUnit.SECONDS)
final class WriteOrderTest {
  @Test
  void whoeverComesFirstTheOrderIsThatOfTheImage() throws InterruptedException {
    WriteOrder order = new WriteOrder(Turns.free());
    List<Long> written = Collections.synchronizedList(new ArrayList<>());
    List<Thread> threads = new ArrayList<>();
    for (long sector = 7; sector >= 0; sector--) {
      long mine = sector;
      threads.add(
          Thread.ofPlatform()
              .start(
                  () -> {
                    order.await(mine);
                    written.add(mine);
                    order.written(mine + 1);
                  }));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(written).containsExactly(0L, 1L, 2L, 3L, 4L, 5L, 6L, 7L);
  }

  @Test
  void whenOneGivesUpNobodyWaits() throws InterruptedException {
    WriteOrder order = new WriteOrder(Turns.free());
    Thread waiter = Thread.ofPlatform().start(() -> order.await(5));
    order.giveUp();
    waiter.join();
    order.await(9);
  }
}
