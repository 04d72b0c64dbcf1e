package io.faultdisk.nbd.bench;

import io.faultdisk.nbd.ExportFlag;

/**
 * What a server said about its export. Immutable.
 *
 * @param size in bytes
 * @param flags {@link ExportFlag}s
 * @param blockMin offsets and lengths are multiples of this in bytes
 * @param payloadMax the longest request in bytes
 */
record ExportTerms(long size, int flags, int blockMin, int payloadMax) {
  boolean has(ExportFlag flag) {
    return flag.in(flags);
  }
}
