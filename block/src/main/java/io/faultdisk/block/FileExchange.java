package io.faultdisk.block;

/** A {@link BlockDriver} whose {@code file} can become another node while it is open. */
public interface FileExchange {
  /**
   * This is the file now. No request is in flight. Called before the driver is told of options that
   * depend on it; called again with the old one to go back.
   *
   * @throws BlockIoException if it cannot be used
   */
  void file(Node next) throws BlockIoException;
}
