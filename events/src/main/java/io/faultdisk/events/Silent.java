package io.faultdisk.events;

/** See {@link FaultEvents#none}. */
enum Silent implements FaultEvents {
  /** Has no state, so one is enough. */
  INSTANCE;

  @Override
  public void event(String name) {}

  @Override
  public void check(String name) {}
}
