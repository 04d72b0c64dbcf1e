package io.faultdisk.block;

import io.faultdisk.block.options.Options;

/** What a child takes over from the node above it unless its own options say something else. */
final class InheritedOptions {
  private InheritedOptions() {}

  /**
   * Adds the options.
   *
   * <p>A backing file is opened read-only whatever its parent is: nobody writes through that edge.
   */
  static void give(ChildRole role, Options parent, Options child) {
    copy(parent, child, "cache.direct");
    copy(parent, child, "cache.no-flush");
    copy(parent, child, "force-share");
    if (role == ChildRole.BACKING) {
      child.putIfAbsent("read-only", "on");
      child.putIfAbsent("auto-read-only", "off");
    } else {
      copy(parent, child, "read-only");
      copy(parent, child, "auto-read-only");
    }
    child.putIfAbsent("discard", "unmap");
  }

  private static void copy(Options parent, Options child, String key) {
    parent.get(key).ifPresent(value -> child.putIfAbsent(key, value));
  }

  /** The flags: without those that mean the top node only. */
  static OpenFlags flags(ChildRole role, OpenFlags parent) {
    OpenFlags flags =
        parent
            .withCopyOnRead(false)
            .withSnapshot(false)
            .without(OpenFlags.Mode.NO_BACKING)
            .without(OpenFlags.Mode.RESIZE)
            .without(OpenFlags.Mode.NO_SHARE);
    if (role.holdsMetadata()) {
      flags = flags.without(OpenFlags.Mode.NO_IO);
    }
    return role == ChildRole.BACKING ? flags.without(OpenFlags.Mode.TEMPORARY) : flags;
  }
}
