package io.faultdisk.nio;

import io.faultdisk.nio.DirectoryInode.Slot;
import io.faultdisk.rules.FailFlush;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileSystem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Follows what is done to a file system, so that the power can be cut: keeps a {@link Medium} and
 * what is really there in step.
 *
 * <p>The fault model is {@link Medium}'s; here is what it takes from a file system. Files that are
 * opened for writing, removed, moved or linked are read into memory before. A directory is known by
 * its real path, so that symbolic links on the way do not matter. Devices and pipes are nobody's
 * business. A hard link that was there before us, and is not the name by which a file was changed,
 * is taken for another file; changes past us are not seen.
 *
 * <p>Safe from any thread: one lock for all that changes anything, the change of the wrapped file
 * system included. Whoever holds it asks no rule.
 */
final class PowerLoss implements Effects {
  private final Medium medium;
  private final Places places;
  private final FileSystem delegate;
  private final ReentrantLock lock = new ReentrantLock();
  private final List<Mappings> mappings = new ArrayList<>();

  /** Where the paths of the change that is being made lead; afterwards that may be elsewhere. */
  private final IdentityHashMap<FaultPath, Slot> announced = new IdentityHashMap<>();

  /** The files behind those of them that are symbolic links. */
  private final IdentityHashMap<FaultPath, FileInode> behind = new IdentityHashMap<>();

  private volatile boolean off;

  PowerLoss(FileSystem delegate, Durability durability, long bytesMax) {
    this.delegate = delegate;
    this.medium = new Medium(durability, true, bytesMax);
    this.places = new Places(medium, delegate);
  }

  @Override
  public void lock() throws IOException {
    lock.lock();
    if (off) {
      lock.unlock();
      throw new IOException(Gate.POWER_CUT);
    }
  }

  @Override
  public void unlock() {
    announced.clear();
    behind.clear();
    lock.unlock();
  }

  private @Nullable Slot find(FaultPath path) throws IOException {
    Slot slot = announced.get(path);
    return slot == null ? places.find(path.delegate()) : slot;
  }

  // What happens.

  @Override
  public void aboutToChange(FaultPath path) throws IOException {
    Slot slot = places.find(path.delegate());
    if (slot != null) {
      announced.put(path, slot);
      if (places.adopt(slot) instanceof LinkInode) {
        adoptTarget(path);
      }
    }
  }

  /** It may be the file behind a link that is changed. */
  private void adoptTarget(FaultPath link) throws IOException {
    if (Files.exists(link.delegate())) {
      Slot slot = places.find(link.delegate().toRealPath());
      if (slot != null && places.adopt(slot) instanceof FileInode file) {
        behind.put(link, file);
      }
    }
  }

  @Override
  public FileEffects opened(FaultPath path, Opening opening) throws IOException {
    Path real;
    try {
      real = path.delegate().toRealPath();
    } catch (IOException e) {
      return openedAndGone(path, opening);
    }
    if (!opening.writable()) {
      return openedToRead(real);
    }
    Slot slot = places.find(real);
    if (slot == null) {
      return FileEffects.NONE;
    }
    if (opening.created() && slot.current() != null) {
      places.reconcile(slot); // It was there when we last looked, and is new: deleted past us.
    }
    boolean isNew = opening.created() && slot.current() == null;
    Inode inode = isNew ? medium.create(slot.directory(), slot.name()) : places.adopt(slot);
    if (!(inode instanceof FileInode file)) {
      return FileEffects.NONE;
    }
    // Which combinations of options empty a file differs, so look.
    long size = Files.size(real);
    if (size != file.current().size()) {
      medium.resize(file, size);
    }
    return new KnownFile(file, opening.sync());
  }

  /** With DELETE_ON_CLOSE, some file systems take the name away at once. */
  private FileEffects openedAndGone(FaultPath path, Opening opening) throws IOException {
    Slot slot = announced.get(path);
    if (slot != null && slot.current() != null) {
      FileInode file = slot.current() instanceof FileInode known ? known : behind.get(path);
      medium.delete(slot.directory(), slot.name());
      if (file != null) {
        return new KnownFile(file, opening.sync());
      }
    }
    return FileEffects.NONE;
  }

  /** It can be forced, too; if it is not known yet, it may be by then. */
  private FileEffects openedToRead(Path real) throws IOException {
    lock();
    try {
      Slot slot = places.find(real);
      return slot != null && slot.current() instanceof FileInode file
          ? new KnownFile(file, Sync.NONE)
          : new UnknownFile(real);
    } finally {
      unlock();
    }
  }

  @Override
  public void deleted(FaultPath path) throws IOException {
    Slot slot = find(path);
    if (slot != null && slot.current() != null) {
      medium.delete(slot.directory(), slot.name());
    }
  }

  @Override
  public void renamed(FaultPath source, FaultPath target) throws IOException {
    Slot from = find(source);
    Slot to = find(target);
    if (from != null && to != null && from.current() != null) {
      medium.rename(from.directory(), from.name(), to.directory(), to.name());
    }
  }

  @Override
  public void uncertain(FaultPath target) throws IOException {
    Slot slot = find(target);
    if (slot != null) {
      settle();
      places.reconcile(slot);
    }
  }

  @Override
  public void linked(FaultPath link, FaultPath existing) throws IOException {
    Slot slot = find(link);
    // The link may be to a symbolic link or to what it leads to, as the system likes it.
    Slot old =
        places.find(
            Files.isSymbolicLink(link.delegate())
                ? existing.delegate()
                : existing.delegate().toRealPath());
    Inode inode = old == null ? null : places.adopt(old);
    if (slot != null && inode != null) {
      medium.link(slot.directory(), slot.name(), inode);
    }
  }

  @Override
  public void madeSymbolicLink(FaultPath link) throws IOException {
    Slot slot = find(link);
    if (slot != null) {
      String target = Files.readSymbolicLink(link.delegate()).toString();
      medium.symlink(slot.directory(), slot.name(), target);
    }
  }

  @Override
  public void madeDirectory(FaultPath directory) throws IOException {
    Slot slot = find(directory);
    if (slot != null && slot.current() == null) {
      medium.mkdir(slot.directory(), slot.name());
    }
  }

  @Override
  public void forcedDirectory(FaultPath path) throws IOException {
    DirectoryInode directory = places.directory(path.delegate().toRealPath());
    if (directory != null) {
      medium.fsync(directory);
    }
  }

  @Override
  public void mapped(Mappings mapped) {
    mappings.add(mapped);
  }

  @Override
  public void powerWentOff() {
    off = true;
  }

  /** A file that is only read, and was not known when it was opened. */
  private final class UnknownFile implements FileEffects {
    private final Path real;

    UnknownFile(Path real) {
      this.real = real;
    }

    private @Nullable FileInode file() throws IOException {
      Slot slot = places.find(real);
      return slot != null && slot.current() instanceof FileInode file ? file : null;
    }

    @Override
    public void forced(boolean metadata) throws IOException {
      FileInode file = file();
      if (file != null) {
        force(file, metadata);
      }
    }

    @Override
    public void flushFailed(FailFlush.Mode mode) throws IOException {
      FileInode file = file();
      if (file != null && mode == FailFlush.Mode.DROP) {
        medium.drop(file);
      }
    }
  }

  private void force(FileInode file, boolean metadata) throws IOException {
    if (metadata) {
      medium.fsync(file);
    } else {
      medium.fdatasync(file);
    }
  }

  /** A file that is known. */
  private final class KnownFile implements FileEffects {
    private final FileInode file;
    private final Sync sync;

    KnownFile(FileInode file, Sync sync) {
      this.file = file;
      this.sync = sync;
    }

    @Override
    public void wrote(long offset, ByteBuffer bytes) throws IOException {
      byte[] copy = new byte[bytes.remaining()];
      bytes.get(bytes.position(), copy);
      medium.write(file, offset, copy);
      synced();
    }

    @Override
    public void truncated(long size) throws IOException {
      medium.resize(file, size);
      synced();
    }

    @Override
    public void grown(long size) throws IOException {
      medium.resize(file, size);
    }

    @Override
    public long size() {
      return file.current().size();
    }

    private void synced() throws IOException {
      if (sync != Sync.NONE) {
        force(file, sync == Sync.ALL);
      }
    }

    @Override
    public void forced(boolean metadata) throws IOException {
      force(file, metadata);
    }

    @Override
    public void flushFailed(FailFlush.Mode mode) throws IOException {
      if (mode == FailFlush.Mode.DROP) {
        medium.drop(file);
      }
    }
  }

  // What can be asked for.

  /** Something that needs the lock, whether there is power or not. */
  @FunctionalInterface
  private interface Action<T> {
    T run() throws IOException;
  }

  /** Takes what was stored in mapped memory for written. */
  private void settle() throws IOException {
    for (Mappings each : mappings) {
      each.settleUnasked();
    }
  }

  private <T> T locked(Action<T> action) throws IOException {
    lock.lock();
    try {
      settle();
      return action.run();
    } finally {
      lock.unlock();
    }
  }

  /** What is not durable. */
  Unsynced unsynced() throws IOException {
    return locked(() -> Unsynced.of(medium));
  }

  /** Makes everything durable. */
  void checkpoint() throws IOException {
    locked(
        () -> {
          medium.checkpoint();
          return true;
        });
  }

  /** What a cut would leave. */
  CrashState state(PowerCut cut) throws IOException {
    return locked(() -> CrashState.of(medium, cut));
  }

  /** Writes what a directory would be after a cut into an empty one. */
  CrashState copy(PowerCut cut, Path directory, Path target) throws IOException {
    return locked(
        () -> {
          CrashState state = CrashState.of(medium, cut);
          new CrashCopy(places).writeFrom(state, absolute(directory), target);
          return state;
        });
  }

  private static Path absolute(Path path) {
    try {
      return path.toRealPath();
    } catch (IOException e) {
      return path.toAbsolutePath().normalize();
    }
  }

  /** Makes the wrapped file system what it would be after a cut. The power is off for good. */
  CrashState rewrite(PowerCut cut) throws IOException {
    return locked(
        () -> {
          CrashState state = CrashState.of(medium, cut);
          new CrashRewrite(medium, places).run(state);
          return state;
        });
  }

  /** Takes over what can't be seen from outside: which names are of one file. */
  void inherit(CrashState state) throws IOException {
    Map<CrashState.File, List<Path>> names = new LinkedHashMap<>();
    for (Map.Entry<String, CrashState.@Nullable Node> root : state.root().names().entrySet()) {
      if (root.getValue() instanceof CrashState.Directory directory) {
        collect(directory, delegate.getPath(root.getKey()), names);
      }
    }
    for (Map.Entry<CrashState.File, List<Path>> entry : names.entrySet()) {
      if (entry.getValue().size() > 1) {
        places.adoptNames(entry.getValue(), entry.getKey().content());
      }
    }
  }

  private static void collect(
      CrashState.Directory directory, Path path, Map<CrashState.File, List<Path>> names) {
    directory
        .names()
        .forEach(
            (name, node) -> {
              if (node instanceof CrashState.Directory child) {
                collect(child, path.resolve(name), names);
              } else if (node instanceof CrashState.File file) {
                names.computeIfAbsent(file, f -> new ArrayList<>()).add(path.resolve(name));
              }
            });
  }
}
