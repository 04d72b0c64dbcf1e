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

    /** How many bytes of a page there are, given where the file ends. */
    int bytes(int at, long end) {
      int most = Math.min(PAGE_BYTES, known.length - at);
      return (int) Math.max(0, Math.min(most, end - offset - at));
    }

    boolean isChanged(int at, int bytes) {
      return now.slice(at, bytes).mismatch(ByteBuffer.wrap(known, at, bytes)) >= 0;
    }

    /** What is there, known from now on. */
    ByteBuffer take(int at, int bytes) {
      now.get(at, known, at, bytes);
      return ByteBuffer.wrap(known, at, bytes).asReadOnlyBuffer();
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
    boolean known = memory == MappedMemory.TRACK || file.precise();
    if (mode.equals(MapMode.READ_ONLY) || !known || !delegate.isOpen()) {
      return map.make();
    }
    // Mapping beyond the end makes the file grow, whatever is stored.
    long sizeBefore = delegate.size();
    T made = map.make();
    boolean tracked = memory == MappedMemory.TRACK && mode.equals(MapMode.READ_WRITE);
    if (tracked) {
      track(offset, bytes);
    }
    file.mapped(tracked ? this : null, sizeBefore, delegate.size());
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
    long end = delegate.size();
    for (Part part : all) {
      for (int at = 0; at < part.known.length; at += PAGE_BYTES) {
        int bytes = part.bytes(at, end);
        if (bytes > 0 && part.isChanged(at, bytes)) {
          // What was stored is in the file, whatever a rule wants.
          Passage passage = file.writing(part.offset + at, bytes);
          file.wrote(part.offset + at, part.take(at, bytes));
          passage.done(file.gate());
        }
      }
    }
  }

  /**
   * The same without asking rules, for who has the lock of {@link Effects}: when the power goes, or
   * someone wants to know what would be left.
   */
  void settleUnasked() throws IOException {
    List<Part> all;
    synchronized (parts) {
      all = List.copyOf(parts);
    }
    long end = file.sizeTold();
    for (Part part : all) {
      try {
        for (int at = 0; at < part.known.length; at += PAGE_BYTES) {
          int bytes = part.bytes(at, end);
          if (bytes > 0 && part.isChanged(at, bytes)) {
            file.wroteUnasked(part.offset + at, part.take(at, bytes));
          }
        }
      } catch (InternalError e) {
        // The file was cut: what is mapped beyond its end is not there.
      }
    }
  }

  /** Settles for the last time. */
  void close() throws IOException {
    if (any && file.gate().isPowered()) {
      try {
        settle();
      } finally {
        any = false;
        // Memory stays mapped when its channel is closed, so a power cut still looks.
        if (!file.listening()) {
          synchronized (parts) {
            parts.clear();
          }
        }
      }
    }
  }
}
