package io.faultdisk.nio;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultdisk.nio.DirectoryInode.Slot;
import io.faultdisk.testkit.Gen;
import io.faultdisk.testkit.RandomCases;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.IntUnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * The entries of a {@link Medium} against {@link NaiveTree}: random histories, and every small one.
 * After each step all cuts that keep an order are compared, and of random ones that what they keep
 * is allowed and makes the tree that it should.
 */
final class MediumModelTest {
  private static final List<String> PATHS =
      List.of("a", "b", "d", "e", "d/a", "d/b", "e/a", "d/e", "e/d", "d/e/a");

  private static final List<String> FEW = List.of("a", "d", "d/a");

  @Test
  void randomHistories() {
    RandomCases.run(
        "entries against model",
        300,
        random -> {
          Both both = new Both(Durability.values()[random.nextInt(2)]);
          for (int step = 0; step < 25; step++) {
            both.step(PATHS, random::nextInt);
            both.compare(random.nextLong());
          }
        });
  }

  @Test
  void everySmallHistory() throws IOException {
    long seed = 0;
    for (Gen gen = new Gen(); gen.next(); ) {
      Both both = new Both(gen.bool() ? Durability.POSIX : Durability.JOURNALED);
      for (int step = 0; step < 4; step++) {
        both.step(FEW, gen::below);
      }
      both.compare(seed++);
    }
    assertThat(seed).isGreaterThan(20_000);
  }

  /** The same done to both. */
  private static final class Both {
    private final Disk disk;
    private final NaiveTree naive;

    Both(Durability durability) {
      disk = new Disk(durability);
      naive = new NaiveTree(durability);
    }

    /** One thing that is possible now, or nothing. */
    void step(List<String> paths, IntUnaryOperator below) throws IOException {
      String path = paths.get(below.applyAsInt(paths.size()));
      Inode inode = disk.inode(path);
      DirectoryInode parent = parent(path);
      if (parent == null) {
        return;
      }
      String name = Disk.name(path);
      switch (below.applyAsInt(4)) {
        case 0 -> {
          if (inode == null) {
            boolean directory = below.applyAsInt(2) == 0;
            Inode made =
                directory ? disk.medium.mkdir(parent, name) : disk.medium.create(parent, name);
            naive.made(parent.id(), name, made.id(), directory);
          }
        }
        case 1 -> {
          if (inode != null && empty(inode)) {
            disk.delete(path);
            naive.deleted(parent.id(), name, inode.id());
          }
        }
        case 2 -> {
          String to = paths.get(below.applyAsInt(paths.size()));
          DirectoryInode newParent = parent(to);
          Inode replaced = disk.inode(to);
          if (inode == null || newParent == null || within(newParent, inode) || path.equals(to)) {
            return;
          }
          boolean directory = inode instanceof DirectoryInode;
          if (replaced == null
              || (directory == replaced instanceof DirectoryInode && empty(replaced))) {
            disk.rename(path, to);
            long gone = replaced == null ? -1 : replaced.id();
            naive.renamed(parent.id(), name, newParent.id(), Disk.name(to), inode.id(), gone);
          }
        }
        default -> {
          disk.medium.fsync(parent);
          naive.synced(parent.id());
        }
      }
    }

    private @Nullable DirectoryInode parent(String path) {
      int slash = path.lastIndexOf('/');
      return disk.inode(slash < 0 ? "" : path.substring(0, slash)) instanceof DirectoryInode found
          ? found
          : null;
    }

    private static boolean empty(Inode inode) {
      return !(inode instanceof DirectoryInode directory)
          || directory.slots().stream().allMatch(slot -> slot.current() == null);
    }

    /** Whether a directory is another, or somewhere in it. */
    private static boolean within(DirectoryInode directory, Inode other) {
      if (directory == other) {
        return true;
      }
      Slot place = directory.place();
      return place != null && within(place.directory(), other);
    }

    void compare(long seed) {
      assertThat(after(PowerCut.dropAll())).isEqualTo(naive.tree(i -> false));
      assertThat(after(PowerCut.keepAll())).isEqualTo(naive.tree(i -> true));
      assertThat(disk.medium.pendingOrders()).hasSize(naive.pending());
      for (int i = 0; i <= naive.pending(); i++) {
        int end = i;
        assertThat(after(PowerCut.prefix(i))).isEqualTo(naive.tree(n -> n < end));
      }
      for (int i = 0; i < 4; i++) {
        CrashState state = CrashState.of(disk.medium, PowerCut.subset(seed + i));
        List<EntryChange> pending = List.copyOf(disk.medium.pendingEntries());
        Set<EntryChange> kept = new HashSet<>(state.kept());
        assertThat(tree(state)).isEqualTo(naive.tree(n -> kept.contains(pending.get(n))));
      }
    }

    private Map<String, Long> after(PowerCut cut) {
      return tree(CrashState.of(disk.medium, cut));
    }

    private static Map<String, Long> tree(CrashState state) {
      Map<String, Long> tree = new TreeMap<>();
      walk("", state.root(), tree);
      return tree;
    }

    private static void walk(
        String prefix, CrashState.Directory directory, Map<String, Long> tree) {
      directory
          .names()
          .forEach(
              (name, node) -> {
                String path = prefix + "/" + name;
                if (node instanceof CrashState.Directory child) {
                  tree.put(path, child.inode().id());
                  walk(path, child, tree);
                } else if (node instanceof CrashState.File file) {
                  tree.put(path, file.inode().id());
                }
              });
    }
  }
}
