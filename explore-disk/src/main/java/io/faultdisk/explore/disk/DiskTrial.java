package io.faultdisk.explore.disk;

import io.faultdisk.base.Seed;
import io.faultdisk.base.UsageException;
import io.faultdisk.block.BlockDriver;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.DriverType;
import io.faultdisk.block.Opening;
import io.faultdisk.block.blkdebug.BlkdebugDriver;
import io.faultdisk.block.blkdebug.BlkdebugType;
import io.faultdisk.block.blkdebug.Receipt;
import io.faultdisk.rules.Dialect;
import io.faultdisk.rules.Rule;
import io.faultdisk.rules.Survivors;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * One run of a workload on a disk that goes wrong when it is told to: while the workload runs, and
 * waits for its acknowledgement to be known. Any thread.
 */
public final class DiskTrial {
  private final DiskRun run;
  private final Acknowledgements acknowledgements;
  private final DiskUnderTest disk;
  private volatile @Nullable BlkdebugDriver faults;

  /**
   * A trial.
   *
   * @param start what the disk holds at first
   * @param format the driver of the image on it
   * @param acknowledged is told of each acknowledgement after it was noted, on another thread
   */
  public DiskTrial(DiskContent start, String format, BiConsumer<DiskTrial, String> acknowledged) {
    this.run = DiskRun.on(start);
    this.acknowledgements = new Acknowledgements(run.ticks());
    this.disk =
        new DiskUnderTest(
            List.of(new MediumType(run), new KeptType()),
            new GuestLog(run.ticks()),
            text -> {
              acknowledgements.add(text);
              acknowledged.accept(this, text);
            },
            Map.of(
                "driver", format, "file.driver", "blkdebug", "file.image.driver", MediumType.NAME));
  }

  /** The blkdebug driver; remembers what it has opened. */
  private final class KeptType implements DriverType {
    private final BlkdebugType type = new BlkdebugType(Dialect.FAULTDISK, Optional.empty());

    @Override
    public String name() {
      return type.name();
    }

    @Override
    public Kind kind() {
      return type.kind();
    }

    @Override
    public BlockDriver open(Opening opening) throws UsageException {
      BlockDriver opened = type.open(opening);
      if (opened instanceof BlkdebugDriver node) {
        faults = node;
      }
      return opened;
    }
  }

  private BlkdebugDriver faults() {
    BlkdebugDriver node = faults;
    if (node == null) {
      throw new IllegalStateException("the disk was not opened");
    }
    return node;
  }

  /** What the workload uses, once. */
  public DiskUnderTest disk() {
    return disk;
  }

  /**
   * Another rule from now on.
   *
   * @throws IllegalStateException if the workload does not use the disk yet
   */
  public void add(Rule rule) {
    faults().engine().orElseThrow().add(List.of(rule));
  }

  /**
   * Cuts the power: what is not durable is lost, and every request fails.
   *
   * @throws IllegalStateException if there is no rule that needs a cache, and so no power to cut
   */
  public void cutPower() {
    try {
      Survivors unused =
          faults()
              .power()
              .orElseThrow(() -> new IllegalStateException("the disk has no volatile cache"))
              .cut(Survivors.none(), new Seed(0));
    } catch (BlockIoException e) {
      throw new IllegalStateException("nothing was to be stored", e);
    }
  }

  /** What was done to requests so far. */
  public List<Receipt> receipts() {
    return faults().receipts().receipts();
  }

  /** What is on the medium now, and what was acknowledged; after the run. */
  public StateCheck.DiskState left() {
    return new StateCheck.DiskState(run.disk().snapshot(), acknowledgements.before(Long.MAX_VALUE));
  }
}
