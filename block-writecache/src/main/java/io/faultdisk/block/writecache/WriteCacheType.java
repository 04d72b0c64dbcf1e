package io.faultdisk.block.writecache;

import io.faultdisk.base.Seed;
import io.faultdisk.base.UsageException;
import io.faultdisk.block.BlockDriver;
import io.faultdisk.block.ChildRole;
import io.faultdisk.block.DriverType;
import io.faultdisk.block.Node;
import io.faultdisk.block.Opening;
import io.faultdisk.block.options.OptionSpec;
import io.faultdisk.block.options.OptionValues;
import io.faultdisk.rules.Survivors;
import java.util.List;
import java.util.Optional;

/**
 * {@code driver=write-cache,file=...}: a volatile disk cache over any node. Ours: QEMU has none.
 *
 * <p>{@code size} is what it may hold in memory, in bytes, {@link WriteCache#BYTES_MAX} unless
 * given. {@code survivors} is what a power cut leaves that does not say so itself, as {@link
 * Survivors#parse} reads it, and {@code none} unless given; {@code seed} makes random ones repeat.
 */
public final class WriteCacheType implements DriverType {
  @Override
  public String name() {
    return "write-cache";
  }

  @Override
  public Kind kind() {
    return Kind.FILTER;
  }

  @Override
  public boolean opensAsProtocol() {
    return false;
  }

  @Override
  public List<String> namingOptions() {
    return List.of("size", "survivors", "seed");
  }

  @Override
  public BlockDriver open(Opening opening) throws UsageException {
    OptionValues values =
        opening
            .options()
            .absorb(
                OptionSpec.size("size"), OptionSpec.string("survivors"), OptionSpec.string("seed"));
    long size = values.size("size", WriteCache.BYTES_MAX);
    if (size <= 0) {
      throw new UsageException(
          "A write cache of size '"
              + values.string("size").orElse("")
              + "' cannot hold anything; give a number of bytes such as 64M");
    }
    Survivors survivors = Survivors.parse(values.string("survivors").orElse("none"));
    Optional<String> given = values.string("seed");
    Seed seed = given.isPresent() ? Seed.parse(given.get()) : Seed.fresh();
    Node file = opening.openChild("file", ChildRole.FILTERED, Optional.empty()).node();
    return new WriteCacheDriver(file, new WriteCache(file, opening.turns(), size, survivors, seed));
  }
}
