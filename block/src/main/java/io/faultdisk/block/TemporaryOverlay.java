package io.faultdisk.block;

import io.faultdisk.base.Errno;
import io.faultdisk.base.UsageException;
import io.faultdisk.block.format.Creatable;
import io.faultdisk.block.format.CreateOptions;
import io.faultdisk.block.options.Options;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A qcow2 image that takes all writes to another image, which becomes its backing file, and goes
 * away when it is closed ({@code -s}).
 *
 * <p>Its file has lost its name as soon as it is open, so nothing stays behind whatever happens.
 *
 * <p>For one image, under the graph's lock. Source: the behaviour of QEMU 7.2, block.c.
 */
final class TemporaryOverlay {
  private static final String FORMAT = "qcow2";

  private final BlockGraph graph;
  private final OpenFlags flags;
  private final Options options;

  private TemporaryOverlay(BlockGraph graph, OpenFlags flags, Options options) {
    this.graph = graph;
    this.flags = flags;
    this.options = options;
  }

  /**
   * An overlay to be opened as the image would have been, but without caring for durability.
   *
   * @param image how the image would have been opened; changed to how it is to be opened below
   */
  static TemporaryOverlay instead(BlockGraph graph, OpenFlags flags, Options image) {
    Options options = new Options();
    options.put("cache.direct", "off");
    options.put("cache.no-flush", "on");
    for (String key : new String[] {"read-only", "discard"}) {
      image.get(key).ifPresent(value -> options.put(key, value));
    }
    image.remove("read-only");
    InheritedOptions.give(ChildRole.BACKING, image, image);
    OpenFlags own =
        flags.withSnapshot(false).with(OpenFlags.Mode.TEMPORARY).withAio(OpenFlags.Aio.THREADS);
    return new TemporaryOverlay(graph, own, options);
  }

  /** Makes and opens it over an image that nobody uses yet. */
  Node over(Node image) throws UsageException {
    String filename = create(length(image));
    options.put("file.driver", "file");
    options.put("file.filename", filename);
    options.put("driver", FORMAT);
    Node overlay = new ImageOpener(graph).openTop(Optional.empty(), options, flags);
    try {
      new BackingEdge(graph, overlay).set(Optional.of(image), false);
      return overlay;
    } catch (UsageException e) {
      graph.closeNode(overlay);
      throw e;
    }
  }

  private static long length(Node image) throws UsageException {
    try {
      return image.length();
    } catch (BlockIoException e) {
      throw new UsageException("Could not get image size: " + e.reason());
    }
  }

  private String create(long length) throws UsageException {
    String filename = emptyFile();
    try {
      Creatable format =
          graph
              .type(FORMAT)
              .filter(Creatable.class::isInstance)
              .map(Creatable.class::cast)
              .orElseThrow(() -> new UsageException("Unknown driver '" + FORMAT + "'"));
      CreateOptions wanted = new CreateOptions(format.createOptions());
      wanted.set("size", length);
      format.create(graph, filename, wanted);
      return filename;
    } catch (UsageException e) {
      throw couldNotCreate(filename, e.getMessage());
    } catch (BlockIoException e) {
      throw couldNotCreate(filename, e.reason());
    }
  }

  private static UsageException couldNotCreate(String filename, String why) {
    try {
      Files.deleteIfExists(Path.of(filename));
    } catch (IOException e) {
      // Then it stays; what went wrong before is what matters.
    }
    return new UsageException("Could not create temporary overlay '" + filename + "': " + why);
  }

  /** Such files become large; what lies under {@code /tmp} may be kept in memory. */
  private static String emptyFile() throws UsageException {
    String wanted = System.getenv().getOrDefault("TMPDIR", "/tmp");
    String directory = wanted.isEmpty() || wanted.equals("/tmp") ? "/var/tmp" : wanted;
    try {
      return Files.createTempFile(Path.of(directory), "vl.", "").toString();
    } catch (IOException e) {
      throw new UsageException(
          "Could not open temporary file '" + directory + "/vl.XXXXXX': " + reason(e));
    }
  }

  private static String reason(IOException e) {
    return switch (e) {
      case NoSuchFileException _ -> Errno.ENOENT.text();
      case AccessDeniedException _ -> Errno.EACCES.text();
      case FileSystemException other when other.getReason() != null -> other.getReason();
      default -> Errno.EIO.text();
    };
  }
}
