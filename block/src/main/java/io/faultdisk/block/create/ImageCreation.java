package io.faultdisk.block.create;

import io.faultdisk.base.Errno;
import io.faultdisk.base.UsageException;
import io.faultdisk.block.BlockBackend;
import io.faultdisk.block.BlockGraph;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.DriverType;
import io.faultdisk.block.OpenFlags;
import io.faultdisk.block.format.Creatable;
import io.faultdisk.block.format.CreateOptions;
import io.faultdisk.block.options.FileNames;
import io.faultdisk.block.options.Options;
import io.faultdisk.block.options.Warning;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * Makes new images of any format that can be made.
 *
 * <p>For one thread at a time.
 *
 * <p>Source: the behaviour of QEMU 7.2, block.c (bdrv_img_create and its callers); order of checks
 * and texts.
 */
public final class ImageCreation {
  private static final String SIZE = "size";
  private static final String BACKING_FILE = "backing_file";
  private static final String BACKING_FORMAT = "backing_fmt";
  private static final String CLUSTER_SIZE = "cluster_size";

  private final BlockGraph graph;
  private final Predicate<String> foreign;

  /** Knows the formats of the graph. */
  public ImageCreation(BlockGraph graph) {
    this(graph, name -> false);
  }

  /**
   * The same.
   *
   * @param foreign which other names are those of formats that exist, but cannot be created here
   */
  public ImageCreation(BlockGraph graph, Predicate<String> foreign) {
    this.graph = graph;
    this.foreign = foreign;
  }

  /**
   * Makes an image as {@code img create} does.
   *
   * @param formatting takes the line {@code Formatting 'x', fmt=...} once the options are found to
   *     be right, before anything is created
   * @throws UsageException with the text that follows the file name, I/O errors included
   */
  public void create(CreateRequest request, Consumer<String> formatting) throws UsageException {
    CreateOptions options = options(request.format(), request.filename());
    if (request.options().isPresent()) {
      options.parse(request.options().get(), this::warn);
    }
    takeArguments(request, options);
    settleBacking(request, options);
    if (options.number(SIZE, -1) == -1) {
      throw new UsageException("Image creation needs a size parameter");
    }
    formatting.accept(
        "Formatting '"
            + request.filename()
            + "', fmt="
            + request.format()
            + " "
            + options.describe());
    try {
      create(request.format(), request.filename(), options);
    } catch (BlockIoException e) {
      throw new UsageException(
          e.errno().equals(Errno.EFBIG) ? tooLarge(request, options) : e.reason());
    }
  }

  /**
   * The options that a new image of that format in that place can have, without values yet.
   *
   * @throws UsageException if there is no such format or protocol, or it cannot be created
   */
  public CreateOptions options(String format, String filename) throws UsageException {
    DriverType formatType = format(format);
    DriverType protocol = graph.protocol(filename);
    Creatable above = creatable(formatType, "Format");
    Creatable below = creatable(protocol, "Protocol");
    return CreateOptions.merged(above.createOptions(), below.createOptions());
  }

  /** Makes an image of options that were made by {@link #options}. */
  public void create(String format, String filename, CreateOptions options)
      throws UsageException, BlockIoException {
    Creatable above = creatable(format(format), "Format");
    options.warnAgain(creatable(graph.protocol(filename), "Protocol").createOptions(), this::warn);
    above.create(graph, filename, options);
  }

  private void warn(Warning warning) {
    graph.messages().report("warning: " + warning.message());
  }

  /**
   * Makes the file below an image: what a format driver does first.
   *
   * @param options those that are left for the protocol driver
   */
  public static void createFile(BlockGraph graph, String filename, CreateOptions options)
      throws UsageException, BlockIoException {
    DriverType protocol = graph.protocol(filename);
    if (!(protocol instanceof Creatable creatable)) {
      throw new UsageException("Driver '" + protocol.name() + "' does not support image creation");
    }
    creatable.create(graph, filename, options.only(creatable.createOptions()));
  }

  /**
   * The lines of {@code create -o help}.
   *
   * @param filename adds the options of that protocol; without one a hint is added
   */
  public List<String> optionHelp(String format, Optional<String> filename) throws UsageException {
    Creatable above = creatable(format(format), "Format");
    List<String> lines = new ArrayList<>();
    if (filename.isPresent()) {
      Creatable below = creatable(graph.protocol(filename.get()), "Protocol");
      lines.add("Supported options:");
      lines.addAll(CreateOptions.merged(above.createOptions(), below.createOptions()).help());
    } else {
      lines.add("Supported " + format + " options:");
      lines.addAll(new CreateOptions(above.createOptions()).help());
      lines.add("");
      lines.add("The protocol level may support further options.");
      lines.add("Specify the target filename to include those options.");
    }
    return lines;
  }

  private DriverType format(String name) throws UsageException {
    Optional<DriverType> type = graph.type(name);
    if (type.isPresent()) {
      return type.get();
    }
    throw foreign.test(name)
        ? notCreatable(name, "Format")
        : new UsageException("Unknown file format '" + name + "'");
  }

  private static Creatable creatable(DriverType type, String what) throws UsageException {
    if (type instanceof Creatable creatable) {
      return creatable;
    }
    throw notCreatable(type.name(), what);
  }

  private static UsageException notCreatable(String name, String what) {
    return new UsageException(what + " driver '" + name + "' does not support image creation");
  }

  private static void takeArguments(CreateRequest request, CreateOptions options)
      throws UsageException {
    if (!options.isGiven(SIZE)) {
      options.set(SIZE, request.size().orElse(-1));
    } else if (request.size().isPresent()) {
      throw new UsageException("The image size must be specified only once");
    }
    if (request.backing().isPresent()) {
      if (!options.knows(BACKING_FILE)) {
        throw new UsageException(
            "Backing file not supported for file format '" + request.format() + "'");
      }
      options.set(BACKING_FILE, request.backing().get());
    }
    if (request.backingFormat().isPresent()) {
      if (!options.knows(BACKING_FORMAT)) {
        throw new UsageException(
            "Backing file format not supported for file format '" + request.format() + "'");
      }
      options.set(BACKING_FORMAT, request.backingFormat().get());
    }
  }

  private void settleBacking(CreateRequest request, CreateOptions options) throws UsageException {
    Optional<String> backing = options.text(BACKING_FILE);
    if (backing.isEmpty()) {
      return;
    }
    if (backing.get().equals(request.filename())) {
      throw new UsageException(
          "Error: Trying to create an image with the same filename as the backing file");
    }
    if (backing.get().isEmpty()) {
      throw new UsageException("Expected backing file name, got empty string");
    }
    if (request.openBacking()) {
      openBacking(request.filename(), backing.get(), options);
    } else if (options.text(BACKING_FORMAT).isEmpty()) {
      throw new UsageException("Backing file specified without backing format");
    }
  }

  /** Looks whether the backing file can be opened, and takes the size from it if none was given. */
  private void openBacking(String filename, String backing, CreateOptions options)
      throws UsageException {
    String full = FileNames.backing(filename, backing);
    Optional<String> format = options.text(BACKING_FORMAT);
    Options how = new Options();
    format.ifPresent(name -> how.put("driver", name));
    how.put("force-share", "on");
    try (BlockBackend opened = open(full, how)) {
      if (format.isEmpty()) {
        throw new UsageException(
            "Backing file specified without backing format",
            "Detected format of " + opened.root().type().name() + ".");
      }
      if (options.number(SIZE, -1) == -1) {
        options.set(SIZE, opened.length());
      }
    } catch (BlockIoException e) {
      throw new UsageException("Could not get size of '" + backing + "': " + e.reason());
    }
  }

  private BlockBackend open(String full, Options how) throws UsageException {
    OpenFlags flags =
        OpenFlags.TOOL
            .withReadOnly(true)
            .withCache(false, false, false)
            .withUnmap(false)
            .with(OpenFlags.Mode.NO_IO);
    try {
      return graph.open(Optional.of(full), how, flags);
    } catch (UsageException e) {
      List<String> hints = new ArrayList<>(e.hints());
      hints.add("Could not open backing image.");
      throw new UsageException(e.getMessage(), hints.toArray(String[]::new));
    }
  }

  private static String tooLarge(CreateRequest request, CreateOptions options) {
    boolean clusters = options.knows(CLUSTER_SIZE) && options.number(CLUSTER_SIZE, 0) != 0;
    return "The image size is too large for file format '"
        + request.format()
        + "'"
        + (clusters ? " (try using a larger cluster size)" : "");
  }
}
