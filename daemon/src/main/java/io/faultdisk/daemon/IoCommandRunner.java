package io.faultdisk.daemon;

import io.faultdisk.block.BlockBackend;

/**
 * Runs commands of {@code io} on an image of the daemon: what {@code qemu-io NODE "command"} of the
 * human monitor does. Given to the daemon by whoever has such commands.
 */
public interface IoCommandRunner {
  /**
   * Runs one command line and returns what it has said. May take as long as its requests, which may
   * wait at a breakpoint; one that is to go on in the background may do so.
   *
   * @param image for this command; closed by it, when its last request has ended
   */
  String run(BlockBackend image, String commandLine);
}
