package io.faultdisk.nio;

import io.faultdisk.faults.Faults;
import io.faultdisk.rules.FileEvents;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.nio.channels.AsynchronousFileChannel;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.AccessMode;
import java.nio.file.CopyOption;
import java.nio.file.DirectoryStream;
import java.nio.file.FileStore;
import java.nio.file.FileSystem;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.ProviderMismatchException;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileAttributeView;
import java.nio.file.spi.FileSystemProvider;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import org.jspecify.annotations.Nullable;

/**
 * The provider of {@link FaultFileSystem}. Programs need it by name in one place only:
 *
 * <pre>
 * java -Djava.nio.file.spi.DefaultFileSystemProvider=io.faultdisk.nio.FaultFileSystemProvider \
 *      -Dfaultdisk.rules=rules.ini ...
 * </pre>
 *
 * and {@code -Dfaultdisk.powerLoss=posix} or {@code journaled} if the power is to be cut.
 *
 * <p>By URI: {@code faultdisk:} and the URI of what is to be wrapped, as in {@code
 * FileSystems.newFileSystem(URI.create("faultdisk:file:///"), Map.of("faults", faults))}. The
 * environment is: {@code faults} (a {@code Faults}; required when a path is given in place of a
 * URI), {@code mappedMemory} (a {@link MappedMemory}), {@code powerLoss} (a {@link Durability}),
 * {@code quota} and {@code outOfSpaceAfter} (numbers of bytes); the rest goes to the provider of
 * what is wrapped, if that file system is not open yet.
 *
 * <p>Safe from any thread.
 */
public final class FaultFileSystemProvider extends FileSystemProvider {
  private final OpenSystems systems;

  /** The one that Java finds by itself, for URIs. */
  public FaultFileSystemProvider() {
    systems = new OpenSystems.ByUri(this);
  }

  /**
   * The one that Java makes at its start, if told so.
   *
   * @param delegate Java's own default provider
   */
  public FaultFileSystemProvider(FileSystemProvider delegate) {
    systems = new OpenSystems.Default(this, delegate);
  }

  /** The one of a single file system. */
  FaultFileSystemProvider(FaultFileSystem.Builder builder) {
    systems = new OpenSystems.Single(builder.open(this, () -> {}));
  }

  /** The only file system of this provider. */
  FaultFileSystem single() {
    return ((OpenSystems.Single) systems).files();
  }

  /** Again one of a single file system, over the same. */
  private FaultFileSystemProvider(FaultFileSystem old, Faults faults) {
    systems = new OpenSystems.Single(old.again(this, faults));
  }

  /** The file system after the one whose power was cut. */
  FaultFileSystem reopen(FaultFileSystem old, Faults faults) {
    return systems instanceof OpenSystems.Single
        ? new FaultFileSystemProvider(old, faults).single()
        : systems.reopen(old, faults);
  }

  @Override
  public String getScheme() {
    return systems.scheme();
  }

  @Override
  public FileSystem newFileSystem(URI uri, Map<String, ?> env) throws IOException {
    return systems.open(uri, env);
  }

  @Override
  public FileSystem newFileSystem(Path path, Map<String, ?> env) throws IOException {
    return systems.open(path, env);
  }

  @Override
  public FileSystem getFileSystem(URI uri) {
    return systems.get(uri);
  }

  @Override
  public Path getPath(URI uri) {
    return systems.path(uri);
  }

  private FaultPath own(Path path) {
    if (Objects.requireNonNull(path) instanceof FaultPath ours
        && ours.getFileSystem().provider() == this) {
      return ours;
    }
    throw new ProviderMismatchException();
  }

  private static FileSystemProvider delegate(FaultPath path) {
    return path.delegate().getFileSystem().provider();
  }

  @Override
  public SeekableByteChannel newByteChannel(
      Path path, Set<? extends OpenOption> options, FileAttribute<?>... attrs) throws IOException {
    FaultPath ours = own(path);
    return Opens.byteChannel(
        ours, options, () -> delegate(ours).newByteChannel(ours.delegate(), options, attrs));
  }

  @Override
  public FileChannel newFileChannel(
      Path path, Set<? extends OpenOption> options, FileAttribute<?>... attrs) throws IOException {
    FaultPath ours = own(path);
    return Opens.fileChannel(
        ours, options, () -> delegate(ours).newFileChannel(ours.delegate(), options, attrs));
  }

  @Override
  public AsynchronousFileChannel newAsynchronousFileChannel(
      Path path,
      Set<? extends OpenOption> options,
      @Nullable ExecutorService executor,
      FileAttribute<?>... attrs)
      throws IOException {
    FaultPath ours = own(path);
    return Opens.open(
        ours,
        options,
        () -> delegate(ours).newAsynchronousFileChannel(ours.delegate(), options, executor, attrs),
        (file, channel) -> new FaultAsynchronousFileChannel(file, channel, executor));
  }

  @Override
  public InputStream newInputStream(Path path, OpenOption... options) throws IOException {
    FaultPath ours = own(path);
    return Opens.open(
        ours,
        Arrays.asList(options),
        () -> delegate(ours).newInputStream(ours.delegate(), options),
        FaultInputStream::new);
  }

  @Override
  public OutputStream newOutputStream(Path path, OpenOption... options) throws IOException {
    FaultPath ours = own(path);
    List<OpenOption> meant =
        options.length == 0
            ? List.of(
                StandardOpenOption.CREATE,
                StandardOpenOption.TRUNCATE_EXISTING,
                StandardOpenOption.WRITE)
            : writing(options);
    return Opens.open(
        ours,
        meant,
        () -> delegate(ours).newOutputStream(ours.delegate(), options),
        (file, stream) -> new FaultOutputStream(file, stream, ours.delegate()));
  }

  private static List<OpenOption> writing(OpenOption... options) {
    OpenOption[] more = Arrays.copyOf(options, options.length + 1);
    more[options.length] = StandardOpenOption.WRITE;
    return Arrays.asList(more);
  }

  @Override
  public DirectoryStream<Path> newDirectoryStream(
      Path directory, DirectoryStream.Filter<? super Path> filter) throws IOException {
    FaultPath ours = own(directory);
    ours.getFileSystem().gate().pass(FileEvents.LIST, ours);
    DirectoryStream<Path> stream =
        delegate(ours)
            .newDirectoryStream(
                ours.delegate(), FaultDirectoryStream.inner(ours.getFileSystem(), filter));
    return stream instanceof SecureDirectoryStream<Path> secure
        ? new FaultSecureDirectoryStream(ours, secure)
        : new FaultDirectoryStream(ours.getFileSystem(), stream);
  }

  @Override
  public void createDirectory(Path directory, FileAttribute<?>... attrs) throws IOException {
    FaultPath ours = own(directory);
    Changes.directory(ours, () -> delegate(ours).createDirectory(ours.delegate(), attrs));
  }

  @Override
  public void createSymbolicLink(Path link, Path target, FileAttribute<?>... attrs)
      throws IOException {
    FaultPath ours = own(link);
    Path to = ours.getFileSystem().own(target).delegate();
    Changes.symbolicLink(ours, () -> delegate(ours).createSymbolicLink(ours.delegate(), to, attrs));
  }

  @Override
  public void createLink(Path link, Path existing) throws IOException {
    FaultPath ours = own(link);
    FaultPath target = ours.getFileSystem().own(existing);
    Changes.link(ours, target, () -> delegate(ours).createLink(ours.delegate(), target.delegate()));
  }

  @Override
  public Path readSymbolicLink(Path link) throws IOException {
    FaultPath ours = own(link);
    ours.getFileSystem().gate().pass(FileEvents.STAT, ours);
    return new FaultPath(ours.getFileSystem(), delegate(ours).readSymbolicLink(ours.delegate()));
  }

  @Override
  public void delete(Path path) throws IOException {
    FaultPath ours = own(path);
    Changes.delete(ours, () -> delegate(ours).delete(ours.delegate()));
  }

  @Override
  public boolean deleteIfExists(Path path) throws IOException {
    return Changes.deleteIfExists(own(path));
  }

  @Override
  public void copy(Path source, Path target, CopyOption... options) throws IOException {
    FaultPath from = own(source);
    FaultPath to = own(target);
    if (from.getFileSystem().equals(to.getFileSystem())) {
      Copies.copy(from, to, options);
    } else {
      Crossings.copy(from, to, options);
    }
  }

  @Override
  public void move(Path source, Path target, CopyOption... options) throws IOException {
    FaultPath from = own(source);
    FaultPath to = own(target);
    if (!from.getFileSystem().equals(to.getFileSystem())) {
      Crossings.move(from, to, options);
      return;
    }
    Changes.move(from, to, () -> delegate(from).move(from.delegate(), to.delegate(), options));
  }

  @Override
  public boolean isSameFile(Path path, Path other) throws IOException {
    FaultPath ours = own(path);
    ours.getFileSystem().gate().pass(FileEvents.STAT, ours);
    Objects.requireNonNull(other);
    return other instanceof FaultPath second
        && second.getFileSystem() == ours.getFileSystem()
        && delegate(ours).isSameFile(ours.delegate(), second.delegate());
  }

  @Override
  public boolean isHidden(Path path) throws IOException {
    FaultPath ours = own(path);
    ours.getFileSystem().gate().pass(FileEvents.STAT, ours);
    return delegate(ours).isHidden(ours.delegate());
  }

  @Override
  public FileStore getFileStore(Path path) throws IOException {
    FaultPath ours = own(path);
    ours.getFileSystem().gate().pass(FileEvents.STAT, ours);
    return new FaultFileStore(
        delegate(ours).getFileStore(ours.delegate()), ours.getFileSystem().space());
  }

  @Override
  public void checkAccess(Path path, AccessMode... modes) throws IOException {
    FaultPath ours = own(path);
    ours.getFileSystem().gate().pass(FileEvents.STAT, ours);
    delegate(ours).checkAccess(ours.delegate(), modes);
  }

  @Override
  public <V extends FileAttributeView> @Nullable V getFileAttributeView(
      Path path, Class<V> type, LinkOption... options) {
    FaultPath ours = own(path);
    V view = delegate(ours).getFileAttributeView(ours.delegate(), type, options);
    return view == null ? null : AttributeViews.wrap(ours, type, view);
  }

  @Override
  public <A extends BasicFileAttributes> A readAttributes(
      Path path, Class<A> type, LinkOption... options) throws IOException {
    FaultPath ours = own(path);
    ours.getFileSystem().gate().pass(FileEvents.STAT, ours);
    return delegate(ours).readAttributes(ours.delegate(), type, options);
  }

  @Override
  public Map<String, Object> readAttributes(Path path, String attributes, LinkOption... options)
      throws IOException {
    FaultPath ours = own(path);
    ours.getFileSystem().gate().pass(FileEvents.STAT, ours);
    return delegate(ours).readAttributes(ours.delegate(), attributes, options);
  }

  @Override
  public void setAttribute(
      Path path, String attribute, @Nullable Object value, LinkOption... options)
      throws IOException {
    FaultPath ours = own(path);
    Changes.attributes(
        ours, () -> delegate(ours).setAttribute(ours.delegate(), attribute, value, options));
  }

  @Override
  public String toString() {
    return "FaultFileSystemProvider[" + getScheme() + "]";
  }
}
