package io.faultdisk.nbd.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultdisk.nbd.ChunkFlag;
import io.faultdisk.nbd.ReplyHeader;
import io.faultdisk.nbd.ReplyType;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Replies in whatever pieces they come, and those that no server may send. */
class ReplyStreamTest {
  private static final int BLOCK = 64;

  private final Flight flight = new Flight(4);
  private final List<Integer> completed = new ArrayList<>();
  private final ReplyStream stream =
      new ReplyStream(
          flight,
          slot -> {
            completed.add(slot);
            flight.remove(slot);
          });

  private static ByteBuffer buffer() {
    return ByteBuffer.allocate(4096);
  }

  private static void chunk(ByteBuffer out, boolean done, ReplyType type, int slot, byte[] body) {
    ReplyHeader.putStructured(out, done ? ChunkFlag.DONE.bit() : 0, type, slot, body.length);
    out.put(body);
  }

  private static byte[] hole(int bytes) {
    return ByteBuffer.allocate(12).putInt(8, bytes).array();
  }

  /** All kinds of replies, cut at every place. */
  @Test
  void takesRepliesInPieces() throws Exception {
    ByteBuffer all = buffer();
    ReplyHeader.putSimple(all, 0, 0);
    all.put(new byte[BLOCK]);
    ReplyHeader.putSimple(all, 5, 1);
    chunk(all, false, ReplyType.OFFSET_DATA, 2, new byte[8 + 40]);
    ReplyHeader.putSimple(all, 0, 3);
    chunk(all, false, ReplyType.OFFSET_HOLE, 2, hole(24));
    chunk(all, true, ReplyType.NONE, 2, new byte[0]);
    all.flip();
    for (int first = 0; first <= all.limit(); first++) {
      completed.clear();
      for (int i = 0; i < 4; i++) {
        assertThat(flight.add(i != 3, BLOCK, 0)).isEqualTo(i);
      }
      ByteBuffer in = buffer();
      in.put(all.slice(0, first)).flip();
      stream.take(in);
      in.compact();
      in.put(all.slice(first, all.limit() - first)).flip();
      stream.take(in);
      assertThat(in.remaining()).isZero();
      assertThat(completed).containsExactly(0, 1, 3, 2);
      refill();
    }
  }

  /** So that the slots come in order again. */
  private void refill() {
    for (int i = 0; i < 4; i++) {
      flight.add(true, 0, 0);
    }
    for (int i = 3; i >= 0; i--) {
      flight.remove(i);
    }
  }

  @Test
  void keepsTheErrorOfAChunk() throws Exception {
    int slot = flight.add(true, BLOCK, 0);
    ByteBuffer in = buffer();
    chunk(in, false, ReplyType.OFFSET_DATA, slot, new byte[8 + 8]);
    chunk(in, true, ReplyType.ERROR_OFFSET, slot, ByteBuffer.allocate(14).putInt(0, 28).array());
    stream.take(in.flip());
    assertThat(completed).containsExactly(slot);
    assertThat(flight.error(slot)).isEqualTo(28);
  }

  private void refuses(ByteBuffer in, String message) {
    assertThatThrownBy(() -> stream.take(in.flip()))
        .isInstanceOf(LostConnectionException.class)
        .hasMessageContaining(message);
  }

  @Test
  void refusesNonsense() {
    refuses(buffer().put(new byte[16]), "the server sent 0x0 where a reply should begin");
  }

  @Test
  void refusesRepliesToNothing() {
    ByteBuffer in = buffer();
    ReplyHeader.putSimple(in, 0, 0);
    refuses(in, "the server replied to a request that was not made");
    in = buffer();
    ReplyHeader.putSimple(in, 0, 1L << 32);
    refuses(in, "the server replied to a request that was not made");
  }

  @Test
  void refusesTooLittleData() {
    int slot = flight.add(true, BLOCK, 0);
    ByteBuffer in = buffer();
    chunk(in, true, ReplyType.OFFSET_DATA, slot, new byte[8 + BLOCK - 1]);
    refuses(in, "has not all of the data");
  }

  @Test
  void refusesTooMuchData() {
    int slot = flight.add(true, BLOCK, 0);
    ByteBuffer in = buffer();
    chunk(in, false, ReplyType.OFFSET_HOLE, slot, hole(-1));
    chunk(in, true, ReplyType.NONE, slot, new byte[0]);
    refuses(in, "has not all of the data");
  }

  @Test
  void refusesUnknownChunks() {
    int slot = flight.add(true, BLOCK, 0);
    ByteBuffer in = buffer();
    chunk(in, true, ReplyType.BLOCK_STATUS, slot, new byte[12]);
    refuses(in, "the server sent a chunk of unknown type 5");
  }
}
