package io.faultdisk.block.qcow2;

import io.faultdisk.base.UsageException;
import io.faultdisk.block.BlockGraph;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.Node;
import io.faultdisk.block.format.CreateOptions;
import io.faultdisk.block.options.OptionSpec;
import io.faultdisk.block.options.OptionValues;
import io.faultdisk.block.options.Options;
import java.util.Map;
import java.util.Optional;

/**
 * Makes an image as {@code blockdev-create} describes it: the same options as those of {@code
 * create -o} under other names, and nodes in place of file names. Stateless.
 *
 * <p>Source: the behaviour of QEMU 7.2, block/qcow2.c.
 */
final class BlockdevCreation {
  private static final int SECTOR = 512;

  /** Texts and bools, each with its name in {@link CreationOptions}. */
  private static final Map<String, String> NAMES =
      Map.of(
          "version", "compat",
          "backing-file", "backing_file",
          "backing-fmt", "backing_fmt",
          "preallocation", "preallocation",
          "compression-type", "compression_type",
          "extended-l2", "extended_l2",
          "data-file-raw", "data_file_raw",
          "lazy-refcounts", "lazy_refcounts");

  private BlockdevCreation() {}

  static void create(BlockGraph graph, Options options) throws UsageException, BlockIoException {
    Optional<String> file = options.take("file");
    Optional<String> dataFile = options.take("data-file");
    if (options.keys().stream().anyMatch(key -> key.startsWith("encrypt."))) {
      throw new UsageException("Encrypted images are not supported");
    }
    OptionValues sizes =
        options.absorb(
            OptionSpec.size("size"),
            OptionSpec.size("cluster-size"),
            OptionSpec.number("refcount-bits"));
    CreateOptions given = new CreateOptions(CreationOptions.ALL);
    for (Map.Entry<String, String> name : NAMES.entrySet()) {
      String text = options.takePrefixed(name.getKey()).get(name.getKey());
      if (text != null) {
        given.set(name.getValue(), text);
      }
    }
    if (!options.isEmpty()) {
      throw new UsageException("Parameter '" + options.keys().getFirst() + "' is unexpected");
    }
    long size = sizes.size("size", 0);
    given.set("size", size);
    if (sizes.has("cluster-size")) {
      given.set("cluster_size", sizes.size("cluster-size", 0));
    }
    if (sizes.has("refcount-bits")) {
      given.set("refcount_bits", sizes.number("refcount-bits", 0));
    }
    Node node = node(graph, file.orElseThrow(() -> missing("file")));
    Optional<Node> data =
        dataFile.isPresent() ? Optional.of(node(graph, dataFile.get())) : Optional.empty();
    if (size % SECTOR != 0) {
      throw new UsageException("Image size must be a multiple of " + SECTOR + " bytes");
    }
    data.ifPresent(below -> given.setText("data_file", below.filename()));
    Creation.on(graph, CreationPlan.of(given), node, data);
  }

  private static UsageException missing(String parameter) {
    return new UsageException("Parameter '" + parameter + "' is missing");
  }

  private static Node node(BlockGraph graph, String name) throws UsageException {
    return graph
        .node(name)
        .orElseThrow(
            () ->
                new UsageException(
                    "Cannot find device='" + name + "' nor node-name='" + name + "'"));
  }
}
