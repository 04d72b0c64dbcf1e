package io.faultdisk.cli.demo;

import io.faultdisk.explore.disk.command.KernelFileSystem;

/**
 * A program on a mounted file system, and how to look at what a power cut leaves of its work.
 *
 * @param name what tables call it
 * @param fileSystem what is mounted
 * @param bytes the size of the disk
 * @param preparation a text for sh that makes what the program works on
 * @param program a text for sh; it finds the file system in {@code FAULTDISK_DIR}
 * @param check a text for sh; it prints one word or more about what it has found, the first of
 *     which tables count, and ends with 0 if that is good
 * @param fsck whether the file system itself is checked as well
 */
record Scenario(
    String name,
    KernelFileSystem fileSystem,
    long bytes,
    String preparation,
    String program,
    String check,
    boolean fsck) {}
