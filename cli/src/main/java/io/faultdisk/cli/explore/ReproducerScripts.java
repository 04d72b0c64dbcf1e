package io.faultdisk.cli.explore;

import io.faultdisk.base.ShellWord;
import io.faultdisk.explore.ReportWriter;

/** Scripts in reports that call us. */
public final class ReproducerScripts {
  private ReproducerScripts() {}

  /** A writer of reports whose scripts find this very program, if there is none on the path. */
  public static ReportWriter writer() {
    String launcher = System.getenv("FAULTDISK_LAUNCHER");
    return launcher == null || launcher.isEmpty()
        ? new ReportWriter()
        : new ReportWriter()
            .withPreamble(
                "command -v faultdisk >/dev/null || faultdisk() { "
                    + ShellWord.quoted(launcher)
                    + " \"$@\"; }\n");
  }
}
