package io.faultdisk.nio;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.attribute.FileAttributeView;
import java.nio.file.attribute.FileStoreAttributeView;
import org.jspecify.annotations.Nullable;

/** A store with no more room than the file system's limits leave. */
final class FaultFileStore extends FileStore {
  private final FileStore delegate;
  private final Space space;

  FaultFileStore(FileStore delegate, Space space) {
    this.delegate = delegate;
    this.space = space;
  }

  private long left(long bytes) {
    return space.limited() ? Math.min(bytes, space.leftBytes()) : bytes;
  }

  @Override
  public String name() {
    return delegate.name();
  }

  @Override
  public String type() {
    return delegate.type();
  }

  @Override
  public boolean isReadOnly() {
    return delegate.isReadOnly();
  }

  @Override
  public long getTotalSpace() throws IOException {
    return delegate.getTotalSpace();
  }

  @Override
  public long getUsableSpace() throws IOException {
    return left(delegate.getUsableSpace());
  }

  @Override
  public long getUnallocatedSpace() throws IOException {
    return left(delegate.getUnallocatedSpace());
  }

  @Override
  public long getBlockSize() throws IOException {
    return delegate.getBlockSize();
  }

  @Override
  public boolean supportsFileAttributeView(Class<? extends FileAttributeView> type) {
    return delegate.supportsFileAttributeView(type);
  }

  @Override
  public boolean supportsFileAttributeView(String name) {
    return delegate.supportsFileAttributeView(name);
  }

  @Override
  public <V extends FileStoreAttributeView> @Nullable V getFileStoreAttributeView(Class<V> type) {
    return delegate.getFileStoreAttributeView(type);
  }

  @Override
  public Object getAttribute(String attribute) throws IOException {
    Object value = delegate.getAttribute(attribute);
    return value instanceof Long bytes
            && (attribute.equals("usableSpace") || attribute.equals("unallocatedSpace"))
        ? (Object) left(bytes)
        : value;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof FaultFileStore store
        && store.space == space
        && store.delegate.equals(delegate);
  }

  @Override
  public int hashCode() {
    return delegate.hashCode();
  }

  @Override
  public String toString() {
    return delegate.toString();
  }
}
