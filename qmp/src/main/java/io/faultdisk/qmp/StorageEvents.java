package io.faultdisk.qmp;

import io.faultdisk.base.json.JsonObject;
import io.faultdisk.base.json.JsonString;
import io.faultdisk.base.json.JsonValue;
import io.faultdisk.daemon.DaemonListener;
import io.faultdisk.daemon.JobStatus;
import java.util.LinkedHashMap;
import java.util.Map;

/** Turns the news of a daemon into events. */
public record StorageEvents(Events events) implements DaemonListener {
  @Override
  public void jobStatusChanged(String id, JobStatus status) {
    Map<String, JsonValue> data = new LinkedHashMap<>();
    data.put("id", new JsonString(id));
    data.put("status", new JsonString(status.text()));
    events.emit("JOB_STATUS_CHANGE", new JsonObject(data));
  }

  @Override
  public void exportDeleted(String id) {
    events.emit("BLOCK_EXPORT_DELETED", new JsonObject(Map.of("id", new JsonString(id))));
  }
}
