package io.faultdisk.nio;

import io.faultdisk.rules.FileEvents;
import io.faultdisk.rules.Target;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.file.FileSystems;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.ProviderMismatchException;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A path of a {@link FaultFileSystem}: one of the wrapped file system, which does all the work. */
@SuppressWarnings("ReferenceEquality") // an unchanged path need not be wrapped again
final class FaultPath implements Path {
  private final FaultFileSystem fileSystem;
  private final Path delegate;

  /** Made when first asked for; two threads may each make one. */
  private @Nullable Target target;

  FaultPath(FaultFileSystem fileSystem, Path delegate) {
    this.fileSystem = fileSystem;
    this.delegate = delegate;
  }

  /** The same path of the wrapped file system. */
  Path delegate() {
    return delegate;
  }

  /** What rules see: absolute, without {@code .} and {@code ..}, names separated by {@code /}. */
  Target target() {
    Target known = target;
    if (known == null) {
      String path = delegate.toAbsolutePath().normalize().toString();
      String separator = delegate.getFileSystem().getSeparator();
      known = Target.of(separator.equals("/") ? path : path.replace(separator, "/"));
      target = known;
    }
    return known;
  }

  private Path own(Path other) {
    Objects.requireNonNull(other);
    if (other instanceof FaultPath path && path.fileSystem == fileSystem) {
      return path.delegate;
    }
    throw new ProviderMismatchException();
  }

  private FaultPath wrap(Path path) {
    return path == delegate ? this : new FaultPath(fileSystem, path);
  }

  private @Nullable FaultPath wrapOrNull(@Nullable Path path) {
    return path == null ? null : wrap(path);
  }

  @Override
  public FaultFileSystem getFileSystem() {
    return fileSystem;
  }

  @Override
  public boolean isAbsolute() {
    return delegate.isAbsolute();
  }

  @Override
  public @Nullable Path getRoot() {
    return wrapOrNull(delegate.getRoot());
  }

  @Override
  public @Nullable Path getFileName() {
    return wrapOrNull(delegate.getFileName());
  }

  @Override
  public @Nullable Path getParent() {
    return wrapOrNull(delegate.getParent());
  }

  @Override
  public int getNameCount() {
    return delegate.getNameCount();
  }

  @Override
  public Path getName(int index) {
    return wrap(delegate.getName(index));
  }

  @Override
  public Path subpath(int beginIndex, int endIndex) {
    return wrap(delegate.subpath(beginIndex, endIndex));
  }

  @Override
  public boolean startsWith(Path other) {
    return Objects.requireNonNull(other) instanceof FaultPath path
        && path.fileSystem == fileSystem
        && delegate.startsWith(path.delegate);
  }

  @Override
  public boolean startsWith(String other) {
    return delegate.startsWith(other);
  }

  @Override
  public boolean endsWith(Path other) {
    return Objects.requireNonNull(other) instanceof FaultPath path
        && path.fileSystem == fileSystem
        && delegate.endsWith(path.delegate);
  }

  @Override
  public boolean endsWith(String other) {
    return delegate.endsWith(other);
  }

  @Override
  public Path normalize() {
    return wrap(delegate.normalize());
  }

  @Override
  public Path resolve(Path other) {
    Path path = own(other);
    Path resolved = delegate.resolve(path);
    return resolved == path ? other : wrap(resolved);
  }

  @Override
  public Path resolve(String other) {
    return wrap(delegate.resolve(other));
  }

  @Override
  public Path resolveSibling(Path other) {
    if (!(other instanceof FaultPath) && delegate.resolveSibling(other) == other) {
      return other; // A path without parent has no siblings: the JDK does not look whose it is.
    }
    Path path = own(other);
    Path resolved = delegate.resolveSibling(path);
    return resolved == path ? other : wrap(resolved);
  }

  @Override
  public Path resolveSibling(String other) {
    return wrap(delegate.resolveSibling(other));
  }

  @Override
  public Path relativize(Path other) {
    return wrap(delegate.relativize(own(other)));
  }

  @Override
  public URI toUri() {
    return fileSystem.toUri(delegate.toUri());
  }

  @Override
  public Path toAbsolutePath() {
    return wrap(delegate.toAbsolutePath());
  }

  @Override
  public Path toRealPath(LinkOption... options) throws IOException {
    fileSystem.gate().pass(FileEvents.STAT, this);
    return wrap(delegate.toRealPath(options));
  }

  /** The wrapped path's file: what is done through it goes past us. */
  @Override
  public File toFile() {
    // The wrapped path would say that it is not of the default file system, which is ours.
    return fileSystem.equals(FileSystems.getDefault())
        ? new File(delegate.toString())
        : delegate.toFile();
  }

  @Override
  public WatchKey register(
      WatchService watcher, WatchEvent.Kind<?>[] events, WatchEvent.Modifier... modifiers)
      throws IOException {
    Objects.requireNonNull(watcher);
    if (watcher instanceof FaultWatchService service && service.fileSystem() == fileSystem) {
      return service.register(this, events, modifiers);
    }
    throw new ProviderMismatchException();
  }

  @Override
  public int compareTo(Path other) {
    if (!(other instanceof FaultPath path)) {
      Path foreign = Objects.requireNonNull(other);
      if (foreign.getFileSystem().equals(delegate.getFileSystem())) {
        throw new ClassCastException("paths of different providers cannot be compared");
      }
      return delegate.compareTo(foreign); // Which exception that is, providers do not agree.
    }
    if (path.fileSystem != fileSystem) {
      throw new ClassCastException("paths of different file systems cannot be compared");
    }
    return delegate.compareTo(path.delegate);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof FaultPath path
        && path.fileSystem == fileSystem
        && delegate.equals(path.delegate);
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
