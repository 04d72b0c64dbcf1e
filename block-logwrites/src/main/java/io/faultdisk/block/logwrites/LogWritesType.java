package io.faultdisk.block.logwrites;

import io.faultdisk.base.UsageException;
import io.faultdisk.block.BlockDriver;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.ChildRole;
import io.faultdisk.block.DriverType;
import io.faultdisk.block.Node;
import io.faultdisk.block.Opening;
import io.faultdisk.block.options.OptionSpec;
import io.faultdisk.block.options.OptionValues;
import java.util.List;
import java.util.Optional;

/**
 * The {@code blklogwrites} driver: records all that changes its {@code file} in its {@code log}.
 *
 * <p>Options: {@code log-sector-size} (512 unless given), {@code log-append} (continue the log that
 * is there), {@code log-super-update-interval} (4096 unless given). Marks are ours: QEMU writes
 * none.
 *
 * <p>Source: the behaviour of QEMU 7.2, block/blklogwrites.c.
 */
public final class LogWritesType implements DriverType {
  private static final long SUPER_INTERVAL = 4096;
  private static final long SECTOR_SIZE = 512;

  @Override
  public String name() {
    return "blklogwrites";
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
    return List.of("log-append", "log-sector-size", "log-super-update-interval");
  }

  @Override
  public boolean reopens() {
    return false;
  }

  @Override
  public BlockDriver open(Opening opening) throws UsageException, BlockIoException {
    OptionValues values =
        opening
            .options()
            .absorb(
                OptionSpec.bool("log-append"),
                OptionSpec.size("log-sector-size"),
                OptionSpec.number("log-super-update-interval"));
    Node file = opening.openChild("file", ChildRole.FILTERED, Optional.empty()).node();
    Node log = opening.openChild("log", ChildRole.METADATA, Optional.empty()).node();
    return new LogWritesDriver(file, log(opening, values, log));
  }

  private static WriteLog log(Opening opening, OptionValues values, Node log)
      throws UsageException, BlockIoException {
    boolean append = values.bool("log-append", false);
    if (append && values.has("log-sector-size")) {
      throw new UsageException("log-append and log-sector-size are mutually exclusive");
    }
    long sectorSize = values.size("log-sector-size", SECTOR_SIZE);
    if (!LogFormat.isSectorSize(sectorSize)) {
      throw new UsageException("Invalid log sector size " + Long.toUnsignedString(sectorSize));
    }
    long interval = values.number("log-super-update-interval", SUPER_INTERVAL);
    if (interval == 0) {
      throw new UsageException("Invalid log superblock update interval 0");
    }
    long every = interval < 0 ? Long.MAX_VALUE : interval;
    return append && log.length() > 0
        ? WriteLog.append(log, opening.turns(), every)
        : WriteLog.start(log, opening.turns(), (int) sectorSize, every);
  }
}
