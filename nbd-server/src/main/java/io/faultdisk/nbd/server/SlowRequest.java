package io.faultdisk.nbd.server;

import io.faultdisk.block.BlockBackend;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.RequestFlags;
import io.faultdisk.nbd.CommandFlag;
import io.faultdisk.nbd.CommandType;
import io.faultdisk.nbd.NbdError;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A request that may take long, on a worker thread, with its own reply. Also one whose reply a rule
 * may have something against: that is answered in the loop, but with a reply of its own, too.
 *
 * <p>For the thread that runs it. The buffer, if it needs one, is made before, so that no worker
 * waits for memory.
 */
final class SlowRequest implements ServerThread.Task {
  private final Connection connection;
  private final ReplyMode mode;
  private final BlockBackend image;
  private final Request request;
  private final List<MetaContext> contexts;
  private final @Nullable ByteBuffer buffer;
  private final ReplySender replies;

  /**
   * Not started yet; counted as in flight already.
   *
   * @param contexts what a block status is to tell
   * @param buffer a payload of the pool, which is given back; a write's data is between its
   *     position and its limit
   */
  SlowRequest(
      Connection connection,
      Agreement agreement,
      Request request,
      List<MetaContext> contexts,
      @Nullable ByteBuffer buffer) {
    this.connection = connection;
    this.mode = agreement.mode();
    this.image = agreement.export().image();
    this.request = request;
    this.contexts = contexts;
    this.buffer = buffer;
    this.replies = new ReplySender(connection, agreement.export().faults(), request);
  }

  /** Whether such a request has data, or a reply that is long. */
  static boolean needsBuffer(Request request) {
    return request.isRead() || request.isWrite() || request.isBlockStatus();
  }

  /** How much of it. */
  static int bufferBytes(Request request) {
    return request.isBlockStatus() ? ExtentChunk.BYTES_MAX : (int) request.bytes();
  }

  @Override
  public void run() {
    try {
      answer();
    } catch (IOException e) {
      connection.close(); // the client is not there any more
    } finally {
      connection.requestEnded();
      connection.threads().workerDone();
    }
  }

  @Override
  public void beforeWait() {
    connection.threads().workerDone();
  }

  @Override
  public void afterWait() {
    connection.threads().workerBack();
  }

  /**
   * Performs it and sends the reply, on this thread.
   *
   * @throws IOException if the client is not there any more
   */
  void answer() throws IOException {
    try {
      perform();
    } finally {
      if (buffer != null) {
        connection.buffers().giveBack(buffer);
      }
    }
  }

  private void perform() throws IOException {
    CommandType command = request.command().orElseThrow();
    switch (command) {
      case READ -> read(owned());
      case WRITE ->
          reply("writing to file failed", () -> image.write(request.offset(), owned(), flags()));
      case WRITE_ZEROES ->
          reply(
              "writing to file failed",
              () -> image.writeZeroes(request.offset(), request.bytes(), flags()));
      case FLUSH -> reply("flush failed", image::flush);
      case TRIM -> reply("discard failed", this::trim);
      case CACHE -> reply("caching data failed", this::cache);
      case BLOCK_STATUS -> blockStatus(owned());
      case DISC -> throw new IllegalStateException("no request");
    }
  }

  private ByteBuffer owned() {
    if (buffer == null) {
      throw new IllegalStateException("no buffer for " + request.command());
    }
    return buffer;
  }

  /** What the image is asked to do. */
  private interface Action {
    void run() throws BlockIoException;
  }

  private void reply(String failure, Action action) throws IOException {
    ByteBuffer out = ByteBuffer.allocate(ReplyMode.OVERHEAD_MAX);
    try {
      action.run();
      mode.done(out, request);
    } catch (BlockIoException e) {
      mode.error(out, request, NbdError.from(e.errno()), failure);
    }
    replies.send(out.flip());
  }

  private int flags() {
    int flags = request.has(CommandFlag.FUA) ? RequestFlags.FUA : RequestFlags.NONE;
    if (!request.isWrite()) {
      flags |= request.has(CommandFlag.NO_HOLE) ? 0 : RequestFlags.MAY_UNMAP;
      flags |= request.has(CommandFlag.FAST_ZERO) ? RequestFlags.NO_FALLBACK : 0;
    }
    return flags;
  }

  private void trim() throws BlockIoException {
    image.discard(request.offset(), request.bytes());
    if (request.has(CommandFlag.FUA)) {
      image.flush();
    }
  }

  /** Copies on read what the image does not hold; for other images there is nothing to do. */
  private void cache() throws BlockIoException {
    if (image.root().flags().copyOnRead()) {
      ByteBuffer waste = ByteBuffer.allocate(1 << 20);
      long end = request.offset() + request.bytes();
      for (long at = request.offset(); at < end; at += waste.limit()) {
        waste.clear().limit((int) Math.min(end - at, waste.capacity()));
        image.read(at, waste);
      }
    }
  }

  private void read(ByteBuffer target) throws IOException {
    if (request.has(CommandFlag.FUA)) {
      try {
        image.flush();
      } catch (BlockIoException e) {
        error(e, "flush failed");
        return;
      }
    }
    int data = BufferPool.dataStart(target);
    int bytes = (int) request.bytes();
    target.limit(data + bytes).position(data);
    try {
      image.read(request.offset(), target);
    } catch (BlockIoException e) {
      error(e, "reading from file failed");
      return;
    }
    if (bytes == 0) {
      reply("", () -> {});
      return;
    }
    int start = data - mode.readHeaderBytes();
    target.limit(data + bytes).position(start);
    mode.readHeader(target, request, true, request.offset(), bytes);
    replies.send(target.position(start));
  }

  private void blockStatus(ByteBuffer out) throws IOException {
    boolean onlyOne = request.has(CommandFlag.REQ_ONE);
    for (int i = 0; i < contexts.size(); i++) {
      MetaContext context = contexts.get(i);
      out.clear();
      ExtentChunk chunk = new ExtentChunk(out, mode, onlyOne);
      try {
        Extents.list(image, context, request.offset(), request.bytes(), chunk);
      } catch (BlockIoException e) {
        error(e, "can't get block status");
        return;
      }
      chunk.end(request, i == contexts.size() - 1, context.id());
      replies.send(out.flip());
    }
  }

  private void error(BlockIoException cause, String text) throws IOException {
    reply(
        text,
        () -> {
          throw cause;
        });
  }
}
