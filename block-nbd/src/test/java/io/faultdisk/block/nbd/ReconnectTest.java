package io.faultdisk.block.nbd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.faultdisk.base.Errno;
import io.faultdisk.base.UsageException;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.nbd.CommandType;
import io.faultdisk.testkit.Race;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.assertj.core.api.ThrowingConsumer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Connections that are lost, and come again or not. */
@Timeout(value = 90, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ReconnectTest {
  private static final long SIZE = 16 << 20;
  private static final int DELAY = 30;
  private static final String DELAYED = ",reconnect-delay=" + DELAY;

  @TempDir Path dir;

  private final HeldSleeper sleeper = new HeldSleeper();

  /** Takes so many requests, answers none and hangs up. */
  private static FakeServer.Script hangUpAfter(int requests) {
    return session -> {
      shakeHands(session);
      for (int i = 0; i < requests; i++) {
        session.request();
      }
    };
  }

  private static void shakeHands(FakeSession session) throws IOException {
    session.handshake(ExportInfo.Replies.SIMPLE, SIZE, FakeSession.ALL);
  }

  /** Answers everything with zeroes, until the client hangs up. */
  private static void serve(FakeSession session) throws IOException {
    shakeHands(session);
    while (true) {
      FakeSession.Request request = session.request();
      if (request.is(CommandType.DISC)) {
        return;
      }
      boolean read = request.is(CommandType.READ);
      session.simple(request.cookie(), 0, new byte[read ? (int) request.bytes() : 0]);
    }
  }

  private static ThrowingConsumer<Throwable> is(Errno errno) {
    return failure -> assertThat(((BlockIoException) failure).errno()).isEqualTo(errno);
  }

  /** Without a delay requests fail until the next connection is there. */
  private static void awaitAnswers(RemoteDisk disk) {
    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .ignoreExceptionsInstanceOf(BlockIoException.class)
        .untilAsserted(() -> assertThat(disk.read(0, 512)).containsOnly(0));
  }

  @Test
  void requestsInFlightAreRepeatedOnTheNextConnection() throws Exception {
    int count = 20;
    try (FakeServer server = new FakeServer(dir, hangUpAfter(count), ReconnectTest::serve);
        RemoteDisk disk = RemoteDisk.open(sleeper, server.socket(), DELAYED)) {
      new Race(Duration.ofSeconds(60))
          .threads(
              count,
              i -> {
                switch (i % 3) {
                  case 0 -> assertThat(disk.read(i * 512L, 512)).containsOnly(0);
                  case 1 -> disk.write(i * 512L, new byte[512]);
                  default -> disk.image().writeZeroes(i * 512L, 512, 0);
                }
              })
          .run();
      disk.close();
      server.awaitEnd();
      assertThat(server.connections()).isEqualTo(2);
    }
  }

  /** Some of it had gone, some not: the next connection gets all of it. */
  @Test
  void longWritesThatWereCutOffAreRepeatedWhole() throws Exception {
    byte[] data = new byte[8 << 20];
    new Random(5).nextBytes(data);
    AtomicReference<FakeSession.Request> repeated = new AtomicReference<>();
    try (FakeServer server =
            new FakeServer(
                dir,
                session -> {
                  shakeHands(session);
                  session.receive(300 << 10);
                },
                session -> {
                  shakeHands(session);
                  FakeSession.Request request = session.request();
                  repeated.set(request);
                  session.simple(request.cookie(), 0);
                  session.awaitHangUp();
                });
        RemoteDisk disk = RemoteDisk.open(sleeper, server.socket(), DELAYED)) {
      disk.write(4096, data);
      disk.close();
      server.awaitEnd();
      assertThat(repeated.get().offset()).isEqualTo(4096);
      assertThat(repeated.get().payload()).isEqualTo(data);
    }
  }

  /** What had come of a read does not count. */
  @Test
  void readsThatWereCutOffStartOver() throws Exception {
    byte[] data = new byte[1 << 20];
    new Random(6).nextBytes(data);
    try (FakeServer server =
            new FakeServer(
                dir,
                session -> {
                  shakeHands(session);
                  long cookie = session.request().cookie();
                  session.simple(cookie, 0, Arrays.copyOf(data, 700_000));
                },
                session -> {
                  shakeHands(session);
                  session.simple(session.request().cookie(), 0, data);
                  session.awaitHangUp();
                });
        RemoteDisk disk = RemoteDisk.open(sleeper, server.socket(), DELAYED)) {
      assertThat(disk.read(0, data.length)).isEqualTo(data);
      disk.close();
      server.awaitEnd();
    }
  }

  @Test
  void isTriedAsOftenAsConnectionsAreLost() throws Exception {
    List<FakeServer.Script> scripts = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      scripts.add(hangUpAfter(1));
    }
    scripts.add(ReconnectTest::serve);
    try (FakeServer server = new FakeServer(dir, scripts);
        RemoteDisk disk = RemoteDisk.open(sleeper, server.socket(), DELAYED)) {
      assertThat(disk.read(0, 512)).containsOnly(0);
      disk.close();
      server.awaitEnd();
    }
  }

  @Test
  void withoutADelayTheyFailAndLaterOnesMaySucceed() throws Exception {
    try (FakeServer first = new FakeServer(dir, hangUpAfter(1));
        RemoteDisk disk = RemoteDisk.open(sleeper, first.socket(), "")) {
      assertThatThrownBy(() -> disk.read(0, 512)).satisfies(is(Errno.EIO));
      first.awaitEnd();
      assertThatThrownBy(() -> disk.write(0, new byte[512])).satisfies(is(Errno.EIO));
      sleeper.awaitNap(1); // somebody goes on trying
      assertThatThrownBy(() -> disk.read(0, 512)).satisfies(is(Errno.EIO));
      try (FakeServer second = new FakeServer(dir, ReconnectTest::serve)) {
        sleeper.wake(1);
        awaitAnswers(disk);
        disk.close();
        second.awaitEnd();
      }
      assertThat(disk.messages()).isEmpty();
    }
  }

  @Test
  void pausesBetweenAttemptsGrow() throws Exception {
    try (FakeServer first = new FakeServer(dir, hangUpAfter(1));
        RemoteDisk disk = RemoteDisk.open(sleeper, first.socket(), "")) {
      assertThatThrownBy(() -> disk.read(0, 512)).satisfies(is(Errno.EIO));
      first.awaitEnd();
      assertThatThrownBy(() -> disk.read(0, 512)).satisfies(is(Errno.EIO));
      for (int seconds : new int[] {1, 2, 4, 8, 16, 16, 16}) {
        sleeper.wake(seconds);
      }
    }
  }

  @Test
  void requestsWaitUntilTheDelayIsOver() throws Exception {
    AtomicReference<Throwable> failure = new AtomicReference<>();
    try (FakeServer first = new FakeServer(dir, hangUpAfter(1));
        RemoteDisk disk = RemoteDisk.open(sleeper, first.socket(), DELAYED)) {
      Thread one =
          Thread.ofPlatform().start(() -> failure.set(catchThrowable(() -> disk.read(0, 512))));
      first.awaitEnd();
      sleeper.awaitNap(1);
      sleeper.awaitNap(DELAY);
      assertThat(one.isAlive()).isTrue();
      sleeper.wake(DELAY);
      one.join();
      assertThat(failure.get()).satisfies(is(Errno.EIO));
      // From now on nobody waits; the next connection starts it all again.
      assertThatThrownBy(() -> disk.read(0, 512)).satisfies(is(Errno.EIO));
      try (FakeServer second = new FakeServer(dir, hangUpAfter(1), ReconnectTest::serve)) {
        sleeper.wake(1);
        awaitAnswers(disk);
        disk.close();
        second.awaitEnd();
      }
    }
  }

  /** It has become read-only: no use for a disk that is written to, but that may change. */
  @Test
  void anExportThatWillNotDoIsNotTheEnd() throws Exception {
    CountDownLatch refused = new CountDownLatch(1);
    try (FakeServer server =
            new FakeServer(
                dir,
                hangUpAfter(1),
                session -> {
                  int flags = FakeSession.ALL | FakeSession.READ_ONLY;
                  session.handshake(ExportInfo.Replies.SIMPLE, SIZE, flags);
                  assertThat(session.request().is(CommandType.DISC)).isTrue();
                  refused.countDown();
                },
                ReconnectTest::serve);
        RemoteDisk disk = RemoteDisk.open(sleeper, server.socket(), DELAYED)) {
      AtomicReference<byte[]> data = new AtomicReference<>();
      Thread one =
          Thread.ofPlatform()
              .start(
                  () -> {
                    try {
                      data.set(disk.read(0, 512));
                    } catch (BlockIoException e) {
                      throw new AssertionError(e);
                    }
                  });
      refused.await();
      sleeper.wake(1);
      one.join();
      assertThat(data.get()).containsOnly(0);
      disk.close();
      server.awaitEnd();
    }
  }

  @Test
  void openingTriesForAsLongAsItIsTold() throws Exception {
    try (FakeServer server =
        new FakeServer(dir, session -> {}, session -> session.greet(3), ReconnectTest::serve)) {
      Thread clock =
          Thread.ofPlatform()
              .daemon()
              .start(
                  () -> {
                    try {
                      sleeper.wake(1);
                      sleeper.wake(2);
                    } catch (InterruptedException e) {
                      throw new AssertionError(e);
                    }
                  });
      try (RemoteDisk disk = RemoteDisk.open(sleeper, server.socket(), ",open-timeout=7")) {
        assertThat(disk.read(0, 512)).containsOnly(0);
      }
      clock.join();
      server.awaitEnd();
    }
  }

  @Test
  void openingFailsWithTheLastReasonWhenTheTimeIsOver() throws Exception {
    try (FakeServer server = new FakeServer(dir, session -> {}, session -> {})) {
      Thread clock =
          Thread.ofPlatform()
              .daemon()
              .start(
                  () -> {
                    try {
                      sleeper.wake(1);
                      sleeper.awaitNap(2);
                      sleeper.wake(7);
                    } catch (InterruptedException e) {
                      throw new AssertionError(e);
                    }
                  });
      assertThatThrownBy(() -> RemoteDisk.open(sleeper, server.socket(), ",open-timeout=7"))
          .isInstanceOf(UsageException.class)
          .hasMessageContaining("Failed to read initial magic: Unexpected end-of-file");
      clock.join();
      server.awaitEnd();
    }
  }

  @Test
  void closingWhileNobodyAnswersEndsTheAttempts() throws Exception {
    try (FakeServer first = new FakeServer(dir, hangUpAfter(1))) {
      RemoteDisk disk = RemoteDisk.open(sleeper, first.socket(), "");
      assertThatThrownBy(() -> disk.read(0, 512)).satisfies(is(Errno.EIO));
      first.awaitEnd();
      assertThatThrownBy(() -> disk.read(0, 512)).satisfies(is(Errno.EIO));
      sleeper.awaitNap(1);
      disk.close();
      Awaitility.await()
          .atMost(Duration.ofSeconds(30))
          .until(
              () ->
                  Thread.getAllStackTraces().keySet().stream()
                      .noneMatch(thread -> thread.getName().equals("nbd-connect")));
    }
  }
}
