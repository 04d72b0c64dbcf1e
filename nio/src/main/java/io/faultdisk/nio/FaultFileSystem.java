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
import java.util.function.Supplier;
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
 * results, exceptions included, are those of the wrapped file system, with two exceptions: a {@code
 * FileChannel} can be opened for reading on a directory where the wrapped file system cannot do
 * that (the channel can be forced and closed, no more), and closing ours leaves the wrapped one
 * open.
 *
 * <p>What cannot be intercepted: memory mapped from a file (see {@link MappedMemory}), and a {@code
 * java.io.File} that a path was turned into.
 *
 * <p>Safe from any thread.
 */
public final class FaultFileSystem extends FileSystem {
  private final FileSystem delegate;
  private final Settings settings;
  private final Closing closing;

  /** From power on to power off. Replaced only in Java's default file system, which has to stay. */
  private volatile Life life;

  private final Executor threads =
      new ThreadPoolExecutor(
          0, Integer.MAX_VALUE, 1, TimeUnit.SECONDS, new SynchronousQueue<>(), this::thread);

  FaultFileSystem(FileSystem delegate, Settings settings, Closing closing) {
    this.delegate = delegate;
    this.settings = settings;
    this.closing = closing;
    this.life = Life.begin(delegate, settings, settings.faults());
  }

  private Thread thread(Runnable task) {
    Thread thread = new Thread(task, "faultdisk-nio");
    thread.setDaemon(true);
    return thread;
  }

  /**
   * What a file system is made with.
   *
   * @param space made anew each time that the power is on again
   * @param durability null if power loss is not modelled
   */
  record Settings(
      FaultFileSystemProvider provider,
      Faults faults,
      Supplier<Space> space,
      MappedMemory mappedMemory,
      @Nullable Durability durability,
      long powerLossBytesMax) {}

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
    return gate().faults();
  }

  /** Whether the power has not been cut yet; after that everything fails. */
  public boolean isPowered() {
    return gate().isPowered();
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
      throw new ProviderMismatchException(
          path + " is of " + path.getFileSystem() + ", but this is " + this);
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
    throw new ProviderMismatchException(
        path + " is of " + path.getFileSystem() + ", not of this " + this + ": wrap it");
  }

  Gate gate() {
    return life.gate();
  }

  Effects effects() {
    return life.effects();
  }

  Space space() {
    return life.space();
  }

  /** Threads for what must not keep the caller waiting; they end by themselves. */
  Executor threads() {
    return threads;
  }

  MappedMemory mappedMemory() {
    return settings.mappedMemory();
  }

  /**
   * Cuts the power, and switches it on again: this file system and all that was opened through it
   * are dead for good, what they wrapped is changed to what the cut leaves, and a new file system
   * over it is given, with the same options and faults. If a rule has cut the power before, this
   * decides what that has left.
   *
   * <p>Java's own default file system can't be exchanged: there what was opened is dead, and the
   * same file system is given, alive again.
   *
   * @throws IllegalStateException if power loss is not modelled, see {@link Builder#powerLoss}; or
   *     if this has given another file system before
   * @throws IOException if the wrapped file system can't be changed
   */
  public FaultFileSystem cutPower(PowerCut cut) throws IOException {
    return cutPower(cut, faults());
  }

  /** {@link #cutPower(PowerCut)} with other faults for the time after. */
  public FaultFileSystem cutPower(PowerCut cut, Faults newFaults) throws IOException {
    Life old = life;
    PowerLoss loss = old.modelled();
    if (old.gate().isReplaced()) {
      throw new IllegalStateException(
          "the power of this file system was cut before: cut that of the one which cutPower gave");
    }
    old.gate().cutPower();
    CrashState state = loss.rewrite(cut);
    old.cuts().close();
    FaultFileSystem next = provider().reopen(this, newFaults);
    next.life.modelled().inherit(state);
    old.gate().replaced();
    return next;
  }

  /** The power is on again, in a file system that has to stay the same. */
  FaultFileSystem revive(Faults newFaults) {
    life = Life.begin(delegate, settings, newFaults);
    return this;
  }

  /** A file system over the same, with the same options. */
  FaultFileSystem again(FaultFileSystemProvider newProvider, Faults newFaults) {
    Settings same =
        new Settings(
            newProvider,
            newFaults,
            settings.space(),
            settings.mappedMemory(),
            settings.durability(),
            settings.powerLossBytesMax());
    return new FaultFileSystem(delegate, same, closing);
  }

  /**
   * Writes what a power cut would leave now of all files into an empty directory, and goes on
   * undisturbed: for looking at thousands of cuts of one run. Works after a rule has cut the power,
   * too.
   *
   * @param emptyDirectory of any file system, not within what is written
   * @return what is kept and what is lost, in words
   * @throws IllegalStateException if power loss is not modelled, or if there is more than can be
   *     written as a whole: then name a directory
   */
  public CrashState afterPowerCut(PowerCut cut, Path emptyDirectory) throws IOException {
    Iterator<Path> roots = delegate.getRootDirectories().iterator();
    Path root = roots.next();
    if (roots.hasNext() || delegate.provider().getScheme().equals("file")) {
      throw new IllegalStateException(
          "all that the computer has is too much: use"
              + " afterPowerCut(cut, directory, emptyDirectory)");
    }
    return afterPowerCut(cut, new FaultPath(this, root), emptyDirectory);
  }

  /**
   * {@link #afterPowerCut(PowerCut, Path)} for one directory with all that is in it. If the cut
   * leaves no such directory, nothing is written.
   *
   * @param directory of this file system
   */
  public CrashState afterPowerCut(PowerCut cut, Path directory, Path emptyDirectory)
      throws IOException {
    PowerLoss loss = life.modelled();
    // Written past us, or it would be a change itself.
    boolean ours = emptyDirectory instanceof FaultPath path && path.getFileSystem() == this;
    return loss.copy(cut, unwrap(directory), ours ? unwrap(emptyDirectory) : emptyDirectory);
  }

  /**
   * What a power cut would leave now, without writing it anywhere.
   *
   * @throws IllegalStateException if power loss is not modelled
   */
  public CrashState afterPowerCut(PowerCut cut) throws IOException {
    return life.modelled().state(cut);
  }

  /**
   * What a power cut could take away now.
   *
   * @throws IllegalStateException if power loss is not modelled
   */
  public Unsynced unsynced() throws IOException {
    return life.modelled().unsynced();
  }

  /**
   * Makes everything durable, as a kernel does by and by, but for what failed flushes have dropped.
   *
   * @throws IllegalStateException if power loss is not modelled
   */
  public void checkpoint() throws IOException {
    life.modelled().checkpoint();
  }

  URI toUri(URI uri) {
    return provider().getScheme().equals(FaultUris.SCHEME) ? FaultUris.outer(uri) : uri;
  }

  @Override
  public FaultFileSystemProvider provider() {
    return settings.provider();
  }

  @Override
  public void close() throws IOException {
    if (gate().isOpen()) {
      closing.run();
      gate().close();
      life.cuts().close();
    }
  }

  @Override
  public boolean isOpen() {
    return gate().isOpen() && delegate.isOpen();
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
          return new FaultFileStore(each.next(), space());
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
    private @Nullable Durability durability;
    private long powerLossBytesMax = 1L << 30;

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

    /**
     * Makes it know what is durable, so that the power can be cut: {@link #cutPower}, {@link
     * #afterPowerCut}. Files that are changed are held in memory, and changes are made one at a
     * time; off by default.
     *
     * @param newDurability what is promised
     */
    public Builder powerLoss(Durability newDurability) {
      durability = Objects.requireNonNull(newDurability);
      return this;
    }

    /**
     * How much memory {@link #powerLoss} may take: for the files that were changed, removed or
     * moved, and for what was written and is not durable. Beyond it, such changes fail. 1 GiB by
     * default.
     */
    public Builder powerLossBytesMax(long bytes) {
      powerLossBytesMax = notNegative(bytes);
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
      long quota = quotaBytes;
      long total = outOfSpaceAfterBytes;
      Settings settings =
          new Settings(
              provider,
              faults == null ? Faults.create() : faults,
              () -> new Space(quota, total),
              mappedMemory,
              durability,
              powerLossBytesMax);
      return new FaultFileSystem(delegate, settings, closing);
    }
  }
}
