package io.faultdisk.block.file;

import io.faultdisk.base.UsageException;
import io.faultdisk.block.BlockDriver;
import io.faultdisk.block.BlockGraph;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.DriverType;
import io.faultdisk.block.Opening;
import io.faultdisk.block.format.BlockdevCreatable;
import io.faultdisk.block.format.Creatable;
import io.faultdisk.block.format.CreateOption;
import io.faultdisk.block.format.CreateOptions;
import io.faultdisk.block.options.FileNames;
import io.faultdisk.block.options.Options;
import java.util.List;
import java.util.Optional;

/**
 * The {@code file} driver: an image in a regular file.
 *
 * <p>Source: the behaviour of QEMU 7.2, block/file-posix.c.
 */
public final class FileType implements BlockdevCreatable, DriverType, Creatable {
  @Override
  public String name() {
    return "file";
  }

  @Override
  public Kind kind() {
    return Kind.PROTOCOL;
  }

  @Override
  public Optional<String> prefix() {
    return Optional.of("file");
  }

  @Override
  public boolean needsFilename() {
    return true;
  }

  @Override
  public void parseFilename(String filename, Options options) {
    options.put("filename", FileNames.stripPrefix(filename, "file:"));
  }

  @Override
  public List<String> namingOptions() {
    return List.of("filename");
  }

  @Override
  public BlockDriver open(Opening opening) throws UsageException, BlockIoException {
    return FileOpening.open(opening, FileKind.REGULAR);
  }

  @Override
  public List<CreateOption> createOptions() {
    return FileCreation.OPTIONS;
  }

  @Override
  public void create(BlockGraph graph, String filename, CreateOptions options)
      throws UsageException, BlockIoException {
    String path = filename.startsWith("file:") ? filename.substring("file:".length()) : filename;
    FileCreation.create(path, options, graph.messages());
  }

  @Override
  public void create(BlockGraph graph, Options options) throws UsageException, BlockIoException {
    FileCreation.create(options, graph.messages());
  }

  @Override
  public List<String> mutableOptions() {
    return List.of("x-check-cache-dropped");
  }
}
