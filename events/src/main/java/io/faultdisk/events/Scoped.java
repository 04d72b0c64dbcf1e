package io.faultdisk.events;

import java.io.IOException;

/** See {@link FaultEvents#current}. */
enum Scoped implements FaultEvents {
  /** Has no state, so one is enough. */
  INSTANCE;

  @Override
  public void event(String name) {
    if (EventScope.anyOpen()) {
      EventScope.listener().event(name);
    }
  }

  @Override
  public void check(String name) throws IOException {
    if (EventScope.anyOpen()) {
      EventScope.listener().check(name);
    }
  }
}
