package io.faultdisk.nbd.bench;

import io.faultdisk.base.Clock;
import io.faultdisk.base.UsageException;
import io.faultdisk.nbd.ExportFlag;
import io.faultdisk.nbd.NbdUri;
import io.faultdisk.nbd.SocketTransport;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Puts a load on a server. */
public final class Load {
  private final NbdUri uri;
  private final LoadPlan plan;
  private final Clock clock;
  private final List<SocketChannel> channels = new ArrayList<>();
  private long exportBytes;

  private Load(NbdUri uri, LoadPlan plan, Clock clock) {
    this.uri = uri;
    this.plan = plan;
    this.clock = clock;
  }

  /**
   * Connects, does what the plan says, and disconnects. Blocks all the time; interrupting the
   * caller ends it.
   *
   * @throws UsageException if there is no such server or export, or the export cannot do it; before
   *     any request is sent
   * @throws LostConnectionException if a connection ends too early
   */
  public static LoadResult run(NbdUri uri, LoadPlan plan, Clock clock)
      throws UsageException, LostConnectionException {
    return new Load(uri, plan, clock).run();
  }

  private LoadResult run() throws UsageException, LostConnectionException {
    if (uri.tls()) {
      throw new UsageException("'" + uri + "' wants TLS, which this command cannot do");
    }
    try {
      for (int i = 0; i < plan.connections(); i++) {
        ExportTerms terms = connect();
        check(terms);
        exportBytes = terms.size();
      }
      return measure();
    } finally {
      closeAll();
    }
  }

  private ExportTerms connect() throws UsageException {
    CountDownLatch done = new CountDownLatch(1);
    try {
      SocketAddress address = address();
      SocketChannel channel =
          address instanceof UnixDomainSocketAddress
              ? SocketChannel.open(StandardProtocolFamily.UNIX)
              : SocketChannel.open();
      channels.add(channel);
      Thread.ofVirtual().name("load-patience").start(() -> closeUnless(done, channel));
      channel.connect(address);
      return new Greeting(new SocketTransport(channel)).run(uri.export(), plan.structured());
    } catch (UnresolvedAddressException _) {
      throw new UsageException("cannot connect to '" + uri + "': no host of that name");
    } catch (ClosedByInterruptException _) {
      throw new UsageException("cannot connect to '" + uri + "': interrupted");
    } catch (ClosedChannelException _) {
      throw new UsageException(
          "cannot connect to '"
              + uri
              + "': no answer came for "
              + plan.patienceNanos() / 1_000_000
              + " ms");
    } catch (IOException | IllegalArgumentException e) {
      throw new UsageException("cannot connect to '" + uri + "': " + e.getMessage());
    } catch (UsageException e) {
      throw new UsageException(
          "cannot use '" + uri + "': " + e.getMessage(), e.hints().toArray(String[]::new));
    } finally {
      done.countDown();
    }
  }

  private SocketAddress address() {
    return switch (uri.where()) {
      case NbdUri.Tcp(String host, int port) -> new InetSocketAddress(host, port);
      case NbdUri.Unix(String path) -> UnixDomainSocketAddress.of(path);
    };
  }

  /** What waits for the server ends with the channel. */
  private void closeUnless(CountDownLatch done, SocketChannel channel) {
    try {
      if (!done.await(plan.patienceNanos(), TimeUnit.NANOSECONDS)) {
        channel.close();
      }
    } catch (InterruptedException | IOException _) {
      // It is of no use any more either way.
    }
  }

  private void check(ExportTerms terms) throws UsageException {
    if (plan.access().writes() && terms.has(ExportFlag.READ_ONLY)) {
      throw new UsageException(
          "the export is read-only, and " + plan.access().text() + " would write to it");
    }
    long range = plan.rangeBytes().orElse(terms.size());
    if (range > terms.size()) {
      throw new UsageException(
          "the export has only " + terms.size() + " bytes, not the " + range + " to use");
    }
    if (range < plan.blockBytes()) {
      throw new UsageException(
          range + " bytes are to be used, less than one block of " + plan.blockBytes());
    }
    if (plan.blockBytes() % terms.blockMin() != 0 || plan.blockBytes() > terms.payloadMax()) {
      throw new UsageException(
          "the server takes blocks that are multiples of "
              + terms.blockMin()
              + " bytes and up to "
              + terms.payloadMax()
              + ", not "
              + plan.blockBytes());
    }
  }

  private LoadResult measure() throws LostConnectionException {
    List<LoadConnection> connections = new ArrayList<>();
    List<Thread> threads = new ArrayList<>();
    long begin = clock.nanoTime();
    long from = begin + plan.warmupNanos();
    Window window =
        new Window(
            from,
            plan.timeNanos().isPresent() ? from + plan.timeNanos().getAsLong() : Long.MAX_VALUE);
    for (int i = 0; i < plan.connections(); i++) {
      connections.add(connection(i, window));
    }
    for (LoadConnection each : connections) {
      threads.add(Thread.ofPlatform().name("load").daemon().start(each));
    }
    Watch watch = new Watch(plan, window, clock, connections, threads);
    try {
      watch.untilAllHaveEnded();
    } catch (IOException e) {
      throw lost(e);
    } finally {
      connections.forEach(LoadConnection::close);
    }
    return result(connections, window, watch.serverCpu());
  }

  private LoadConnection connection(int number, Window window) throws LostConnectionException {
    SocketChannel channel = channels.get(number);
    Wire wire;
    try {
      wire = plan.access() == Access.RANDRW ? Wire.AtOnce.over(channel) : new Wire.InTurn(channel);
    } catch (IOException e) {
      throw lost(e);
    }
    return new LoadConnection(
        plan, number, wire, clock, window, plan.rangeBytes().orElse(exportBytes), quota(number));
  }

  private long quota(int number) {
    if (plan.requests().isEmpty()) {
      return Long.MAX_VALUE;
    }
    long all = plan.requests().getAsLong();
    return all / plan.connections() + (number < all % plan.connections() ? 1 : 0);
  }

  private LostConnectionException lost(IOException why) {
    LostConnectionException lost =
        new LostConnectionException("lost the connection to '" + uri + "': " + why.getMessage());
    lost.initCause(why);
    return lost;
  }

  private LoadResult result(
      List<LoadConnection> connections, Window window, Optional<Duration> serverCpu) {
    Answers reads = new Answers(plan.blockBytes());
    Answers writes = new Answers(plan.blockBytes());
    long end = window.from();
    boolean timeUp = false;
    for (LoadConnection each : connections) {
      reads.add(each.reads());
      writes.add(each.writes());
      end = Math.max(end, each.lastCountedNanos());
      timeUp |= !each.reachedQuota();
    }
    long elapsed = (timeUp ? window.until() : end) - window.from();
    return new LoadResult(
        exportBytes,
        Math.max(1, elapsed),
        plan.access().reads() ? Optional.of(reads) : Optional.empty(),
        plan.access().writes() ? Optional.of(writes) : Optional.empty(),
        serverCpu);
  }

  private void closeAll() {
    for (SocketChannel each : channels) {
      try {
        each.close();
      } catch (IOException _) {
        // It is of no use any more either way.
      }
    }
  }
}
