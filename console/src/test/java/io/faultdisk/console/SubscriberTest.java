package io.faultdisk.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What becomes of a reader who is slow. */
class SubscriberTest {
  private final Subscriber reader = new Subscriber(Optional.empty());

  @Test
  void ticksAreMissedOtherEventsAreNot() throws Exception {
    byte[] most = new byte[Subscriber.TICKS_BYTES_MAX];
    reader.offerTick(most);
    reader.offerTick(new byte[1]);
    reader.offer(new byte[2]);
    assertThat(reader.take(0).orElseThrow())
        .extracting(frame -> frame.length)
        .containsExactly(most.length, 2);
    reader.offerTick(new byte[1]);
    assertThat(reader.take(0).orElseThrow()).hasSize(1);
    assertThat(reader.take(0).orElseThrow()).isEmpty();
  }

  @Test
  void whoReadsNothingIsCutOff() throws Exception {
    byte[] frame = new byte[1 << 20];
    for (int i = 0; i < Subscriber.BYTES_MAX / frame.length; i++) {
      reader.offer(frame);
    }
    reader.offer(frame);
    assertThat(reader.take(0)).isEmpty();
  }

  /** The rules of a disk may be as long as a rule file can be. */
  @Test
  void oneEventOfAnyLengthGetsThrough() throws Exception {
    reader.offer(new byte[Subscriber.BYTES_MAX + 1]);
    assertThat(reader.take(0).orElseThrow()).hasSize(1);
  }

  @Test
  void whatWasSaidBeforeTheEndIsHeard() throws Exception {
    reader.offer(new byte[1]);
    reader.end();
    assertThat(reader.take(0).orElseThrow()).hasSize(1);
    assertThat(reader.take(0)).isEmpty();
  }
}
