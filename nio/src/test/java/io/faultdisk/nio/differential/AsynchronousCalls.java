package io.faultdisk.nio.differential;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousFileChannel;
import java.nio.channels.CompletionHandler;
import java.nio.channels.FileLock;
import java.nio.file.OpenOption;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/** Asynchronous channels; each call waits for what comes of it. */
final class AsynchronousCalls {
  private static final long SECONDS_MAX = 30;

  private AsynchronousCalls() {}

  private static AsynchronousFileChannel channel(World w, RandomGenerator r) throws IOException {
    if (w.asynchronous.isEmpty()) {
      w.keep(
          w.asynchronous,
          AsynchronousFileChannel.open(
              w.root.resolve("asynchronous"),
              StandardOpenOption.READ,
              StandardOpenOption.WRITE,
              StandardOpenOption.CREATE),
          r);
    }
    return World.of(r, w.asynchronous);
  }

  private static long offset(RandomGenerator random) {
    return random.nextInt(20) == 0 ? -1 : random.nextInt(60);
  }

  private static <V> CompletionHandler<V, String> into(CompletableFuture<String> result) {
    return new CompletionHandler<>() {
      @Override
      public void completed(V value, String attachment) {
        result.complete(
            attachment + " " + (value instanceof FileLock lock ? lock.isValid() : value));
      }

      @Override
      public void failed(Throwable e, String attachment) {
        result.complete(attachment + " failed " + e);
      }
    };
  }

  static Map<String, Call> all() {
    Map<String, Call> calls = new LinkedHashMap<>();
    calls.put(
        "open",
        (w, r) -> {
          Set<OpenOption> options = new LinkedHashSet<>(w.openOptions(r));
          return w.keep(w.asynchronous, AsynchronousFileChannel.open(w.path(r), options, null), r);
        });
    calls.put(
        "read",
        (w, r) -> {
          AsynchronousFileChannel channel = channel(w, r);
          ByteBuffer buffer = ChannelCalls.target(r);
          return ChannelCalls.content(
              channel.read(buffer, offset(r)).get(SECONDS_MAX, TimeUnit.SECONDS), buffer);
        });
    calls.put(
        "read with handler",
        (w, r) -> {
          AsynchronousFileChannel channel = channel(w, r);
          ByteBuffer buffer = ChannelCalls.target(r);
          CompletableFuture<String> result = new CompletableFuture<>();
          channel.read(buffer, offset(r), "attached", into(result));
          return ChannelCalls.content(result.get(SECONDS_MAX, TimeUnit.SECONDS), buffer);
        });
    calls.put(
        "write",
        (w, r) -> {
          AsynchronousFileChannel channel = channel(w, r);
          ByteBuffer buffer = ChannelCalls.source(r);
          return ChannelCalls.content(
              channel.write(buffer, offset(r)).get(SECONDS_MAX, TimeUnit.SECONDS), buffer);
        });
    calls.put(
        "write with handler",
        (w, r) -> {
          AsynchronousFileChannel channel = channel(w, r);
          ByteBuffer buffer = ChannelCalls.source(r);
          CompletableFuture<String> result = new CompletableFuture<>();
          channel.write(buffer, offset(r), "attached", into(result));
          return ChannelCalls.content(result.get(SECONDS_MAX, TimeUnit.SECONDS), buffer);
        });
    calls.put(
        "without handler",
        (w, r) -> {
          channel(w, r).read(ByteBuffer.allocate(1), 0, null, null);
          return null;
        });
    calls.put("size", (w, r) -> channel(w, r).size());
    calls.put(
        "truncate",
        (w, r) -> {
          AsynchronousFileChannel channel = channel(w, r);
          return channel.truncate(offset(r)) == channel;
        });
    calls.put(
        "force",
        (w, r) -> {
          if (r.nextInt(20) == 0) {
            channel(w, r).force(r.nextBoolean());
          }
          return null;
        });
    calls.put(
        "lock",
        (w, r) -> {
          AsynchronousFileChannel channel = channel(w, r);
          return kept(
              w,
              channel,
              channel
                  .lock(offset(r), offset(r), r.nextBoolean())
                  .get(SECONDS_MAX, TimeUnit.SECONDS));
        });
    calls.put(
        "lock with handler",
        (w, r) -> {
          AsynchronousFileChannel channel = channel(w, r);
          CompletableFuture<String> result = new CompletableFuture<>();
          channel.lock(offset(r), offset(r), r.nextBoolean(), "attached", into(result));
          return result.get(SECONDS_MAX, TimeUnit.SECONDS);
        });
    calls.put(
        "tryLock",
        (w, r) -> {
          AsynchronousFileChannel channel = channel(w, r);
          return kept(w, channel, channel.tryLock(offset(r), offset(r), r.nextBoolean()));
        });
    calls.put("isOpen", (w, r) -> channel(w, r).isOpen());
    calls.put(
        "close",
        (w, r) -> {
          if (r.nextInt(3) == 0) {
            channel(w, r).close();
          }
          return null;
        });
    return calls;
  }

  private static Object kept(World w, AsynchronousFileChannel channel, FileLock lock) {
    w.locks.add(lock);
    return List.of(
        lock.position(),
        lock.size(),
        lock.isShared(),
        lock.acquiredBy() == channel,
        lock.channel() == null);
  }
}
