package io.faultdisk.nio.differential;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.channels.FileLock;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;

/** Channels: opening, everything that can be done through them, closing. */
final class ChannelCalls {
  private ChannelCalls() {}

  static Map<String, Call> all() {
    Map<String, Call> calls = new LinkedHashMap<>();
    calls.put("open", ChannelCalls::open);
    calls.put("open again", ChannelCalls::open);
    calls.put("open for all", ChannelCalls::openForAll);
    calls.put(
        "newByteChannel",
        (w, r) -> w.keep(w.channels, Files.newByteChannel(w.path(r), w.openOptions(r)), r));
    calls.put(
        "newByteChannel to read", (w, r) -> w.keep(w.channels, Files.newByteChannel(w.path(r)), r));
    seekable(calls);
    transfers(calls);
    files(calls);
    return calls;
  }

  private static Object open(World w, RandomGenerator r) throws IOException {
    Path path = w.path(r);
    Set<OpenOption> options = w.openOptions(r);
    if (w.kind != World.Kind.DEFAULT && Files.isDirectory(path)) {
      return "ours can open it, so that it can be forced";
    }
    return w.keep(w.files, FileChannel.open(path, options), r);
  }

  private static Object openForAll(World w, RandomGenerator r) throws IOException {
    return w.keep(
        w.files,
        FileChannel.open(
            w.path(r),
            StandardOpenOption.READ,
            StandardOpenOption.WRITE,
            StandardOpenOption.CREATE),
        r);
  }

  /** An open channel of either kind. */
  private static SeekableByteChannel any(World w, RandomGenerator r) throws IOException {
    return w.channels.isEmpty() || r.nextBoolean() ? file(w, r) : World.of(r, w.channels);
  }

  private static FileChannel file(World w, RandomGenerator r) throws IOException {
    if (w.files.isEmpty()) {
      openForAll(w, r);
    }
    return World.of(r, w.files);
  }

  private static long offset(RandomGenerator random) {
    return random.nextInt(20) == 0 ? -1 : random.nextInt(random.nextInt(5) == 0 ? 20000 : 60);
  }

  static ByteBuffer source(RandomGenerator random) {
    byte[] bytes = World.bytes(random);
    ByteBuffer buffer =
        random.nextBoolean()
            ? ByteBuffer.wrap(bytes)
            : ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
    buffer.position(random.nextInt(bytes.length + 1));
    return random.nextInt(9) == 0 ? buffer.asReadOnlyBuffer() : buffer;
  }

  static ByteBuffer target(RandomGenerator random) {
    int bytes = random.nextInt(random.nextInt(5) == 0 ? 9000 : 50);
    ByteBuffer buffer =
        random.nextBoolean() ? ByteBuffer.allocate(bytes) : ByteBuffer.allocateDirect(bytes);
    buffer.position(random.nextInt(bytes + 1));
    return random.nextInt(40) == 0 ? buffer.asReadOnlyBuffer() : buffer;
  }

  static Object content(Object result, ByteBuffer... buffers) {
    StringBuilder text = new StringBuilder(String.valueOf(result));
    for (ByteBuffer buffer : buffers) {
      byte[] bytes = new byte[buffer.capacity()];
      buffer.duplicate().clear().get(bytes);
      text.append(' ').append(buffer.position()).append('/').append(buffer.limit());
      text.append(' ').append(Arrays.hashCode(bytes));
    }
    return text.toString();
  }

  private static void seekable(Map<String, Call> calls) {
    for (int i = 0; i < 2; i++) {
      calls.put(
          "read" + i,
          (w, r) -> {
            SeekableByteChannel channel = any(w, r);
            ByteBuffer buffer = target(r);
            return content(channel.read(buffer), buffer);
          });
      calls.put(
          "write" + i,
          (w, r) -> {
            SeekableByteChannel channel = any(w, r);
            ByteBuffer buffer = source(r);
            return content(channel.write(buffer), buffer);
          });
    }
    calls.put("position", (w, r) -> any(w, r).position());
    calls.put(
        "set position",
        (w, r) -> {
          SeekableByteChannel channel = any(w, r);
          return channel.position(offset(r)) == channel;
        });
    calls.put("channel size", (w, r) -> any(w, r).size());
    calls.put(
        "truncate",
        (w, r) -> {
          SeekableByteChannel channel = any(w, r);
          return List.of(channel.truncate(offset(r)) == channel, channel.position());
        });
    calls.put("channel isOpen", (w, r) -> any(w, r).isOpen());
    calls.put(
        "close",
        (w, r) -> {
          if (r.nextInt(3) == 0) {
            any(w, r).close();
          }
          return null;
        });
    calls.put("is a file channel", (w, r) -> any(w, r) instanceof FileChannel);
  }

  private static void files(Map<String, Call> calls) {
    calls.put(
        "read at",
        (w, r) -> {
          FileChannel channel = file(w, r);
          ByteBuffer buffer = target(r);
          return content(channel.read(buffer, offset(r)), buffer);
        });
    calls.put(
        "write at",
        (w, r) -> {
          FileChannel channel = file(w, r);
          ByteBuffer buffer = source(r);
          return content(channel.write(buffer, offset(r)), buffer);
        });
    calls.put(
        "scatter",
        (w, r) -> {
          FileChannel channel = file(w, r);
          ByteBuffer[] buffers = {target(r), target(r), target(r)};
          return content(channel.read(buffers, r.nextInt(2), r.nextInt(4)), buffers);
        });
    calls.put(
        "gather",
        (w, r) -> {
          FileChannel channel = file(w, r);
          ByteBuffer[] buffers = {source(r), source(r), source(r)};
          return content(channel.write(buffers, r.nextInt(2), r.nextInt(4)), buffers);
        });
    calls.put(
        "gather all",
        (w, r) -> {
          FileChannel channel = file(w, r);
          ByteBuffer[] buffers = {source(r), source(r)};
          return content(channel.write(buffers), buffers);
        });
    calls.put(
        "force",
        (w, r) -> {
          FileChannel channel = file(w, r);
          if (r.nextInt(20) == 0) {
            channel.force(r.nextBoolean());
          }
          return null;
        });
    calls.put("tryLock", ChannelCalls::lock);
    calls.put(
        "release",
        (w, r) -> {
          if (w.locks.isEmpty()) {
            return "none";
          }
          FileLock lock = w.locks.remove(r.nextInt(w.locks.size()));
          lock.release();
          return lock.isValid();
        });
    calls.put("map", ChannelCalls::map);
    calls.put(
        "interrupted",
        (w, r) -> {
          FileChannel channel = file(w, r);
          if (r.nextInt(3) != 0) {
            return "not this time";
          }
          Thread.currentThread().interrupt();
          try {
            return switch (r.nextInt(5)) {
              case 0 -> channel.read(ByteBuffer.allocate(5));
              case 1 -> channel.write(ByteBuffer.allocate(5));
              case 2 -> channel.size();
              case 3 -> channel.read(ByteBuffer.allocate(3), 0);
              default -> channel.position();
            };
          } catch (IOException e) {
            return Outcome.thrown(w, e) + " " + channel.isOpen();
          } finally {
            Thread.interrupted();
          }
        });
    calls.put(
        "stream while interrupted",
        (w, r) -> {
          Path path = w.path(r);
          try (var in = Files.newInputStream(path)) {
            Thread.currentThread().interrupt();
            return List.of(in.read(), in.readNBytes(3));
          } finally {
            Thread.interrupted();
          }
        });
  }

  private static Object lock(World w, RandomGenerator r) throws IOException {
    FileChannel channel = file(w, r);
    FileLock lock =
        r.nextBoolean()
            ? channel.tryLock(offset(r), offset(r), r.nextBoolean())
            : channel.lock(offset(r), offset(r), r.nextBoolean());
    w.locks.add(lock);
    return List.of(
        lock.position(),
        lock.size(),
        lock.isShared(),
        lock.isValid(),
        // A channel in a zip file gives the locks of the temporary file that it is.
        w.kind == World.Kind.ZIP || lock.channel() == channel,
        w.kind == World.Kind.ZIP || lock.acquiredBy() == channel);
  }

  private static Object map(World w, RandomGenerator r) throws IOException {
    FileChannel channel = file(w, r);
    MapMode mode = World.of(r, List.of(MapMode.READ_ONLY, MapMode.READ_WRITE, MapMode.PRIVATE));
    long offset = offset(r);
    int bytes = r.nextInt(50);
    if (mode == MapMode.READ_ONLY && offset + bytes > channel.size()) {
      return "would be cut under the mapping";
    }
    MappedByteBuffer mapped = channel.map(mode, offset, bytes);
    if (bytes > 0 && mode != MapMode.READ_ONLY) {
      mapped.put(r.nextInt(bytes), (byte) 7);
      if (mode == MapMode.READ_WRITE) {
        mapped.force();
      }
    }
    return content(mapped.isReadOnly(), mapped);
  }

  /** Jimfs waits forever for itself when a file is transferred to itself. */
  private static boolean isLocking(World w) {
    return w.kind == World.Kind.JIMFS_UNIX || w.kind == World.Kind.JIMFS_WINDOWS;
  }

  private static void transfers(Map<String, Call> calls) {
    calls.put(
        "transferTo a channel of the world",
        (w, r) -> isLocking(w) ? null : file(w, r).transferTo(offset(r), offset(r), any(w, r)));
    calls.put(
        "transferFrom a channel of the world",
        (w, r) -> isLocking(w) ? null : file(w, r).transferFrom(any(w, r), offset(r), offset(r)));
    calls.put(
        "transferTo memory",
        (w, r) -> {
          FileChannel channel = file(w, r);
          ByteArrayOutputStream out = new ByteArrayOutputStream();
          long moved = channel.transferTo(offset(r), offset(r), Channels.newChannel(out));
          return List.of(moved, out.toByteArray());
        });
    calls.put(
        "transferFrom memory",
        (w, r) -> {
          FileChannel channel = file(w, r);
          return channel.transferFrom(
              Channels.newChannel(new ByteArrayInputStream(World.bytes(r))), offset(r), offset(r));
        });
    calls.put(
        "transferTo another provider",
        (w, r) -> {
          FileChannel channel = file(w, r);
          Path there = w.foreign.resolveSibling("transferred");
          try (SeekableByteChannel other =
              Files.newByteChannel(there, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            return channel.transferTo(offset(r), offset(r), other);
          } finally {
            Files.deleteIfExists(there);
          }
        });
    calls.put(
        "transferFrom another provider",
        (w, r) -> {
          FileChannel channel = file(w, r);
          try (SeekableByteChannel other = Files.newByteChannel(w.foreign)) {
            return List.of(channel.transferFrom(other, offset(r), offset(r)), other.position());
          }
        });
  }
}
