package io.faultdisk.explore.disk;

import io.faultdisk.base.UsageException;
import io.faultdisk.block.BlockDriver;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.ChildRole;
import io.faultdisk.block.DriverType;
import io.faultdisk.block.FilterDriver;
import io.faultdisk.block.Node;
import io.faultdisk.block.Opening;
import io.faultdisk.rules.Event;
import io.faultdisk.rules.RequestType;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * A planted bug: makes of the qcow2 driver above it one that writes L2 tables before the refcounts
 * of what they point to. It holds back what is written to the refcount block, and the flush after
 * it, until something else is flushed. For one thread.
 */
final class LateRefcountsType implements DriverType {
  static final String NAME = "late-refcounts";

  /** Where a new image with clusters of 64 KiB has its refcount block. */
  private static final long REFCOUNT_BLOCK = 2L << 16;

  private static final long CLUSTER = 1L << 16;

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Kind kind() {
    return Kind.FILTER;
  }

  @Override
  public BlockDriver open(Opening opening) throws UsageException {
    return new LateRefcounts(
        opening.openChild("file", ChildRole.FILTERED, Optional.empty()).node());
  }

  private static final class LateRefcounts implements FilterDriver {
    private final Node file;
    private Optional<ByteBuffer> held = Optional.empty();
    private long heldAt;
    private boolean flushHeld;

    LateRefcounts(Node file) {
      this.file = file;
    }

    @Override
    public Node below() {
      return file;
    }

    @Override
    public void announce(Event event, RequestType type, long offset, long bytes) {
      file.announce(event, type, offset, bytes);
    }

    @Override
    public void read(long offset, ByteBuffer target) throws BlockIoException {
      release();
      file.read(offset, target);
    }

    @Override
    public void write(long offset, ByteBuffer source, int flags) throws BlockIoException {
      if (offset < REFCOUNT_BLOCK || offset >= REFCOUNT_BLOCK + CLUSTER) {
        file.write(offset, source, flags);
        return;
      }
      release();
      held = Optional.of(ByteBuffer.allocate(source.remaining()).put(source.duplicate()).flip());
      heldAt = offset;
      flushHeld = false;
      source.position(source.limit());
    }

    @Override
    public void flushToDisk() throws BlockIoException {
      if (held.isPresent() && !flushHeld) {
        flushHeld = true;
        return;
      }
      file.flush();
      release();
      file.flush();
    }

    private void release() throws BlockIoException {
      if (held.isPresent()) {
        ByteBuffer data = held.get();
        held = Optional.empty();
        file.write(heldAt, data, 0);
      }
    }

    @Override
    public void close() {
      try {
        release();
      } catch (BlockIoException lost) {
        // As the planted bug would have it.
      }
    }
  }
}
