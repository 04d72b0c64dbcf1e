package io.faultdisk.block.qcow2;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Clusters that a write in flight has taken but not yet linked into the tables, or whose
 * subclusters it is about to make valid.
 *
 * <pre>
 *   guestStart                 dataFrom          dataTo            clusters end
 *   |··········|xxxxxxxxxxxxxxxx|DDDDDDDDDDDDDDDDD|xxxxxxxx|············|
 *              cowFrom                                     cowTo
 * </pre>
 *
 * Offsets but the first two are relative to the start of the first cluster, in bytes. Between
 * {@code cowFrom} and {@code dataFrom}, and between {@code dataTo} and {@code cowTo}, the old
 * content is copied.
 *
 * <p>Under the metadata lock, except that the write which made it sets {@link #cowDone} and {@link
 * #guestData} before it links it.
 */
final class Allocation {
  /** Where the first cluster lies in the guest's disk. */
  final long guestStart;

  /** Where it lies in the data file. */
  final long hostStart;

  final int clusters;

  /** The place was there before: nothing to free, neither after linking nor after a failure. */
  final boolean keepsPlace;

  final long cowFrom;
  final long dataFrom;
  final long dataTo;
  final long cowTo;

  /** Writes that wait for the end of this one, since they touch the same clusters. */
  final Waiters dependents = new Waiters();

  /** The areas around the data are there already, as zeroes. */
  boolean cowDone;

  /** Only the place matters: no subcluster becomes valid. */
  boolean preallocated;

  /** The guest's data, to be written in one go with what is copied. */
  @Nullable ByteBuffer guestData;

  Allocation(
      long guestStart,
      long hostStart,
      int clusters,
      boolean keepsPlace,
      long cowFrom,
      long dataFrom,
      long dataTo,
      long cowTo) {
    this.guestStart = guestStart;
    this.hostStart = hostStart;
    this.clusters = clusters;
    this.keepsPlace = keepsPlace;
    this.cowFrom = cowFrom;
    this.dataFrom = dataFrom;
    this.dataTo = dataTo;
    this.cowTo = cowTo;
  }

  long headBytes() {
    return dataFrom - cowFrom;
  }

  long tailBytes() {
    return cowTo - dataTo;
  }

  boolean needsCopy() {
    return !cowDone && (headBytes() != 0 || tailBytes() != 0);
  }

  /** First guest byte that is written, copied areas included. */
  long guestFrom() {
    return guestStart + cowFrom;
  }

  /** First guest byte behind what is written. */
  long guestTo() {
    return guestStart + cowTo;
  }
}
