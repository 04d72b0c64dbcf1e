package io.faultdisk.cli.explore;

import io.faultdisk.base.ShellWord;
import io.faultdisk.base.SizeText;
import io.faultdisk.base.Turns;
import io.faultdisk.base.Units;
import io.faultdisk.base.UsageException;
import io.faultdisk.block.BlockGraph;
import io.faultdisk.block.create.CreateRequest;
import io.faultdisk.block.create.ImageCreation;
import io.faultdisk.cli.tool.Drivers;
import io.faultdisk.explore.disk.DiskContent;
import io.faultdisk.explore.disk.DiskWorkload;
import io.faultdisk.rules.Dialect;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;
import picocli.CommandLine.Option;

/** What the disk holds at first, as explorations can be told. */
final class StartDisk {
  private static final String USUAL_SIZE = "64M";

  @Option(
      names = "--size",
      paramLabel = "SIZE",
      description = "Begin with a new image of this size; default 64M, 320M for xfs.")
  Optional<String> size;

  @Option(
      names = "-o",
      paramLabel = "OPTIONS",
      description = "Options of the new image, as for 'img create'.")
  Optional<String> createOptions;

  @Option(
      names = "--image",
      paramLabel = "FILE",
      description = "Begin with what is in this file instead.")
  Optional<Path> image;

  private String sizeWord() {
    return size.orElse(USUAL_SIZE);
  }

  /** The size that was asked for, in bytes. */
  long bytes(long usual) throws UsageException {
    if (size.isEmpty()) {
      return usual;
    }
    SizeText bytes = Units.parseSize(size.get());
    if (!bytes.isOk()) {
      throw new UsageException("--size: '" + size.get() + "' is not a size", "Try 64M or 1G.");
    }
    return bytes.bytes();
  }

  /** The content. */
  DiskContent content(String format) throws UsageException {
    if (image.isEmpty()) {
      return created(format);
    }
    try {
      return DiskContent.of(image.get());
    } catch (IOException e) {
      throw unreadable(image.get(), e);
    }
  }

  /** Shell commands that make the disk by hand. */
  String preparation(DiskWorkload.Tool tool, String format) {
    if (image.isPresent()) {
      return "cp --sparse=always "
          + ShellWord.quoted(image.get().toAbsolutePath().toString())
          + " disk.img";
    }
    return tool.img()
        + " create -q -f "
        + format
        + createOptions.map(text -> " -o " + ShellWord.quoted(text)).orElse("")
        + " disk.img "
        + sizeWord();
  }

  static UsageException unreadable(Path file, IOException e) {
    String why =
        switch (e) {
          case NoSuchFileException _ -> "No such file or directory";
          case AccessDeniedException _ -> "Permission denied";
          case CharacterCodingException _ -> "it is not text in UTF-8";
          default -> String.valueOf(e.getMessage());
        };
    return new UsageException("Cannot read '" + file + "': " + why);
  }

  /** A new image, made in a file for a moment. */
  private DiskContent created(String format) throws UsageException {
    long unused = bytes(0);
    try {
      Path file = Files.createTempFile("faultdisk-explore", ".img");
      try (BlockGraph graph =
          new BlockGraph(Drivers.all(Dialect.FAULTDISK), Turns.free(), text -> {})) {
        new ImageCreation(graph)
            .create(
                new CreateRequest(
                    file.toString(),
                    format,
                    Optional.of(
                        "size=" + sizeWord() + createOptions.map(text -> "," + text).orElse("")),
                    OptionalLong.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    true),
                line -> {});
        // A raw one is all zero, and may be too large to be read.
        return format.equals("raw") ? DiskContent.empty(Files.size(file)) : DiskContent.of(file);
      } finally {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new UsageException("Cannot make a temporary image: " + e.getMessage());
    }
  }
}
