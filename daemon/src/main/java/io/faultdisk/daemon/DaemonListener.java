package io.faultdisk.daemon;

/**
 * Who wants to know what happens in a {@link StorageDaemon} by itself. Each call comes after the
 * change is in force, in the order of the changes, one at a time and with no lock held: a listener
 * may call the daemon. It must not be slow, since others wait behind it.
 */
public interface DaemonListener {
  /** A job has got another status ({@code JOB_STATUS_CHANGE}). */
  default void jobStatusChanged(String id, JobStatus status) {}

  /** An export is really gone: its last client has left ({@code BLOCK_EXPORT_DELETED}). */
  default void exportDeleted(String id) {}

  /** An export is there. */
  default void exportAdded(String id) {}

  /** Something that whoever runs the daemon may want to read, such as why a client was cut off. */
  default void log(String message) {}
}
