package io.faultdisk.daemon;

import io.faultdisk.base.UsageException;
import io.faultdisk.base.json.JsonBool;
import io.faultdisk.block.options.Options;
import java.util.Optional;

/**
 * A new disk: an image below a blkdebug node, below a node for the image's format.
 *
 * <pre>
 *   export NAME  --&gt;  NAME-top (raw, qcow2)  --&gt;  NAME (blkdebug)  --&gt;  the image
 * </pre>
 *
 * @param name of the disk and of its export
 * @param image a file name, {@code memory:64M}, {@code nbd://...}, {@code json:{...}}
 * @param format of the image; if nobody says, as it looks
 * @param rules the text of a rule file
 * @param readOnly whether it refuses writes
 * @param export whether the NBD server serves it
 */
public record DiskRequest(
    String name,
    String image,
    Optional<String> format,
    Optional<String> rules,
    boolean readOnly,
    boolean export) {
  private static final String ABOVE = "-top";

  /** What is left of the length of a node's name. */
  private static final int NAME_MAX = 31 - ABOVE.length();

  /** Writable and served, without rules, whatever its format. */
  public static DiskRequest of(String name, String image) {
    return new DiskRequest(name, image, Optional.empty(), Optional.empty(), false, true);
  }

  /** The node that users of the disk attach to. */
  String topNode() {
    return name + ABOVE;
  }

  Options options() throws UsageException {
    if (name.length() > NAME_MAX) {
      throw new UsageException(
          "the name of disk '" + name + "' is longer than " + NAME_MAX + " characters");
    }
    Options options = new Options();
    options.put("node-name", topNode());
    format.ifPresent(driver -> options.put("driver", driver));
    if (readOnly) {
      options.put("read-only", new JsonBool(true));
    }
    options.put("file.driver", "blkdebug");
    options.put("file.node-name", name);
    options.put("file.x-image", image);
    return options;
  }
}
