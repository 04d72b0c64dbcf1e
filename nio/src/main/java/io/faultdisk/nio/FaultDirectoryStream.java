package io.faultdisk.nio;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Path;
import java.util.Iterator;

/** A directory stream that lists paths of ours. */
class FaultDirectoryStream implements DirectoryStream<Path> {
  private final FaultFileSystem fileSystem;
  private final DirectoryStream<Path> delegate;

  FaultDirectoryStream(FaultFileSystem fileSystem, DirectoryStream<Path> delegate) {
    this.fileSystem = fileSystem;
    this.delegate = delegate;
  }

  static Filter<Path> inner(FaultFileSystem fileSystem, Filter<? super Path> filter) {
    return path -> filter.accept(new FaultPath(fileSystem, path));
  }

  FaultFileSystem fileSystem() {
    return fileSystem;
  }

  @Override
  public Iterator<Path> iterator() {
    Iterator<Path> entries = delegate.iterator();
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return entries.hasNext();
      }

      @Override
      public Path next() {
        return new FaultPath(fileSystem, entries.next());
      }

      @Override
      public void remove() {
        entries.remove();
      }
    };
  }

  @Override
  public void close() throws IOException {
    delegate.close();
  }
}
