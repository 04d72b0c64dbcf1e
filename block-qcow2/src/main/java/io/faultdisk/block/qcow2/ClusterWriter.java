package io.faultdisk.block.qcow2;

import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.Node;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/**
 * Finds or makes room for guest data and links it into the tables.
 *
 * <p>A write asks for a {@link #place}, writes its data there, and then either {@link #link links}
 * what was taken or gives it back with {@link #abort}. Under the metadata lock.
 */
final class ClusterWriter {
  /** No host offset is known yet. */
  private static final long ANYWHERE = -1;

  private final Metadata metadata;
  private final L2Tables tables;
  private final CopyOnWrite copyOnWrite;

  ClusterWriter(Metadata metadata) {
    this(metadata, new GuestReader(metadata));
  }

  ClusterWriter(Metadata metadata, GuestReader reader) {
    this.metadata = metadata;
    this.tables = new L2Tables(metadata);
    this.copyOnWrite = new CopyOnWrite(metadata, reader);
  }

  /**
   * Where a write's data go.
   *
   * @param host offset in the data file
   * @param bytes how many bytes from the asked offset on lie there
   */
  record Placement(long host, long bytes) {}

  /**
   * Finds room for guest bytes, contiguous in the data file: where they are, if they can be written
   * in place, or in new clusters. Waits for writes that allocate the same clusters.
   *
   * @param taken gets what was allocated, the newest first; the caller links it or gives it back,
   *     also after a failure
   */
  Placement place(long offset, long bytes, Deque<Allocation> taken) throws BlockIoException {
    while (true) {
      Search search = new Search(offset, bytes, taken);
      if (search.run()) {
        return new Placement(search.host, bytes - search.remaining);
      }
    }
  }

  /** Copies what is to be copied, and links allocations, the newest first. */
  void link(Deque<Allocation> taken) throws BlockIoException {
    for (Allocation next = taken.peek(); next != null; next = taken.peek()) {
      link(next);
      metadata.inFlight.end(taken.remove());
    }
  }

  /** Gives back what was not linked. */
  void abort(Deque<Allocation> taken) {
    for (Allocation next = taken.poll(); next != null; next = taken.poll()) {
      if (!next.keepsPlace && !metadata.externalData()) {
        free(next.hostStart, next.clusters);
      }
      metadata.inFlight.end(next);
    }
  }

  private void free(long offset, int clusters) {
    long bytes = (long) clusters << metadata.geometry.clusterBits();
    metadata.refcounts.free(offset, bytes, DiscardType.NEVER);
  }

  /**
   * Allocates and links clusters for a range without writing data, as preallocation does (the L2
   * metadata are marked as preallocated: extended L2 entries get no allocated subclusters). Under
   * the metadata lock, which is dropped during copy-on-write.
   *
   * @return host offset behind the last byte of the range
   * @throws BlockIoException reason {@code Allocating clusters failed: ...} or {@code Mapping
   *     clusters failed: ...}
   */
  long preallocate(long offset, long bytes) throws BlockIoException {
    long pieceMax = metadata.geometry.startOfCluster(Integer.MAX_VALUE);
    Deque<Allocation> taken = new ArrayDeque<>();
    long end = 0;
    long at = offset;
    while (at < offset + bytes) {
      String step = "Allocating";
      try {
        Placement placement = place(at, Math.min(offset + bytes - at, pieceMax), taken);
        taken.forEach(allocation -> allocation.preallocated = true);
        step = "Mapping";
        link(taken);
        at += placement.bytes();
        end = placement.host() + placement.bytes();
      } catch (BlockIoException e) {
        abort(taken);
        String reason = step + " clusters failed: " + e.errno().text();
        throw new BlockIoException(e.errno(), reason);
      }
    }
    return end;
  }

  /**
   * Links clusters that are allocated already into one L2 slice. Under the metadata lock, as {@link
   * #preallocate}.
   *
   * @param guestOffset start of a cluster
   * @param hostOffset the first of the clusters
   * @param cowStartBytes so many bytes at the beginning belong to the guest's old content and are
   *     copied
   * @param preallocated extended L2 entries get no allocated subclusters
   * @throws BlockIoException then the clusters are still the caller's, to be freed
   */
  void link(
      long guestOffset, long hostOffset, int clusters, int cowStartBytes, boolean preallocated)
      throws BlockIoException {
    long bytes = (long) clusters << metadata.geometry.clusterBits();
    Allocation allocation =
        new Allocation(guestOffset, hostOffset, clusters, false, 0, cowStartBytes, bytes, bytes);
    allocation.preallocated = preallocated;
    link(allocation);
  }

  private void link(Allocation allocation) throws BlockIoException {
    copyOnWrite.run(allocation);
    if (metadata.lazyRefcounts) {
      markDirty();
    }
    if (!metadata.header.isDirty()) {
      dependOnRefcounts();
    }
    L2Slice slice = tables.forWrite(allocation.guestStart);
    tables.markDirty(slice);
    int index = tables.sliceIndex(allocation.guestStart);
    long[] replaced = new long[allocation.clusters];
    for (int i = 0; i < allocation.clusters; i++) {
      replaced[i] = slice.entry(index + i);
      long host = allocation.hostStart + ((long) i << metadata.geometry.clusterBits());
      slice.entry(index + i, host | L2Entry.COPIED);
      if (!allocation.preallocated) {
        slice.bitmap(index + i, bitmap(allocation, i, slice.bitmap(index + i)));
      }
    }
    tables.release(slice);
    if (!allocation.keepsPlace) {
      for (long entry : replaced) {
        if (entry != 0) {
          metadata.refcounts.freeAny(entry, DiscardType.NEVER);
        }
      }
    }
  }

  /** With lazy refcounts; what goes wrong only means that they are not used lazily. */
  private void markDirty() {
    try {
      metadata.markDirty();
    } catch (BlockIoException e) {
      // The header still says clean, and so the order of writes is kept as without the feature.
    }
  }

  /** No table may refer to a cluster on disk that is not counted there. */
  private void dependOnRefcounts() {
    try {
      metadata.l2Cache.dependsOn(metadata.refcountCache);
    } catch (BlockIoException e) {
      // The order could not be set up; the write-back that failed will be tried again.
    }
  }

  private long bitmap(Allocation allocation, int cluster, long bitmap) {
    Geometry geometry = metadata.geometry;
    long start = (long) cluster << geometry.clusterBits();
    long from = Math.max(allocation.cowFrom - start, 0);
    long to = Math.min(allocation.cowTo - start, geometry.clusterSize());
    int subcluster = geometry.subclusterSize();
    return Subclusters.written(
        bitmap, (int) (from / subcluster), (int) ((to - 1) / subcluster) + 1);
  }

  /** One attempt to find room, which has to begin again if it had to wait. */
  private final class Search {
    private final Geometry geometry = metadata.geometry;
    private final Deque<Allocation> taken;
    private long at;
    private long remaining;
    private long host = ANYWHERE;

    Search(long offset, long bytes, Deque<Allocation> taken) {
      this.at = offset;
      this.remaining = bytes;
      this.taken = taken;
    }

    /** False if it had to wait. */
    boolean run() throws BlockIoException {
      long start = at;
      while (remaining > 0) {
        long wanted = metadata.inFlight.freeBytes(at, remaining, geometry, taken.isEmpty());
        if (wanted == AllocationsInFlight.WAITED) {
          return false;
        }
        long next = host == ANYWHERE ? ANYWHERE : host + at - start;
        long found = wanted == 0 ? 0 : step(wanted, next);
        if (found == 0) {
          break;
        }
        at += found;
        remaining -= found;
      }
      return true;
    }

    /** Finds room for the next bytes; 0 if they cannot lie at the given host offset. */
    private long step(long wanted, long next) throws BlockIoException {
      L2Slice slice = tables.forWrite(at);
      boolean inPlace;
      long found = 0;
      try {
        inPlace = L2Entry.isWritableInPlace(slice.entry(tables.sliceIndex(at)), geometry);
        if (inPlace) {
          found = inPlace(slice, wanted, next);
        }
      } finally {
        tables.release(slice);
      }
      return inPlace ? found : allocate(wanted, next);
    }

    private long inPlace(L2Slice slice, long wanted, long next) throws BlockIoException {
      int index = tables.sliceIndex(at);
      long entry = slice.entry(index);
      long cluster = entry & L2Entry.OFFSET_MASK;
      if (geometry.offsetIntoCluster(cluster) != 0) {
        String what = (entry & L2Entry.ZERO) != 0 ? "Preallocated zero" : "Data";
        String where = " unaligned (guest offset: " + L2Tables.hex(at) + ")";
        String text = what + " cluster offset " + L2Tables.hex(cluster) + where;
        throw metadata.corruption.found(true, -1, -1, text);
      }
      if (next != ANYWHERE && cluster != next) {
        return 0;
      }
      int clusters = 1;
      int max = clustersMax(index, wanted);
      while (clusters < max && follows(slice.entry(index + clusters), cluster, clusters)) {
        clusters++;
      }
      long intoCluster = geometry.offsetIntoCluster(at);
      long bytes = Math.min(wanted, ((long) clusters << geometry.clusterBits()) - intoCluster);
      Optional<Allocation> allocation =
          new AllocationBounds(metadata, slice, index, at, bytes).samePlace(cluster);
      allocation.ifPresent(this::take);
      placed(cluster + intoCluster);
      return bytes;
    }

    private boolean follows(long entry, long first, int clusters) {
      long expected = first + ((long) clusters << geometry.clusterBits());
      return L2Entry.isWritableInPlace(entry, geometry)
          && (entry & L2Entry.OFFSET_MASK) == expected;
    }

    private long allocate(long wanted, long next) throws BlockIoException {
      L2Slice slice = tables.forWrite(at);
      try {
        int index = tables.sliceIndex(at);
        int max = clustersMax(index, wanted);
        int needed = 1;
        while (needed < max && !L2Entry.isWritableInPlace(slice.entry(index + needed), geometry)) {
          needed++;
        }
        Room room = room(needed, next);
        if (room.clusters == 0) {
          return 0;
        }
        long intoCluster = geometry.offsetIntoCluster(at);
        long bytes = ((long) room.clusters << geometry.clusterBits()) - intoCluster;
        bytes = Math.min(wanted, bytes);
        take(new AllocationBounds(metadata, slice, index, at, bytes).newPlace(room.offset));
        placed(room.offset + intoCluster);
        return bytes;
      } finally {
        tables.release(slice);
      }
    }

    private record Room(long offset, int clusters) {}

    private Room room(int clusters, long next) throws BlockIoException {
      if (metadata.externalData()) {
        return new Room(geometry.startOfCluster(at), clusters);
      }
      if (next == ANYWHERE) {
        long bytes = (long) clusters << geometry.clusterBits();
        return new Room(metadata.refcounts.allocate(bytes), clusters);
      }
      long offset = geometry.startOfCluster(next);
      return new Room(offset, (int) metadata.refcounts.allocateAt(offset, clusters));
    }

    /** How many clusters to look at: to the end of the slice, and no more than a request may be. */
    private int clustersMax(int index, long wanted) {
      long clusters = geometry.clusters(geometry.offsetIntoCluster(at) + wanted);
      long inSlice = (long) tables.sliceEntries() - index;
      long inRequest = Node.REQUEST_MAX >> geometry.clusterBits();
      return (int) Math.min(clusters, Math.min(inSlice, inRequest));
    }

    private void take(Allocation allocation) {
      taken.addFirst(allocation);
      metadata.inFlight.add(allocation);
    }

    private void placed(long offset) {
      if (host == ANYWHERE) {
        host = offset;
      }
    }
  }
}
