package io.faultdisk.qmp;

import io.faultdisk.base.Clock;
import io.faultdisk.base.json.JsonObject;
import io.faultdisk.base.json.JsonString;
import io.faultdisk.base.json.JsonValue;
import io.faultdisk.qmp.schema.Schema;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Tells all clients that have finished negotiation what happens. Any thread; never waits for a
 * client.
 */
public final class Events {
  private final Clock clock;
  private final List<Session> sessions = new CopyOnWriteArrayList<>();

  /** Nobody listens yet. */
  public Events(Clock clock) {
    this.clock = clock;
  }

  void add(Session session) {
    sessions.add(session);
  }

  void remove(Session session) {
    sessions.remove(session);
  }

  /** Whether there is anybody to tell; if not, nobody needs to put an event together. */
  public boolean wanted() {
    return !sessions.isEmpty();
  }

  /**
   * Tells of an event.
   *
   * @param name one of {@link Schema#events()}
   */
  public void emit(String name, JsonObject data) {
    if (!wanted()) {
      return;
    }
    Map<String, JsonValue> event = new LinkedHashMap<>();
    event.put("timestamp", DiskViews.time(clock.now()));
    event.put("event", new JsonString(name));
    if (!data.members().isEmpty()) {
      event.put("data", data);
    }
    JsonObject value = new JsonObject(event);
    for (Session session : sessions) {
      session.event(value);
    }
  }
}
