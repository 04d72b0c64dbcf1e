package io.faultdisk.block.quorum;

import io.faultdisk.base.UsageException;
import io.faultdisk.block.BlockDriver;
import io.faultdisk.block.ChildRole;
import io.faultdisk.block.DriverType;
import io.faultdisk.block.Node;
import io.faultdisk.block.Opening;
import io.faultdisk.block.Permission;
import io.faultdisk.block.options.OptionSpec;
import io.faultdisk.block.options.OptionValues;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * {@code driver=quorum,vote-threshold=N,children.0.driver=...}: every write goes to all children,
 * and a read returns what at least N of them agree on.
 *
 * <p>Source: the behaviour of QEMU 7.2, block/quorum.c. Not here: {@code blkverify}, which aborts
 * the process at the first difference.
 */
public final class QuorumType implements DriverType {
  @Override
  public String name() {
    return "quorum";
  }

  @Override
  public Kind kind() {
    return Kind.PROTOCOL;
  }

  @Override
  public boolean opensAsProtocol() {
    return false;
  }

  /** No child is more than the others: none gives the image its name or directory. */
  @Override
  public boolean hasPrimaryChild() {
    return false;
  }

  @Override
  public List<String> namingOptions() {
    return List.of("vote-threshold", "blkverify", "rewrite-corrupted", "read-pattern");
  }

  @Override
  public boolean reopens() {
    return false;
  }

  @Override
  public BlockDriver open(Opening opening) throws UsageException {
    int count = count(opening.options().keys());
    OptionValues values =
        opening
            .options()
            .absorb(
                OptionSpec.number("vote-threshold"),
                OptionSpec.bool("blkverify"),
                OptionSpec.bool("rewrite-corrupted"),
                OptionSpec.string("read-pattern"));
    long threshold = values.number("vote-threshold", 0);
    if (threshold < 1) {
      throw new UsageException("Parameter 'vote-threshold' expects a value >= 1");
    }
    if (threshold > count) {
      throw new UsageException("threshold may not exceed children count");
    }
    boolean firstThatReads =
        switch (values.string("read-pattern").orElse("quorum")) {
          case "quorum" -> false;
          case "fifo" -> true;
          default -> throw new UsageException("Please set read-pattern as fifo or quorum");
        };
    if (values.bool("blkverify", false)) {
      throw new UsageException("blkverify=on is not supported");
    }
    boolean rewrite = values.bool("rewrite-corrupted", false);
    List<Node> children = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Permission.Wish wish = QuorumDriver.wish(Permission.Wish.NONE, rewrite);
      children.add(
          opening.openChild("children." + i, ChildRole.DATA, Optional.empty(), wish).node());
    }
    return new QuorumDriver(children, (int) threshold, firstThatReads, rewrite);
  }

  /** How many {@code children.N} there are, without a gap. */
  private static int count(List<String> keys) throws UsageException {
    int count = 0;
    while (isThere(keys, "children." + count)) {
      count++;
    }
    int known = count;
    boolean others =
        keys.stream()
            .filter(key -> key.startsWith("children."))
            .anyMatch(key -> known == 0 || !isOneOf(key, known));
    if (others) {
      throw new UsageException("Option children is not a valid array");
    }
    if (count == 0) {
      throw new UsageException("Number of provided children must be 1 or more");
    }
    return count;
  }

  private static boolean isThere(List<String> keys, String child) {
    return keys.stream().anyMatch(key -> belongsTo(key, child));
  }

  private static boolean isOneOf(String key, int count) {
    for (int i = 0; i < count; i++) {
      if (belongsTo(key, "children." + i)) {
        return true;
      }
    }
    return false;
  }

  private static boolean belongsTo(String key, String child) {
    return key.equals(child) || key.startsWith(child + ".");
  }
}
