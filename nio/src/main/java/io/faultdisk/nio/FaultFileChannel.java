package io.faultdisk.nio;

import java.io.IOException;
import java.nio.channels.FileChannel;

/** The file channel that programs get. From Java 22 on, another class of this name adds to it. */
final class FaultFileChannel extends PassingFileChannel {
  FaultFileChannel(OpenFile file, FileChannel delegate) throws IOException {
    super(file, delegate);
  }
}
