package io.faultdisk.block.nbd;

import static io.faultdisk.block.nbd.FakeSession.DONE;
import static io.faultdisk.block.nbd.FakeSession.data;
import static io.faultdisk.block.nbd.FakeSession.error;
import static io.faultdisk.block.nbd.FakeSession.extents;
import static io.faultdisk.block.nbd.FakeSession.hole;
import static io.faultdisk.block.nbd.FakeSession.wideExtents;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.faultdisk.base.Errno;
import io.faultdisk.base.Turns;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.nbd.CommandType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.assertj.core.api.ThrowingConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Replies that no server should send: one request fails, nothing else breaks, and it is told. */
@Timeout(value = 90, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class HostileRepliesTest {
  private static final long SIZE = 1 << 20;
  private static final int BYTES = 1024;

  @TempDir Path dir;

  private interface Reply {
    void send(FakeSession session, long cookie) throws IOException;
  }

  /** What is asked for, what comes, and what is said about it. */
  private enum Hostile {
    READ_SIMPLE(
        CommandType.READ,
        "simple reply when structured reply chunk was expected",
        (s, cookie) -> s.simple(cookie, 0, new byte[BYTES])),
    READ_SIMPLE_ERROR(
        CommandType.READ,
        "simple reply when structured reply chunk was expected",
        (s, cookie) -> s.simple(cookie, 5)),
    STATUS_SIMPLE(
        CommandType.BLOCK_STATUS,
        "simple reply when structured reply chunk was expected",
        (s, cookie) -> s.simple(cookie, 5)),
    WRITE_WITH_DATA(
        CommandType.WRITE,
        "Unexpected NBD_REPLY_TYPE_OFFSET_DATA chunk",
        (s, cookie) -> s.chunk(cookie, DONE, 1, data(0, new byte[512]))),
    WRITE_WITH_HOLE(
        CommandType.WRITE,
        "Unexpected reply type: 2 (hole) for write",
        (s, cookie) -> s.chunk(cookie, DONE, 2, hole(0, 512))),
    WRITE_WITH_STATUS(
        CommandType.WRITE,
        "Unexpected reply type: 5 (block status) for write",
        (s, cookie) -> s.chunk(cookie, DONE, 5, extents(17, 512, 0))),
    WRITE_WITH_NONSENSE(
        CommandType.WRITE,
        "Unexpected reply type: 99 (<unknown>) for write",
        (s, cookie) -> s.chunk(cookie, DONE, 99)),
    READ_WITH_STATUS(
        CommandType.READ,
        "Unexpected reply type: 5 (block status) for read",
        (s, cookie) -> s.chunk(cookie, DONE, 5, extents(17, 512, 0))),
    READ_DATA_BEFORE(
        CommandType.READ,
        "chunk exceeding requested region",
        (s, cookie) -> s.chunk(cookie, DONE, 1, data(511, new byte[BYTES]))),
    READ_DATA_BEHIND(
        CommandType.READ,
        "chunk exceeding requested region",
        (s, cookie) -> s.chunk(cookie, DONE, 1, data(513, new byte[BYTES]))),
    READ_DATA_TOO_LONG(
        CommandType.READ,
        "chunk exceeding requested region",
        (s, cookie) -> s.chunk(cookie, DONE, 1, data(512, new byte[BYTES + 1]))),
    READ_DATA_FAR_TOO_LONG(
        CommandType.READ,
        "chunk exceeding requested region",
        (s, cookie) -> s.header(cookie, DONE, 1, 0xffff_ffffL).send(wrap(data(512)))),
    READ_DATA_AT_NEGATIVE(
        CommandType.READ,
        "chunk exceeding requested region",
        (s, cookie) -> s.chunk(cookie, DONE, 1, data(Long.MIN_VALUE, new byte[512]))),
    READ_DATA_AT_MAXIMUM(
        CommandType.READ,
        "chunk exceeding requested region",
        (s, cookie) -> s.chunk(cookie, DONE, 1, data(Long.MAX_VALUE, new byte[512]))),
    READ_DATA_EMPTY(
        CommandType.READ,
        "invalid payload for NBD_REPLY_TYPE_OFFSET_DATA",
        (s, cookie) -> s.chunk(cookie, DONE, 1, data(512))),
    READ_DATA_WITHOUT_OFFSET(
        CommandType.READ,
        "invalid payload for NBD_REPLY_TYPE_OFFSET_DATA",
        (s, cookie) -> s.chunk(cookie, DONE, 1, new byte[3])),
    READ_HOLE_BEHIND(
        CommandType.READ,
        "chunk exceeding requested region",
        (s, cookie) -> s.chunk(cookie, DONE, 2, hole(1024, BYTES))),
    READ_HOLE_TOO_LONG(
        CommandType.READ,
        "chunk exceeding requested region",
        (s, cookie) -> s.chunk(cookie, DONE, 2, hole(512, -1))),
    READ_HOLE_OF_NOTHING(
        CommandType.READ,
        "chunk exceeding requested region",
        (s, cookie) -> s.chunk(cookie, DONE, 2, hole(512, 0))),
    READ_HOLE_SHORT(
        CommandType.READ,
        "invalid payload for NBD_REPLY_TYPE_OFFSET_HOLE",
        (s, cookie) -> s.chunk(cookie, DONE, 2, new byte[11])),
    READ_ONLY_PART(
        CommandType.READ,
        "server sent only 512 of 1024 bytes",
        (s, cookie) -> s.chunk(cookie, DONE, 1, data(512, new byte[512]))),
    READ_NOTHING(
        CommandType.READ, "server sent only 0 of 1024 bytes", (s, cookie) -> s.done(cookie)),
    READ_PART_TWICE(
        CommandType.READ,
        "server sent 1536 of 1024 bytes",
        (s, cookie) ->
            s.chunk(cookie, 0, 1, data(512, new byte[BYTES]))
                .chunk(cookie, DONE, 1, data(512, new byte[512]))),
    NONE_NOT_DONE(
        CommandType.WRITE,
        "NBD_REPLY_TYPE_NONE chunk without NBD_REPLY_FLAG_DONE flag set",
        (s, cookie) -> s.chunk(cookie, 0, 0)),
    NONE_WITH_PAYLOAD(
        CommandType.WRITE,
        "NBD_REPLY_TYPE_NONE chunk with nonzero length",
        (s, cookie) -> s.chunk(cookie, DONE, 0, new byte[1])),
    ERROR_SHORT(
        CommandType.WRITE,
        "invalid payload for structured error",
        (s, cookie) -> s.chunk(cookie, DONE, 0x8001, new byte[5])),
    ERROR_OF_SUCCESS(
        CommandType.WRITE,
        "structured error chunk with error = 0",
        (s, cookie) -> s.chunk(cookie, DONE, 0x8001, error(0, "?"))),
    ERROR_LONG_MESSAGE(
        CommandType.WRITE,
        "incorrect message size",
        (s, cookie) -> s.chunk(cookie, DONE, 0x8001, new byte[] {0, 0, 0, 5, 0, 9, 1})),
    ERROR_HUGE(
        CommandType.WRITE,
        "Payload too large",
        (s, cookie) -> s.header(cookie, DONE, 0x8001, 1 << 20)),
    STATUS_NONE(
        CommandType.BLOCK_STATUS,
        "did not reply with any status extents",
        (s, cookie) -> s.done(cookie)),
    STATUS_TWICE(
        CommandType.BLOCK_STATUS,
        "Several BLOCK_STATUS chunks in reply",
        (s, cookie) ->
            s.chunk(cookie, 0, 5, extents(17, 512, 0)).chunk(cookie, DONE, 5, extents(17, 512, 0))),
    STATUS_OF_OTHER_CONTEXT(
        CommandType.BLOCK_STATUS,
        "unexpected context id 4 for NBD_REPLY_TYPE_BLOCK_STATUS, when negotiated context id is 17",
        (s, cookie) -> s.chunk(cookie, DONE, 5, extents(4, 512, 0))),
    STATUS_SHORT(
        CommandType.BLOCK_STATUS,
        "invalid payload for NBD_REPLY_TYPE_BLOCK_STATUS",
        (s, cookie) -> s.chunk(cookie, DONE, 5, extents(17, 512))),
    STATUS_OF_NOTHING(
        CommandType.BLOCK_STATUS,
        "status chunk with zero length",
        (s, cookie) -> s.chunk(cookie, DONE, 5, extents(17, 0, 0))),
    STATUS_WIDE(
        CommandType.BLOCK_STATUS,
        "Unexpected reply type: block status ext for block status",
        (s, cookie) -> s.chunk(cookie, DONE, 6, wideExtents(17, 512, 0))),
    STATUS_WITH_DATA(
        CommandType.BLOCK_STATUS,
        "Unexpected NBD_REPLY_TYPE_OFFSET_DATA chunk",
        (s, cookie) -> s.chunk(cookie, DONE, 1, data(512, new byte[512]))),
    STATUS_WITH_HOLE(
        CommandType.BLOCK_STATUS,
        "Unexpected reply type: hole for block status",
        (s, cookie) -> s.chunk(cookie, DONE, 2, hole(512, 512)));

    private final CommandType command;
    private final String complaint;
    private final Reply reply;

    Hostile(CommandType command, String complaint, Reply reply) {
      this.command = command;
      this.complaint = complaint;
      this.reply = reply;
    }

    private static ByteBuffer wrap(byte... bytes) {
      return ByteBuffer.wrap(bytes);
    }
  }

  private static void ask(RemoteDisk disk, CommandType command) throws BlockIoException {
    switch (command) {
      case READ -> disk.read(512, BYTES);
      case WRITE -> disk.write(512, new byte[BYTES]);
      case BLOCK_STATUS -> disk.image().status(512, BYTES);
      default -> throw new IllegalArgumentException();
    }
  }

  /** As with QEMU: that request fails with EINVAL, and the connection is of no more use. */
  @ParameterizedTest
  @EnumSource
  void endsTheConnectionAndIsTold(Hostile hostile) throws Exception {
    try (FakeServer server =
            new FakeServer(
                dir,
                session -> {
                  session.handshake(ExportInfo.Replies.STRUCTURED, SIZE, FakeSession.ALL);
                  long cookie = session.request().cookie();
                  try {
                    hostile.reply.send(session, cookie);
                  } catch (IOException hungUp) {
                    // A client that has heard enough need not wait for the rest.
                  }
                  session.awaitHangUp();
                });
        RemoteDisk disk = RemoteDisk.open(server.socket(), ",reconnect-delay=30")) {
      assertThatThrownBy(() -> ask(disk, hostile.command)).satisfies(is(Errno.EINVAL));
      assertThat(disk.messages()).hasSize(1);
      assertThat(disk.messages().getFirst())
          .startsWith("NBD server " + server.socket() + ": ")
          .contains(hostile.complaint);
      // Not tried again, in spite of the delay: a server like that is not worth it.
      assertThatThrownBy(() -> disk.read(0, 512)).satisfies(is(Errno.EIO));
      server.awaitEnd();
      assertThat(disk.messages()).hasSize(1);
    }
  }

  private static ThrowingConsumer<Throwable> is(Errno errno) {
    return failure -> assertThat(((BlockIoException) failure).errno()).isEqualTo(errno);
  }

  /** What belongs to no request. */
  private enum Stray {
    UNKNOWN_MAGIC(
        "invalid magic (got 0x12345678)",
        (s, cookie) -> s.send(ByteBuffer.allocate(16).putInt(0, 0x12345678))),
    UNKNOWN_COOKIE("reply to a request that was not made", (s, cookie) -> s.simple(cookie + 64, 0)),
    WILD_COOKIE("reply to a request that was not made", (s, cookie) -> s.simple(-1, 0)),
    ANSWERED_TWICE(
        "reply to a request that was not made",
        (s, cookie) -> {
          long other = s.request().cookie();
          s.simple(other, 0).simple(other, 0);
        }),
    EXTENDED_WITHOUT_AGREEMENT(
        "invalid magic (got 0x6e8a278c)",
        (s, cookie) -> s.send(ByteBuffer.allocate(32).putInt(0, 0x6e8a278c)));

    private final String complaint;
    private final Reply reply;

    Stray(String complaint, Reply reply) {
      this.complaint = complaint;
      this.reply = reply;
    }
  }

  @ParameterizedTest
  @EnumSource
  void strayRepliesFailWhatIsInFlightWithEio(Stray stray) throws Exception {
    CountDownLatch sent = new CountDownLatch(1);
    try (FakeServer server =
            new FakeServer(
                dir,
                session -> {
                  session.handshake(ExportInfo.Replies.STRUCTURED, SIZE, FakeSession.ALL);
                  long cookie = session.request().cookie();
                  sent.countDown();
                  stray.reply.send(session, cookie);
                  session.awaitHangUp();
                });
        RemoteDisk disk = RemoteDisk.open(server.socket(), ",reconnect-delay=30")) {
      AtomicReference<Throwable> failure = new AtomicReference<>();
      Thread first =
          Thread.ofPlatform().start(() -> failure.set(catchThrowable(() -> disk.read(0, 512))));
      sent.await();
      if (stray == Stray.ANSWERED_TWICE) {
        disk.write(512, new byte[512]);
      }
      first.join();
      assertThat(failure.get()).satisfies(is(Errno.EIO));
      assertThatThrownBy(() -> disk.read(0, 512)).satisfies(is(Errno.EIO));
      server.awaitEnd();
      assertThat(disk.messages()).hasSize(1);
      assertThat(disk.messages().getFirst()).contains(stray.complaint);
    }
  }

  @Test
  void chunksWithoutAgreementAreStray() throws Exception {
    try (FakeServer server =
            new FakeServer(
                dir,
                session -> {
                  session.handshake(ExportInfo.Replies.SIMPLE, SIZE, FakeSession.ALL);
                  session.done(session.request().cookie());
                  session.awaitHangUp();
                });
        RemoteDisk disk = RemoteDisk.open(server.socket())) {
      assertThatThrownBy(() -> disk.write(0, new byte[512])).satisfies(is(Errno.EIO));
      server.awaitEnd();
      assertThat(disk.messages()).hasSize(1);
    }
  }

  /** Cut off at every byte of a good reply. */
  @Test
  void repliesThatAreCutOffFailWithEio() throws Exception {
    byte[] whole = new byte[20 + 8 + 512];
    ByteBuffer.wrap(whole).putInt(0x668e33ef).putShort((short) 1).putShort((short) 1);
    ByteBuffer.wrap(whole).putInt(16, 8 + 512);
    for (int cut = 0; cut < whole.length; cut = cut < 40 ? cut + 1 : cut + 101) {
      int end = cut;
      try (FakeServer server =
              new FakeServer(
                  dir,
                  session -> {
                    session.handshake(ExportInfo.Replies.STRUCTURED, SIZE, FakeSession.ALL);
                    ByteBuffer reply = ByteBuffer.wrap(whole.clone());
                    reply.putLong(8, session.request().cookie()).limit(end);
                    session.send(reply);
                  });
          RemoteDisk disk = RemoteDisk.open(server.socket())) {
        assertThatThrownBy(() -> disk.read(0, 512)).satisfies(is(Errno.EIO));
        server.awaitEnd();
        assertThat(disk.messages()).isEmpty();
      }
    }
  }

  /** Those that have done nothing wrong fail with EIO, also when they hear of it first. */
  @Test
  void othersInFlightFailWithEio() throws Exception {
    CountDownLatch both = new CountDownLatch(2);
    try (FakeServer server =
            new FakeServer(
                dir,
                session -> {
                  session.handshake(ExportInfo.Replies.STRUCTURED, SIZE, FakeSession.ALL);
                  FakeSession.Request one = session.request();
                  both.countDown();
                  FakeSession.Request two = session.request();
                  both.countDown();
                  session.chunk((one.is(CommandType.WRITE) ? one : two).cookie(), DONE, 99);
                  session.awaitHangUp();
                });
        RemoteDisk disk = RemoteDisk.open(server.socket(), ",reconnect-delay=30")) {
      AtomicReference<Throwable> failure = new AtomicReference<>();
      Thread reader =
          Thread.ofPlatform().start(() -> failure.set(catchThrowable(() -> disk.read(0, 512))));
      assertThatThrownBy(() -> disk.write(512, new byte[512])).satisfies(is(Errno.EINVAL));
      reader.join();
      assertThat(failure.get()).satisfies(is(Errno.EIO));
      server.awaitEnd();
    }
  }

  /**
   * The reader is held where it has woken the request and not yet ended the connection: the request
   * must know by then that there is no coming back.
   */
  @Test
  void theRequestThatFindsOutClosesForGood() throws Exception {
    CountDownLatch failed = new CountDownLatch(1);
    Turns turns =
        new Turns() {
          @Override
          public void pass() {}

          @Override
          public void await(BooleanSupplier released) {
            Turns.free().await(released);
          }

          @Override
          public void signal(Thread waiter) {
            Turns.free().signal(waiter);
            try {
              failed.await();
            } catch (InterruptedException e) {
              throw new AssertionError(e);
            }
          }

          @Override
          public void start(Runnable part) {
            part.run();
          }
        };
    try (FakeServer server =
            new FakeServer(
                dir,
                session -> {
                  session.handshake(ExportInfo.Replies.STRUCTURED, SIZE, FakeSession.ALL);
                  session.chunk(session.request().cookie(), DONE, 99);
                  session.awaitHangUp();
                });
        RemoteDisk disk = RemoteDisk.open(turns, server.socket(), ",reconnect-delay=30")) {
      assertThatThrownBy(() -> disk.write(0, new byte[512])).satisfies(is(Errno.EINVAL));
      failed.countDown();
      assertThatThrownBy(() -> disk.read(0, 512)).satisfies(is(Errno.EIO));
      server.awaitEnd();
    }
  }
}
