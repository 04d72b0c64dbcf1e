package io.faultdisk.rules;

/**
 * The shape of a request: all that rules look at.
 *
 * @param type what it wants
 * @param offset first byte on the node the rules belong to; 0 for a flush
 * @param bytes length; 0 for a flush
 */
public record Request(RequestType type, long offset, long bytes) {
  /** {@code write of 4096 bytes at 65536}; {@code flush}. */
  @Override
  public String toString() {
    return type == RequestType.FLUSH
        ? type.wireName()
        : type.wireName() + " of " + bytes + " bytes at " + offset;
  }
}
