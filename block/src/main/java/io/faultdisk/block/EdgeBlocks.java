package io.faultdisk.block;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The blocks that a request touches only in part: the first and the last, if its ends are not
 * aligned. A read-modify-write reads them before it writes.
 *
 * <p>For one request and its thread.
 */
final class EdgeBlocks {
  private final long start;
  private final long end;
  private final int head;
  private final int tail;
  private final int align;
  private @Nullable ByteBuffer content;

  private EdgeBlocks(long start, long end, int head, int tail, int align) {
    this.start = start;
    this.end = end;
    this.head = head;
    this.tail = tail;
    this.align = align;
  }

  static EdgeBlocks of(long offset, long bytes, int align) {
    long start = offset & -(long) align;
    long end = (offset + bytes + align - 1) & -(long) align;
    return new EdgeBlocks(start, end, (int) (offset - start), (int) (end - offset - bytes), align);
  }

  /** Where the first block begins. */
  long start() {
    return start;
  }

  /** Where the last block ends. */
  long end() {
    return end;
  }

  /** Bytes of the first block before the request. */
  int head() {
    return head;
  }

  /** Bytes of the last block behind the request. */
  int tail() {
    return tail;
  }

  /** True if all blocks are one stretch to read: one block, or two that touch. */
  boolean oneRead() {
    return end - start == contentBytes();
  }

  /** Room for the blocks: both if they are two, and then the last one comes second. */
  ByteBuffer content() throws BlockIoException {
    ByteBuffer made = content;
    if (made == null) {
      made = Memory.heap(contentBytes());
      content = made;
    }
    return made;
  }

  /** The first block's part of {@link #content}. */
  ByteBuffer first() throws BlockIoException {
    return content().slice(0, align);
  }

  /** The last block's part of {@link #content}. */
  ByteBuffer last() throws BlockIoException {
    return content().slice(content().capacity() - align, align);
  }

  private long contentBytes() {
    return end - start > align && head != 0 && tail != 0 ? 2L * align : align;
  }
}
