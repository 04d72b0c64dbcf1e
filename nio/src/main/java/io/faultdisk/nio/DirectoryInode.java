package io.faultdisk.nio;

import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A directory: of each name that has mattered so far, what is there now and what is there for sure.
 * If it was there before us, it may hold other names, which are as they have always been.
 */
final class DirectoryInode extends Inode {
  private final boolean adopted;
  private final SortedMap<String, Slot> slots = new TreeMap<>();

  /** Changes of entries of this directory that are not durable, in order. */
  private final Set<EntryChange> pending = new LinkedHashSet<>();

  private @Nullable Slot place;

  DirectoryInode(long id, boolean adopted) {
    super(id);
    this.adopted = adopted;
  }

  /** One name in one directory. */
  static final class Slot {
    private final DirectoryInode directory;
    private final String name;
    private @Nullable Inode current;
    private @Nullable Inode durable;

    /** The last change of it, if that is not durable. */
    private @Nullable EntryChange last;

    private Slot(DirectoryInode directory, String name) {
      this.directory = directory;
      this.name = name;
    }

    DirectoryInode directory() {
      return directory;
    }

    String name() {
      return name;
    }

    /** What is there, if anything. */
    @Nullable Inode current() {
      return current;
    }

    /** What is there for sure after a power cut, if anything. */
    @Nullable Inode durable() {
      return durable;
    }

    /** Whether it is known what is there; if not, it is what has always been there. */
    boolean matters() {
      return current != null || durable != null || last != null;
    }

    @Nullable EntryChange last() {
      return last;
    }

    void current(@Nullable Inode inode) {
      current = inode;
    }

    void durable(@Nullable Inode inode) {
      durable = inode;
    }

    void last(@Nullable EntryChange change) {
      last = change;
    }

    /** The path as people write it. */
    String path() {
      String parent = directory.path();
      return parent.isEmpty() || parent.endsWith("/") ? parent + name : parent + "/" + name;
    }
  }

  /** Whether it was there before us, so that there may be names we know nothing of. */
  boolean adopted() {
    return adopted;
  }

  /** A name, from now on one that matters. */
  Slot slot(String name) {
    return slots.computeIfAbsent(name, n -> new Slot(this, n));
  }

  /** A name if it has mattered so far. */
  @Nullable Slot known(String name) {
    return slots.get(name);
  }

  /** All names that have mattered so far, sorted. */
  Collection<Slot> slots() {
    return slots.values();
  }

  /** Forgets a name where nothing is and nothing may be. */
  void forget(Slot slot) {
    slots.remove(slot.name);
  }

  Set<EntryChange> pending() {
    return pending;
  }

  /** Where it is; null for the root and for one that was removed. */
  @Nullable Slot place() {
    return place;
  }

  void place(@Nullable Slot slot) {
    place = slot;
  }

  /** Its path, or what it was when it was removed. */
  String path() {
    return place == null ? "" : place.path();
  }
}
