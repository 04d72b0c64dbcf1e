package io.faultdisk.nio;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;

/**
 * {@code transferTo} and {@code transferFrom}: a read of the one channel and a write of the other,
 * announced as both. The wrapped channels do it as they do it best, unless someone has to know each
 * byte.
 */
final class Transfers {
  private static final int CHUNK_BYTES = 8192;

  private Transfers() {}

  static long to(PassingFileChannel source, long offset, long count, WritableByteChannel target)
      throws IOException {
    FileChannel from = source.delegate();
    if (offset < 0 || count < 0 || !target.isOpen()) {
      return from.transferTo(offset, count, raw(target));
    }
    long there = Math.min(count, Math.max(0, size(from) - offset));
    Passage reading = source.file().reading(offset, there);
    long allowed = reading.of(there);
    if (!(target instanceof PassingFileChannel ours)) {
      if (reading.isChanged()) {
        return target.write(read(source, reading, offset, allowed));
      }
      return from.transferTo(offset, allowed < there ? allowed : count, target);
    }
    learn(ours);
    Passage writing = ours.file().writing(ours.knownPosition(), allowed);
    allowed = writing.of(allowed);
    if (reading.isChanged() || writing.isChanged()) {
      return ours.write(writing, read(source, reading, offset, allowed));
    }
    if (ours.file().precise()) {
      return copy(source, offset, allowed, ours);
    }
    // Not what is there: a file that is copied to its own end grows meanwhile.
    long moved = from.transferTo(offset, allowed < there ? allowed : count, ours.delegate());
    learn(ours);
    return moved;
  }

  /** What a transfer reads that a rule has changed: perhaps not all, which it may. */
  private static ByteBuffer read(
      PassingFileChannel source, Passage reading, long offset, long bytes) throws IOException {
    ByteBuffer buffer = Limits.together(bytes);
    reading.read(buffer, offset, part -> source.delegate().read(part, offset));
    return buffer.flip();
  }

  private static long copy(
      PassingFileChannel source, long offset, long bytes, PassingFileChannel target)
      throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate((int) Math.min(CHUNK_BYTES, Math.max(bytes, 1)));
    long moved = 0;
    while (moved < bytes) {
      buffer.clear().limit((int) Math.min(buffer.capacity(), bytes - moved));
      int read = source.delegate().read(buffer, offset + moved);
      if (read < 0) {
        break;
      }
      buffer.flip();
      int written = target.storePart(buffer, moved);
      moved += Math.max(0, written);
      if (written < read) {
        break;
      }
    }
    return moved;
  }

  static long from(PassingFileChannel target, ReadableByteChannel source, long offset, long count)
      throws IOException {
    FileChannel to = target.delegate();
    if (offset < 0 || count < 0 || !source.isOpen()) {
      return to.transferFrom(raw(source), offset, count);
    }
    if (offset > size(to)) {
      return target.file().precise() ? 0 : to.transferFrom(raw(source), offset, count);
    }
    long there = count;
    Passage reading = Passage.ALL;
    if (source instanceof PassingFileChannel ours) {
      learn(ours);
      long at = ours.knownPosition();
      there = Math.min(count, Math.max(0, size(ours.delegate()) - at));
      reading = ours.file().reading(at, there);
    }
    long allowed = reading.of(there);
    Passage writing = target.file().writing(offset, allowed);
    allowed = writing.of(allowed);
    if (reading.isChanged() || writing.isChanged()) {
      ByteBuffer buffer = Limits.together(allowed);
      long at = source instanceof PassingFileChannel ours ? ours.knownPosition() : 0;
      reading.read(buffer, at, raw(source)::read);
      if (source instanceof PassingFileChannel ours) {
        learn(ours);
      }
      return target.write(writing, buffer.flip(), offset);
    }
    if (target.file().precise()) {
      return fill(target, source, offset, allowed);
    }
    long moved = to.transferFrom(raw(source), offset, allowed < there ? allowed : count);
    if (source instanceof PassingFileChannel ours) {
      learn(ours);
    }
    return moved;
  }

  private static long fill(
      PassingFileChannel target, ReadableByteChannel source, long offset, long bytes)
      throws IOException {
    ReadableByteChannel from = raw(source);
    ByteBuffer buffer = ByteBuffer.allocate((int) Math.min(CHUNK_BYTES, Math.max(bytes, 1)));
    long moved = 0;
    while (moved < bytes) {
      buffer.clear().limit((int) Math.min(buffer.capacity(), bytes - moved));
      int read = from.read(buffer);
      if (read <= 0) {
        break;
      }
      buffer.flip();
      int written = target.storePart(buffer, offset + moved, moved);
      moved += written;
      if (written < read) {
        break;
      }
    }
    if (source instanceof PassingFileChannel ours) {
      learn(ours);
    }
    return moved;
  }

  /**
   * A wrapped channel may be closed without its wrapper knowing; the transfer itself will say so.
   */
  private static void learn(PassingFileChannel channel) throws IOException {
    try {
      channel.learnPosition();
    } catch (ClosedChannelException e) {
      // Then there is no position.
    }
  }

  private static long size(FileChannel channel) throws IOException {
    try {
      return channel.size();
    } catch (ClosedChannelException e) {
      return 0;
    }
  }

  private static WritableByteChannel raw(WritableByteChannel channel) {
    return channel instanceof PassingFileChannel ours ? ours.delegate() : channel;
  }

  private static ReadableByteChannel raw(ReadableByteChannel channel) {
    return channel instanceof PassingFileChannel ours ? ours.delegate() : channel;
  }
}
