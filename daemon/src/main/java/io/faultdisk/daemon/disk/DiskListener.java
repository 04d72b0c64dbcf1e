package io.faultdisk.daemon.disk;

/**
 * Hears of what happens to disks.
 *
 * <p>Called outside all locks, by whatever thread it was, those of requests among them, and by
 * several at once: must neither block nor throw. (A request may be part of a change, such as the
 * opening of an image, whose locks its thread holds.)
 */
@FunctionalInterface
public interface DiskListener {
  void happened(DiskEvent event);
}
