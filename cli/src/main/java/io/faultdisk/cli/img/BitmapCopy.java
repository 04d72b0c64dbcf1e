package io.faultdisk.cli.img;

import io.faultdisk.base.UsageException;
import io.faultdisk.block.Node;
import io.faultdisk.block.bitmap.DirtyBitmap;
import io.faultdisk.block.format.BitmapCommands;
import io.faultdisk.block.format.BitmapStore;
import io.faultdisk.cli.tool.Refusal;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Copies the persistent bitmaps of one image to another, for {@code convert --bitmaps}.
 *
 * @param skipBroken leave out inconsistent bitmaps ({@code --skip-broken-bitmaps}); otherwise they
 *     are an error
 */
record BitmapCopy(ImgSession session, boolean skipBroken) {

  /** Refuses a source whose bitmaps cannot be copied; before anything is written. */
  void checkSource(Node source) throws Refusal {
    if (!stores(source)) {
      throw session.failed("Source lacks bitmap support");
    }
    Optional<DirtyBitmap> broken = new BitmapCommands(source).firstInconsistent();
    if (!skipBroken && broken.isPresent()) {
      session.console().report("Cannot copy inconsistent bitmap '" + broken.get().name() + "'");
      session
          .console()
          .error("Try --skip-broken-bitmaps, or use 'qemu-img bitmap --remove' to delete it");
      throw new Refusal();
    }
  }

  /** Refuses a target that cannot keep bitmaps. */
  void checkTarget(Node target) throws Refusal {
    if (!stores(target)) {
      throw session.failed("Format driver '" + target.type().name() + "' does not support bitmaps");
    }
  }

  private static boolean stores(Node node) {
    return node.driver() instanceof BitmapStore store && store.storesBitmaps();
  }

  /** Copies them; the target stores them when it is closed. */
  void copy(Node source, Node target) throws Refusal {
    for (DirtyBitmap bitmap : new BitmapCommands(source).persistent()) {
      if (skipBroken && bitmap.inconsistent()) {
        session.console().warn("Skipping inconsistent bitmap '" + bitmap.name() + "'");
      } else {
        copy(source, target, bitmap);
      }
    }
  }

  private void copy(Node source, Node target, DirtyBitmap bitmap) throws Refusal {
    String name = bitmap.name();
    BitmapCommands commands = new BitmapCommands(target);
    BitmapCommands.Mode mode =
        bitmap.enabled() ? BitmapCommands.Mode.ENABLED : BitmapCommands.Mode.DISABLED;
    try {
      commands.add(name, OptionalLong.of(bitmap.granularity()), true, mode);
    } catch (UsageException refused) {
      throw session.failed("Failed to create bitmap " + name + ": ", refused);
    }
    try {
      commands.merge(name, source, name);
    } catch (UsageException refused) {
      Refusal refusal = session.failed("Failed to populate bitmap " + name + ": ", refused);
      removeQuietly(commands, name);
      throw refusal;
    }
  }

  private static void removeQuietly(BitmapCommands commands, String name) {
    try {
      commands.remove(name);
    } catch (UsageException e) {
      // The copy has failed already, and said why.
    }
  }
}
