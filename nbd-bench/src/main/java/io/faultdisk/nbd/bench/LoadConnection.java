package io.faultdisk.nbd.bench;

import io.faultdisk.base.Clock;
import io.faultdisk.nbd.CommandType;
import io.faultdisk.nbd.RequestHeader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;

/**
 * One connection's part of a load: keeps as many requests in flight as the plan says until the time
 * is up, waits for the last replies, and says good bye.
 *
 * <p>Runs on a thread of its own. Each round makes all the requests there is room for, sends them
 * with one call, takes all that has come with another, and looks at the clock twice. It allocates
 * nothing per request. Others may ask for {@link #progress} at any time, for the rest after the
 * thread has ended, and may close the wire to end it.
 */
final class LoadConnection implements Runnable {
  /**
   * Room for requests in bytes, unless one needs more: so many that a call to send them costs next
   * to nothing for each, so few that they stay in the processor's cache.
   */
  private static final int OUT_BYTES = 128 * 1024;

  /** Room for replies in bytes. A Unix socket holds about 200 KiB. */
  private static final int IN_BYTES = 256 * 1024;

  private final LoadPlan plan;
  private final Wire wire;
  private final Clock clock;
  private final Window window;
  private final RandomGenerator random;
  private final long blocks;
  private final long quota;
  private final Flight flight;
  private final ReplyStream replies;
  private final Answers reads;
  private final Answers writes;
  private final ByteBuffer out;
  private final ByteBuffer in;
  private final AtomicLong progress = new AtomicLong();

  private long nextBlock;
  private long counted;
  private long lastCountedNanos;
  private long nowNanos;
  private Optional<IOException> failure = Optional.empty();

  /**
   * Makes one.
   *
   * @param number of the connection, from 0
   * @param rangeBytes how much of the export is used, at least a block
   * @param quota after how many requests to stop
   */
  LoadConnection(
      LoadPlan plan,
      int number,
      Wire wire,
      Clock clock,
      Window window,
      long rangeBytes,
      long quota) {
    this.plan = plan;
    this.wire = wire;
    this.clock = clock;
    this.window = window;
    this.quota = quota;
    random = plan.seed().fork("connection " + number).random();
    blocks = rangeBytes / plan.blockBytes();
    nextBlock = blocks / plan.connections() * number;
    lastCountedNanos = window.from();
    flight = new Flight(plan.depth());
    replies = new ReplyStream(flight, this::completed);
    reads = new Answers(plan.blockBytes());
    writes = new Answers(plan.blockBytes());
    in = ByteBuffer.allocateDirect(IN_BYTES);
    out = ByteBuffer.allocateDirect(outBytes(plan));
    fillWithNoise();
  }

  private static int outBytes(LoadPlan plan) {
    int each = RequestHeader.BYTES + (plan.access().writes() ? plan.blockBytes() : 0);
    long all = (long) each * plan.depth();
    return (int) Math.max(each, Math.min(all, OUT_BYTES));
  }

  /** Writes don't put their data into the buffer: they send whatever is at that place already. */
  private void fillWithNoise() {
    if (plan.access().writes()) {
      while (out.remaining() >= Long.BYTES) {
        out.putLong(random.nextLong());
      }
    }
    out.position(0).limit(0);
  }

  @Override
  public void run() {
    try {
      load();
    } catch (IOException e) {
      failure = Optional.of(e);
    }
  }

  private void load() throws IOException {
    nowNanos = clock.nanoTime();
    while (true) {
      boolean all = true;
      if (!out.hasRemaining()) {
        out.clear();
        all = issue(clock.nanoTime());
        out.flip();
      }
      if (flight.count() == 0) {
        sayGoodBye();
        return;
      }
      if (!wire.exchange(out, in, all)) {
        throw new LostConnectionException(
            "the server closed the connection with " + flight.count() + " requests in flight");
      }
      nowNanos = clock.nanoTime();
      in.flip();
      replies.take(in);
      in.compact();
      progress.lazySet(progress.getPlain() + 1);
    }
  }

  /** Makes all requests that there may be, as far as the buffer goes; whether that was all. */
  private boolean issue(long now) {
    boolean warmingUp = now < window.from();
    while (flight.hasRoom() && now < window.until()) {
      if (!warmingUp && counted + flight.count() >= quota) {
        return true;
      }
      boolean read =
          plan.access() == Access.RANDRW
              ? random.nextInt(100) < plan.readPercent()
              : plan.access().reads();
      int payload = read ? 0 : plan.blockBytes();
      if (out.remaining() < RequestHeader.BYTES + payload) {
        return false;
      }
      int cookie = flight.add(read, plan.blockBytes(), now);
      RequestHeader.put(
          out,
          false,
          0,
          read ? CommandType.READ : CommandType.WRITE,
          cookie,
          block() * plan.blockBytes(),
          plan.blockBytes());
      out.position(out.position() + payload);
    }
    return true;
  }

  private long block() {
    if (plan.access().random()) {
      return random.nextLong(blocks);
    }
    long block = nextBlock;
    nextBlock = block + 1 < blocks ? block + 1 : 0;
    return block;
  }

  private void completed(int slot) {
    if (counted < quota && window.holds(nowNanos)) {
      counted++;
      lastCountedNanos = nowNanos;
      Answers answers = flight.isRead(slot) ? reads : writes;
      answers.count(flight.error(slot), nowNanos - flight.sentNanos(slot));
    }
    flight.remove(slot);
  }

  private void sayGoodBye() throws IOException {
    out.clear();
    RequestHeader.put(out, false, 0, CommandType.DISC, 0, 0, 0);
    wire.exchange(out.flip(), in, false);
  }

  /** Changes whenever a reply comes. Any thread. */
  long progress() {
    return progress.getAcquire();
  }

  /** Why it ended too early. */
  Optional<IOException> failure() {
    return failure;
  }

  Answers reads() {
    return reads;
  }

  Answers writes() {
    return writes;
  }

  /** Whether it ended because all its requests were answered, not because the time was up. */
  boolean reachedQuota() {
    return counted >= quota;
  }

  /** When the last request that counts was answered. */
  long lastCountedNanos() {
    return lastCountedNanos;
  }

  /** Ends it, if it has not ended. Any thread. */
  void close() {
    try {
      wire.close();
    } catch (IOException _) {
      // It is of no use any more either way.
    }
  }
}
