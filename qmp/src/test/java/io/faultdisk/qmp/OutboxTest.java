package io.faultdisk.qmp;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class OutboxTest {
  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void closingSendsWhatThereIs() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (Outbox outbox = new Outbox(out, () -> {})) {
      outbox.start("test");
      outbox.reply(bytes("a"));
      outbox.event(bytes("b"));
      outbox.reply(bytes("c"));
    }
    assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo("abc");
  }

  @Test
  void whoDoesNotReadEventsIsCutOffAndNobodyWaits() throws Exception {
    CountDownLatch forever = new CountDownLatch(1);
    CountDownLatch broken = new CountDownLatch(1);
    OutputStream stuck =
        new OutputStream() {
          @Override
          public void write(int b) throws IOException {
            try {
              forever.await();
            } catch (InterruptedException e) {
              throw new IOException(e);
            }
          }
        };
    Outbox outbox = new Outbox(stuck, broken::countDown);
    outbox.start("test");
    byte[] event = new byte[1 << 20];
    for (int i = 0; i < 20; i++) {
      outbox.event(event);
    }
    assertThat(broken.await(30, TimeUnit.SECONDS)).isTrue();
    outbox.reply(event); // is dropped, and does not wait
    forever.countDown();
  }

  @Test
  void aReaderThatHasGoneIsTold() throws Exception {
    CountDownLatch broken = new CountDownLatch(1);
    OutputStream gone =
        new OutputStream() {
          @Override
          public void write(int b) throws IOException {
            throw new IOException("gone");
          }
        };
    Outbox outbox = new Outbox(gone, broken::countDown);
    outbox.start("test");
    outbox.reply(bytes("a"));
    assertThat(broken.await(30, TimeUnit.SECONDS)).isTrue();
  }
}
