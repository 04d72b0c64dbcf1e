package io.faultdisk.explore.disk;

import io.faultdisk.base.Turns;
import io.faultdisk.base.UsageException;
import io.faultdisk.block.BlockBackend;
import io.faultdisk.block.BlockDriver;
import io.faultdisk.block.BlockGraph;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.DriverType;
import io.faultdisk.block.OpenFlags;
import io.faultdisk.block.format.CheckResult;
import io.faultdisk.block.format.Checkable;
import io.faultdisk.block.options.Options;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Opens an image as its next user would, checks its metadata and what can be read. Leaked clusters
 * are worth a note, no more: nothing is lost. Any thread.
 */
final class ImageCheck {
  private static final int FINDINGS_SHOWN = 3;

  private final String format;
  private final Supplier<List<DriverType>> drivers;

  ImageCheck(String format, Supplier<List<DriverType>> drivers) {
    this.format = format;
    this.drivers = drivers;
  }

  /**
   * What was found.
   *
   * @param good whether nothing is lost
   * @param text what there is to say; may be empty
   */
  record Report(boolean good, String text) {
    static Report bad(String text) {
      return new Report(false, text);
    }
  }

  /**
   * Checks.
   *
   * @param oracle knows what may be read
   * @param tick when the power went; {@link Long#MAX_VALUE} if it did not
   */
  Report check(DiskContent content, Optional<Oracle> oracle, long tick) {
    List<String> said = new ArrayList<>();
    try (BlockGraph graph = graph(DiskRun.on(content), said::add);
        BlockBackend image = graph.open(Optional.empty(), options(), OpenFlags.TOOL)) {
      String note = "";
      if (image.root().driver() instanceof Checkable checkable) {
        List<String> findings = new ArrayList<>();
        CheckResult result = checkable.check(Checkable.Repair.NOTHING, findings::add);
        if (result.corruptions() > 0 || result.checkErrors() > 0) {
          return Report.bad("the image is corrupt: " + some(findings));
        }
        if (result.leaks() > 0) {
          note = result.leaks() + (result.leaks() == 1 ? " leaked cluster" : " leaked clusters");
        }
      }
      if (oracle.isPresent()) {
        Optional<String> wrong = oracle.get().check(image, tick);
        if (wrong.isPresent()) {
          return Report.bad(wrong.get());
        }
      }
      return new Report(true, note);
    } catch (UsageException refused) {
      return Report.bad("the image cannot be opened: " + refused.getMessage());
    } catch (BlockIoException unreadable) {
      return Report.bad("the image cannot be checked: " + unreadable.getMessage());
    }
  }

  /** All that can be read, at the start of an exploration. */
  DiskContent readable(DiskContent content) throws UsageException, BlockIoException {
    try (BlockGraph graph = graph(DiskRun.on(content), text -> {});
        BlockBackend image = graph.open(Optional.empty(), options(), OpenFlags.TOOL)) {
      return GuestContent.of(image);
    }
  }

  /** Opens the image for writing, repairs what can be, and closes it: what a recovery does. */
  void recover(DiskUnderTest disk) {
    try (BlockGraph graph = new BlockGraph(disk.drivers(drivers.get()), Turns.free(), text -> {});
        BlockBackend image = graph.open(Optional.empty(), disk.options(), OpenFlags.TOOL)) {
      BlockDriver driver = image.root().driver();
      if (driver instanceof Checkable checkable) {
        checkable.check(new Checkable.Repair(true, true), finding -> {});
      }
      image.flush();
    } catch (UsageException | BlockIoException failed) {
      // Recovery may fail; what matters is what it leaves.
    }
  }

  private BlockGraph graph(DiskRun run, Consumer<String> messages) {
    List<DriverType> types = new ArrayList<>(drivers.get());
    types.add(new MediumType(run));
    return new BlockGraph(types, Turns.free(), messages);
  }

  private Options options() {
    Options options = new Options();
    options.put("driver", format);
    options.put("file.driver", MediumType.NAME);
    return options;
  }

  private static String some(List<String> findings) {
    String text = String.join("; ", findings.subList(0, Math.min(FINDINGS_SHOWN, findings.size())));
    return findings.size() > FINDINGS_SHOWN
        ? text + "; and " + (findings.size() - FINDINGS_SHOWN) + " more"
        : text;
  }
}
