package io.faultdisk.block;

import io.faultdisk.base.UsageException;
import io.faultdisk.block.options.OptionSpec;
import io.faultdisk.block.options.OptionValues;
import io.faultdisk.block.options.Options;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;

/**
 * Changes how an open image is open: all nodes of it, or none.
 *
 * <p>Settings not named keep their value; children follow their parent unless they were opened with
 * a setting of their own. Every node is flushed before anything changes.
 *
 * <p>For one reopen, under the graph's lock.
 */
final class Reopening {
  /** What to call, newest first, to get back to where we were. */
  private final Deque<Undo> undo = new ArrayDeque<>();

  private interface Undo {
    void run() throws UsageException;
  }

  private Reopening() {}

  static void reopen(BlockBackend backend, OpenFlags flags, Options options) throws UsageException {
    Reopening reopening = new Reopening();
    Permission.Wish wish = backend.edge().wish();
    try {
      if (flags.readOnly()) {
        int reading = wish.taken() & ~(Permission.WRITE | Permission.WRITE_UNCHANGED);
        wish = new Permission.Wish(reading, wish.shared());
        Permissions.change(backend.edge(), wish);
      }
      flush(backend.root());
      // Once more what is held already: an earlier reopen may have made it impossible.
      Permissions.change(backend.edge(), wish);
      reopening.change(backend.root(), flags, options.copy(), true);
    } catch (UsageException e) {
      reopening.goBack();
      throw e;
    }
    backend.writeThrough(flags.writeThrough());
  }

  private void change(Node node, OpenFlags wanted, Options options, boolean top)
      throws UsageException {
    OptionValues common =
        options.absorb(
            OptionSpec.bool("cache.direct"),
            OptionSpec.bool("cache.no-flush"),
            OptionSpec.bool("read-only"),
            OptionSpec.string("discard"));
    OpenFlags old = node.flags();
    Options explicit = node.options().explicit();
    boolean readOnly =
        common.bool(
            "read-only", keeps(explicit, top, "read-only") ? old.readOnly() : wanted.readOnly());
    boolean direct =
        common.bool(
            "cache.direct", keeps(explicit, top, "cache.direct") ? old.direct() : wanted.direct());
    boolean noFlush =
        common.bool(
            "cache.no-flush",
            keeps(explicit, top, "cache.no-flush") ? old.noFlush() : wanted.noFlush());
    OpenFlags next = old.withReadOnly(readOnly).withCache(direct, noFlush, wanted.writeThrough());
    if (common.string("discard").isPresent()) {
      next =
          next.withDiscardMode(common.string("discard").get())
              .orElseThrow(() -> new UsageException("Invalid discard option"));
    }
    if (next.readOnly() && old.copyOnRead()) {
      throw new UsageException(
          "Can't set node '" + node.name() + "' to r/o with copy-on-read enabled");
    }
    if (next.readOnly()
        && !old.readOnly()
        && Permission.mayWrite(Permissions.cumulative(node).taken())) {
      throw new UsageException(
          "Read-only block node '" + node.name() + "' cannot support read-write users");
    }
    for (Child child : node.children()) {
      change(child.node(), next, options.takeChild(child.name()), false);
    }
    Options known = Options.of(Map.of());
    for (String key : node.type().namingOptions()) {
      options
          .get(key)
          .or(() -> node.options().effective().get(key))
          .ifPresent(v -> known.put(key, v));
    }
    refuseChanges(node, options);
    if (!next.equals(old) || node.type().changesOnReopen()) {
      node.driver().reopen(next, known.copy());
      undo.push(
          () -> {
            node.driver().reopen(old, node.options().effective().copy());
            node.refreshLimits();
          });
    }
    node.flags(next);
    node.refreshLimits();
    undo.push(() -> node.flags(old));
  }

  /** The top node takes the new settings; a child keeps what it was given explicitly. */
  private static boolean keeps(Options explicit, boolean top, String key) {
    return !top && explicit.has(key);
  }

  private static void flush(Node node) throws UsageException {
    try {
      node.flush();
      for (Child child : node.children()) {
        flush(child.node());
      }
    } catch (BlockIoException e) {
      throw new UsageException("Error flushing drive: " + e.reason());
    }
  }

  private static void refuseChanges(Node node, Options options) throws UsageException {
    for (String key : options.keys()) {
      boolean changeable =
          node.type().changesOnReopen() && node.type().namingOptions().contains(key);
      boolean same = options.get(key).equals(node.options().effective().get(key));
      if (!changeable && !same) {
        throw new UsageException("Cannot change the option '" + key + "'");
      }
    }
  }

  private void goBack() {
    while (!undo.isEmpty()) {
      try {
        undo.pop().run();
      } catch (UsageException e) {
        // What is left open works in the mode it has; the first failure is the one to report.
      }
    }
  }
}
