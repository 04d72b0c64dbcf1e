package io.faultdisk.cli;

import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;

/** Which release of faultdisk this is. */
public final class Version {
  private static final String POM = "/META-INF/maven/io.faultdisk/faultdisk-cli/pom.properties";

  private Version() {}

  /** {@code 0.1.0}; {@code development} when not run from a built jar. */
  public static String text() {
    try (InputStream pom = Version.class.getResourceAsStream(POM)) {
      if (pom == null) {
        return "development";
      }
      Properties properties = new Properties();
      properties.load(pom);
      return properties.getProperty("version", "development");
    } catch (IOException unreadable) {
      return "development";
    }
  }
}
