package io.faultdisk.suites;

import com.google.common.jimfs.Configuration;
import com.google.common.jimfs.Jimfs;
import io.faultdisk.faults.Faults;
import io.faultdisk.nio.Durability;
import io.faultdisk.nio.FaultFileSystem;
import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Where a workload runs: a directory of a file system with faults, durable and empty.
 *
 * @param files the file system
 * @param directory for the workload, one of {@code files}
 */
record Ground(FaultFileSystem files, Path directory) implements AutoCloseable {

  /** Makes one for each run. */
  @FunctionalInterface
  interface Maker {
    Ground make(Durability durability) throws IOException;
  }

  /** In memory, anew each time. */
  static Ground inMemory(Durability durability) throws IOException {
    FileSystem memory = memory();
    Files.createDirectory(memory.getPath("/disk"));
    FaultFileSystem files =
        FaultFileSystem.over(memory).faults(Faults.create()).powerLoss(durability).open();
    return new Ground(files, files.getPath("/disk"));
  }

  /** A new directory on Java's default file system, which has to be ours. */
  static Ground onDefault(Path parent) throws IOException {
    FaultFileSystem files = FaultFileSystem.ofDefault();
    Path directory = Files.createTempDirectory(parent, "work");
    files.checkpoint();
    return new Ground(files, directory);
  }

  static FileSystem memory() {
    return Jimfs.newFileSystem(
        Configuration.unix().toBuilder().setAttributeViews("basic", "posix", "unix").build());
  }

  Faults faults() {
    return files.faults();
  }

  @Override
  public void close() throws IOException {
    if (files == FileSystems.getDefault()) {
      CrashDisk.delete(directory);
      files.checkpoint();
    } else {
      files.close();
      files.delegate().close();
    }
  }
}
