package io.faultdisk.block.nullco;

import io.faultdisk.base.Sleeper;
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
 * The {@code null-co} driver: takes every write, forgets it, and answers reads at once. 1 GiB
 * unless told otherwise.
 *
 * <p>Source: the behaviour of QEMU 7.2, block/null.c.
 */
public final class NullType implements DriverType {
  private static final String FILENAME = "null-co://";

  @Override
  public String name() {
    return "null-co";
  }

  @Override
  public Kind kind() {
    return Kind.PROTOCOL;
  }

  @Override
  public Optional<String> prefix() {
    return Optional.of("null-co");
  }

  @Override
  public void parseFilename(String filename, Options options) throws UsageException {
    if (!filename.equals(FILENAME)) {
      throw new UsageException("The only allowed filename for this driver is '" + FILENAME + "'");
    }
  }

  @Override
  public List<String> namingOptions() {
    return List.of("size", "read-zeroes");
  }

  @Override
  public BlockDriver open(Opening opening) throws UsageException {
    OptionValues values =
        opening
            .options()
            .absorb(
                OptionSpec.string("filename"),
                OptionSpec.size("size"),
                OptionSpec.number("latency-ns"),
                OptionSpec.bool("read-zeroes"));
    long latencyNanos = values.number("latency-ns", 0);
    if (latencyNanos < 0) {
      throw new UsageException("latency-ns is invalid");
    }
    boolean readZeroes = values.bool("read-zeroes", false);
    boolean plain = !values.has("size") && !readZeroes;
    return new NullDriver(
        values.size("size", 1L << 30),
        readZeroes,
        latencyNanos,
        plain ? Optional.of(FILENAME) : Optional.empty(),
        Sleeper.system(),
        opening.turns());
  }
}
