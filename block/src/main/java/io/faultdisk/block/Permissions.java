package io.faultdisk.block;

import io.faultdisk.base.UsageException;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;

/**
 * Works out, from the top of a part of the graph to its bottom, what every edge takes and shares,
 * and puts it in force: all of it or nothing.
 *
 * <p>For one change, under the graph's lock.
 */
final class Permissions {
  private final IdentityHashMap<Child, Permission.Wish> before = new IdentityHashMap<>();
  private final List<Node> prepared = new ArrayList<>();
  private final List<Node> nowReadOnly = new ArrayList<>();

  private Permissions() {}

  /** Gives an edge a new wish and carries it down. */
  static void change(Child edge, Permission.Wish wish) throws UsageException {
    Permissions change = new Permissions();
    try {
      change.set(edge, wish);
      change.refreshFrom(List.of(edge.node()));
    } catch (UsageException e) {
      change.rollBack();
      throw e;
    }
    change.settle();
  }

  /** Carries down what the parents of these nodes want, after the nodes have changed. */
  static void refresh(List<Node> nodes) throws UsageException {
    afterReopen(nodes, List.of());
  }

  /**
   * The same after a reopen.
   *
   * @param nowReadOnly those that were writable before
   */
  static void afterReopen(List<Node> nodes, List<Node> nowReadOnly) throws UsageException {
    Permissions change = new Permissions();
    change.nowReadOnly.addAll(nowReadOnly);
    try {
      change.refreshFrom(nodes);
    } catch (UsageException e) {
      change.rollBack();
      throw e;
    }
    change.settle();
  }

  /**
   * Carries down what has become less, after an edge has gone. A refusal changes nothing and
   * matters to nobody.
   */
  static void loosen(Node node) {
    Permissions change = new Permissions();
    try {
      change.refreshFrom(List.of(node));
    } catch (UsageException e) {
      change.rollBack();
      return;
    }
    change.settle();
  }

  /** What all parents of a node together take and share. */
  static Permission.Wish cumulative(Node node) {
    int taken = 0;
    int shared = Permission.ALL;
    for (Child parent : node.parents()) {
      taken |= parent.wish().taken();
      shared &= parent.wish().shared();
    }
    return new Permission.Wish(taken, shared);
  }

  private void set(Child edge, Permission.Wish wish) {
    before.putIfAbsent(edge, edge.wish());
    edge.wish(wish);
  }

  private void refreshFrom(List<Node> tops) throws UsageException {
    List<Node> order = new ArrayList<>();
    for (Node top : tops) {
      if (!order.contains(top)) {
        collect(top, order);
      }
    }
    for (Node node : order) {
      refuseConflicts(node);
      prepare(node);
    }
  }

  /** Parents before children. */
  private static void collect(Node node, List<Node> order) {
    order.remove(node);
    order.add(node);
    for (Child child : node.children()) {
      collect(child.node(), order);
    }
  }

  private void prepare(Node node) throws UsageException {
    Permission.Wish wish = cumulative(node);
    if (Permission.mayWrite(wish.taken())) {
      if (node.readOnly()) {
        throw new UsageException(
            nowReadOnly.contains(node)
                ? "Read-only block node '" + node.name() + "' cannot support read-write users"
                : "Block node is read-only");
      }
      if ((wish.taken() & Permission.RESIZE) == 0
          && node.rememberedLength() % node.limits().requestAlignment() != 0) {
        throw new UsageException(
            "Cannot get 'write' permission without 'resize': Image size is not a multiple of"
                + " request alignment");
      }
    }
    prepared.add(node);
    node.driver().preparePermissions(wish);
    for (Child child : node.children()) {
      Permission.Wish childWish = childWish(node, child.role(), wish);
      if (child.node().options().forceShare()) {
        childWish = new Permission.Wish(childWish.taken(), Permission.ALL);
      }
      set(child, childWish);
    }
  }

  private static Permission.Wish childWish(Node node, ChildRole role, Permission.Wish wish) {
    Permission.Wish usual = node.driver().childWish(role, wish, !node.readOnly());
    boolean looksOnly = node.flags().has(OpenFlags.Mode.NO_IO) && role.holdsMetadata();
    if (looksOnly && (wish.taken() & Permission.CONSISTENT_READ) == 0) {
      return new Permission.Wish(usual.taken() & ~Permission.CONSISTENT_READ, usual.shared());
    }
    return usual;
  }

  private static void refuseConflicts(Node node) throws UsageException {
    // The newest first: of several conflicts QEMU reports that of the newest parent.
    List<Child> parents = node.parents().reversed();
    for (Child a : parents) {
      for (Child b : parents) {
        int refused = b.wish().taken() & ~a.wish().shared();
        if (a != b && refused != 0) {
          throw new UsageException(
              "Permission conflict on node '"
                  + node.name()
                  + "': permissions '"
                  + Permission.describe(refused)
                  + "' are both required by "
                  + b.describe()
                  + " and unshared by "
                  + a.describe()
                  + ".");
        }
      }
    }
  }

  private void settle() {
    for (Node node : prepared) {
      node.driver().settlePermissions(cumulative(node));
    }
  }

  private void rollBack() {
    before.forEach(Child::wish);
    settle();
  }
}
