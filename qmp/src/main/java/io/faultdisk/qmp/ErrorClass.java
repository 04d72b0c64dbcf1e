package io.faultdisk.qmp;

/** What programs may tell errors apart by. */
public enum ErrorClass {
  GENERIC_ERROR("GenericError"),
  COMMAND_NOT_FOUND("CommandNotFound"),
  DEVICE_NOT_FOUND("DeviceNotFound");

  private final String text;

  ErrorClass(String text) {
    this.text = text;
  }

  /** As it goes over the wire. */
  public String text() {
    return text;
  }
}
