package io.faultdisk.block.bitmap;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The dirty bitmaps of one node, newest first.
 *
 * <p>Any thread. A write on a node without bitmaps pays one volatile read.
 *
 * <p>Source: the behaviour of QEMU 7.2, block/dirty-bitmap.c; the order decides in which order
 * bitmaps are stored and copied.
 */
public final class DirtyBitmaps {
  private volatile List<DirtyBitmap> all = List.of();

  /** All of them, newest first; a snapshot. */
  public List<DirtyBitmap> all() {
    return all;
  }

  public boolean isEmpty() {
    return all.isEmpty();
  }

  /** The bitmap of that name. */
  public Optional<DirtyBitmap> find(String name) {
    for (DirtyBitmap bitmap : all) {
      if (bitmap.name().equals(name)) {
        return Optional.of(bitmap);
      }
    }
    return Optional.empty();
  }

  /** Adds one as the newest; the name must be free. */
  public synchronized void add(DirtyBitmap bitmap) {
    if (find(bitmap.name()).isPresent()) {
      throw new IllegalStateException("two bitmaps '" + bitmap.name() + "'");
    }
    List<DirtyBitmap> next = new ArrayList<>();
    next.add(bitmap);
    next.addAll(all);
    all = List.copyOf(next);
  }

  /** Forgets one; what is stored of it stays. */
  public synchronized void remove(DirtyBitmap bitmap) {
    List<DirtyBitmap> next = new ArrayList<>(all);
    next.removeIf(other -> other == bitmap);
    all = List.copyOf(next);
  }

  /** Forgets all of them. */
  public synchronized void removeAll() {
    all = List.of();
  }

  /** Whether the node has to refuse writes. */
  public boolean anyReadOnly() {
    for (DirtyBitmap bitmap : all) {
      if (bitmap.readOnly()) {
        return true;
      }
    }
    return false;
  }

  /** A range was written, zeroed or discarded, or may have been in part. */
  public void markDirty(long offset, long bytes) {
    for (DirtyBitmap bitmap : all) {
      if (bitmap.enabled()) {
        bitmap.set(offset, bytes);
      }
    }
  }

  /** The node has got another length. */
  public void resize(long bytes) {
    for (DirtyBitmap bitmap : all) {
      bitmap.resize(bytes);
    }
  }
}
