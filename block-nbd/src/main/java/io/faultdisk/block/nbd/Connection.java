package io.faultdisk.block.nbd;

import io.faultdisk.base.Turns;
import io.faultdisk.nbd.CommandFlag;
import io.faultdisk.nbd.CommandType;
import io.faultdisk.nbd.RequestHeader;
import io.faultdisk.nbd.Transport;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A connection in transmission: many requests at once, each with a thread that waits for it.
 *
 * <p>Any thread may {@link #perform}; at most {@value #IN_FLIGHT_MAX} requests are with the server,
 * further ones wait for a place in order. A thread of its own, the {@link ReplyReader}, takes the
 * replies. When the connection ends, for whatever reason, all that are on it end as {@link
 * Exchange.Outcome#LOST}; it is of no more use then.
 */
final class Connection implements AutoCloseable {
  private static final int SLOT_BITS = 6;
  private static final int IN_FLIGHT_MAX = 1 << SLOT_BITS;

  /** Longest piece that goes to the system at once: it copies what is not in direct memory. */
  static final int PIECE_BYTES = 256 << 10;

  private static final int OUT_BYTES = 64 << 10;

  private final Transport transport;
  private final ExportInfo info;
  private final Turns turns;

  private final ReentrantLock sending = new ReentrantLock();

  /** A header, and the payload behind it if there is room. */
  private final ByteBuffer out = ByteBuffer.allocateDirect(OUT_BYTES);

  private final ReentrantLock table = new ReentrantLock();
  private final @Nullable Exchange[] slots = new Exchange[IN_FLIGHT_MAX];
  private final Deque<Integer> freeSlots = new ArrayDeque<>();
  private final Deque<Exchange> waiting = new ArrayDeque<>();
  private long sequence;
  private boolean ended;

  /** How the server has broken the protocol; empty if it has not. */
  private volatile String violation = "";

  private Connection(Transport transport, ExportInfo info, Turns turns) {
    this.transport = transport;
    this.info = info;
    this.turns = turns;
    for (int i = 0; i < IN_FLIGHT_MAX; i++) {
      freeSlots.add(i);
    }
  }

  /** Takes over what is connected, after the handshake. */
  static Connection start(Transport transport, ExportInfo info, Turns turns) {
    Connection connection = new Connection(transport, info, turns);
    Thread.ofPlatform()
        .daemon()
        .name("nbd-replies")
        .start(new ReplyReader(connection, transport, info));
    return connection;
  }

  ExportInfo info() {
    return info;
  }

  /** Whether it ended, or is about to, because the server does not keep to the protocol. */
  boolean isViolated() {
    return !violation.isEmpty();
  }

  /** How the server has broken the protocol; empty if it has not. */
  String violation() {
    return violation;
  }

  /** The server has broken the protocol. For the reader, before anybody hears of an outcome. */
  void violated(String how) {
    violation = how;
  }

  /** Sends a request and waits until it has an outcome. */
  void perform(Exchange exchange) {
    admit(exchange);
    turns.awaitOutside(() -> exchange.admitted || exchange.isDone());
    if (!exchange.isDone()) {
      send(exchange);
      turns.awaitOutside(exchange::isDone);
    }
  }

  private void admit(Exchange exchange) {
    table.lock();
    try {
      Integer slot = ended ? null : freeSlots.poll();
      if (slot != null) {
        place(exchange, slot);
      } else if (ended) {
        exchange.end(Exchange.Outcome.LOST);
      } else {
        waiting.add(exchange);
      }
    } finally {
      table.unlock();
    }
  }

  private void place(Exchange exchange, int slot) {
    exchange.cookie = (sequence++ << SLOT_BITS) | slot;
    slots[slot] = exchange;
    exchange.admitted = true;
  }

  private void send(Exchange exchange) {
    sending.lock();
    try {
      out.clear();
      RequestHeader.put(
          out,
          info.isExtended(),
          info.isExtended() && exchange.command == CommandType.WRITE
              ? exchange.flags | CommandFlag.PAYLOAD_LEN.bit()
              : exchange.flags,
          exchange.command,
          exchange.cookie,
          exchange.offset,
          exchange.length);
      send(exchange.payload);
    } catch (IOException e) {
      close(); // the reader notices, and ends this exchange with all others
    } finally {
      sending.unlock();
    }
  }

  private void send(ByteBuffer payload) throws IOException {
    int end = payload.limit();
    if (payload.remaining() <= out.remaining()) {
      out.put(payload);
    }
    transport.send(out.flip());
    while (payload.position() < end) {
      payload.limit(Math.min(end, payload.position() + PIECE_BYTES));
      transport.send(payload);
    }
  }

  /** The exchange with this cookie, if there is one. For the reader. */
  @Nullable Exchange find(long cookie) {
    table.lock();
    try {
      Exchange exchange = slots[(int) cookie & (IN_FLIGHT_MAX - 1)];
      return exchange != null && exchange.cookie == cookie ? exchange : null;
    } finally {
      table.unlock();
    }
  }

  /** The reply to an exchange has come: its place goes to the next. For the reader. */
  void answered(Exchange exchange, Exchange.Outcome outcome) {
    Exchange next;
    table.lock();
    try {
      int slot = (int) exchange.cookie & (IN_FLIGHT_MAX - 1);
      slots[slot] = null;
      next = waiting.poll();
      if (next == null) {
        freeSlots.push(slot);
      } else {
        place(next, slot);
      }
    } finally {
      table.unlock();
    }
    exchange.end(outcome);
    turns.signal(exchange.waiter);
    if (next != null) {
      turns.signal(next.waiter);
    }
  }

  /** Nothing more will come. For the reader, at its end. */
  void ended() {
    List<Exchange> lost = new ArrayList<>(waiting.size());
    table.lock();
    try {
      ended = true;
      for (Exchange exchange : slots) {
        if (exchange != null) {
          lost.add(exchange);
        }
      }
      lost.addAll(waiting);
      waiting.clear();
    } finally {
      table.unlock();
    }
    for (Exchange exchange : lost) {
      if (!exchange.isDone()) {
        exchange.end(Exchange.Outcome.LOST);
        turns.signal(exchange.waiter);
      }
    }
    close();
  }

  private void stopSending() {
    try {
      transport.stopSending();
    } catch (IOException e) {
      // It has left, too.
    }
  }

  /** Says good bye to the server, which need not hear it, and closes. */
  void disconnect() {
    if (!sending.isLocked()) {
      send(Exchange.of(CommandType.DISC, 0, 0, 0));
      stopSending();
    }
    close();
  }

  /** Hangs up. Idempotent. */
  @Override
  public void close() {
    transport.close();
  }
}
