package io.faultdisk.nio;

import java.io.IOException;
import java.nio.channels.AsynchronousFileChannel;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;

/** A lock of the wrapped file system, held by a channel of ours. */
final class FaultFileLock extends FileLock {
  private final FileLock delegate;

  FaultFileLock(FileChannel channel, FileLock delegate) {
    super(channel, delegate.position(), delegate.size(), delegate.isShared());
    this.delegate = delegate;
  }

  FaultFileLock(AsynchronousFileChannel channel, FileLock delegate) {
    super(channel, delegate.position(), delegate.size(), delegate.isShared());
    this.delegate = delegate;
  }

  @Override
  public boolean isValid() {
    return delegate.isValid();
  }

  @Override
  public void release() throws IOException {
    delegate.release();
  }
}
