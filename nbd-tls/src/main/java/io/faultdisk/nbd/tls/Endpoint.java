package io.faultdisk.nbd.tls;

import java.util.Locale;

/** Which end of connections credentials are for. */
public enum Endpoint {
  CLIENT,
  SERVER;

  /** How options and the names of files spell it. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }
}
