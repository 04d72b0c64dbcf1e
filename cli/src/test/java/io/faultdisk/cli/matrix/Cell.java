package io.faultdisk.cli.matrix;

/**
 * One cell of the matrix: which rule meets the workload.
 *
 * @param occurrence fails the k-th time that the event is announced, from 1 on
 * @param once only that request fails, otherwise every one from then on
 */
record Cell(String event, int occurrence, boolean once, int errno) {
  /** The rule file. */
  String rules() {
    StringBuilder text = new StringBuilder();
    for (int state = 1; state < occurrence; state++) {
      text.append("[set-state]\n")
          .append("event = \"")
          .append(event)
          .append("\"\n")
          .append("state = \"")
          .append(state)
          .append("\"\n")
          .append("new_state = \"")
          .append(state + 1)
          .append("\"\n");
    }
    text.append("[inject-error]\n")
        .append("event = \"")
        .append(event)
        .append("\"\n")
        .append("errno = \"")
        .append(errno)
        .append("\"\n");
    if (occurrence > 1) {
      text.append("state = \"").append(occurrence).append("\"\n");
    }
    if (once) {
      text.append("once = \"on\"\n");
    }
    return text.toString();
  }

  @Override
  public String toString() {
    return event + " #" + occurrence + (once ? " once" : " always") + " errno " + errno;
  }
}
