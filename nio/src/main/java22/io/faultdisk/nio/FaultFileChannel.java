package io.faultdisk.nio;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;

/** The file channel that programs get from Java 22 on, which can map into an arena. */
final class FaultFileChannel extends PassingFileChannel {
  FaultFileChannel(OpenFile file, FileChannel delegate) throws IOException {
    super(file, delegate);
  }

  @Override
  public MemorySegment map(MapMode mode, long offset, long bytes, Arena arena) throws IOException {
    if (!isOpen()) {
      return delegate().map(mode, offset, bytes, arena);
    }
    try {
      return mappings().map(mode, offset, bytes, () -> delegate().map(mode, offset, bytes, arena));
    } catch (ClosedChannelException e) {
      throw noticed(e);
    }
  }
}
