package io.faultdisk.block.memory;

import io.faultdisk.base.UsageException;
import io.faultdisk.block.BlockDriver;
import io.faultdisk.block.DriverType;
import io.faultdisk.block.Opening;
import io.faultdisk.block.options.OptionSpec;
import io.faultdisk.block.options.OptionValues;
import io.faultdisk.block.options.Options;
import java.util.List;
import java.util.Optional;

/**
 * The {@code memory} driver: a disk that needs no file and is gone when it is closed.
 *
 * <p>{@code memory:64M} or {@code driver=memory,size=64M}. Ours: QEMU has none.
 */
public final class MemoryType implements DriverType {
  @Override
  public String name() {
    return "memory";
  }

  @Override
  public Kind kind() {
    return Kind.PROTOCOL;
  }

  @Override
  public Optional<String> prefix() {
    return Optional.of("memory");
  }

  @Override
  public boolean startsEmpty() {
    return true;
  }

  @Override
  public void parseFilename(String filename, Options options) throws UsageException {
    String size =
        filename.startsWith("memory:") ? filename.substring("memory:".length()) : filename;
    if (size.isEmpty()) {
      throw new UsageException(
          "'" + filename + "' does not say how large the disk is; try memory:64M");
    }
    if (options.has("size")) {
      throw new UsageException(
          "The size is given twice: in '" + filename + "' and as option 'size'");
    }
    options.put("size", size);
  }

  @Override
  public List<String> namingOptions() {
    return List.of("size");
  }

  @Override
  public BlockDriver open(Opening opening) throws UsageException {
    OptionValues values = opening.options().absorb(OptionSpec.size("size"));
    if (!values.has("size")) {
      throw new UsageException("A memory disk needs a size; try memory:64M or size=64M");
    }
    long size = values.size("size", 0);
    if (size < 0) {
      throw new UsageException("A memory disk cannot be larger than 8 EiB");
    }
    return new MemoryDriver(size);
  }
}
