package io.faultdisk.nio;

/**
 * What to do when a program maps a file into memory: what it then reads and stores there nobody can
 * intercept.
 */
public enum MappedMemory {
  /**
   * {@code FileChannel.map} throws {@code UnsupportedOperationException}, as on many file systems.
   */
  REFUSE,

  /**
   * Mapped as ever. The mapping is announced as the event {@code map}; what is stored through it,
   * no rule sees, and a power cut does not take it back. The default.
   */
  PASS,

  /**
   * Mapped as ever; what has been stored through a writable mapping is looked for, page by page,
   * when its channel is forced and when it is closed, and counts as written then: as {@code write}
   * events that rules can fail, and as durable only once forced. A power cut looks, too, even if
   * the channel is closed. {@code MappedByteBuffer.force} alone cannot be seen and makes nothing
   * durable. Keeps a copy of what is mapped for writing.
   */
  TRACK
}
