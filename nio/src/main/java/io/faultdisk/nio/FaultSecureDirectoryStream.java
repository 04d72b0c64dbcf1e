package io.faultdisk.nio;

import io.faultdisk.rules.FileEvents;
import java.io.IOException;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.ProviderMismatchException;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileAttributeView;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A secure directory stream; rules see its files by the path that the directory was opened by. */
final class FaultSecureDirectoryStream extends FaultDirectoryStream
    implements SecureDirectoryStream<Path> {
  private final FaultPath directory;
  private final SecureDirectoryStream<Path> delegate;

  FaultSecureDirectoryStream(FaultPath directory, SecureDirectoryStream<Path> delegate) {
    super(directory.getFileSystem(), delegate);
    this.directory = directory;
    this.delegate = delegate;
  }

  private FaultPath inDirectory(Path path) {
    return (FaultPath) directory.resolve(path);
  }

  private Path raw(Path path) {
    return fileSystem().own(path).delegate();
  }

  @Override
  public SecureDirectoryStream<Path> newDirectoryStream(Path path, LinkOption... options)
      throws IOException {
    Path raw = raw(path);
    FaultPath inner = inDirectory(path);
    fileSystem().gate().pass(FileEvents.LIST, inner);
    return new FaultSecureDirectoryStream(inner, delegate.newDirectoryStream(raw, options));
  }

  @Override
  public SeekableByteChannel newByteChannel(
      Path path, Set<? extends OpenOption> options, FileAttribute<?>... attrs) throws IOException {
    Path raw = raw(path);
    return Opens.byteChannel(
        inDirectory(path), options, () -> delegate.newByteChannel(raw, options, attrs));
  }

  @Override
  public void deleteFile(Path path) throws IOException {
    Path raw = raw(path);
    Changes.delete(inDirectory(path), () -> delegate.deleteFile(raw));
  }

  @Override
  public void deleteDirectory(Path path) throws IOException {
    Path raw = raw(path);
    Changes.delete(inDirectory(path), () -> delegate.deleteDirectory(raw));
  }

  @Override
  public void move(Path source, SecureDirectoryStream<Path> targetDirectory, Path target)
      throws IOException {
    Path rawSource = raw(source);
    Path rawTarget = raw(target);
    if (!(targetDirectory instanceof FaultSecureDirectoryStream ours)) {
      throw new ProviderMismatchException();
    }
    Changes.move(
        inDirectory(source),
        ours.inDirectory(target),
        () -> delegate.move(rawSource, ours.delegate, rawTarget));
  }

  @Override
  public <V extends FileAttributeView> @Nullable V getFileAttributeView(Class<V> type) {
    V view = delegate.getFileAttributeView(type);
    return view == null ? null : AttributeViews.wrap(directory, type, view);
  }

  @Override
  public <V extends FileAttributeView> @Nullable V getFileAttributeView(
      Path path, Class<V> type, LinkOption... options) {
    V view = delegate.getFileAttributeView(raw(path), type, options);
    return view == null ? null : AttributeViews.wrap(inDirectory(path), type, view);
  }
}
