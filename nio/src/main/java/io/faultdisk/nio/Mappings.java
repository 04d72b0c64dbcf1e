package io.faultdisk.nio;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.util.ArrayList;
import java.util.List;

/** What of a file is mapped through one channel; see {@link MappedMemory}. */
final class Mappings {
  private static final int PAGE_BYTES = 4096;
  private static final int PART_BYTES_MAX = 1 << 30;

  private final OpenFile file;
  private final FileChannel delegate;
  private final List<Part> parts = new ArrayList<>();

  /** None yet, so that {@link #settle} costs nothing. */
  private volatile boolean any;

  Mappings(OpenFile file, FileChannel delegate) {
    this.file = file;
    this.delegate = delegate;
  }

  /** Makes a mapping. */
  @FunctionalInterface
  interface Map<T> {
    T make() throws IOException;
  }

  /** A mapping of our own of the same bytes: it sees what is stored through the program's. */
  private static final class Part {
    final long offset;
    final ByteBuffer now;

    /** What was there when last looked at. */
    final byte[] known;

    Part(long offset, ByteBuffer now) {
      this.offset = offset;
      this.now = now;
      this.known = new byte[now.remaining()];
      now.get(0, known);
    }
  }

  /** Maps, unless a rule or the mode says no. */
  <T> T map(MapMode mode, long offset, long bytes, Map<T> map) throws IOException {
    MappedMemory memory = file.fileSystem().mappedMemory();
    if (memory == MappedMemory.REFUSE) {
      throw new UnsupportedOperationException(
          "this FaultFileSystem was told to refuse mapped memory (MappedMemory.REFUSE)");
    }
    file.mapping(offset, bytes);
    if (memory == MappedMemory.PASS || !mode.equals(MapMode.READ_WRITE)) {
      return map.make();
    }
    long sizeBefore = delegate.size();
    T made = map.make();
    file.grown(sizeBefore, delegate.size());
    track(offset, bytes);
    return made;
  }

  private void track(long offset, long bytes) throws IOException {
    List<Part> added = new ArrayList<>();
    for (long at = 0; at < bytes; at += PART_BYTES_MAX) {
      int part = (int) Math.min(PART_BYTES_MAX, bytes - at);
      added.add(new Part(offset + at, delegate.map(MapMode.READ_ONLY, offset + at, part)));
    }
    synchronized (parts) {
      parts.addAll(added);
      any = true;
    }
  }

  /** Looks what was stored since the last time, and takes it for written. */
  void settle() throws IOException {
    if (!any) {
      return;
    }
    List<Part> all;
    synchronized (parts) {
      all = List.copyOf(parts);
    }
    for (Part part : all) {
      for (int at = 0; at < part.known.length; at += PAGE_BYTES) {
        int bytes = Math.min(PAGE_BYTES, part.known.length - at);
        ByteBuffer known = ByteBuffer.wrap(part.known, at, bytes);
        if (part.now.slice(at, bytes).mismatch(known) >= 0) {
          file.writing(part.offset + at, bytes);
          part.now.get(at, part.known, at, bytes);
          file.wrote(part.offset + at, known.asReadOnlyBuffer());
        }
      }
    }
  }

  /** Settles for the last time. */
  void close() throws IOException {
    if (any && file.gate().isPowered()) {
      try {
        settle();
      } finally {
        synchronized (parts) {
          parts.clear();
          any = false;
        }
      }
    }
  }
}
