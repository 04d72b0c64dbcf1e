package io.faultdisk.block.writecache;

import io.faultdisk.base.Errno;
import io.faultdisk.base.Turns;
import io.faultdisk.base.UsageException;
import io.faultdisk.block.BlockBackend;
import io.faultdisk.block.BlockDriver;
import io.faultdisk.block.BlockGraph;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.DriverType;
import io.faultdisk.block.Mapping;
import io.faultdisk.block.OpenFlags;
import io.faultdisk.block.Opening;
import io.faultdisk.block.Preallocation;
import io.faultdisk.block.RequestFlags;
import io.faultdisk.block.options.Options;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * The disk below a cache: an array of bytes that writes down what arrives ({@code W 512+1024},
 * {@code Z}, {@code D}, {@code F}), and that can fail or hold up the requests of the test's choice.
 */
final class Medium implements BlockDriver {
  private static final long DEADLINE_SECONDS = 60;

  private final List<String> trace = Collections.synchronizedList(new ArrayList<>());
  private byte[] content;

  /** Requests until one fails; negative if none does. */
  private int untilFailure = -1;

  /** The request that waits, as the trace has it, for the latch. */
  private Optional<String> held = Optional.empty();

  private final CountDownLatch holding = new CountDownLatch(1);
  private final CountDownLatch released = new CountDownLatch(1);

  Medium(int size) {
    content = new byte[size];
  }

  /** A write-cache with these options ({@code size=1M}) over this disk. */
  BlockBackend cached(String options) throws UsageException {
    BlockGraph graph =
        new BlockGraph(List.of(new WriteCacheType(), new Type()), Turns.free(), warning -> {});
    String all = "driver=write-cache,file.driver=medium" + (options.isEmpty() ? "" : ",") + options;
    return graph.open(
        Optional.empty(),
        Options.parse(all, warning -> {}),
        OpenFlags.TOOL.withCache(false, false, false));
  }

  private final class Type implements DriverType {
    @Override
    public String name() {
      return "medium";
    }

    @Override
    public Kind kind() {
      return Kind.PROTOCOL;
    }

    @Override
    public BlockDriver open(Opening opening) {
      return Medium.this;
    }
  }

  synchronized byte[] content() {
    return content.clone();
  }

  /** What has arrived since the last call, separated by blanks. */
  String trace() {
    String text = String.join(" ", trace);
    trace.clear();
    return text;
  }

  /** The request after so many others fails, once. */
  synchronized void failAfter(int requests) {
    untilFailure = requests;
  }

  /** The next request like this one waits until {@link #release}. */
  synchronized void hold(String request) {
    held = Optional.of(request);
  }

  void awaitHeld() throws InterruptedException {
    if (!holding.await(DEADLINE_SECONDS, TimeUnit.SECONDS)) {
      throw new AssertionError("no request came that is to be held");
    }
  }

  void release() {
    released.countDown();
  }

  private void arrives(String request) throws BlockIoException {
    trace.add(request);
    boolean wait;
    synchronized (this) {
      if (untilFailure-- == 0) {
        throw new BlockIoException(Errno.ENOSPC);
      }
      wait = held.equals(Optional.of(request));
      if (wait) {
        held = Optional.empty();
      }
    }
    if (wait) {
      holding.countDown();
      try {
        if (!released.await(DEADLINE_SECONDS, TimeUnit.SECONDS)) {
          throw new AssertionError(request + " was never released");
        }
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }
  }

  @Override
  public synchronized void read(long offset, ByteBuffer target) {
    int stored = (int) Math.max(0, Math.min(target.remaining(), content.length - offset));
    target.put(content, (int) Math.min(offset, content.length), stored);
    while (target.hasRemaining()) {
      target.put((byte) 0);
    }
  }

  @Override
  public void write(long offset, ByteBuffer source, int flags) throws BlockIoException {
    arrives("W " + offset + "+" + source.remaining() + (flags == RequestFlags.FUA ? " FUA" : ""));
    synchronized (this) {
      grow(offset + source.remaining());
      source.get(content, (int) offset, source.remaining());
    }
  }

  private void grow(long end) {
    if (end > content.length) {
      content = Arrays.copyOf(content, (int) end);
    }
  }

  @Override
  public void writeZeroes(long offset, long bytes, int flags) throws BlockIoException {
    arrives("Z " + offset + "+" + bytes);
    synchronized (this) {
      grow(offset + bytes);
      Arrays.fill(content, (int) offset, (int) (offset + bytes), (byte) 0);
    }
  }

  @Override
  public void discard(long offset, long bytes) throws BlockIoException {
    arrives("D " + offset + "+" + bytes);
    synchronized (this) {
      int end = (int) Math.min(content.length, offset + bytes);
      Arrays.fill(content, (int) Math.min(offset, end), end, (byte) 0);
    }
  }

  @Override
  public void flushToDisk() throws BlockIoException {
    arrives("F");
  }

  @Override
  public synchronized void truncate(long size, boolean exact, Preallocation preallocation) {
    content = Arrays.copyOf(content, (int) size);
  }

  @Override
  public Mapping map(long offset, long bytes, boolean precise) {
    return new Mapping.Data(offset, bytes);
  }

  @Override
  public synchronized long length() {
    return content.length;
  }

  @Override
  public int writeFlags() {
    return RequestFlags.FUA;
  }

  @Override
  public int zeroFlags() {
    return RequestFlags.FUA;
  }

  @Override
  public boolean writesZeroes() {
    return true;
  }

  @Override
  public boolean discards() {
    return true;
  }

  @Override
  public void close() {}
}
