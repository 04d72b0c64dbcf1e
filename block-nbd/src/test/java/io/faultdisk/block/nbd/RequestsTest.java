package io.faultdisk.block.nbd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultdisk.base.Errno;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.BlockStatus;
import io.faultdisk.block.RequestFlags;
import io.faultdisk.nbd.CommandFlag;
import io.faultdisk.nbd.CommandType;
import io.faultdisk.testkit.Race;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.assertj.core.api.ThrowingConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What the driver sends, and what it makes of right answers. */
@Timeout(value = 90, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class RequestsTest {
  private static final long SIZE = 1 << 20;
  private static final int FLUSHING = FakeSession.ALL | FakeSession.SEND_FLUSH;

  @TempDir Path dir;

  private final BlockingQueue<FakeSession.Request> requests = new LinkedBlockingQueue<>();

  /** Answers everything with success, zeroes, and "data". */
  private void serve(FakeSession session, ExportInfo.Replies replies, int flags) throws Exception {
    session.handshake(replies, SIZE, flags);
    while (true) {
      FakeSession.Request request = session.request();
      requests.add(request);
      if (request.is(CommandType.DISC)) {
        return;
      }
      boolean simple = replies == ExportInfo.Replies.SIMPLE;
      if (request.is(CommandType.READ) && simple) {
        session.simple(request.cookie(), 0, new byte[(int) request.bytes()]);
      } else if (request.is(CommandType.READ)) {
        byte[] data = new byte[(int) request.bytes()];
        session.chunk(request.cookie(), 1, 1, FakeSession.data(request.offset(), data));
      } else if (request.is(CommandType.BLOCK_STATUS) && replies == ExportInfo.Replies.EXTENDED) {
        session.chunk(request.cookie(), 1, 6, FakeSession.wideExtents(17, request.bytes(), 0));
      } else if (request.is(CommandType.BLOCK_STATUS)) {
        session.chunk(request.cookie(), 1, 5, FakeSession.extents(17, (int) request.bytes(), 0));
      } else if (simple) {
        session.simple(request.cookie(), 0);
      } else {
        session.done(request.cookie());
      }
    }
  }

  private FakeSession.Request next() throws InterruptedException {
    return requests.take();
  }

  private static int bits(CommandFlag... flags) {
    int bits = 0;
    for (CommandFlag flag : flags) {
      bits |= flag.bit();
    }
    return bits;
  }

  @ParameterizedTest
  @EnumSource
  void everyRequestIsWhatItsCallerAsksFor(ExportInfo.Replies replies) throws Exception {
    boolean extended = replies == ExportInfo.Replies.EXTENDED;
    int payload = extended ? CommandFlag.PAYLOAD_LEN.bit() : 0;
    try (FakeServer server = new FakeServer(dir, session -> serve(session, replies, FLUSHING));
        RemoteDisk disk = RemoteDisk.open(server.socket())) {
      assertThat(disk.image().length()).isEqualTo(SIZE);
      assertThat(disk.read(4096, 512)).isEqualTo(new byte[512]);
      assertThat(next()).satisfies(sent(CommandType.READ, 0, 4096, 512));
      disk.write(8192, new byte[] {1, 2, 3, 4});
      FakeSession.Request write = next();
      if (replies == ExportInfo.Replies.SIMPLE) {
        // No way to ask about blocks, so whole sectors: the rest is read first.
        assertThat(write).satisfies(sent(CommandType.READ, 0, 8192, 512));
        assertThat(next()).satisfies(sent(CommandType.WRITE, 0, 8192, 512));
      } else {
        assertThat(write).satisfies(sent(CommandType.WRITE, payload, 8192, 4));
        assertThat(write.payload()).containsExactly(1, 2, 3, 4);
      }
      disk.image().write(0, ByteBuffer.allocate(512), RequestFlags.FUA);
      assertThat(next())
          .satisfies(sent(CommandType.WRITE, payload | CommandFlag.FUA.bit(), 0, 512));
      disk.image().writeZeroes(512, 1024, RequestFlags.NONE);
      assertThat(next())
          .satisfies(sent(CommandType.WRITE_ZEROES, bits(CommandFlag.NO_HOLE), 512, 1024));
      disk.image().writeZeroes(512, 1024, RequestFlags.MAY_UNMAP | RequestFlags.FUA);
      assertThat(next())
          .satisfies(sent(CommandType.WRITE_ZEROES, bits(CommandFlag.FUA), 512, 1024));
      disk.image().writeZeroes(0, SIZE, RequestFlags.MAY_UNMAP | RequestFlags.NO_FALLBACK);
      assertThat(next())
          .satisfies(sent(CommandType.WRITE_ZEROES, bits(CommandFlag.FAST_ZERO), 0, SIZE));
      disk.image().discard(1024, 2048);
      assertThat(next()).satisfies(sent(CommandType.TRIM, 0, 1024, 2048));
      disk.image().flush();
      assertThat(next()).satisfies(sent(CommandType.FLUSH, 0, 0, 0));
      assertThat(disk.image().status(0, SIZE).bytes()).isEqualTo(SIZE);
      if (replies != ExportInfo.Replies.SIMPLE) {
        assertThat(next())
            .satisfies(sent(CommandType.BLOCK_STATUS, bits(CommandFlag.REQ_ONE), 0, SIZE));
      }
      disk.close();
      assertThat(next()).satisfies(sent(CommandType.FLUSH, 0, 0, 0));
      assertThat(next()).satisfies(sent(CommandType.DISC, 0, 0, 0));
      server.awaitEnd();
    }
  }

  private static ThrowingConsumer<FakeSession.Request> sent(
      CommandType command, int flags, long offset, long bytes) {
    return request -> {
      assertThat(request.command()).isEqualTo(command.number());
      assertThat(request.flags()).isEqualTo(flags);
      assertThat(request.offset()).isEqualTo(offset);
      assertThat(request.bytes()).isEqualTo(bytes);
    };
  }

  @Test
  void whatTheServerCannotDoIsNotAskedOfIt() throws Exception {
    try (FakeServer server =
            new FakeServer(
                dir, session -> serve(session, ExportInfo.Replies.SIMPLE, FakeSession.HAS_FLAGS));
        RemoteDisk disk = RemoteDisk.open(server.socket())) {
      disk.image().flush();
      disk.image().discard(0, 4096);
      disk.image().write(0, ByteBuffer.allocate(512), RequestFlags.FUA);
      assertThat(next()).satisfies(sent(CommandType.WRITE, 0, 0, 512));
      disk.image().writeZeroes(0, 1024, RequestFlags.NONE);
      assertThat(next()).satisfies(sent(CommandType.WRITE, 0, 0, 1024));
      assertThatThrownBy(() -> disk.image().writeZeroes(0, 1024, RequestFlags.NO_FALLBACK))
          .satisfies(is(Errno.ENOTSUP));
      disk.close();
      assertThat(next().command()).isEqualTo(CommandType.DISC.number());
      server.awaitEnd();
    }
  }

  private static ThrowingConsumer<Throwable> is(Errno errno) {
    return failure -> assertThat(((BlockIoException) failure).errno()).isEqualTo(errno);
  }

  @Test
  void requestsKeepToTheServersBlocks() throws Exception {
    int[] blocks = {4096, 4096, 8192};
    try (FakeServer server =
            new FakeServer(
                dir,
                session -> {
                  session.handshake(
                      ExportInfo.Replies.SIMPLE, SIZE, FakeSession.ALL, Optional.of(blocks));
                  while (true) {
                    FakeSession.Request request = session.request();
                    requests.add(request);
                    if (request.is(CommandType.DISC)) {
                      return;
                    }
                    boolean read = request.is(CommandType.READ);
                    session.simple(request.cookie(), 0, new byte[read ? (int) request.bytes() : 0]);
                  }
                });
        RemoteDisk disk = RemoteDisk.open(server.socket())) {
      disk.read(100, 100);
      assertThat(next()).satisfies(sent(CommandType.READ, 0, 0, 4096));
      disk.write(0, new byte[20480]);
      assertThat(next()).satisfies(sent(CommandType.WRITE, 0, 0, 8192));
      assertThat(next()).satisfies(sent(CommandType.WRITE, 0, 8192, 8192));
      assertThat(next()).satisfies(sent(CommandType.WRITE, 0, 16384, 4096));
      disk.close();
      assertThat(next().command()).isEqualTo(CommandType.DISC.number());
      server.awaitEnd();
    }
  }

  /** Many in flight, answered in any order, data in several chunks and holes in any order. */
  @ParameterizedTest
  @EnumSource(names = {"STRUCTURED", "EXTENDED"})
  void repliesAndChunksMayComeInAnyOrder(ExportInfo.Replies replies) throws Exception {
    int count = 40;
    int part = 512;
    Random random = new Random(7);
    try (FakeServer server =
            new FakeServer(
                dir,
                session -> {
                  session.handshake(replies, SIZE, FakeSession.ALL);
                  List<FakeSession.Request> all = new ArrayList<>();
                  for (int i = 0; i < count; i++) {
                    all.add(session.request());
                  }
                  Collections.shuffle(all, random);
                  for (int piece : new int[] {3, 1, 0, 2}) {
                    for (FakeSession.Request request : all) {
                      long at = request.offset() + (long) piece * part;
                      int flags = piece == 2 ? FakeSession.DONE : 0;
                      if (piece == 1) {
                        session.chunk(request.cookie(), flags, 2, FakeSession.hole(at, part));
                      } else {
                        byte[] data = new byte[part];
                        Arrays.fill(data, (byte) (at / part));
                        session.chunk(request.cookie(), flags, 1, FakeSession.data(at, data));
                      }
                    }
                  }
                  session.awaitHangUp();
                });
        RemoteDisk disk = RemoteDisk.open(server.socket())) {
      new Race(Duration.ofSeconds(60))
          .threads(
              count,
              i -> {
                long offset = (long) i * 4 * part;
                byte[] data = disk.read(offset, 4 * part);
                for (int piece = 0; piece < 4; piece++) {
                  byte expected = piece == 1 ? 0 : (byte) (offset / part + piece);
                  for (int at = piece * part; at < (piece + 1) * part; at++) {
                    assertThat(data[at]).isEqualTo(expected);
                  }
                }
              })
          .run();
      disk.close();
      server.awaitEnd();
    }
  }

  /** More than the connection takes at a time: the others wait, and go when there is room. */
  @Test
  void moreRequestsThanPlacesAllGetTheirTurn() throws Exception {
    int count = 150;
    try (FakeServer server =
            new FakeServer(
                dir,
                session -> {
                  session.handshake(ExportInfo.Replies.SIMPLE, SIZE, FakeSession.ALL);
                  List<FakeSession.Request> held = new ArrayList<>();
                  for (int i = 0; i < 64; i++) {
                    held.add(session.request());
                  }
                  for (int i = 64; i < count; i++) {
                    session.simple(held.remove(held.size() - 1).cookie(), 0, new byte[512]);
                    held.add(session.request());
                  }
                  for (FakeSession.Request request : held) {
                    session.simple(request.cookie(), 0, new byte[512]);
                  }
                  session.awaitHangUp();
                });
        RemoteDisk disk = RemoteDisk.open(server.socket())) {
      new Race(Duration.ofSeconds(60))
          .threads(count, i -> assertThat(disk.read(i * 512L, 512)).containsOnly(0))
          .run();
      disk.close();
      server.awaitEnd();
    }
  }

  @Test
  void errorsOfTheServerAreThoseOfTheRequest() throws Exception {
    int[] numbers = {1, 5, 12, 22, 28, 75, 95, 108, 4711, 0x7fffffff, -1};
    Errno[] errnos = {
      Errno.EPERM,
      Errno.EIO,
      Errno.ENOMEM,
      Errno.EINVAL,
      Errno.ENOSPC,
      Errno.EOVERFLOW,
      Errno.ENOTSUP,
      Errno.ESHUTDOWN,
      Errno.EINVAL,
      Errno.EINVAL,
      Errno.EINVAL
    };
    try (FakeServer server =
            new FakeServer(
                dir,
                session -> {
                  session.handshake(ExportInfo.Replies.STRUCTURED, SIZE, FakeSession.ALL);
                  for (int number : numbers) {
                    session.simple(session.request().cookie(), number);
                    long read = session.request().cookie();
                    session.chunk(read, 0, 0x8002, FakeSession.errorAt(number, "there", 512));
                    session.chunk(read, 0, 1, FakeSession.data(0, new byte[256]));
                    session.chunk(read, 1, 0x8001, FakeSession.error(5, "a later one"));
                    long write = session.request().cookie();
                    session.chunk(write, 1, 0x8123, FakeSession.error(number, ""));
                  }
                  session.awaitHangUp();
                });
        RemoteDisk disk = RemoteDisk.open(server.socket())) {
      for (Errno errno : errnos) {
        assertThatThrownBy(() -> disk.write(0, new byte[512])).satisfies(is(errno));
        assertThatThrownBy(() -> disk.read(0, 1024)).satisfies(is(errno));
        assertThatThrownBy(() -> disk.write(512, new byte[512])).satisfies(is(errno));
      }
      assertThat(disk.messages()).isEmpty();
      disk.close();
      server.awaitEnd();
    }
  }

  @Test
  void statusIsTakenFromTheFirstExtentAndPutRight() throws Exception {
    int[] blocks = {4096, 4096, 1 << 20};
    int[][] answers = {
      {8192, 0}, {8192, 1}, {8192, 2}, {8192, 3, 4096, 0}, {1 << 30, 3}, {5000, 3}, {100, 3}
    };
    long[] bytes = {8192, 8192, 8192, 8192, SIZE, 4096, 4096};
    boolean[] data = {true, false, true, false, false, false, true};
    boolean[] zero = {false, false, true, true, true, true, false};
    try (FakeServer server =
            new FakeServer(
                dir,
                session -> {
                  session.handshake(
                      ExportInfo.Replies.STRUCTURED, SIZE, FakeSession.ALL, Optional.of(blocks));
                  for (int[] answer : answers) {
                    long cookie = session.request().cookie();
                    session.chunk(cookie, 1, 5, FakeSession.extents(17, answer));
                  }
                  session.awaitHangUp();
                });
        RemoteDisk disk = RemoteDisk.open(server.socket())) {
      for (int i = 0; i < answers.length; i++) {
        BlockStatus status = disk.image().status(0, SIZE);
        assertThat(status.bytes()).as("answer " + i).isEqualTo(bytes[i]);
        assertThat(status.data()).as("answer " + i).isEqualTo(data[i]);
        assertThat(status.zero()).as("answer " + i).isEqualTo(zero[i]);
      }
      disk.close();
      server.awaitEnd();
    }
  }
}
