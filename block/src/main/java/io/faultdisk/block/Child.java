package io.faultdisk.block;

/**
 * An edge of the graph: a parent's hold on a node, with the permissions it has there.
 *
 * <p>Changed only while the graph is changed (under the graph's lock); requests only read it.
 */
public final class Child {
  private final String name;
  private volatile ChildRole role;
  private volatile Node node;
  private final String owner;
  private volatile boolean inherits;
  private volatile Permission.Wish wish = Permission.Wish.NONE;

  Child(String name, ChildRole role, Node node, String owner) {
    this(name, role, node, owner, false);
  }

  /**
   * An edge.
   *
   * @param owner who holds it, as permission messages name it
   * @param inherits whether the node was opened for its parent, rather than named by it
   */
  Child(String name, ChildRole role, Node node, String owner, boolean inherits) {
    this.inherits = inherits;
    this.name = name;
    this.role = role;
    this.node = node;
    this.owner = owner;
  }

  /** The parent's name for it: {@code file}, {@code image}, {@code backing}, {@code root}. */
  public String name() {
    return name;
  }

  /** What it is to its parent. */
  public ChildRole role() {
    return role;
  }

  /** The node below. */
  public Node node() {
    return node;
  }

  /** What the parent takes and shares. */
  public Permission.Wish wish() {
    return wish;
  }

  /** With the graph's lock; the permissions are to be worked out anew afterwards. */
  void role(ChildRole next) {
    role = next;
  }

  /**
   * Leads to another node from now on. With the graph's lock, without requests in flight.
   *
   * @param follows whether the node was opened for the parent
   */
  void node(Node next, boolean follows) {
    node = next;
    inherits = follows;
  }

  void wish(Permission.Wish next) {
    wish = next;
  }

  /** Whether the node follows its parent when that is reopened. */
  boolean inherits() {
    return inherits;
  }

  /** Who holds the edge, as permission messages name it. */
  String describe() {
    return owner + " (uses node '" + node.name() + "' as '" + name + "' child)";
  }

  /**
   * Whether the parent may write through this edge, so that a flush of the parent flushes the node
   * too.
   */
  boolean writable() {
    return Permission.mayWrite(wish.taken());
  }
}
