package io.faultdisk.nbd.server;

import io.faultdisk.base.UsageException;
import io.faultdisk.block.Child;
import io.faultdisk.block.Node;
import io.faultdisk.block.bitmap.DirtyBitmap;
import java.util.Optional;

/** Finds the bitmaps that an export is to offer. Stateless. */
public final class ExportBitmaps {
  private ExportBitmaps() {}

  /**
   * The bitmap of that name of the image, or else of the nearest below it that has one.
   *
   * @throws UsageException if there is none
   */
  public static DirtyBitmap find(Node top, String name) throws UsageException {
    for (Optional<Node> node = Optional.of(top); node.isPresent(); node = below(node.get())) {
      Optional<DirtyBitmap> bitmap = node.get().bitmaps().find(name);
      if (bitmap.isPresent()) {
        return bitmap.get();
      }
    }
    throw new UsageException("Bitmap '" + name + "' is not found");
  }

  private static Optional<Node> below(Node node) {
    return node.isFilter() ? node.primaryChild().map(Child::node) : node.backing();
  }
}
