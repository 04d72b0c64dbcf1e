package io.faultdisk.nbd.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultdisk.nbd.CommandFlag;
import io.faultdisk.nbd.CommandType;
import io.faultdisk.nbd.RequestHeader;
import io.faultdisk.rules.QemuEvents;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Many clients, polite and rude: nothing is left over, and memory stays inside its limit. */
@Timeout(360)
class ManyConnectionsTest {
  private static final int MIB = 1 << 20;
  private static final int DEPTH = 64;

  @Test
  void aThousandInARowAreOpenedAndKilled() throws Exception {
    try (ServedImage served = ServedImage.memory("1M")) {
      for (int i = 0; i < 1000; i++) {
        try (RawClient client = new RawClient(served.socket())) {
          if (i % 4 > 0) {
            client.greet(3);
          }
          if (i % 4 > 1) {
            client.go("");
          }
          if (i % 4 > 2) {
            client.request(CommandType.READ, 0, i, 0, 65536);
          }
        }
      }
      try (RawClient client = RawClient.simple(served.socket())) {
        assertThat(client.read(0, 512)).hasSize(512);
      }
      served.assertNothingIsLeft();
    }
  }

  @Test
  void twoHundredAtOnceAreServed() throws Exception {
    try (ServedImage served = ServedImage.memory("1M")) {
      List<RawClient> clients = new ArrayList<>();
      for (int i = 0; i < 200; i++) {
        clients.add(RawClient.structured(served.socket()));
      }
      for (RawClient client : clients) {
        client.write(1, 0, new byte[512]);
      }
      for (RawClient client : clients) {
        assertThat(client.error(1)).isZero();
        assertThat(client.read(512, 4096)).containsOnly(0);
      }
      assertThat(served.server().connections()).isEqualTo(200);
      for (RawClient client : clients) {
        client.close();
      }
      served.assertNothingIsLeft();
    }
  }

  @Test
  void moreThanMayConnectHaveToWait() throws Exception {
    ServerLimits one = ServerLimits.DEFAULT.withConnectionsMax(1);
    try (ServedImage served = ServedImage.memory("1M", "", one, settings -> settings)) {
      RawClient first = RawClient.simple(served.socket());
      try (RawClient second = new RawClient(served.socket())) {
        assertThat(first.read(0, 512)).hasSize(512);
        assertThat(served.server().connections()).isEqualTo(1);
        first.close();
        second.greet(3).go("");
        assertThat(second.read(0, 512)).hasSize(512);
      }
    }
  }

  /** Clients that ask for much and read nothing, then some that do read. */
  @Test
  void twoHundredAtDepth64WithRequestsOf1MibStayInsideTheLimit() throws Exception {
    ServerLimits limits = ServerLimits.DEFAULT.withMemoryBytes(ServerLimits.MEMORY_BYTES_MIN);
    try (ServedImage served = ServedImage.memory("64M", "", limits, settings -> settings)) {
      List<RawClient> clients = new ArrayList<>();
      for (int i = 0; i < 200; i++) {
        RawClient client = RawClient.structured(served.socket());
        clients.add(client);
        for (int j = 0; j < DEPTH; j++) {
          client.request(CommandType.READ, CommandFlag.DF.bit(), j, (long) j * MIB, MIB);
        }
        assertInsideTheLimit(served);
      }
      for (int i = 0; i < 190; i++) {
        clients.get(i).close();
      }
      try (ExecutorService readers = Executors.newVirtualThreadPerTaskExecutor()) {
        List<Future<Integer>> counts = new ArrayList<>();
        for (RawClient client : clients.subList(190, 200)) {
          counts.add(readers.submit(() -> replies(client, served)));
        }
        for (Future<Integer> count : counts) {
          assertThat(count.get()).isEqualTo(DEPTH);
        }
      }
      for (RawClient client : clients) {
        client.close();
      }
      served.assertNothingIsLeft();
    }
  }

  private static void assertInsideTheLimit(ServedImage served) {
    assertThat(served.server().memoryBytes()).isLessThanOrEqualTo(ServerLimits.MEMORY_BYTES_MIN);
  }

  private static int replies(RawClient client, ServedImage served) throws IOException {
    int count = 0;
    while (count < DEPTH) {
      assertThat(client.reply(0).data()).hasSize(8 + MIB);
      assertInsideTheLimit(served);
      count++;
    }
    return count;
  }

  /** One is suspended, all others overlap with it and wait, with much more behind them. */
  @Test
  void requestsThatWaitForASuspendedOneStayInsideTheLimit() throws Exception {
    ServerLimits limits = ServerLimits.DEFAULT.withMemoryBytes(ServerLimits.MEMORY_BYTES_MIN);
    int count = 6;
    int writes = 300;
    try (ServedImage served =
        ServedImage.open(
            "driver=blkdebug,align=4096,image.driver=memory,image.size=1M",
            ServedImage.WRITEBACK,
            limits,
            settings -> settings)) {
      List<RawClient> clients = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        RawClient client = RawClient.simple(served.socket());
        clients.add(client);
        sendWrites(client, 200, 4096); // makes its buffers large
        for (int j = 0; j < 200; j++) {
          assertThat(client.error(j)).isZero();
        }
      }
      served.engine().addBreakpoint(QemuEvents.PWRITEV_RMW_AFTER_TAIL, "first");
      sendWrites(clients.get(0), 1, 512).join();
      served.engine().awaitSuspended("first");
      for (RawClient client : clients) {
        sendWrites(client, writes, 512).join();
      }
      try {
        Awaitility.await()
            .atMost(Duration.ofSeconds(30))
            .until(
                () -> {
                  assertInsideTheLimit(served);
                  return served.server().threadCount() > count * 150;
                });
        assertInsideTheLimit(served);
      } finally {
        served.engine().resume("first"); // or the image could not be closed
      }
      for (RawClient client : clients) {
        for (int i = client == clients.get(0) ? -1 : 0; i < writes; i++) {
          assertThat(client.reply(0).error()).isZero();
        }
        client.close();
      }
      served.assertNothingIsLeft();
    }
  }

  /** Beside the test, since neither end may have room for all of it. */
  private static Thread sendWrites(RawClient client, int count, int bytes) {
    ByteBuffer all = ByteBuffer.allocate(count * (RequestHeader.BYTES + bytes));
    for (int i = 0; i < count; i++) {
      RequestHeader.put(all, false, 0, CommandType.WRITE, i, 0, bytes);
      all.put(new byte[bytes]);
    }
    all.flip();
    return Thread.startVirtualThread(
        () -> {
          try {
            client.send(all);
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
  }

  @Test
  void twoHundredThatWriteStayInsideTheLimit() throws Exception {
    ServerLimits limits = ServerLimits.DEFAULT.withMemoryBytes(ServerLimits.MEMORY_BYTES_MIN);
    try (ServedImage served = ServedImage.memory("64M", "", limits, settings -> settings);
        ExecutorService writers = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Integer>> counts = new ArrayList<>();
      for (int i = 0; i < 200; i++) {
        RawClient client = RawClient.simple(served.socket());
        counts.add(writers.submit(() -> writeLong(client, served)));
      }
      for (Future<Integer> count : counts) {
        assertThat(count.get()).isEqualTo(DEPTH);
      }
      served.assertNothingIsLeft();
    }
  }

  private static int writeLong(RawClient client, ServedImage served) throws IOException {
    try (client) {
      byte[] data = new byte[MIB];
      for (int i = 0; i < DEPTH; i++) {
        int flags = i % 2 == 0 ? CommandFlag.FUA.bit() : 0;
        client.request(CommandType.WRITE, flags, i, (long) i * MIB, MIB, data);
        assertInsideTheLimit(served);
      }
      int count = 0;
      while (count < DEPTH) {
        assertThat(client.reply(0).error()).isZero();
        count++;
      }
      return count;
    }
  }
}
