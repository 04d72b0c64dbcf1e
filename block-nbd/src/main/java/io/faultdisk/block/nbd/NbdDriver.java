package io.faultdisk.block.nbd;

import io.faultdisk.base.Errno;
import io.faultdisk.base.UsageException;
import io.faultdisk.block.BlockDriver;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.BlockLimits;
import io.faultdisk.block.BlockStatus;
import io.faultdisk.block.Mapping;
import io.faultdisk.block.Messages;
import io.faultdisk.block.Node;
import io.faultdisk.block.OpenFlags;
import io.faultdisk.block.Preallocation;
import io.faultdisk.block.RequestFlags;
import io.faultdisk.block.options.Options;
import io.faultdisk.nbd.AllocationFlag;
import io.faultdisk.nbd.CommandFlag;
import io.faultdisk.nbd.CommandType;
import io.faultdisk.nbd.ExportFlag;
import io.faultdisk.nbd.NbdLimits;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A disk on an NBD server. Any thread; requests go to the server side by side.
 *
 * <p>A request that the server fails fails with the errno that the server says. One that a lost
 * connection leaves open is repeated on the next, or fails with EIO.
 *
 * <p>Source: the behaviour of QEMU 7.2, block/nbd.c.
 */
final class NbdDriver implements BlockDriver {
  private static final int SECTOR = 512;

  private final NbdSettings settings;
  private final Link link;
  private final Messages messages;
  private final AtomicBoolean told = new AtomicBoolean();
  private @Nullable Node self;

  NbdDriver(NbdSettings settings, Link link, Messages messages) {
    this.settings = settings;
    this.link = link;
    this.messages = messages;
  }

  @Override
  public void attached(Node node) {
    self = node;
  }

  private boolean can(ExportFlag flag) {
    return link.info().has(flag);
  }

  private void perform(Exchange request) throws BlockIoException {
    while (true) {
      Connection connection = link.connection();
      connection.perform(request);
      switch (request.outcome()) {
        case ANSWERED -> {
          if (!request.error.equals(Errno.SUCCESS)) {
            throw new BlockIoException(request.error);
          }
          return;
        }
        case VIOLATED -> {
          giveUp(connection);
          throw new BlockIoException(Errno.EINVAL);
        }
        case LOST, PENDING -> {
          if (!link.lost(connection)) {
            giveUp(connection);
            throw new BlockIoException(Errno.EIO);
          }
          request.again();
        }
      }
    }
  }

  /** What the server has done wrong is said once, by whoever comes first. */
  private void giveUp(Connection connection) {
    link.lost(connection);
    if (connection.isViolated() && !told.getAndSet(true)) {
      messages.report("NBD server " + settings.server() + ": " + connection.violation());
    }
  }

  @Override
  public void read(long offset, ByteBuffer target) throws BlockIoException {
    int bytes = target.remaining();
    int stored = Math.clamp(link.info().size() - offset, 0, bytes);
    Zeroes.fill(target, target.position() + stored, bytes - stored);
    if (stored > 0) {
      perform(Exchange.read(offset, target.slice(target.position(), stored)));
    }
    target.position(target.limit());
  }

  @Override
  public void write(long offset, ByteBuffer source, int flags) throws BlockIoException {
    if (source.hasRemaining()) {
      perform(Exchange.write(fua(flags), offset, source));
      source.position(source.limit());
    }
  }

  @Override
  public void writeZeroes(long offset, long bytes, int flags) throws BlockIoException {
    if (!can(ExportFlag.SEND_WRITE_ZEROES)) {
      throw new BlockIoException(Errno.ENOTSUP);
    }
    int commandFlags = fua(flags);
    if (!has(flags, RequestFlags.MAY_UNMAP)) {
      commandFlags |= CommandFlag.NO_HOLE.bit();
    }
    if (has(flags, RequestFlags.NO_FALLBACK)) {
      commandFlags |= CommandFlag.FAST_ZERO.bit();
    }
    if (bytes > 0) {
      perform(Exchange.of(CommandType.WRITE_ZEROES, commandFlags, offset, bytes));
    }
  }

  private static int fua(int flags) {
    return has(flags, RequestFlags.FUA) ? CommandFlag.FUA.bit() : 0;
  }

  private static boolean has(int flags, int flag) {
    return (flags & flag) != 0;
  }

  @Override
  public void discard(long offset, long bytes) throws BlockIoException {
    if (can(ExportFlag.SEND_TRIM) && bytes > 0) {
      perform(Exchange.of(CommandType.TRIM, 0, offset, bytes));
    }
  }

  @Override
  public void flushToOs() throws BlockIoException {
    if (can(ExportFlag.SEND_FLUSH)) {
      perform(Exchange.of(CommandType.FLUSH, 0, 0, 0));
    }
  }

  @Override
  public Mapping map(long offset, long bytes, boolean precise) throws BlockIoException {
    ExportInfo info = link.info();
    if (info.context().isEmpty()) {
      return new Mapping.Data(offset, bytes);
    }
    if (offset >= info.size()) {
      return new Mapping.Zero(bytes);
    }
    long asked = Math.min(bytes, info.size() - offset);
    if (!info.isExtended()) {
      asked = Math.min(asked, Integer.MAX_VALUE & -alignment(info));
    }
    Exchange request =
        Exchange.of(CommandType.BLOCK_STATUS, CommandFlag.REQ_ONE.bit(), offset, asked);
    perform(request);
    return mapping(info, request, bytes);
  }

  /** Servers that describe more than they were asked for, or odd parts, are put right. */
  private Mapping mapping(ExportInfo info, Exchange request, long bytes) {
    long found = request.extentBytes;
    long flags = request.extentFlags;
    if (info.blockMin() != 0 && found % info.blockMin() != 0) {
      if (found > info.blockMin()) {
        found -= found % info.blockMin();
      } else {
        found = info.blockMin();
        flags = 0;
      }
    }
    found = Math.min(found < 0 ? bytes : found, bytes);
    if (settings.asksDepth() && flags > AllocationFlag.ZERO.bit()) {
      flags = AllocationFlag.ZERO.bit();
    }
    boolean data = !AllocationFlag.HOLE.in((int) flags);
    boolean zero = AllocationFlag.ZERO.in((int) flags);
    long offset = request.offset;
    if (data) {
      return zero ? new Mapping.ZeroData(offset, found) : new Mapping.Data(offset, found);
    }
    return zero
        ? new Mapping.Hole(offset, found)
        : new Mapping.Unallocated(
            found, Optional.ofNullable(self).map(node -> new BlockStatus.Place(node, offset)));
  }

  @Override
  public long length() throws BlockIoException {
    long size = link.info().size();
    if (size < 0) {
      throw new BlockIoException(Errno.EFBIG);
    }
    return size;
  }

  @Override
  public void truncate(long size, boolean exact, Preallocation preallocation)
      throws BlockIoException {
    if (size != link.info().size() && exact) {
      throw new BlockIoException(Errno.ENOTSUP, "Cannot resize NBD nodes");
    }
    if (size > link.info().size()) {
      throw new BlockIoException(Errno.EINVAL, "Cannot grow NBD nodes");
    }
  }

  @Override
  public BlockLimits limits(BlockLimits inherited) {
    ExportInfo info = link.info();
    int alignment = alignment(info);
    int payload = NbdLimits.PAYLOAD_BYTES_MAX;
    int transfer = info.blockMax() == 0 ? payload : Math.min(payload, info.blockMax());
    // With extended headers, what carries no payload may be as long as it likes.
    long zeroes = info.isExtended() ? 0 : transfer;
    long discard = info.isExtended() ? 0 : Integer.MAX_VALUE & -alignment;
    return new BlockLimits(alignment, transfer, 0, zeroes, 0, discard);
  }

  /**
   * A server that does not say gets single bytes if it seems to be able to: it has a size that is
   * not made of sectors, or it tells about blocks.
   */
  private static int alignment(ExportInfo info) {
    if (info.blockMin() != 0) {
      return info.blockMin();
    }
    return info.size() % SECTOR != 0 || info.context().isPresent() ? 1 : SECTOR;
  }

  @Override
  public int writeFlags() {
    return can(ExportFlag.SEND_FUA) ? RequestFlags.FUA : RequestFlags.NONE;
  }

  @Override
  public int zeroFlags() {
    int flags = writeFlags();
    if (can(ExportFlag.SEND_WRITE_ZEROES)) {
      flags |= RequestFlags.MAY_UNMAP;
      if (can(ExportFlag.SEND_FAST_ZERO)) {
        flags |= RequestFlags.NO_FALLBACK;
      }
    }
    return flags;
  }

  @Override
  public boolean waits() {
    return true;
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
  public void reopen(OpenFlags flags, Options options) throws UsageException {
    if (!flags.readOnly() && can(ExportFlag.READ_ONLY)) {
      throw new UsageException("Can't reopen read-only NBD mount as read/write");
    }
  }

  @Override
  public Optional<String> exactFilename() {
    return Optional.of(settings.filename());
  }

  @Override
  public void close() {
    link.close();
  }
}
