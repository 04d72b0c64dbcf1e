package io.faultdisk.qmp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ReadAheadTest {
  private static final int HALF = 1 << 15;

  private final ReadAhead ahead = new ReadAhead();

  @Test
  void whatIsPutInComesOutInOrderThenNothing() {
    assertThat(ahead.put(new byte[] {1})).isTrue();
    assertThat(ahead.put(new byte[] {2, 3})).isTrue();
    ahead.complete();
    assertThat(ahead.take()).containsExactly(1);
    assertThat(ahead.take()).containsExactly(2, 3);
    assertThat(ahead.take()).isEmpty();
    assertThat(ahead.take()).isEmpty();
  }

  @Test
  void thereIsRoomForSoMuchAndThenPuttingWaits() throws Exception {
    assertThat(ahead.put(new byte[HALF])).isTrue();
    assertThat(ahead.put(new byte[HALF])).isTrue();
    CompletableFuture<Boolean> more = putLater();
    assertThat(more.isDone()).isFalse();
    assertThat(ahead.take()).hasSize(HALF);
    assertThat(more.get(30, TimeUnit.SECONDS)).isTrue();
  }

  private CompletableFuture<Boolean> putLater() {
    CompletableFuture<Boolean> done = new CompletableFuture<>();
    Thread.startVirtualThread(() -> done.complete(ahead.put(new byte[1])));
    return done;
  }

  @Test
  void whenNobodyWantsItPuttingDoesNotWait() throws Exception {
    assertThat(ahead.put(new byte[2 * HALF])).isTrue();
    CompletableFuture<Boolean> more = putLater();
    ahead.refuse();
    assertThat(more.get(30, TimeUnit.SECONDS)).isFalse();
    assertThat(ahead.put(new byte[1])).isFalse();
    assertThat(ahead.take()).isEmpty();
  }
}
