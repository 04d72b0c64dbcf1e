package io.faultdisk.fuzz;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;

/**
 * What longer runs have learnt: few inputs that together reach all that many did. Kept as {@code
 * fuzz/src/test/resources/corpus/TARGET.zip}; {@code fuzz/run --pack} makes it.
 */
final class Corpus {
  private Corpus() {}

  /** The inputs of a target; empty if there is no such file. */
  static List<byte[]> of(Target target) {
    List<byte[]> inputs = new ArrayList<>();
    try (InputStream file =
        Corpus.class.getResourceAsStream("/corpus/" + target.title() + ".zip")) {
      if (file != null) {
        ZipInputStream zip = new ZipInputStream(file);
        while (zip.getNextEntry() != null) {
          inputs.add(zip.readAllBytes());
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return inputs;
  }

  /** Puts all files of a directory into a file that is always the same for them. */
  static void pack(Path directory, Path zip) throws IOException {
    List<Path> files;
    try (Stream<Path> all = Files.list(directory)) {
      files = all.sorted().toList();
    }
    Files.createDirectories(zip.toAbsolutePath().getParent());
    try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(zip))) {
      for (int i = 0; i < files.size(); i++) {
        ZipEntry entry = new ZipEntry(String.valueOf(i));
        entry.setLastModifiedTime(FileTime.fromMillis(0));
        out.putNextEntry(entry);
        out.write(Files.readAllBytes(files.get(i)));
        out.closeEntry();
      }
    }
  }
}
