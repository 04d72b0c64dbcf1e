package io.faultdisk.block.nbd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultdisk.base.Errno;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.BlockStatus;
import io.faultdisk.block.RequestFlags;
import io.faultdisk.nbd.CommandFlag;
import io.faultdisk.nbd.CommandType;
import io.faultdisk.rules.QemuEvents;
import io.faultdisk.testkit.Race;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import org.assertj.core.api.ThrowingConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** NBD in, rules, NBD out: our driver, our server with rules, our driver, and a far server. */
@Timeout(value = 180, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ProxyTest {
  private static final int BLOCK = 4096;

  @TempDir Path dir;

  private Served far() throws Exception {
    return Served.memory(dir.resolve("far"), "64M");
  }

  private Served proxy(String options) throws Exception {
    return Served.proxy(dir.resolve("proxy"), dir.resolve("far"), options);
  }

  private static byte[] noise(int bytes, long seed) {
    byte[] data = new byte[bytes];
    new Random(seed).nextBytes(data);
    return data;
  }

  private static ThrowingConsumer<Throwable> is(Errno errno) {
    return failure -> assertThat(((BlockIoException) failure).errno()).isEqualTo(errno);
  }

  /** Starts it on a thread of its own. */
  private static FutureTask<Void> start(Race.Runner action) {
    FutureTask<Void> task =
        new FutureTask<>(
            () -> {
              action.run(0);
              return null;
            });
    Thread.ofPlatform().daemon().start(task);
    return task;
  }

  private static byte[] content(Served served, long offset, int bytes) throws BlockIoException {
    byte[] data = new byte[bytes];
    served.image().read(offset, ByteBuffer.wrap(data));
    return data;
  }

  @Test
  void whatIsWrittenArrivesAndComesBack() throws Exception {
    byte[] data = noise(3 << 20, 1);
    try (Served far = far();
        Served proxy = proxy("");
        RemoteDisk disk = RemoteDisk.open(proxy.socket())) {
      assertThat(disk.image().length()).isEqualTo(64 << 20);
      disk.write(12_345, data);
      assertThat(disk.read(12_345, data.length)).isEqualTo(data);
      assertThat(content(far, 12_345, data.length)).isEqualTo(data);
      disk.image().writeZeroes(20_000, 1 << 20, RequestFlags.MAY_UNMAP);
      assertThat(content(far, 20_000, 1 << 20)).containsOnly(0);
      BlockStatus status = disk.image().status(32 << 20, 1 << 20);
      assertThat(status.zero()).isTrue();
      assertThat(status.bytes()).isEqualTo(1 << 20);
      assertThat(far.log()).isEmpty();
      assertThat(proxy.log()).isEmpty();
    }
  }

  @Test
  void rulesOfTheProxyFailRequestsThatTheFarServerNeverSees() throws Exception {
    String rules =
        ",file.inject-error.0.event=write_aio,file.inject-error.0.errno=28"
            + ",file.inject-error.0.once=on,file.inject-error.1.event=read_aio"
            + ",file.inject-error.1.errno=5,file.inject-error.1.sector=8";
    try (Served far = far();
        Served proxy = proxy(rules);
        RemoteDisk disk = RemoteDisk.open(proxy.socket())) {
      assertThatThrownBy(() -> disk.write(0, noise(BLOCK, 2))).satisfies(is(Errno.ENOSPC));
      assertThat(content(far, 0, BLOCK)).containsOnly(0);
      disk.write(0, noise(BLOCK, 3));
      assertThat(content(far, 0, BLOCK)).isEqualTo(noise(BLOCK, 3));
      assertThatThrownBy(() -> disk.read(BLOCK, 512)).satisfies(is(Errno.EIO));
      assertThat(disk.read(0, BLOCK)).isEqualTo(noise(BLOCK, 3));
    }
  }

  @Test
  void errorsOfTheFarServerComeThrough() throws Exception {
    List<Errno> errnos = List.of(Errno.EIO, Errno.ENOSPC, Errno.ENOMEM, Errno.EPERM, Errno.EINVAL);
    try (FakeServer far =
            new FakeServer(
                dir,
                session -> {
                  session.handshake(ExportInfo.Replies.STRUCTURED, 1 << 20, FakeSession.ALL);
                  for (Errno errno : errnos) {
                    session.simple(session.request().cookie(), errno.number());
                    session.chunk(
                        session.request().cookie(),
                        FakeSession.DONE,
                        0x8001,
                        FakeSession.error(errno.number(), "why"));
                  }
                  session.awaitHangUp();
                });
        Served proxy = Served.proxy(dir.resolve("proxy"), far.socket(), "");
        RemoteDisk disk = RemoteDisk.open(proxy.socket())) {
      for (Errno errno : errnos) {
        assertThatThrownBy(() -> disk.write(0, new byte[BLOCK])).satisfies(is(errno));
        assertThatThrownBy(() -> disk.read(0, BLOCK)).satisfies(is(errno));
      }
      disk.close();
      proxy.close();
      far.awaitEnd();
    }
  }

  /** One connection of the client, one of the proxy: the request that waits blocks neither. */
  @Test
  void aRequestThatTheFarServerSuspendsHoldsUpNobody() throws Exception {
    byte[] data = noise(BLOCK, 4);
    try (Served far = far();
        Served proxy = proxy("");
        RemoteDisk disk = RemoteDisk.open(proxy.socket())) {
      far.engine().addBreakpoint(QemuEvents.WRITE_AIO, "far");
      FutureTask<Void> suspended = start(i -> disk.write(1 << 20, data));
      far.engine().awaitSuspended("far");
      for (int i = 0; i < 500; i++) {
        disk.write((long) i * BLOCK % (1 << 20), data);
        assertThat(disk.read((long) i * BLOCK % (1 << 20), BLOCK)).isEqualTo(data);
      }
      assertThat(proxy.server().connections()).isEqualTo(1);
      assertThat(suspended.isDone()).isFalse();
      far.engine().resume("far");
      suspended.get();
      assertThat(disk.read(1 << 20, BLOCK)).isEqualTo(data);
    }
  }

  @Test
  void aRequestThatTheProxySuspendsHoldsUpNobody() throws Exception {
    byte[] data = noise(BLOCK, 5);
    try (Served far = far();
        Served proxy = proxy("");
        RemoteDisk disk = RemoteDisk.open(proxy.socket())) {
      proxy.engine().addBreakpoint(QemuEvents.READ_AIO, "near");
      FutureTask<Void> suspended = start(i -> disk.read(1 << 20, BLOCK));
      proxy.engine().awaitSuspended("near");
      for (int i = 0; i < 500; i++) {
        disk.write(0, data);
        assertThat(disk.read(0, BLOCK)).isEqualTo(data);
      }
      assertThat(suspended.isDone()).isFalse();
      proxy.engine().resume("near");
      suspended.get();
    }
  }

  @Test
  void manyClientsShareOneConnectionToTheFarServer() throws Exception {
    int clients = 4;
    int threads = 8;
    try (Served far = far();
        Served proxy = proxy("")) {
      List<RemoteDisk> disks = new ArrayList<>();
      for (int i = 0; i < clients; i++) {
        disks.add(RemoteDisk.open(proxy.socket()));
      }
      new Race(Duration.ofSeconds(120))
          .threads(
              clients * threads,
              number -> {
                RemoteDisk disk = disks.get(number % clients);
                Random random = new Random(number);
                long base = (long) number << 20;
                byte[] expected = new byte[1 << 20];
                for (int i = 0; i < 60; i++) {
                  int at = random.nextInt(expected.length - 70_000);
                  int bytes = 1 + random.nextInt(i % 10 == 0 ? 70_000 : 5000);
                  if (random.nextInt(4) == 0) {
                    Arrays.fill(expected, at, at + bytes, (byte) 0);
                    disk.image().writeZeroes(base + at, bytes, RequestFlags.MAY_UNMAP);
                  } else {
                    byte[] data = noise(bytes, random.nextLong());
                    System.arraycopy(data, 0, expected, at, bytes);
                    disk.write(base + at, data);
                  }
                  int from = random.nextInt(expected.length - 20_000);
                  assertThat(disk.read(base + from, 20_000))
                      .isEqualTo(Arrays.copyOfRange(expected, from, from + 20_000));
                }
                assertThat(disk.read(base, expected.length)).isEqualTo(expected);
              })
          .run();
      assertThat(far.server().connections()).isEqualTo(1);
      disks.forEach(RemoteDisk::close);
    }
  }

  /** The client of the proxy notices nothing but that it takes a while. */
  @Test
  void requestsSurviveTheRestartOfTheFarServer() throws Exception {
    byte[] data = noise(BLOCK, 6);
    try (Served far = far();
        Served proxy = proxy(",file.image.reconnect-delay=60");
        RemoteDisk disk = RemoteDisk.open(proxy.socket())) {
      far.engine().addBreakpoint(QemuEvents.WRITE_AIO, "lost");
      FutureTask<Void> lost = start(i -> disk.write(0, data));
      far.engine().awaitSuspended("lost");
      far.stopServing(); // gives up on the suspended one
      FutureTask<Void> later = start(i -> disk.write(BLOCK, data));
      far.serveAgain();
      lost.get();
      later.get();
      assertThat(disk.read(0, BLOCK)).isEqualTo(data);
      assertThat(disk.read(BLOCK, BLOCK)).isEqualTo(data);
      far.engine().resume("lost");
    }
  }

  /** While requests wait for the far server, the rules go on to answer for themselves. */
  @Test
  void requestsThatWaitForTheFarServerBlockNoOthers() throws Exception {
    String options =
        ",file.image.reconnect-delay=60,file.inject-error.0.event=read_aio"
            + ",file.inject-error.0.errno=5,file.inject-error.0.sector=0";
    try (Served far = far();
        Served proxy = proxy(options);
        RemoteDisk disk = RemoteDisk.open(proxy.socket())) {
      far.stopServing();
      List<FutureTask<Void>> waiting = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        long offset = (i + 1L) * BLOCK;
        waiting.add(start(number -> disk.write(offset, new byte[BLOCK])));
      }
      for (int i = 0; i < 50; i++) {
        assertThatThrownBy(() -> disk.read(0, 512)).satisfies(is(Errno.EIO));
      }
      assertThat(waiting).noneMatch(FutureTask::isDone);
      far.serveAgain();
      for (FutureTask<Void> each : waiting) {
        each.get();
      }
    }
  }

  @Test
  void withoutADelayTheClientSeesEio() throws Exception {
    try (Served far = far();
        Served proxy = proxy("");
        RemoteDisk disk = RemoteDisk.open(proxy.socket())) {
      far.engine().addBreakpoint(QemuEvents.READ_AIO, "lost");
      FutureTask<Void> lost =
          start(i -> assertThatThrownBy(() -> disk.read(0, BLOCK)).satisfies(is(Errno.EIO)));
      far.engine().awaitSuspended("lost");
      far.stopServing();
      lost.get();
      assertThatThrownBy(() -> disk.write(0, new byte[BLOCK])).satisfies(is(Errno.EIO));
      far.engine().resume("lost");
    }
  }

  /** Flags and all; what the far server has not, the proxy makes up for or does without. */
  @Test
  void everyKindOfRequestIsPassedOn() throws Exception {
    BlockingQueue<FakeSession.Request> requests = new LinkedBlockingQueue<>();
    int flags = FakeSession.ALL | FakeSession.SEND_FLUSH;
    try (FakeServer far =
            new FakeServer(
                dir,
                session -> {
                  session.handshake(ExportInfo.Replies.STRUCTURED, 1 << 20, flags);
                  while (true) {
                    FakeSession.Request request = session.request();
                    requests.add(request);
                    if (request.is(CommandType.DISC)) {
                      return;
                    }
                    if (request.is(CommandType.BLOCK_STATUS)) {
                      int half = (int) request.bytes() / 2;
                      session.chunk(
                          request.cookie(),
                          1,
                          5,
                          FakeSession.extents(17, half, half == 512 ? 3 : 0));
                    } else {
                      session.done(request.cookie());
                    }
                  }
                });
        Served proxy = Served.proxy(dir.resolve("proxy"), far.socket(), "");
        RemoteDisk disk = RemoteDisk.open(proxy.socket())) {
      requests.clear();
      disk.image().flush();
      assertThat(requests.take()).matches(request -> request.is(CommandType.FLUSH));
      disk.image().write(0, ByteBuffer.allocate(512), RequestFlags.FUA);
      FakeSession.Request write = requests.take();
      assertThat(write.command()).isEqualTo(CommandType.WRITE.number());
      assertThat(write.flags()).isEqualTo(CommandFlag.FUA.bit());
      disk.image().writeZeroes(0, 8192, RequestFlags.MAY_UNMAP | RequestFlags.NO_FALLBACK);
      FakeSession.Request zeroes = requests.take();
      assertThat(zeroes.command()).isEqualTo(CommandType.WRITE_ZEROES.number());
      assertThat(zeroes.flags()).isEqualTo(CommandFlag.FAST_ZERO.bit());
      disk.image().writeZeroes(0, 8192, RequestFlags.FUA);
      assertThat(requests.take().flags())
          .isEqualTo(CommandFlag.NO_HOLE.bit() | CommandFlag.FUA.bit());
      disk.image().discard(4096, 8192);
      FakeSession.Request trim = requests.take();
      assertThat(trim.command()).isEqualTo(CommandType.TRIM.number());
      assertThat(trim.offset()).isEqualTo(4096);
      assertThat(trim.bytes()).isEqualTo(8192);
      BlockStatus status = disk.image().status(0, 1024);
      assertThat(requests.take().command()).isEqualTo(CommandType.BLOCK_STATUS.number());
      assertThat(status.zero()).isTrue();
      assertThat(status.bytes()).isEqualTo(512);
    }
  }
}
