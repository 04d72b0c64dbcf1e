package io.faultdisk.nbd.server;

import io.faultdisk.block.BlockBackend;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.RequestFlags;
import io.faultdisk.nbd.CommandFlag;
import io.faultdisk.nbd.NbdError;
import io.faultdisk.nbd.NbdLimits;
import io.faultdisk.nbd.RequestHeader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Receives requests and runs them, on the connection's thread, until the client leaves or a request
 * waits; see the package's description.
 *
 * <pre>
 *   in    parsed | request being run | not parsed yet | free
 *         0                          next             inEnd
 *
 *   out   given to another loop | complete replies | reply being made | free
 *         0                     outStart           replyStart         position
 * </pre>
 *
 * <p>When the request that runs makes the thread wait, another loop gets what is not parsed yet and
 * the complete replies, and this one ends with the request. Both then use the same buffers: a loop
 * that does so writes behind what it has, but never again from the start. So a hand-over, which
 * must not wait for memory, takes none but a small buffer.
 *
 * <p>For one thread; {@link #beforeWait} is called by the same one, from within the block layer.
 */
final class RequestLoop implements ServerThread.Task {
  /**
   * Reads of at least so many bytes are looked at for holes, so that zeroes need not be sent. For
   * shorter ones the look costs more than it saves. QEMU looks at all of them.
   */
  static final int SPARSE_BYTES_MIN = 64 << 10;

  /**
   * So many bytes of replies to the first half of what has come are sent before the second half is
   * run: the client takes them meanwhile.
   */
  private static final int EARLY_BYTES_MIN = 16 << 10;

  private final Connection connection;
  private final Agreement agreement;
  private final ReplyMode mode;
  private final BlockBackend image;
  private final ConnectionFaults faults;
  private final boolean extended;
  private final int headerBytes;
  private final Request request = new Request();

  private SharedBuffer inMemory;
  private ByteBuffer in;
  private int next;
  private int inEnd;

  private SharedBuffer outMemory;
  private ByteBuffer out;
  private int outStart;
  private int replyStart;

  /** Data that is too long for the other buffers, while a request has some. */
  private @Nullable ByteBuffer payload;

  private boolean disconnected;
  private boolean handedOver;

  /** Replies of the loop before this one, which this one is to send. */
  private @Nullable ByteBuffer inherited;

  private @Nullable SharedBuffer inheritedMemory;

  /** The first loop of a session. */
  RequestLoop(Connection connection, Agreement agreement) {
    this(
        connection,
        agreement,
        new SharedBuffer(connection.buffers(), connection.buffers().takeSmall()));
  }

  private RequestLoop(Connection connection, Agreement agreement, SharedBuffer inMemory) {
    this.connection = connection;
    this.agreement = agreement;
    this.mode = agreement.mode();
    this.image = agreement.export().image();
    this.faults = agreement.export().faults();
    this.extended = agreement.extended();
    this.headerBytes = RequestHeader.bytes(extended);
    this.inMemory = inMemory;
    this.in = inMemory.view();
    this.outMemory = new SharedBuffer(connection.buffers(), connection.buffers().takeSmall());
    this.out = outMemory.view();
  }

  @Override
  public void run() {
    String reason = "internal error";
    try {
      sendInherited();
      loop();
      reason = "";
    } catch (ProtocolViolation | IOException e) {
      reason = String.valueOf(e.getMessage());
    } finally {
      release();
      if (handedOver) {
        connection.requestEnded();
      } else {
        connection.end(reason);
      }
    }
  }

  private void loop() throws ProtocolViolation, IOException {
    do {
      int half = (inEnd - next) / 2;
      while (nextRequest()) {
        // Replies gather in out.
        if (inEnd - next <= half && out.position() - outStart >= EARLY_BYTES_MIN) {
          flush();
          half = -1;
        }
      }
      flush();
    } while (!handedOver && !disconnected && receive());
  }

  private void sendInherited() throws IOException {
    ByteBuffer replies = inherited;
    if (replies != null) {
      connection.send(replies);
      releaseInherited();
    }
  }

  private void releaseInherited() {
    SharedBuffer memory = inheritedMemory;
    if (memory != null) {
      inherited = null;
      inheritedMemory = null;
      memory.release();
    }
  }

  private void release() {
    inMemory.release();
    outMemory.release();
    releaseInherited();
    releasePayload();
  }

  private void releasePayload() {
    ByteBuffer used = payload;
    if (used != null) {
      payload = null;
      connection.buffers().giveBack(used);
    }
  }

  /** Takes what has come behind what is not parsed yet; false at the end. */
  private boolean receive() throws ProtocolViolation, IOException {
    if (inMemory.isShared()) {
      if (in.capacity() - inEnd < in.capacity() / 2) {
        moveTo(bufferFor(inEnd - next));
      }
    } else if (next == inEnd) {
      next = 0;
      inEnd = 0;
    } else if (in.capacity() - inEnd < in.capacity() / 2) {
      compact();
    }
    in.clear().position(inEnd);
    if (connection.receive(in) < 0) {
      if (next != inEnd) {
        throw new ProtocolViolation("the client left in the middle of a request");
      }
      return false;
    }
    inEnd = in.position();
    if (inEnd == in.capacity() && inEnd == BufferPool.SMALL_BYTES) {
      growIn();
    }
    return true;
  }

  /** Puts what is not parsed yet at the start of the buffer. */
  private void compact() {
    in.clear();
    in.put(0, in, next, inEnd - next);
    inEnd -= next;
    next = 0;
  }

  /** Goes on with another buffer, which gets what is not parsed yet. */
  private void moveTo(ByteBuffer target) {
    target.clear();
    target.put(0, in.clear(), next, inEnd - next);
    inMemory.release();
    inMemory = new SharedBuffer(connection.buffers(), target);
    in = target;
    inEnd -= next;
    next = 0;
  }

  /** A buffer that holds so many bytes and one more; may wait. */
  private ByteBuffer bufferFor(int bytes) throws IOException {
    BufferPool buffers = connection.buffers();
    return bytes < BufferPool.SMALL_BYTES ? buffers.takeSmall() : buffers.takeLarge();
  }

  /** The client sends more than fits: receives more at a time from now on, if there is memory. */
  private void growIn() {
    moveTo(connection.buffers().takeLargeIfCheap());
  }

  /** Runs the next request; false if it is not there yet, or not for this loop any more. */
  private boolean nextRequest() throws ProtocolViolation, IOException {
    if (handedOver || disconnected || inEnd - next < headerBytes) {
      return false;
    }
    if (RequestHeader.magic(in, next) != RequestHeader.magic(extended)) {
      throw new ProtocolViolation(
          "invalid magic (got 0x%x)".formatted(RequestHeader.magic(in, next)));
    }
    request.parse(in, next, extended);
    if (request.isDisconnect()) {
      disconnected = true;
      return false;
    }
    long payloadBytes = request.payloadBytes(extended);
    if (payloadBytes != 0 && !hasPayload(payloadBytes)) {
      return false;
    }
    if (connection.isFull()) {
      flush();
      connection.awaitRoom();
    }
    replyStart = out.position();
    execute((int) payloadBytes);
    releasePayload();
    in.clear();
    return true;
  }

  /** Whether the payload of the request is all there; fetches it if it is too long to wait for. */
  private boolean hasPayload(long bytes) throws ProtocolViolation, IOException {
    if (bytes < 0 || bytes > NbdLimits.PAYLOAD_BYTES_MAX) {
      reserve(ReplyMode.OVERHEAD_MAX);
      mode.error(out, request, NbdError.EINVAL, "payload is too long");
      flush();
      throw new ProtocolViolation(
          "payload of " + Long.toUnsignedString(bytes) + " bytes is too long");
    }
    int whole = headerBytes + (int) bytes;
    if (inEnd - next >= whole) {
      return true;
    }
    if (whole > in.capacity() && whole <= BufferPool.LARGE_BYTES) {
      growIn();
    }
    if (whole <= in.capacity()) {
      return false;
    }
    receivePayload((int) bytes);
    return true;
  }

  private void receivePayload(int bytes) throws ProtocolViolation, IOException {
    flush();
    ByteBuffer whole = connection.buffers().takePayload(bytes);
    payload = whole;
    int start = BufferPool.dataStart(whole);
    int there = inEnd - next - headerBytes;
    whole.put(start, in.clear(), next + headerBytes, there);
    whole.limit(start + bytes).position(start + there);
    while (whole.hasRemaining()) {
      if (connection.receive(whole) < 0) {
        throw new ProtocolViolation("the client left in the middle of a request");
      }
    }
    whole.position(start);
    // What is left of it in the buffer looks like a header that is done with.
    next = inEnd - headerBytes;
  }

  private void execute(int payloadBytes) throws ProtocolViolation, IOException {
    ByteBuffer data = in;
    ByteBuffer whole = payload;
    next += headerBytes;
    if (whole != null) {
      data = whole;
    } else {
      // Even if there is none: what else is in the buffer is not this request's.
      in.limit(next + payloadBytes).position(next);
      next += payloadBytes;
    }
    List<MetaContext> contexts = agreement.contexts();
    if (request.isBlockStatus() && payloadBytes != 0) {
      Optional<List<MetaContext>> chosen = ContextPayload.read(request, data, agreement);
      if (chosen.isEmpty()) {
        refuse(Request.Refusal.UNEXPECTED_PAYLOAD);
        return;
      }
      contexts = chosen.get();
    }
    Optional<Request.Refusal> refusal = request.refusal(agreement);
    if (refusal.isPresent()) {
      refuse(refusal.get());
    } else if (isSlow()) {
      startSlow(data, contexts);
    } else if (faults.any()) {
      flush();
      ownReply(request, data, contexts).answer();
    } else if (request.isRead()) {
      read();
    } else {
      write(data);
    }
  }

  /** Whether it is known to take long, so that it had better not run here. */
  private boolean isSlow() {
    return !(request.isRead() || request.isWrite())
        || request.has(CommandFlag.FUA)
        || agreement.export().isSlow()
        || (request.isWrite() && image.writeThrough());
  }

  private void startSlow(ByteBuffer data, List<MetaContext> contexts) throws IOException {
    flush();
    SlowRequest slow = ownReply(request.copy(), data, contexts);
    connection.requestBegan();
    connection.threads().startSlow(slow);
  }

  /** The request with buffers of its own, which it gives back. */
  private SlowRequest ownReply(Request asked, ByteBuffer data, List<MetaContext> contexts)
      throws IOException {
    ByteBuffer own = null;
    if (request.isWrite() && payload != null) {
      own = payload;
      payload = null; // it is the other's now
    } else if (SlowRequest.needsBuffer(request)) {
      own = connection.buffers().takePayload(SlowRequest.bufferBytes(request));
      if (request.isWrite()) {
        int start = BufferPool.dataStart(own);
        own.put(start, data, data.position(), data.remaining());
        own.limit(start + data.remaining()).position(start);
      }
    }
    return new SlowRequest(connection, agreement, asked, contexts, own);
  }

  private void refuse(Request.Refusal refusal) throws IOException {
    if (faults.any()) {
      flush();
      ByteBuffer reply = ByteBuffer.allocate(ReplyMode.OVERHEAD_MAX);
      mode.error(reply, request, refusal.error(), refusal.text());
      new ReplySender(connection, faults, request).send(reply.flip());
      return;
    }
    reserve(ReplyMode.OVERHEAD_MAX);
    mode.error(out, request, refusal.error(), refusal.text());
  }

  private void write(ByteBuffer data) throws IOException {
    try {
      image.write(request.offset(), data, RequestFlags.NONE);
    } catch (BlockIoException e) {
      reserve(ReplyMode.OVERHEAD_MAX);
      mode.error(out, request, NbdError.from(e.errno()), "writing to file failed");
      return;
    }
    reserve(ReplyMode.OVERHEAD_MAX);
    mode.done(out, request);
  }

  private void read() throws IOException {
    int bytes = (int) request.bytes();
    if (bytes >= SPARSE_BYTES_MIN && mode != ReplyMode.SIMPLE && !request.has(CommandFlag.DF)) {
      readSparse(bytes);
    } else {
      readData(request.offset(), bytes, true);
    }
  }

  /** A chunk for each hole and each stretch of data. */
  private void readSparse(int bytes) throws IOException {
    long at = request.offset();
    long end = at + bytes;
    while (at < end) {
      int part;
      boolean zero;
      try {
        var status = image.statusThroughChain(at, end - at);
        part = (int) Math.min(status.bytes(), end - at);
        zero = status.zero();
      } catch (BlockIoException e) {
        reserve(ReplyMode.OVERHEAD_MAX);
        mode.error(out, request, NbdError.from(e.errno()), "unable to check for holes");
        return;
      }
      if (part == 0) {
        part = (int) (end - at); // the image has become shorter: let the read find out
      }
      boolean last = at + part == end;
      if (zero) {
        reserve(ReplyMode.OVERHEAD_MAX);
        mode.hole(out, request, last, at, part);
      } else if (!readData(at, part, last)) {
        return;
      }
      at += part;
    }
  }

  /** A chunk of data; false if it has become an error. */
  private boolean readData(long at, int bytes, boolean last) throws IOException {
    int header = mode.readHeaderBytes();
    if (header + bytes > out.capacity() - out.position()) {
      makeRoom(header + bytes);
    }
    ByteBuffer target = out;
    int data = out.position() + header;
    boolean own = header + bytes <= out.remaining();
    if (!own) {
      target = connection.buffers().takePayload(bytes);
      payload = target;
      data = BufferPool.dataStart(target);
    }
    target.limit(data + bytes).position(data);
    try {
      image.read(at, target);
    } catch (BlockIoException e) {
      target.clear();
      if (own) {
        out.position(data - header);
      }
      reserve(ReplyMode.OVERHEAD_MAX);
      mode.error(out, request, NbdError.from(e.errno()), "reading from file failed");
      return false;
    }
    target.clear().position(data - header);
    if (bytes == 0) {
      mode.done(target, request);
      return true;
    }
    mode.readHeader(target, request, last, at, bytes);
    target.position(data + bytes);
    if (!own) {
      flush();
      connection.send(target.limit(data + bytes).position(data - header));
      releasePayload();
    }
    return true;
  }

  /** Sends what is there if so many bytes do not fit behind it. */
  private void reserve(int bytes) throws IOException {
    if (out.capacity() - out.position() < bytes) {
      makeRoom(bytes);
    }
  }

  /** As good as it gets: it may still not be enough for data. */
  private void makeRoom(int bytes) throws IOException {
    flush();
    if (out.capacity() == BufferPool.SMALL_BYTES
        && bytes <= BufferPool.LARGE_BYTES
        && (bytes > BufferPool.SMALL_BYTES || next < inEnd)) {
      replaceOut(connection.buffers().takeLargeIfCheap());
    }
  }

  /** Sends the replies, and as far as it has come the one that is being made. */
  private void flush() throws IOException {
    int end = out.position();
    if (end != outStart) {
      connection.send(out.limit(end).position(outStart));
    }
    if (outMemory.isShared()) {
      replaceOut(connection.buffers().takeSmall());
    }
    out.clear();
    outStart = 0;
    replyStart = 0;
  }

  private void replaceOut(ByteBuffer target) {
    outMemory.release();
    outMemory = new SharedBuffer(connection.buffers(), target);
    out = target.clear();
  }

  /**
   * The request makes this thread wait: another loop goes on with the connection. It gets the
   * replies that are complete, too: sending them here could block, and who waits within the block
   * layer may hold what others wait for.
   */
  @Override
  public void beforeWait() {
    if (handedOver) {
      return;
    }
    handedOver = true;
    connection.requestBegan();
    connection.threads().start(successor());
    outStart = replyStart;
  }

  @Override
  public void afterWait() {}

  private RequestLoop successor() {
    RequestLoop loop = new RequestLoop(connection, agreement, inMemory.share());
    loop.next = next;
    loop.inEnd = inEnd;
    if (outStart != replyStart) {
      loop.inheritedMemory = outMemory.share();
      loop.inherited = outMemory.view().limit(replyStart).position(outStart);
    }
    return loop;
  }
}
