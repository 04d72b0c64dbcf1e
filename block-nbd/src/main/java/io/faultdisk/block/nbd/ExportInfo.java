package io.faultdisk.block.nbd;

import io.faultdisk.nbd.ExportFlag;
import java.util.OptionalInt;

/**
 * What client and server have agreed on for one connection. Immutable.
 *
 * @param size of the export in bytes
 * @param flags {@link ExportFlag}s
 * @param blockMin every request has to be a multiple of this in bytes; 0 if the server did not say
 * @param blockMax the longest payload in bytes; 0 if the server did not say
 * @param replies what replies look like
 * @param context the id of the meta context for the status of blocks; empty if there is none
 */
record ExportInfo(
    long size, int flags, int blockMin, int blockMax, Replies replies, OptionalInt context) {

  /** What replies look like; each kind includes what the one before can do. */
  enum Replies {
    SIMPLE,
    STRUCTURED,
    /** And headers have 64 bits for lengths. */
    EXTENDED
  }

  boolean has(ExportFlag flag) {
    return flag.in(flags);
  }

  boolean isStructured() {
    return replies != Replies.SIMPLE;
  }

  boolean isExtended() {
    return replies == Replies.EXTENDED;
  }
}
