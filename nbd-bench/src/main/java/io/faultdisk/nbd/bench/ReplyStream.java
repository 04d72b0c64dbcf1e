package io.faultdisk.nbd.bench;

import io.faultdisk.nbd.ChunkFlag;
import io.faultdisk.nbd.NbdError;
import io.faultdisk.nbd.NbdLimits;
import io.faultdisk.nbd.NbdMagic;
import io.faultdisk.nbd.ReplyHeader;
import io.faultdisk.nbd.ReplyType;
import java.nio.ByteBuffer;

/**
 * Takes replies apart, simple ones and structured ones: finds out which request each belongs to and
 * what came of it, and skips the data. For one thread; allocates nothing.
 */
final class ReplyStream {
  /** Called when a request has its whole reply. */
  interface Listener {
    /** The request is still in flight, and has to be removed. */
    void completed(int slot);
  }

  /** What comes with a hole: offset and length. */
  private static final int HOLE_BYTES = 12;

  private static final int OFFSET_BYTES = 8;
  private static final int ERROR_BYTES = 4;
  private static final int NONE = -1;

  private final Flight flight;
  private final Listener listener;

  /** How many bytes of the current reply to skip. */
  private long skip;

  /** The request that is complete when they are skipped, or NONE. */
  private int last = NONE;

  ReplyStream(Flight flight, Listener listener) {
    this.flight = flight;
    this.listener = listener;
  }

  /** Takes as much as it can out of the buffer; what remains is the beginning of a header. */
  void take(ByteBuffer in) throws LostConnectionException {
    while (true) {
      if (skip > 0) {
        int step = (int) Math.min(skip, in.remaining());
        in.position(in.position() + step);
        skip -= step;
        if (skip > 0) {
          return;
        }
      }
      if (last != NONE) {
        int slot = last;
        last = NONE;
        complete(slot);
      }
      if (in.remaining() < ReplyHeader.SIMPLE_BYTES) {
        return;
      }
      int at = in.position();
      int magic = ReplyHeader.magic(in, at);
      if (magic == NbdMagic.SIMPLE_REPLY) {
        simple(in, at);
      } else if (magic != NbdMagic.STRUCTURED_REPLY) {
        throw new LostConnectionException(
            "the server sent 0x" + Integer.toHexString(magic) + " where a reply should begin");
      } else if (!chunk(in, at)) {
        return;
      }
    }
  }

  private void complete(int slot) throws LostConnectionException {
    if (flight.error(slot) == NbdError.SUCCESS && flight.missing(slot) != 0) {
      throw new LostConnectionException("the server's reply to a read has not all of the data");
    }
    listener.completed(slot);
  }

  private int slot(ByteBuffer in, int at) throws LostConnectionException {
    long cookie = ReplyHeader.cookie(in, at);
    if (!flight.has(cookie)) {
      throw new LostConnectionException("the server replied to a request that was not made");
    }
    return (int) cookie;
  }

  private void simple(ByteBuffer in, int at) throws LostConnectionException {
    int slot = slot(in, at);
    int error = ReplyHeader.error(in, at);
    in.position(at + ReplyHeader.SIMPLE_BYTES);
    if (error == NbdError.SUCCESS) {
      skip = flight.missing(slot);
      flight.arrived(slot, skip);
    } else {
      flight.fail(slot, error);
    }
    last = slot;
  }

  /** False if there is not enough of it yet. */
  private boolean chunk(ByteBuffer in, int at) throws LostConnectionException {
    if (in.remaining() < ReplyHeader.STRUCTURED_BYTES) {
      return false;
    }
    int slot = slot(in, at);
    int type = ReplyHeader.type(in, at);
    long bytes = ReplyHeader.length(in, at);
    int body = at + ReplyHeader.STRUCTURED_BYTES;
    if (bytes > NbdLimits.PAYLOAD_BYTES_MAX + OFFSET_BYTES) {
      throw new LostConnectionException("the server sent a chunk of " + bytes + " bytes");
    }
    if (type == ReplyType.OFFSET_DATA.number()) {
      flight.arrived(slot, bytes - OFFSET_BYTES);
    } else if (type == ReplyType.OFFSET_HOLE.number() && bytes == HOLE_BYTES) {
      if (in.limit() - body < HOLE_BYTES) {
        return false;
      }
      flight.arrived(slot, in.getInt(body + OFFSET_BYTES) & 0xffff_ffffL);
    } else if (ReplyType.isError(type) && bytes >= ERROR_BYTES) {
      if (in.limit() - body < ERROR_BYTES) {
        return false;
      }
      flight.fail(slot, in.getInt(body));
    } else if (type != ReplyType.NONE.number()) {
      throw new LostConnectionException("the server sent a chunk of unknown type " + type);
    }
    skip = bytes;
    if (ChunkFlag.DONE.in(ReplyHeader.flags(in, at))) {
      last = slot;
    }
    in.position(body);
    return true;
  }
}
