package io.faultdisk.nio;

import io.faultdisk.base.Seed;
import io.faultdisk.nio.DirectoryInode.Slot;
import io.faultdisk.nio.EntryChange.Entry;
import io.faultdisk.nio.FileVersions.Outcome;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a power cut has left: which changes are there, which are lost, and the tree of files that
 * this makes. {@link #toString()} says it in words, for the report of a failed test.
 *
 * <p>Immutable; the words are safe from any thread.
 */
public final class CrashState {
  private final PowerCut cut;
  private final Directory root;
  private final List<EntryChange> kept;
  private final List<EntryChange> lost;
  private final List<String> files;

  private CrashState(
      PowerCut cut,
      Directory root,
      List<EntryChange> kept,
      List<EntryChange> lost,
      List<String> files) {
    this.cut = cut;
    this.root = root;
    this.kept = kept;
    this.lost = lost;
    this.files = files;
  }

  /** Something that has a name. */
  sealed interface Node permits Directory, File, Link {}

  /**
   * A directory.
   *
   * @param names what each name that ever mattered leads to, null for nothing; if the inode was
   *     adopted, there may be others, which are as they were
   */
  record Directory(DirectoryInode inode, SortedMap<String, @Nullable Node> names) implements Node {}

  /** A file. The same object at two places is a file with two names. */
  record File(FileInode inode, Pages content) implements Node {}

  /** A symbolic link. */
  record Link(LinkInode inode) implements Node {}

  /** What is left if the power goes now. */
  static CrashState of(Medium medium, PowerCut cut) {
    return new Maker(medium, cut).make();
  }

  Directory root() {
    return root;
  }

  List<EntryChange> kept() {
    return kept;
  }

  /** The cut that left it. */
  public PowerCut cut() {
    return cut;
  }

  /**
   * A short text that two states of one file system share only if a directory is the same in both:
   * its names, what they lead to, sizes and bytes. A file that has never been changed through the
   * file system is the same in all states, and left out.
   *
   * @param directory an absolute path without symbolic links, of any file system
   */
  public String digest(Path directory) {
    return StateDigest.of(this, directory);
  }

  /** What is left, in words, in lines. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("after ").append(cut);
    say(text, "kept", kept);
    say(text, "lost", lost);
    say(text, "file", files);
    if (kept.isEmpty() && lost.isEmpty() && files.isEmpty()) {
      text.append("\n  all was durable");
    }
    return text.toString();
  }

  private static void say(StringBuilder text, String word, List<?> what) {
    for (Object line : what) {
      text.append("\n  ").append(word).append(": ").append(line);
    }
  }

  /** Chooses, and builds the tree. */
  private static final class Maker {
    private final Medium medium;
    private final PowerCut cut;

    /** The order of the first change that a prefix does not keep. */
    private final long end;

    /** The order of the first change that the journal does not hold. */
    private long journalEnd = Long.MAX_VALUE;

    private final Set<EntryChange> kept = new HashSet<>();
    private final Map<Slot, @Nullable Inode> changed = new HashMap<>();
    private final Map<FileInode, File> files = new HashMap<>();
    private final Set<DirectoryInode> visited = new HashSet<>();
    private final List<String> descriptions = new ArrayList<>();

    Maker(Medium medium, PowerCut cut) {
      this.medium = medium;
      this.cut = cut;
      this.end = end();
    }

    private long end() {
      return switch (cut.kind()) {
        case DROP_ALL -> Long.MIN_VALUE;
        case PREFIX ->
            medium.pendingOrders().stream()
                .skip(cut.operations())
                .findFirst()
                .orElse(Long.MAX_VALUE);
        case KEEP_ALL, SUBSET, TORN -> Long.MAX_VALUE;
      };
    }

    private boolean random() {
      return cut.kind() == PowerCut.Kind.SUBSET || cut.kind() == PowerCut.Kind.TORN;
    }

    CrashState make() {
      keepEntries();
      Directory root = directory(medium.root());
      Map<Boolean, List<EntryChange>> parts =
          medium.pendingEntries().stream().collect(Collectors.partitioningBy(kept::contains));
      return new CrashState(
          cut,
          root,
          parts.getOrDefault(true, List.of()),
          parts.getOrDefault(false, List.of()),
          List.copyOf(descriptions));
    }

    private OptionalLong journal() {
      return medium.durability() == Durability.JOURNALED
          ? OptionalLong.of(journalEnd)
          : OptionalLong.empty();
    }

    private void keepEntries() {
      RandomGenerator random = cut.seed().fork("entries").random();
      // Half of the time all or nothing, as with the data of files, and for the same reason.
      int style = random() ? random.nextInt(4) : 1;
      List<Long> journal = medium.journal();
      boolean journaled = random() && medium.durability() == Durability.JOURNALED;
      if (journaled && !journal.isEmpty() && style != 1) {
        int held = style == 0 ? 0 : random.nextInt(journal.size() + 1);
        journalEnd = held == journal.size() ? Long.MAX_VALUE : journal.get(held);
      }
      for (EntryChange change : medium.pendingEntries()) {
        boolean keep =
            switch (style) {
              case 0 -> false;
              case 1 -> change.order() < end;
              default -> journaled ? change.order() < journalEnd : random.nextBoolean();
            };
        if (keep && change.after().stream().allMatch(r -> r.durable() || kept.contains(r))) {
          kept.add(change);
          for (Entry entry : change.entries()) {
            changed.put(entry.slot(), entry.inode());
          }
        }
      }
    }

    private Directory directory(DirectoryInode inode) {
      if (!visited.add(inode)) {
        throw new IllegalStateException("a directory with two places: " + inode.path());
      }
      SortedMap<String, @Nullable Node> names = new TreeMap<>();
      for (Slot slot : inode.slots()) {
        if (!slot.matters()) {
          continue;
        }
        Inode found = changed.containsKey(slot) ? changed.get(slot) : slot.durable();
        names.put(slot.name(), found == null ? null : node(found));
      }
      return new Directory(inode, names);
    }

    private Node node(Inode inode) {
      if (inode instanceof DirectoryInode directory) {
        return directory(directory);
      }
      if (inode instanceof LinkInode link) {
        return new Link(link);
      }
      FileInode file = (FileInode) inode;
      File known = files.get(file);
      if (known == null) {
        known = new File(file, content(file));
        files.put(file, known);
      }
      return known;
    }

    private Pages content(FileInode file) {
      if (file.pending().isEmpty()) {
        return file.durable().snapshot();
      }
      Seed seed = cut.seed().fork("file " + file.id());
      Outcome outcome =
          random()
              ? new FileVersions(file, cut.blockBytes(), journal()).choose(seed.random())
              : FileVersions.before(file, end);
      descriptions.add(outcome.description());
      return outcome.content();
    }
  }
}
