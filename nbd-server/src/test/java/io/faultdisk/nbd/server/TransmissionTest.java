package io.faultdisk.nbd.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.faultdisk.block.bitmap.DirtyBitmap;
import io.faultdisk.nbd.CommandFlag;
import io.faultdisk.nbd.CommandType;
import io.faultdisk.nbd.NbdError;
import io.faultdisk.nbd.RequestHeader;
import io.faultdisk.nbd.server.RawClient.Reply;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Each command, flag and type of reply, on the wire, in each of the three modes. */
@Timeout(120)
class TransmissionTest {
  private static final int MIB = 1 << 20;
  private static final String DEPTH = "qemu:allocation-depth";
  private static final String ALLOCATION = "base:allocation";
  private static final String BITMAP = "qemu:dirty-bitmap:b0";
  private static final String RULES =
      ",inject-error.0.event=write_aio,inject-error.0.sector=2048,inject-error.0.errno=28"
          + ",inject-error.1.event=read_aio,inject-error.1.sector=2056,inject-error.1.errno=5"
          + ",inject-error.2.event=flush_to_os,inject-error.2.iotype=flush"
          + ",inject-error.2.errno=30,inject-error.2.state=3,set-state.0.event=pwritev_zero"
          + ",set-state.0.new_state=3";

  private ServedImage served;
  private final DirtyBitmap bitmap = new DirtyBitmap("b0", 64 * MIB, 65536);

  @BeforeEach
  void serve() throws Exception {
    served =
        ServedImage.memory(
            "64M",
            RULES,
            ServerLimits.DEFAULT,
            settings -> settings.withAllocationDepth(true).withBitmaps(List.of(bitmap)));
    served.add(Export.Settings.named("ro").withReadOnly(true));
  }

  @AfterEach
  void stop() throws IOException {
    served.close();
  }

  private RawClient client(ReplyMode mode, String... contexts) throws IOException {
    return switch (mode) {
      case SIMPLE -> RawClient.simple(served.socket());
      case STRUCTURED -> RawClient.structured(served.socket(), contexts);
      case EXTENDED -> RawClient.extended(served.socket(), contexts);
    };
  }

  private static byte[] noise(int bytes, long seed) {
    byte[] data = new byte[bytes];
    new Random(seed).nextBytes(data);
    return data;
  }

  @ParameterizedTest
  @EnumSource
  void dataOfAnyLengthComesBack(ReplyMode mode) throws IOException {
    int[] lengths = {1, 511, 4096, 16_000, 16_384, 70_000, 262_100, 262_144, MIB, 32 * MIB};
    try (RawClient client = client(mode)) {
      for (int length : lengths) {
        byte[] data = noise(length, length);
        client.write(length, 2 * MIB + 3, data);
        assertThat(client.error(length)).isZero();
        assertThat(client.read(2 * MIB + 3, length)).isEqualTo(data);
      }
    }
  }

  /** What follows it in the buffer is not its data. */
  @ParameterizedTest
  @EnumSource
  void aWriteOfNoBytesChangesNothing(ReplyMode mode) throws IOException {
    try (RawClient client = client(mode)) {
      byte[] data = noise(4096, 5);
      client.write(1, 8 * MIB, data);
      assertThat(client.error(1)).isZero();
      boolean extended = mode == ReplyMode.EXTENDED;
      ByteBuffer all = ByteBuffer.allocate(3 * 32);
      RequestHeader.put(all, extended, 0, CommandType.WRITE, 2, 8 * MIB, 0);
      RequestHeader.put(
          all, extended, CommandFlag.FUA.bit(), CommandType.WRITE, 3, 8 * MIB + 512, 0);
      RequestHeader.put(all, extended, 0, CommandType.FLUSH, 4, 0, 0);
      client.send(all.flip());
      assertThat(List.of(client.reply(0), client.reply(0), client.reply(0)))
          .extracting(Reply::cookie, Reply::error)
          .containsExactlyInAnyOrder(tuple(2L, 0), tuple(3L, 0), tuple(4L, 0));
      assertThat(client.read(8 * MIB, 4096)).isEqualTo(data);
    }
  }

  /** The buffer of the first must be of use for the second. */
  @ParameterizedTest
  @EnumSource
  void aDurableWriteMayFollowOneOfNoBytes(ReplyMode mode) throws IOException {
    try (RawClient client = client(mode)) {
      byte[] data = noise(16_000, 6);
      boolean extended = mode == ReplyMode.EXTENDED;
      int flags = CommandFlag.FUA.bit();
      for (byte[] each : List.of(new byte[0], data)) {
        ByteBuffer request = ByteBuffer.allocate(32 + each.length);
        RequestHeader.put(request, extended, flags, CommandType.WRITE, 1, 8 * MIB, each.length);
        client.send(request.put(each).flip());
        assertThat(client.error(1)).isZero();
      }
      assertThat(client.read(8 * MIB, data.length)).isEqualTo(data);
    }
  }

  @ParameterizedTest
  @EnumSource
  void manyRequestsInOneSendAreAnsweredInOrder(ReplyMode mode) throws IOException {
    try (RawClient client = client(mode)) {
      byte[] data = noise(64 * 4096, 1);
      client.write(1, 4 * MIB, data);
      assertThat(client.error(1)).isZero();
      ByteBuffer all = ByteBuffer.allocate(64 * 32);
      for (int i = 0; i < 64; i++) {
        RequestHeader.put(
            all, mode == ReplyMode.EXTENDED, 0, CommandType.READ, i, 4 * MIB + 4096L * i, 4096);
      }
      client.send(all.flip());
      for (int i = 0; i < 64; i++) {
        Reply reply = client.reply(4096);
        assertThat(reply.cookie()).isEqualTo(i);
        byte[] piece = reply.data();
        assertThat(Arrays.copyOfRange(piece, piece.length - 4096, piece.length))
            .isEqualTo(Arrays.copyOfRange(data, 4096 * i, 4096 * (i + 1)));
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void requestsInPiecesAreUnderstood(ReplyMode mode) throws IOException {
    try (RawClient client = client(mode)) {
      byte[] data = noise(300, 2);
      ByteBuffer all = ByteBuffer.allocate(400);
      boolean extended = mode == ReplyMode.EXTENDED;
      RequestHeader.put(all, extended, 0, CommandType.WRITE, 1, 0, 300);
      all.put(data).flip();
      while (all.hasRemaining()) {
        client.send(ByteBuffer.wrap(new byte[] {all.get()}));
      }
      assertThat(client.error(1)).isZero();
      assertThat(client.read(0, 300)).isEqualTo(data);
    }
  }

  @ParameterizedTest
  @EnumSource
  void otherCommandsSucceed(ReplyMode mode) throws IOException {
    try (RawClient client = client(mode)) {
      client.write(1, 0, noise(8192, 3));
      assertThat(client.error(1)).isZero();
      client.request(CommandType.TRIM, CommandFlag.FUA.bit(), 3, 0, 4096);
      assertThat(client.error(3)).isZero();
      client.request(CommandType.CACHE, 0, 4, 0, 4096);
      assertThat(client.error(4)).isZero();
      client.request(CommandType.FLUSH, 0, 2, 0, 0);
      assertThat(client.error(2)).isZero();
      client.request(
          CommandType.WRITE_ZEROES,
          CommandFlag.NO_HOLE.bit() | CommandFlag.FAST_ZERO.bit(),
          5,
          4096,
          4096);
      assertThat(client.error(5)).isZero();
      assertThat(client.read(0, 8192)).containsOnly(0);
      assertThat(client.read(0, 0)).isEmpty();
    }
  }

  @ParameterizedTest
  @EnumSource
  void forcedUnitAccessIsForWritesAndReads(ReplyMode mode) throws IOException {
    try (RawClient client = client(mode)) {
      byte[] data = noise(100_000, 4);
      int payload = mode == ReplyMode.EXTENDED ? CommandFlag.PAYLOAD_LEN.bit() : 0;
      int flags = CommandFlag.FUA.bit() | payload;
      client.request(CommandType.WRITE, flags, 1, 0, data.length, data);
      assertThat(client.error(1)).isZero();
      client.request(CommandType.READ, CommandFlag.FUA.bit(), 2, 0, data.length);
      Reply reply = client.reply(data.length);
      byte[] all = reply.data();
      assertThat(Arrays.copyOfRange(all, all.length - data.length, all.length)).isEqualTo(data);
      client.request(CommandType.WRITE, flags, 1, 0, 512, noise(512, 5));
      assertThat(client.error(1)).isZero();
    }
  }

  @ParameterizedTest
  @EnumSource
  void errorsOfTheImageHaveTheNumbersOfTheProtocol(ReplyMode mode) throws IOException {
    try (RawClient client = client(mode)) {
      client.write(1, MIB, new byte[512]);
      assertThat(client.error(1)).isEqualTo(NbdError.ENOSPC.number());
      client.request(CommandType.READ, 0, 2, MIB + 4096, 512);
      assertThat(client.error(2)).isEqualTo(NbdError.EIO.number());
      client.request(CommandType.WRITE_ZEROES, 0, 3, 0, 4096);
      assertThat(client.error(3)).isZero();
      client.request(CommandType.FLUSH, 0, 4, 0, 0);
      assertThat(client.error(4)).isEqualTo(NbdError.EPERM.number());
    }
  }

  @ParameterizedTest
  @EnumSource
  void badRequestsAreRefusedAndTheSessionGoesOn(ReplyMode mode) throws IOException {
    long end = 64L * MIB;
    try (RawClient client = client(mode)) {
      int inval = NbdError.EINVAL.number();
      int nospc = NbdError.ENOSPC.number();
      check(client, CommandType.READ, 0, end - 511, 512, inval);
      check(client, CommandType.READ, 0, -1, 512, inval);
      check(client, CommandType.READ, 0, 0, 32 * MIB + 1, inval);
      check(client, CommandType.CACHE, 0, 0, 32 * MIB + 1, inval);
      check(client, CommandType.TRIM, 0, end, 1, inval);
      check(client, CommandType.WRITE_ZEROES, 0, end, 1, nospc);
      check(client, CommandType.WRITE_ZEROES, CommandFlag.DF.bit(), 0, 1, inval);
      check(client, CommandType.FLUSH, CommandFlag.NO_HOLE.bit(), 0, 0, inval);
      check(client, CommandType.READ, 1 << 12, 0, 512, inval);
      check(client, CommandType.BLOCK_STATUS, 0, 0, 512, inval);
      client.write(9, end, new byte[512]);
      assertThat(client.error(9)).isEqualTo(nospc);
      if (mode == ReplyMode.SIMPLE) {
        check(client, CommandType.READ, CommandFlag.DF.bit(), 0, 512, inval);
      }
      if (mode == ReplyMode.EXTENDED) {
        check(client, CommandType.TRIM, 0, 0, -1, inval);
        check(client, CommandType.READ, 0, 0, Long.MIN_VALUE, inval);
        int payload = CommandFlag.PAYLOAD_LEN.bit();
        client.request(CommandType.FLUSH, payload, 8, 0, 100, new byte[100]);
        assertThat(client.error(8)).isEqualTo(inval);
      }
      assertThat(client.read(0, 512)).hasSize(512);
    }
  }

  private static void check(
      RawClient client, CommandType command, int flags, long offset, long bytes, int error)
      throws IOException {
    client.request(command, flags, 1234, offset, bytes);
    assertThat(client.error(1234)).isEqualTo(error);
  }

  @Test
  void unknownCommandsAreRefused() throws IOException {
    try (RawClient client = client(ReplyMode.SIMPLE)) {
      ByteBuffer header = ByteBuffer.allocate(28);
      header.putInt(0x25609513).putShort((short) 0).putShort((short) 99).putLong(5);
      client.send(header.clear());
      assertThat(client.error(5)).isEqualTo(NbdError.EINVAL.number());
    }
  }

  @Test
  void changesOfReadOnlyExportsAreRefused() throws IOException {
    try (RawClient client = new RawClient(served.socket()).greet(3)) {
      client.go("ro");
      int perm = NbdError.EPERM.number();
      client.write(1, 0, new byte[512]);
      assertThat(client.error(1)).isEqualTo(perm);
      check(client, CommandType.TRIM, 0, 0, 512, perm);
      check(client, CommandType.WRITE_ZEROES, 0, 0, 512, perm);
      check(client, CommandType.FLUSH, 0, 0, 0, 0);
    }
  }

  @Test
  void aPayloadThatIsTooLongEndsTheConnectionWithAReply() throws IOException {
    try (RawClient client = client(ReplyMode.SIMPLE)) {
      client.request(CommandType.WRITE, 0, 1, 0, 32 * MIB + 1);
      assertThat(client.error(1)).isEqualTo(NbdError.EINVAL.number());
      assertThat(client.isCutOff()).isTrue();
    }
    assertThat(served.log()).anyMatch(line -> line.contains("too long"));
  }

  @Test
  void disconnectIsNotAnswered() throws IOException {
    try (RawClient client = client(ReplyMode.SIMPLE)) {
      client.request(CommandType.READ, 0, 1, 0, 512);
      client.request(CommandType.DISC, 0, 2, 0, 0);
      assertThat(client.reply(512).cookie()).isEqualTo(1);
      assertThat(client.isCutOff()).isTrue();
    }
    assertThat(served.log()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(names = {"STRUCTURED", "EXTENDED"})
  void longReadsSkipHolesUnlessAskedNotTo(ReplyMode mode) throws IOException {
    try (RawClient client = client(mode)) {
      byte[] data = noise(65536, 6);
      client.write(1, 2 * MIB, data);
      assertThat(client.error(1)).isZero();
      client.request(CommandType.READ, 0, 2, 2 * MIB - 65536, 3 * 65536);
      List<Reply> chunks = client.replies(0);
      assertThat(chunks).extracting(Reply::type).containsExactly(2, 1, 2);
      assertThat(chunks.get(0).bytes().getLong()).isEqualTo(2 * MIB - 65536);
      assertThat(chunks.get(0).bytes().getInt(8)).isEqualTo(65536);
      assertThat(chunks.get(1).data()).hasSize(8 + 65536).endsWith(data);

      client.request(CommandType.READ, CommandFlag.DF.bit(), 3, 2 * MIB - 65536, 3 * 65536);
      List<Reply> whole = client.replies(0);
      assertThat(whole).extracting(Reply::type).containsExactly(1);
      assertThat(whole.get(0).data()).hasSize(8 + 3 * 65536);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"STRUCTURED", "EXTENDED"})
  void anErrorAfterAHoleEndsTheReply(ReplyMode mode) throws IOException {
    try (RawClient client = client(mode)) {
      client.write(1, MIB + 65536, new byte[65536]);
      assertThat(client.error(1)).isZero();
      client.write(1, MIB + 4096, noise(4096, 7));
      assertThat(client.error(1)).isZero();
      client.request(CommandType.READ, 0, 2, MIB - 65536, 2 * 65536);
      List<Reply> chunks = client.replies(0);
      Reply last = chunks.get(chunks.size() - 1);
      assertThat(chunks.get(0).type()).isEqualTo(2);
      assertThat(last.type()).isEqualTo(0x8001);
      assertThat(last.error()).isEqualTo(NbdError.EIO.number());
      assertThat(new String(last.data(), 6, last.data().length - 6, UTF_8))
          .isEqualTo("reading from file failed");
    }
  }

  /** An extent as the reply has it. */
  private record Extent(long bytes, long flags) {}

  private static List<Extent> extents(Reply reply, int context) {
    ByteBuffer data = reply.bytes();
    assertThat(data.getInt()).isEqualTo(context);
    List<Extent> extents = new ArrayList<>();
    if (reply.type() == 6) {
      int count = data.getInt();
      while (data.hasRemaining()) {
        extents.add(new Extent(data.getLong(), data.getLong()));
      }
      assertThat(extents).hasSize(count);
    } else {
      assertThat(reply.type()).isEqualTo(5);
      while (data.hasRemaining()) {
        extents.add(new Extent(data.getInt() & 0xffff_ffffL, data.getInt()));
      }
    }
    return extents;
  }

  @ParameterizedTest
  @EnumSource(names = {"STRUCTURED", "EXTENDED"})
  void blockStatusTellsWhatWasNegotiated(ReplyMode mode) throws IOException {
    bitmap.set(2 * MIB, 65536);
    try (RawClient client = client(mode, ALLOCATION, DEPTH, BITMAP)) {
      client.write(1, 2 * MIB, noise(65536, 8));
      assertThat(client.error(1)).isZero();
      client.request(CommandType.BLOCK_STATUS, 0, 2, MIB, 2 * MIB);
      List<Reply> chunks = client.replies(0);
      assertThat(chunks).hasSize(3);
      assertThat(extents(chunks.get(0), 0))
          .containsExactly(new Extent(MIB, 3), new Extent(65536, 0), new Extent(MIB - 65536, 3));
      assertThat(extents(chunks.get(1), 1)).containsExactly(new Extent(2 * MIB, 1));
      assertThat(extents(chunks.get(2), 2))
          .containsExactly(new Extent(MIB, 0), new Extent(65536, 1), new Extent(MIB - 65536, 0));

      client.request(CommandType.BLOCK_STATUS, CommandFlag.REQ_ONE.bit(), 3, MIB, 2 * MIB);
      List<Reply> first = client.replies(0);
      assertThat(extents(first.get(0), 0)).containsExactly(new Extent(MIB, 3));
      assertThat(extents(first.get(2), 2)).containsExactly(new Extent(MIB, 0));

      check(client, CommandType.BLOCK_STATUS, 0, 0, 0, NbdError.EINVAL.number());
    }
  }

  @Test
  void blockStatusMayNameItsContexts() throws IOException {
    try (RawClient client = client(ReplyMode.EXTENDED, ALLOCATION, DEPTH)) {
      int flags = CommandFlag.PAYLOAD_LEN.bit();
      byte[] depth = ByteBuffer.allocate(12).putLong(MIB).putInt(1).array();
      client.request(CommandType.BLOCK_STATUS, flags, 1, 0, depth.length, depth);
      List<Reply> chunks = client.replies(0);
      assertThat(chunks).hasSize(1);
      assertThat(extents(chunks.get(0), 1)).containsExactly(new Extent(MIB, 1));

      byte[] unknown = ByteBuffer.allocate(12).putLong(MIB).putInt(2).array();
      client.request(CommandType.BLOCK_STATUS, flags, 2, 0, unknown.length, unknown);
      assertThat(client.error(2)).isEqualTo(NbdError.EINVAL.number());
      client.request(CommandType.BLOCK_STATUS, flags, 3, 0, 9, new byte[9]);
      assertThat(client.error(3)).isEqualTo(NbdError.EINVAL.number());
      assertThat(client.read(0, 512)).hasSize(512);
    }
  }
}
