package io.faultdisk.nbd.server;

import io.faultdisk.base.UsageException;
import io.faultdisk.block.BlockBackend;
import io.faultdisk.block.BlockGraph;
import io.faultdisk.block.OpenFlags;
import io.faultdisk.block.memory.MemoryType;
import io.faultdisk.block.options.Options;
import io.faultdisk.nbd.CommandType;
import io.faultdisk.nbd.NbdMagic;
import io.faultdisk.nbd.OptionType;
import io.faultdisk.nbd.RequestHeader;
import io.faultdisk.nbd.Transport;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * All that a client sends, handed to the server without a socket; then it stops receiving and
 * sending. The server must let it go, with every thread alive and no memory kept.
 */
public final class NbdClientBytes {
  private static final int SIZE = 256 << 10;

  private NbdClientBytes() {}

  /** The server of all inputs, and what went wrong on its threads. */
  private static final class Served implements NbdServer.Listener {
    static final Served IT = new Served();

    final BlockingQueue<Throwable> failures = new LinkedBlockingQueue<>();
    volatile boolean threadEnded;
    final NbdServer server;

    private Served() {
      Thread.setDefaultUncaughtExceptionHandler((thread, e) -> failures.add(e));
      server = new NbdServer(ServerLimits.DEFAULT, Optional.empty(), this);
      try {
        BlockGraph graph =
            new BlockGraph(List.of(new MemoryType()), new ServerTurns(), message -> {});
        Options options = Options.of(Map.of("driver", "memory", "size", String.valueOf(SIZE)));
        OpenFlags flags = OpenFlags.TOOL.withCache(false, false, false);
        BlockBackend image = graph.open(Optional.empty(), options, flags);
        server.add(
            new Export(
                image,
                Export.Settings.named("").withDescription("all of it").withAllocationDepth(true)));
        server.add(new Export(image, Export.Settings.named("ro").withReadOnly(true)));
      } catch (UsageException | IOException e) {
        throw new IllegalStateException(e);
      }
    }

    @Override
    public void log(String message) {
      if (message.contains("internal error")) {
        threadEnded = true;
      }
    }
  }

  /** The client's end: bytes that come in pieces, and nowhere for replies to go. */
  private static final class Client implements Transport {
    private final ByteBuffer input;
    private final int piece;
    private final CountDownLatch closed = new CountDownLatch(1);

    Client(ByteBuffer input, int piece) {
      this.input = input;
      this.piece = piece;
    }

    @Override
    public int receive(ByteBuffer target) {
      if (!input.hasRemaining()) {
        return -1;
      }
      int count = Math.min(Math.min(input.remaining(), piece), target.remaining());
      target.put(input.slice(input.position(), count));
      input.position(input.position() + count);
      return count;
    }

    @Override
    public void send(ByteBuffer source) {
      source.position(source.limit());
    }

    @Override
    public void stopSending() {}

    @Override
    public void stopReceiving() {
      // What comes is bounded.
    }

    @Override
    public String peer() {
      return "bytes";
    }

    @Override
    public void close() {
      closed.countDown();
    }
  }

  /** The first byte says in which pieces the rest arrives. */
  public static void fuzz(byte[] bytes) {
    if (bytes.length == 0) {
      return;
    }
    Served served = Served.IT;
    int piece = (bytes[0] & 1) != 0 ? 1 + (bytes[0] & 0xff) / 8 : Integer.MAX_VALUE;
    Client client = new Client(ByteBuffer.wrap(bytes, 1, bytes.length - 1), piece);
    served.server.serve(new Connection(served.server, client));
    try {
      client.closed.await(); // the fuzzer knows when that takes too long
      requireAllWell(served);
    } catch (InterruptedException e) {
      throw new AssertionError("the server does not let the client go", e);
    }
  }

  /** What has ended a thread of the server, if one has ended before its time. */
  private static void requireAllWell(Served served) throws InterruptedException {
    long seconds = served.threadEnded ? 10 : 0;
    Throwable failure = served.failures.poll(seconds, TimeUnit.SECONDS);
    if (failure != null || served.threadEnded) {
      served.threadEnded = false;
      throw new AssertionError("on a thread of the server", failure);
    }
  }

  /** Sessions in each of the protocol's dialects. */
  public static List<byte[]> seeds() {
    List<byte[]> seeds = new ArrayList<>();
    seeds.add(session(false, option(OptionType.EXPORT_NAME, "ro")));
    seeds.add(session(false, go(OptionType.INFO, "ro"), go(OptionType.GO, "")));
    seeds.add(session(false, option(OptionType.STRUCTURED_REPLY, ""), go(OptionType.GO, "")));
    byte[] contexts = contexts("", "base:allocation", "qemu:allocation-depth");
    seeds.add(
        session(
            false,
            option(OptionType.LIST, ""),
            option(OptionType.STRUCTURED_REPLY, ""),
            option(OptionType.SET_META_CONTEXT, contexts),
            option(OptionType.LIST_META_CONTEXT, contexts),
            go(OptionType.GO, "")));
    seeds.add(
        session(
            true,
            option(OptionType.EXTENDED_HEADERS, ""),
            option(OptionType.SET_META_CONTEXT, contexts),
            go(OptionType.GO, "")));
    return seeds;
  }

  private static byte[] session(boolean extended, byte[]... options) {
    ByteBuffer out = ByteBuffer.allocate(8192);
    out.put((byte) (extended ? 201 : 0)).putInt(3);
    for (byte[] option : options) {
      out.put(option);
    }
    for (CommandType command : CommandType.values()) {
      if (command != CommandType.DISC) {
        RequestHeader.put(out, extended, 0, command, 7, 512, 1024);
        if (command == CommandType.WRITE) {
          out.put(new byte[1024]);
        }
      }
    }
    RequestHeader.put(out, extended, 0, CommandType.READ, 8, 0, 128 << 10);
    RequestHeader.put(out, extended, 1, CommandType.WRITE_ZEROES, 9, 4096, 8192);
    RequestHeader.put(out, extended, 0, CommandType.DISC, 0, 0, 0);
    return Arrays.copyOf(out.array(), out.position());
  }

  private static byte[] option(OptionType type, String data) {
    return option(type, data.getBytes(StandardCharsets.UTF_8));
  }

  private static byte[] option(OptionType type, byte[] data) {
    return ByteBuffer.allocate(16 + data.length)
        .putLong(NbdMagic.OPTION)
        .putInt(type.number())
        .putInt(data.length)
        .put(data)
        .array();
  }

  private static byte[] go(OptionType type, String name) {
    byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
    ByteBuffer data = ByteBuffer.allocate(4 + bytes.length + 2 + 4);
    data.putInt(bytes.length).put(bytes).putShort((short) 2).putShort((short) 1);
    return option(type, data.putShort((short) 3).array());
  }

  private static byte[] contexts(String name, String... queries) {
    ByteBuffer data = ByteBuffer.allocate(1024);
    data.putInt(name.length()).put(name.getBytes(StandardCharsets.UTF_8)).putInt(queries.length);
    for (String query : queries) {
      data.putInt(query.length()).put(query.getBytes(StandardCharsets.UTF_8));
    }
    return Arrays.copyOf(data.array(), data.position());
  }
}
