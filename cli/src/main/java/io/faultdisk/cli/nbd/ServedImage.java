package io.faultdisk.cli.nbd;

import io.faultdisk.base.UsageException;
import io.faultdisk.block.BlockBackend;
import io.faultdisk.block.BlockGraph;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.Node;
import io.faultdisk.block.Permission;
import io.faultdisk.block.bitmap.DirtyBitmap;
import io.faultdisk.block.options.Options;
import io.faultdisk.cli.Console;
import io.faultdisk.cli.tool.OptionStrings;
import io.faultdisk.cli.tool.Refusal;
import io.faultdisk.nbd.server.Export;
import io.faultdisk.nbd.server.ExportBitmaps;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Opens the image that the command line names, as it is to be seen by clients.
 *
 * <p>For one thread. Source: observed with qemu-nbd 7.2.
 */
final class ServedImage {
  private final NbdArguments arguments;
  private final Console console;
  private final BlockGraph graph;

  private ServedImage(NbdArguments arguments, Console console, BlockGraph graph) {
    this.arguments = arguments;
    this.console = console;
    this.graph = graph;
  }

  /** Opens it; the graph closes it. A failure has been reported. */
  static Export open(NbdArguments arguments, Console console, BlockGraph graph) throws Refusal {
    return new ServedImage(arguments, console, graph).open();
  }

  private Export open() throws Refusal {
    Options options;
    Optional<String> filename = Optional.empty();
    if (arguments.imageOptions) {
      if (arguments.format.isPresent()) {
        throw refuse("", new UsageException("--image-opts and -f are mutually exclusive"));
      }
      options = OptionStrings.image(console, arguments.file);
    } else {
      options = new Options();
      arguments.format.ifPresent(driver -> options.put("driver", driver));
      filename = Optional.of(arguments.file);
    }
    BlockBackend image;
    try {
      image = graph.open(filename, options, arguments.flags);
    } catch (UsageException refused) {
      throw refuse("Failed to blk_new_open '" + arguments.file + "': ", refused);
    }
    try {
      if (arguments.offset != 0) {
        image = part(image);
      }
      loadSnapshot(image.root());
      if (arguments.detectZeroes.isPresent()) {
        Options change = new Options();
        change.put("detect-zeroes", arguments.detectZeroes.get());
        graph.reopen(image.root(), change);
      }
      // Clients have been told the size. Who makes an image of that name wants to resize it.
      image.withholdPermissions(Permission.RESIZE);
      return new Export(image, settings(image.root()));
    } catch (UsageException refused) {
      throw refuse("", refused);
    } catch (BlockIoException failed) {
      throw refuse(
          "",
          new UsageException("Failed to determine the NBD export's length: " + failed.reason()));
    }
  }

  /** What lies behind the offset, as an image of its own. */
  private BlockBackend part(BlockBackend whole) throws UsageException {
    Options options = new Options();
    options.put("driver", "raw");
    options.put("file", whole.root().name());
    options.put("offset", Long.toString(arguments.offset));
    BlockBackend part = graph.open(Optional.empty(), options, arguments.flags.withSnapshot(false));
    whole.close();
    return part;
  }

  private void loadSnapshot(Node node) throws Refusal {
    if (arguments.snapshot.isPresent()) {
      try {
        arguments.snapshot.get().load(node);
      } catch (UsageException refused) {
        throw refuse("Failed to load snapshot: ", refused);
      }
    }
  }

  private Export.Settings settings(Node node) throws UsageException {
    List<DirtyBitmap> bitmaps = new ArrayList<>();
    for (String name : arguments.bitmaps) {
      DirtyBitmap bitmap = ExportBitmaps.find(node, name);
      bitmap.requireConsistent();
      bitmaps.add(bitmap);
    }
    Export.Settings settings =
        Export.Settings.named(arguments.exportName)
            .withReadOnly(arguments.readOnly)
            .withMultiConn(arguments.shared != 1)
            .withAllocationDepth(arguments.allocationDepth)
            .withBitmaps(bitmaps.reversed());
    return arguments.description.map(settings::withDescription).orElse(settings);
  }

  private Refusal refuse(String prefix, UsageException reason) {
    console.report(prefix + reason.getMessage(), reason.hints());
    return new Refusal();
  }
}
