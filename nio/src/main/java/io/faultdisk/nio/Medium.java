package io.faultdisk.nio;

import io.faultdisk.nio.DirectoryInode.Slot;
import io.faultdisk.nio.EntryChange.Entry;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What of a file system is durable, and what is not yet: the model behind a power cut.
 *
 * <p>The fault model. A file system is a tree of directory entries that lead to inodes, and the
 * data of the inodes. Every change is seen by everybody at once, and is <i>pending</i> until
 * something makes it durable, as {@link Durability} says. At a power cut each pending change is
 * there afterwards or not, as a {@link PowerCut} chooses; what was durable is there for sure.
 *
 * <pre>
 *      slot (directory, name)          inode
 *      durable ----------------------> the file before the rename
 *      current ----------------------> the file after it ------> durable pages
 *      last --> pending change             |                     pending writes, in order
 *                 |  entries: this slot <- inode, that slot <- nothing
 *                 v  after: the change that made what was renamed
 * </pre>
 *
 * <p>Changes of one slot are kept in order, a rename is one change of two slots; so every change
 * names those that it builds upon, and whatever is durable or survives is closed under that. An
 * inode lives as long as a durable entry or a pending change leads to it, so that a deleted file is
 * back if the power goes before its directory was synced. An open file without either is nobody's
 * business: its changes are ignored.
 *
 * <p>What was there before us is durable, and adopted when it first matters. Modes, owners and
 * times are not part of the model.
 *
 * <p>Memory: whole files are held that were changed, removed or moved, and all pending writes.
 * Beyond a limit, changes fail with an {@link IOException} that names the limit.
 *
 * <p>For one thread at a time: whoever has it holds a lock.
 */
final class Medium {
  /** What an entry change takes with its slots, roughly. */
  private static final int ENTRY_CHANGE_BYTES = 400;

  private final Durability durability;
  private final long bytesMax;
  private final DirectoryInode root;
  private final Set<EntryChange> pendingEntries = new LinkedHashSet<>();

  /** Files with data that are not durable and that a power cut could leave. */
  private final Set<FileInode> dirty = new LinkedHashSet<>();

  private long inodes;
  private long order;
  private long heldBytes;

  /** The last move of a directory to another one. */
  private @Nullable EntryChange lastDirectoryMove;

  /**
   * A medium with a root, of which nothing is known yet.
   *
   * @param adopted whether there may be something in the root
   * @param bytesMax what it may hold in memory
   */
  Medium(Durability durability, boolean adopted, long bytesMax) {
    this.durability = durability;
    this.bytesMax = bytesMax;
    this.root = new DirectoryInode(inodes++, adopted);
  }

  Durability durability() {
    return durability;
  }

  DirectoryInode root() {
    return root;
  }

  // What was there before us.

  /** A directory that has been there, and is first heard of now. */
  DirectoryInode adoptDirectory(DirectoryInode parent, String name) {
    DirectoryInode directory = new DirectoryInode(inodes++, true);
    directory.place(adopt(parent.slot(name), directory));
    return directory;
  }

  /** A file that has been there. The content is not to be changed afterwards. */
  FileInode adoptFile(DirectoryInode parent, String name, Pages content) throws IOException {
    Slot slot = parent.slot(name);
    FileInode file = new FileInode(inodes++, content, slot.path());
    adopt(slot, file);
    charge(file);
    return file;
  }

  /** A symbolic link that has been there. */
  LinkInode adoptLink(DirectoryInode parent, String name, String target) {
    LinkInode link = new LinkInode(inodes++, target);
    adopt(parent.slot(name), link);
    return link;
  }

  /** One more name of a file, that has been there. */
  void adoptName(Slot slot, FileInode file) {
    adopt(slot, file);
  }

  private static Slot adopt(Slot slot, Inode inode) {
    if (slot.matters()) {
      throw new IllegalStateException(slot.path() + " is known already");
    }
    slot.current(inode);
    slot.durable(inode);
    inode.adopt();
    return slot;
  }

  // Changes of entries.

  /** Makes an empty file. */
  FileInode create(DirectoryInode parent, String name) throws IOException {
    Slot slot = parent.slot(name);
    FileInode file = new FileInode(inodes++, new Pages(), slot.path());
    file.born(change("create " + slot.path(), List.of(new Entry(slot, file)), List.of()));
    return file;
  }

  /** Makes an empty directory. */
  DirectoryInode mkdir(DirectoryInode parent, String name) throws IOException {
    Slot slot = parent.slot(name);
    DirectoryInode directory = new DirectoryInode(inodes++, false);
    directory.place(slot);
    change("mkdir " + slot.path(), List.of(new Entry(slot, directory)), List.of());
    return directory;
  }

  /** Makes a symbolic link. */
  LinkInode symlink(DirectoryInode parent, String name, String target) throws IOException {
    Slot slot = parent.slot(name);
    LinkInode link = new LinkInode(inodes++, target);
    change("symlink " + slot.path(), List.of(new Entry(slot, link)), List.of());
    return link;
  }

  /** Gives an inode that is not a directory another name. */
  void link(DirectoryInode parent, String name, Inode inode) throws IOException {
    Slot slot = parent.slot(name);
    change("link " + slot.path(), List.of(new Entry(slot, inode)), List.of());
  }

  /** Moves what a name leads to, and replaces what is there. */
  void rename(DirectoryInode from, String name, DirectoryInode to, String newName)
      throws IOException {
    Slot source = from.slot(name);
    Slot target = to.slot(newName);
    Inode inode = source.current();
    if (inode == null) {
      throw new IllegalStateException("nothing to rename at " + source.path());
    }
    if (inode == target.current()) {
      return; // Two names of one file stay two names.
    }
    List<EntryChange> after = new ArrayList<>(emptied(target.current()));
    boolean moves = inode instanceof DirectoryInode && from != to;
    if (moves && lastDirectoryMove != null) {
      after.add(lastDirectoryMove);
    }
    String description = "rename " + source.path() + " to " + target.path();
    EntryChange change =
        change(description, List.of(new Entry(source, null), new Entry(target, inode)), after);
    if (inode instanceof DirectoryInode directory) {
      directory.place(target);
      lastDirectoryMove = moves ? change : lastDirectoryMove;
    } else if (inode instanceof FileInode file) {
      file.label(target.path());
    }
  }

  /** Removes a name. A directory must be empty. */
  void delete(DirectoryInode parent, String name) throws IOException {
    Slot slot = parent.slot(name);
    List<EntryChange> after = emptied(slot.current());
    change("delete " + slot.path(), List.of(new Entry(slot, null)), after);
  }

  /** What has to be durable before a directory can be gone. */
  private static List<EntryChange> emptied(@Nullable Inode gone) {
    if (gone instanceof DirectoryInode directory) {
      List<EntryChange> changes = List.copyOf(directory.pending());
      directory.place(null);
      return changes;
    }
    return List.of();
  }

  private EntryChange change(String description, List<Entry> entries, List<EntryChange> reasons)
      throws IOException {
    List<EntryChange> after = new ArrayList<>(reasons);
    for (Entry entry : entries) {
      EntryChange last = entry.slot().last();
      if (last != null) {
        after.add(last);
      }
    }
    EntryChange change = new EntryChange(order++, description, entries, after);
    pendingEntries.add(change);
    for (Entry entry : entries) {
      Slot slot = entry.slot();
      slot.current(entry.inode());
      slot.last(change);
      slot.directory().pending().add(change);
      Inode inode = entry.inode();
      if (inode != null) {
        inode.mention();
      }
    }
    hold(ENTRY_CHANGE_BYTES);
    return change;
  }

  // Changes of data.

  /** Writes to a file. The bytes are not to be changed afterwards. */
  void write(FileInode file, long offset, byte[] bytes) throws IOException {
    if (file.referenced()) {
      file.write(order++, offset, bytes);
      changed(file);
    }
  }

  /** Sets the size of a file. */
  void resize(FileInode file, long size) throws IOException {
    if (file.referenced()) {
      file.resize(order++, size);
      changed(file);
    }
  }

  /** Makes a file with a content, as if that had been written by pages. */
  void copied(Slot slot, Pages content) throws IOException {
    FileInode file = create(slot.directory(), slot.name());
    TreeSet<Long> pages = new TreeSet<>();
    content.numbers().forEach(pages::add);
    for (long page : pages) {
      long offset = page * Pages.PAGE_BYTES;
      int bytes = (int) Math.min(Pages.PAGE_BYTES, content.size() - offset);
      write(file, offset, content.read(offset, bytes));
    }
    if (content.size() > file.current().size()) {
      resize(file, content.size());
    }
  }

  private void changed(FileInode file) throws IOException {
    if (!file.pending().isEmpty()) {
      dirty.add(file);
    }
    charge(file);
  }

  // What makes durable.

  /** {@code fsync} of a file. */
  void fsync(FileInode file) throws IOException {
    if (durability == Durability.JOURNALED && (!file.pending().isEmpty() || file.mentioned())) {
      commit();
    }
    sync(file);
  }

  /** {@code fdatasync} of a file: data, and what is needed to read them. */
  void fdatasync(FileInode file) throws IOException {
    if (durability == Durability.JOURNALED && (file.sizePending() || file.isNew())) {
      commit();
    }
    sync(file);
  }

  /** {@code fsync} of a directory. */
  void fsync(DirectoryInode directory) throws IOException {
    if (durability == Durability.POSIX) {
      makeDurable(withReasons(directory.pending()));
    } else if (!directory.pending().isEmpty() || directory.mentioned()) {
      commit();
    }
  }

  /** The journal is written: all that is metadata, wherever it is. */
  private void commit() throws IOException {
    makeDurable(List.copyOf(pendingEntries));
    for (FileInode file : List.copyOf(dirty)) {
      file.commitSizes();
      if (file.pending().isEmpty()) {
        dirty.remove(file);
      }
      charge(file);
    }
  }

  /** A flush of a file fails, and what it was to write counts as written. */
  void drop(FileInode file) throws IOException {
    if (file.referenced()) {
      file.drop();
      if (file.pending().isEmpty()) {
        dirty.remove(file);
      }
      charge(file);
    }
  }

  /** Makes everything durable, but for what failed flushes have dropped. */
  void checkpoint() throws IOException {
    makeDurable(List.copyOf(pendingEntries));
    for (FileInode file : List.copyOf(dirty)) {
      sync(file);
    }
  }

  private void sync(FileInode file) throws IOException {
    if (file.referenced()) {
      file.sync();
      dirty.remove(file);
      charge(file);
    }
  }

  /** The changes and all they build upon, in order. */
  private static Collection<EntryChange> withReasons(Set<EntryChange> changes) {
    TreeSet<EntryChange> closed = new TreeSet<>((a, b) -> Long.compare(a.order(), b.order()));
    List<EntryChange> open = new ArrayList<>(changes);
    while (!open.isEmpty()) {
      EntryChange change = open.remove(open.size() - 1);
      if (!change.durable() && closed.add(change)) {
        open.addAll(change.after());
      }
    }
    return closed;
  }

  private void makeDurable(Collection<EntryChange> changes) throws IOException {
    for (EntryChange change : changes) {
      change.makeDurable();
      pendingEntries.remove(change);
      hold(-ENTRY_CHANGE_BYTES);
      for (Entry entry : change.entries()) {
        Slot slot = entry.slot();
        Inode inode = entry.inode();
        if (inode != null) {
          inode.settle();
        }
        release(slot.durable());
        slot.durable(inode);
        slot.directory().pending().remove(change);
        if (slot.last() == change) {
          slot.last(null);
          if (slot.current() == null) {
            slot.directory().forget(slot);
          }
        }
      }
    }
    if (lastDirectoryMove != null && lastDirectoryMove.durable()) {
      lastDirectoryMove = null;
    }
  }

  private void release(@Nullable Inode inode) throws IOException {
    if (inode != null && inode.release() && inode instanceof FileInode file) {
      dirty.remove(file);
      hold(-file.charged());
      file.charged(0);
    }
  }

  // What could be lost, and what it costs to know.

  /** Entry changes that are not durable, in order. */
  Set<EntryChange> pendingEntries() {
    return pendingEntries;
  }

  /** Files with data or a size that are not durable. */
  Set<FileInode> dirty() {
    return dirty;
  }

  /** The orders of all pending changes, sorted: a write that was done in two parts counts once. */
  SortedSet<Long> pendingOrders() {
    SortedSet<Long> orders = new TreeSet<>();
    pendingEntries.forEach(change -> orders.add(change.order()));
    dirty.forEach(file -> file.pending().forEach(change -> orders.add(change.order())));
    return orders;
  }

  /** The orders of what a journal would hold: pending entry changes and sizes that were set. */
  List<Long> journal() {
    List<Long> orders = new ArrayList<>();
    pendingEntries.forEach(change -> orders.add(change.order()));
    for (FileInode file : dirty) {
      for (DataChange change : file.pending()) {
        if (change instanceof DataChange.Resize) {
          orders.add(change.order());
        }
      }
    }
    Collections.sort(orders);
    return orders;
  }

  /** Memory in use, at most, in bytes. */
  long heldBytes() {
    return heldBytes;
  }

  private void charge(FileInode file) throws IOException {
    long held = file.heldBytes();
    long more = held - file.charged();
    file.charged(held);
    hold(more);
  }

  /** Fails if there is no room for that much more. */
  void demand(long more) throws IOException {
    if (heldBytes + more > bytesMax) {
      throw new IOException(
          "the files changed so far take more than "
              + bytesMax
              + " bytes of memory: raise powerLossBytesMax, or sync or checkpoint more often");
    }
  }

  private void hold(long more) throws IOException {
    heldBytes += more;
    if (more > 0) {
      demand(0);
    }
  }
}
