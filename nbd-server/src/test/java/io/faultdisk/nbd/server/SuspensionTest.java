package io.faultdisk.nbd.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultdisk.nbd.CommandFlag;
import io.faultdisk.nbd.CommandType;
import io.faultdisk.nbd.NbdMagic;
import io.faultdisk.nbd.RequestHeader;
import io.faultdisk.nbd.server.RawClient.Reply;
import io.faultdisk.rules.Event;
import io.faultdisk.rules.FaultEngine;
import io.faultdisk.rules.QemuEvents;
import io.faultdisk.testkit.RandomCases;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.random.RandomGenerator;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A request that is suspended holds up nobody, and loses nothing. */
@Timeout(240)
class SuspensionTest {
  private static final int BLOCK = 4096;
  private static final long SUSPENDED_AT = 1 << 20;

  private ServedImage served;

  @BeforeEach
  void serve() throws Exception {
    ServerLimits limits = ServerLimits.DEFAULT.withTimes(10_000, 500);
    served = ServedImage.memory("64M", "", limits, settings -> settings);
  }

  @AfterEach
  void stop() throws IOException {
    served.close();
  }

  private static byte[] noise(int bytes, long seed) {
    byte[] data = new byte[bytes];
    new Random(seed).nextBytes(data);
    return data;
  }

  @Test
  void aSuspendedRequestLets100000OthersOfItsConnectionPass() throws IOException {
    byte[] data = noise(BLOCK, 1);
    try (RawClient client = RawClient.simple(served.socket())) {
      client.write(1, 0, data);
      assertThat(client.error(1)).isZero();
      served.engine().addBreakpoint(QemuEvents.WRITE_AIO, "a");
      client.write(4711, SUSPENDED_AT, data);
      served.engine().awaitSuspended("a");
      int batch = 100;
      for (int done = 0; done < 100_000; done += batch) {
        ByteBuffer all = ByteBuffer.allocate(batch * RequestHeader.BYTES);
        for (int i = 0; i < batch; i++) {
          RequestHeader.put(all, false, 0, CommandType.READ, done + i, 0, BLOCK);
        }
        client.send(all.flip());
        for (int i = 0; i < batch; i++) {
          assertThat(client.reply(BLOCK).cookie()).isEqualTo(done + i);
        }
      }
      assertThat(served.engine().isSuspended("a")).isTrue();
      served.engine().resume("a");
      assertThat(client.error(4711)).isZero();
      assertThat(client.read(SUSPENDED_AT, BLOCK)).isEqualTo(data);
    }
  }

  /** What came in the same receive, before and behind it, is neither lost nor done twice. */
  @Test
  void requestsAroundASuspendedOneAreAnswered() throws IOException {
    for (ReplyMode mode : ReplyMode.values()) {
      boolean extended = mode == ReplyMode.EXTENDED;
      int count = 60;
      try (RawClient client = client(mode)) {
        served.engine().addBreakpoint(QemuEvents.READ_AIO, "r");
        ByteBuffer all = ByteBuffer.allocate(count * (BLOCK + 32));
        for (int i = 0; i < count; i++) {
          if (i % 3 == 0) {
            RequestHeader.put(all, extended, 0, CommandType.READ, i, SUSPENDED_AT, BLOCK);
          } else {
            int flags = extended ? CommandFlag.PAYLOAD_LEN.bit() : 0;
            RequestHeader.put(all, extended, flags, CommandType.WRITE, i, (long) i * BLOCK, BLOCK);
            all.put(noise(BLOCK, i));
          }
        }
        client.send(all.flip());
        List<Long> cookies = new ArrayList<>();
        for (int i = 0; i < count - 1; i++) {
          cookies.add(replyTo(client));
        }
        assertThat(cookies).doesNotContain(0L).doesNotHaveDuplicates();
        served.engine().awaitSuspended("r");
        served.engine().resume("r");
        assertThat(replyTo(client)).isZero();
        for (int i = 1; i < count; i += 3) {
          assertThat(client.read((long) i * BLOCK, BLOCK)).isEqualTo(noise(BLOCK, i));
        }
      }
    }
  }

  /** Reads have cookies that are multiples of three. */
  private static long replyTo(RawClient client) throws IOException {
    ByteBuffer start = client.receive(16);
    int magic = start.getInt(0);
    long cookie = start.getLong(8);
    if (magic == NbdMagic.SIMPLE_REPLY) {
      client.receive(cookie % 3 == 0 ? BLOCK : 0);
    } else if (magic == NbdMagic.EXTENDED_REPLY) {
      client.receive((int) client.receive(16).getLong(8));
    } else {
      client.receive(client.receive(4).getInt());
    }
    return cookie;
  }

  private RawClient client(ReplyMode mode) throws IOException {
    return switch (mode) {
      case SIMPLE -> RawClient.simple(served.socket());
      case STRUCTURED -> RawClient.structured(served.socket());
      case EXTENDED -> RawClient.extended(served.socket());
    };
  }

  @Test
  void manyOfAConnectionMayBeSuspendedAtOnce() throws IOException {
    int count = 100;
    try (RawClient client = RawClient.structured(served.socket())) {
      for (int i = 0; i < count; i++) {
        served.engine().addBreakpoint(QemuEvents.WRITE_AIO, "w" + i);
        client.write(i, (long) i * BLOCK, noise(BLOCK, i));
        served.engine().awaitSuspended("w" + i);
      }
      assertThat(client.read(SUSPENDED_AT, BLOCK)).containsOnly(0);
      for (int i = count - 1; i >= 0; i--) {
        served.engine().resume("w" + i);
        assertThat(client.error(i)).isZero();
        assertThat(client.read((long) i * BLOCK, BLOCK)).isEqualTo(noise(BLOCK, i));
      }
    }
  }

  /**
   * Reads and writes of all lengths in one stream, while one after the other of them is suspended
   * and others wait for it since they share a block with it.
   */
  @Test
  void nothingIsLostHoweverOftenTheConnectionIsHandedOver() throws Exception {
    try (ServedImage aligned =
        ServedImage.memory("16M", "align=4096", ServerLimits.DEFAULT, settings -> settings)) {
      byte[] model = new byte[16 << 20];
      RandomCases.run("hand-overs", 30, random -> oneRound(aligned, model, random));
    }
  }

  private static void oneRound(ServedImage image, byte[] model, RandomGenerator random)
      throws Exception {
    int count = 20 + random.nextInt(60);
    byte[] before = model.clone();
    ByteBuffer all = ByteBuffer.allocate(16 << 20);
    int at = random.nextInt(8 << 20);
    for (int i = 0; i < count; i++) {
      boolean isLong = at < 10 << 20 && random.nextInt(6) == 0;
      int bytes = 1 + random.nextInt(isLong ? 500_000 : 6_000);
      if (random.nextInt(3) == 0) {
        RequestHeader.put(all, false, 0, CommandType.READ, i, at, bytes);
      } else {
        byte[] data = noise(bytes, random.nextLong());
        RequestHeader.put(all, false, 0, CommandType.WRITE, i, at, bytes);
        all.put(data);
        System.arraycopy(data, 0, model, at, bytes);
      }
      at += bytes;
    }
    AtomicBoolean done = new AtomicBoolean();
    try (RawClient client = RawClient.structured(image.socket());
        ExecutorService others = Executors.newVirtualThreadPerTaskExecutor()) {
      try {
        others.submit(() -> suspendOneAfterTheOther(image.engine(), done));
        Future<?> sent = others.submit(() -> sendAll(client, all.flip()));
        for (int answered = 0; answered < count; ) {
          Reply chunk = client.reply(0);
          assertThat(chunk.error()).isZero();
          assertThat(chunk.cookie()).isBetween(0L, count - 1L);
          if (chunk.type() > 0) {
            assertHasData(chunk, before);
          }
          answered += chunk.isLast() ? 1 : 0;
        }
        sent.get();
      } finally {
        done.set(true);
      }
      assertSame(client.read(0, at), Arrays.copyOf(model, at));
    }
  }

  /** A chunk of data or a hole. */
  private static void assertHasData(Reply chunk, byte[] image) {
    ByteBuffer data = chunk.bytes();
    int offset = (int) data.getLong();
    byte[] got = new byte[chunk.type() == 2 ? data.getInt() : data.remaining()];
    if (chunk.type() == 1) {
      data.get(got);
    }
    assertSame(got, Arrays.copyOfRange(image, offset, offset + got.length));
  }

  private static void assertSame(byte[] one, byte[] other) {
    assertThat(Arrays.mismatch(one, other)).isEqualTo(-1);
  }

  private static Void sendAll(RawClient client, ByteBuffer all) throws IOException {
    client.send(all);
    return null;
  }

  private static void suspendOneAfterTheOther(FaultEngine engine, AtomicBoolean done) {
    for (int i = 0; !done.get(); i++) {
      Event event = i % 2 == 0 ? QemuEvents.WRITE_AIO : QemuEvents.READ_AIO;
      engine.addBreakpoint(event, "t");
      int looks = 0;
      while (!engine.isSuspended("t") && !done.get() && looks < 2000) {
        looks++;
        Thread.yield();
      }
      engine.removeBreakpoint("t");
      engine.resume("t");
    }
  }

  @Test
  void longRequestsAndSlowOnesMayBeSuspendedToo() throws IOException {
    byte[] data = noise(1 << 20, 9);
    try (RawClient client = RawClient.structured(served.socket())) {
      served.engine().addBreakpoint(QemuEvents.WRITE_AIO, "long");
      client.write(1, SUSPENDED_AT, data);
      served.engine().awaitSuspended("long");
      served.engine().addBreakpoint(QemuEvents.FLUSH_TO_OS, "flush");
      client.request(CommandType.FLUSH, 0, 2, 0, 0);
      served.engine().awaitSuspended("flush");
      served.engine().addBreakpoint(QemuEvents.READ_AIO, "sparse");
      client.write(3, 8 << 20, data);
      assertThat(client.error(3)).isZero();
      client.request(CommandType.READ, 0, 4, 8 << 20, data.length);
      served.engine().awaitSuspended("sparse");
      assertThat(client.read(0, BLOCK)).containsOnly(0);
      served.engine().resume("sparse");
      Reply reply = client.reply(0);
      assertThat(reply.cookie()).isEqualTo(4);
      assertThat(Arrays.copyOfRange(reply.data(), 8, reply.data().length)).isEqualTo(data);
      served.engine().resume("flush");
      assertThat(client.error(2)).isZero();
      served.engine().resume("long");
      assertThat(client.error(1)).isZero();
      assertThat(client.read(SUSPENDED_AT, data.length)).isEqualTo(data);
    }
  }

  @Test
  void aClientThatDiesWhileARequestIsSuspendedHarmsNobody() throws IOException {
    byte[] data = noise(BLOCK, 3);
    served.engine().addBreakpoint(QemuEvents.WRITE_AIO, "w");
    try (RawClient client = RawClient.simple(served.socket())) {
      client.write(1, 0, data);
      served.engine().awaitSuspended("w");
    }
    try (RawClient client = RawClient.simple(served.socket())) {
      assertThat(client.read(0, BLOCK)).containsOnly(0);
      served.engine().resume("w");
      Awaitility.await()
          .atMost(Duration.ofSeconds(30))
          .untilAsserted(() -> assertThat(client.read(0, BLOCK)).isEqualTo(data));
    }
    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> served.server().connections() == 0);
  }

  @Test
  void closingAnswersWhatIsInFlightAndGivesUpOnWhatDoesNotEnd() throws Exception {
    // Time enough to resume the one before it gives up on the other.
    served.close();
    ServerLimits patient = ServerLimits.DEFAULT.withTimes(10_000, 5000);
    served = ServedImage.memory("64M", "", patient, settings -> settings);
    try (RawClient client = RawClient.simple(served.socket())) {
      served.engine().addBreakpoint(QemuEvents.WRITE_AIO, "w");
      client.write(1, 0, new byte[BLOCK]);
      served.engine().awaitSuspended("w");
      served.engine().addBreakpoint(QemuEvents.READ_AIO, "r");
      client.request(CommandType.READ, 0, 2, 0, BLOCK);
      served.engine().awaitSuspended("r");
      Thread closing = Thread.ofPlatform().start(served.server()::close);
      Awaitility.await()
          .atMost(Duration.ofSeconds(30))
          .pollInterval(Duration.ofMillis(5))
          .until(() -> served.server().connections() == 0);
      served.engine().resume("r");
      assertThat(client.reply(BLOCK).cookie()).isEqualTo(2);
      closing.join();
      assertThat(client.isCutOff()).isTrue();
    }
    assertThat(served.log()).containsExactly("clients still had requests in flight");
    served.engine().resume("w"); // or the image could not be closed
  }
}
