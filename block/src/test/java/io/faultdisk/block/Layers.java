package io.faultdisk.block;

import io.faultdisk.base.Turns;
import io.faultdisk.base.UsageException;
import io.faultdisk.block.file.FileType;
import io.faultdisk.block.memory.MemoryType;
import io.faultdisk.block.options.Options;
import io.faultdisk.block.raw.RawType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** A graph for tests of backing files, and the images that they are made of. */
final class Layers implements AutoCloseable {
  static final long KIB = 1024;

  final List<String> messages = new ArrayList<>();
  final BlockGraph graph =
      new BlockGraph(
          List.of(new FileType(), new RawType(), new MemoryType(), new LayerType()),
          Turns.free(),
          messages::add);
  private final Path directory;

  Layers(Path directory) {
    this.directory = directory;
  }

  /** A raw file of that many KiB, full of one letter. */
  Path file(String name, int kib, char content) throws IOException {
    byte[] bytes = new byte[kib * 1024];
    Arrays.fill(bytes, (byte) content);
    return Files.write(directory.resolve(name), bytes);
  }

  /** Opens what alternating keys and values say. */
  BlockBackend open(OpenFlags flags, String... keysAndValues) throws UsageException {
    Options options = new Options();
    for (int i = 0; i < keysAndValues.length; i += 2) {
      options.put(keysAndValues[i], keysAndValues[i + 1]);
    }
    return graph.open(Optional.empty(), options, flags);
  }

  /** A chain of a 64 KiB layer over a 32 KiB layer over a 16 KiB file of {@code a}. */
  BlockBackend three(OpenFlags flags) throws UsageException, IOException {
    return open(
        flags,
        "driver",
        "layer",
        "node-name",
        "top",
        "file.driver",
        "memory",
        "file.node-name",
        "file",
        "file.size",
        "64k",
        "backing.driver",
        "layer",
        "backing.node-name",
        "mid",
        "backing.read-only",
        "off",
        "backing.file.driver",
        "memory",
        "backing.file.size",
        "32k",
        "backing.backing.driver",
        "raw",
        "backing.backing.node-name",
        "base",
        "backing.backing.file.filename",
        file("base.raw", 16, 'a').toString());
  }

  Node node(String name) {
    return graph.node(name).orElseThrow();
  }

  static LayerDriver driver(Node node) {
    return (LayerDriver) node.driver();
  }

  /** Writes KiB by KiB, one letter. */
  static void fill(Node node, long fromKib, int kib, char content) throws BlockIoException {
    byte[] bytes = new byte[kib * 1024];
    Arrays.fill(bytes, (byte) content);
    node.write(fromKib * KIB, ByteBuffer.wrap(bytes), RequestFlags.NONE);
  }

  /** One letter for each 4 KiB of the disk, {@code .} for zero. */
  static String picture(BlockBackend disk) throws BlockIoException {
    StringBuilder picture = new StringBuilder();
    byte[] block = new byte[4096];
    for (long at = 0; at < disk.length(); at += block.length) {
      disk.read(at, ByteBuffer.wrap(block));
      picture.append(block[0] == 0 ? '.' : (char) block[0]);
    }
    return picture.toString();
  }

  @Override
  public void close() {
    graph.close();
  }
}
