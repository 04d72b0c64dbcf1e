package io.faultdisk.nio;

import io.faultdisk.faults.Faults;
import java.io.IOException;
import java.net.URI;
import java.nio.file.FileStore;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.nio.file.ProviderMismatchException;
import java.nio.file.WatchService;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.util.Iterator;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A file system that does what another one does, unless a rule says otherwise.
 *
 * <pre>{@code
 * Faults faults = ...;
 * try (FaultFileSystem files = FaultFileSystem.over(FileSystems.getDefault()).faults(faults).open()) {
 *   Path log = files.getPath("/tmp/log");
 *   ...
 * }
 * }</pre>
 *
 * <p>Every operation on a path or a channel asks {@link Faults#perform} first. Without rules the
 * results, exceptions included, are those of the wrapped file system, with two exceptions: a
 * directory can be opened for reading where the wrapped file system cannot do that (the channel can
 * be forced and closed, no more), and closing ours leaves the wrapped one open.
 *
 * <p>What cannot be intercepted: memory mapped from a file (see {@link MappedMemory}), and a {@code
 * java.io.File} that a path was turned into.
 *
 * <p>Safe from any thread.
 */
public final class FaultFileSystem extends FileSystem {
  private final FileSystem delegate;
  private final FaultFileSystemProvider provider;
  private final Gate gate;
  private final Effects effects;
  private final Space space;
  private final MappedMemory mappedMemory;
  private final Closing closing;

  private final Executor threads =
      new ThreadPoolExecutor(
          0, Integer.MAX_VALUE, 1, TimeUnit.SECONDS, new SynchronousQueue<>(), this::thread);

  FaultFileSystem(FileSystem delegate, Settings settings, Closing closing) {
    this.delegate = delegate;
    this.provider = settings.provider();
    this.effects = settings.effects();
    this.gate = new Gate(settings.faults(), effects);
    this.space = settings.space();
    this.mappedMemory = settings.mappedMemory();
    this.closing = closing;
    settings.faults().whenPowerIsCut(gate::cutPower);
  }

  private Thread thread(Runnable task) {
    Thread thread = new Thread(task, "faultdisk-nio");
    thread.setDaemon(true);
    return thread;
  }

  /** What a file system is made with. */
  record Settings(
      FaultFileSystemProvider provider,
      Faults faults,
      Effects effects,
      Space space,
      MappedMemory mappedMemory) {}

  /** What else is to be done when it is closed. */
  @FunctionalInterface
  interface Closing {
    void run() throws IOException;
  }

  /**
   * Begins a file system over another one, which stays the caller's to close.
   *
   * @param delegate the default one, one in memory, one in a zip file, ...
   */
  public static Builder over(FileSystem delegate) {
    return new Builder(Objects.requireNonNull(delegate));
  }

  /**
   * The file system of a JVM that was started with {@code
   * -Djava.nio.file.spi.DefaultFileSystemProvider=io.faultdisk.nio.FaultFileSystemProvider}.
   *
   * @throws IllegalStateException if it was not
   */
  public static FaultFileSystem ofDefault() {
    if (FileSystems.getDefault() instanceof FaultFileSystem files) {
      return files;
    }
    throw new IllegalStateException(
        "the default file system is none of ours: start Java with"
            + " -Djava.nio.file.spi.DefaultFileSystemProvider="
            + FaultFileSystemProvider.class.getName());
  }

  /** The faults that decide here. */
  public Faults faults() {
    return gate.faults();
  }

  /** Whether the power has not been cut yet; after that everything fails. */
  public boolean isPowered() {
    return gate.isPowered();
  }

  /** The file system that does the work. */
  public FileSystem delegate() {
    return delegate;
  }

  /**
   * The path of ours for one of the wrapped file system.
   *
   * @throws ProviderMismatchException if it belongs to another file system
   */
  public Path wrap(Path path) {
    if (!path.getFileSystem().equals(delegate)) {
      throw new ProviderMismatchException();
    }
    return new FaultPath(this, path);
  }

  /**
   * The path of the wrapped file system for one of ours: what is done with it goes past us.
   *
   * @throws ProviderMismatchException if it is none of ours
   */
  public Path unwrap(Path path) {
    return own(path).delegate();
  }

  FaultPath own(Path path) {
    if (Objects.requireNonNull(path) instanceof FaultPath ours && ours.getFileSystem() == this) {
      return ours;
    }
    throw new ProviderMismatchException();
  }

  Gate gate() {
    return gate;
  }

  Effects effects() {
    return effects;
  }

  Space space() {
    return space;
  }

  /** Threads for what must not keep the caller waiting; they end by themselves. */
  Executor threads() {
    return threads;
  }

  MappedMemory mappedMemory() {
    return mappedMemory;
  }

  URI toUri(URI uri) {
    return provider.getScheme().equals(FaultUris.SCHEME) ? FaultUris.outer(uri) : uri;
  }

  @Override
  public FaultFileSystemProvider provider() {
    return provider;
  }

  @Override
  public void close() throws IOException {
    if (gate.isOpen()) {
      closing.run();
      gate.close();
    }
  }

  @Override
  public boolean isOpen() {
    return gate.isOpen() && delegate.isOpen();
  }

  @Override
  public boolean isReadOnly() {
    return delegate.isReadOnly();
  }

  @Override
  public String getSeparator() {
    return delegate.getSeparator();
  }

  @Override
  public Iterable<Path> getRootDirectories() {
    Iterable<Path> roots = delegate.getRootDirectories();
    return () -> wrapAll(roots.iterator());
  }

  private Iterator<Path> wrapAll(Iterator<Path> paths) {
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return paths.hasNext();
      }

      @Override
      public Path next() {
        return new FaultPath(FaultFileSystem.this, paths.next());
      }

      @Override
      public void remove() {
        paths.remove();
      }
    };
  }

  @Override
  public Iterable<FileStore> getFileStores() {
    Iterable<FileStore> stores = delegate.getFileStores();
    return () -> {
      Iterator<FileStore> each = stores.iterator();
      return new Iterator<>() {
        @Override
        public boolean hasNext() {
          return each.hasNext();
        }

        @Override
        public FileStore next() {
          return new FaultFileStore(each.next(), space);
        }
      };
    };
  }

  @Override
  public Set<String> supportedFileAttributeViews() {
    return delegate.supportedFileAttributeViews();
  }

  @Override
  public Path getPath(String first, String... more) {
    return new FaultPath(this, delegate.getPath(first, more));
  }

  @Override
  public PathMatcher getPathMatcher(String syntaxAndPattern) {
    PathMatcher matcher = delegate.getPathMatcher(syntaxAndPattern);
    return path -> matcher.matches(path instanceof FaultPath ours ? ours.delegate() : path);
  }

  @Override
  public UserPrincipalLookupService getUserPrincipalLookupService() {
    return delegate.getUserPrincipalLookupService();
  }

  @Override
  public WatchService newWatchService() throws IOException {
    return new FaultWatchService(this, delegate.newWatchService());
  }

  @Override
  public String toString() {
    return "FaultFileSystem over " + delegate;
  }

  /** Builds a file system; see {@link #over}. Not safe for several threads. */
  public static final class Builder {
    private final FileSystem delegate;
    private @Nullable Faults faults;
    private MappedMemory mappedMemory = MappedMemory.PASS;
    private long quotaBytes = Long.MAX_VALUE;
    private long outOfSpaceAfterBytes = Long.MAX_VALUE;

    private Builder(FileSystem delegate) {
      this.delegate = delegate;
    }

    /** Who decides about every operation; nobody by default. */
    public Builder faults(Faults newFaults) {
      faults = Objects.requireNonNull(newFaults);
      return this;
    }

    /** What to do with files mapped into memory; {@link MappedMemory#PASS} by default. */
    public Builder mappedMemory(MappedMemory newMappedMemory) {
      mappedMemory = Objects.requireNonNull(newMappedMemory);
      return this;
    }

    /**
     * How many bytes files may have grown by through this file system; what does not fit is not
     * written: "Disk quota exceeded". Cutting and deleting files gives back.
     */
    public Builder quota(long bytes) {
      quotaBytes = notNegative(bytes);
      return this;
    }

    /**
     * How many bytes may be written through this file system in all; what does not fit is not
     * written: "No space left on device".
     */
    public Builder outOfSpaceAfter(long bytes) {
      outOfSpaceAfterBytes = notNegative(bytes);
      return this;
    }

    private static long notNegative(long bytes) {
      if (bytes < 0) {
        throw new IllegalArgumentException("a limit of " + bytes + " bytes is negative");
      }
      return bytes;
    }

    /** Makes the file system. */
    public FaultFileSystem open() {
      return new FaultFileSystemProvider(this).single();
    }

    FaultFileSystem open(FaultFileSystemProvider provider, Closing closing) {
      Settings settings =
          new Settings(
              provider,
              faults == null ? Faults.create() : faults,
              Effects.NONE,
              new Space(quotaBytes, outOfSpaceAfterBytes),
              mappedMemory);
      return new FaultFileSystem(delegate, settings, closing);
    }
  }
}
