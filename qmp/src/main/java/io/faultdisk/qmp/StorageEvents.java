package io.faultdisk.qmp;

import io.faultdisk.daemon.DaemonListener;
import io.faultdisk.daemon.JobStatus;

/** Turns the news of a daemon into events. */
public record StorageEvents(Events events) implements DaemonListener {
  @Override
  public void jobStatusChanged(String id, JobStatus status) {
    events.emit(
        "JOB_STATUS_CHANGE", new Fields().put("id", id).put("status", status.text()).object());
  }

  @Override
  public void exportDeleted(String id) {
    events.emit("BLOCK_EXPORT_DELETED", new Fields().put("id", id).object());
  }
}
