package io.faultdisk.explore.disk.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a program acknowledges arrives, whole lines only, and when it says. */
@Timeout(60)
class AckPipeTest {
  private final List<String> seen = Collections.synchronizedList(new ArrayList<>());

  private Programs.Ended run(String script) throws Exception {
    try (PrivateDirectory directory = new PrivateDirectory();
        AckPipe acks = new AckPipe(directory, seen::add)) {
      Map<String, String> environment = new HashMap<>(acks.environment());
      return Programs.run(List.of("sh", "-c", script), environment, directory.path());
    }
  }

  @Test
  void linesArriveInOrderAndWhatIsNoLineDoesNot() throws Exception {
    Programs.Ended ended =
        run(
            "for i in 1 2 3; do echo \"row $i\" >>$FAULTDISK_ACKS; done; printf half"
                + " >>$FAULTDISK_ACKS");
    assertThat(ended.exitCode()).isZero();
    assertThat(seen).containsExactly("row 1", "row 2", "row 3");
  }

  @Test
  void theProgramThatWaitsGoesOnWhenItsLineIsKnown() throws Exception {
    Programs.Ended ended =
        run(
            "\"$FAULTDISK_ACK\" one two && \"$FAULTDISK_ACK\" three && echo 'plain'"
                + " >>$FAULTDISK_ACKS");
    assertThat(ended.exitCode()).as(ended.output()).isZero();
    assertThat(seen).containsExactly("one two", "three", "plain");
  }

  @Test
  void severalMayWaitAtOnce() throws Exception {
    Programs.Ended ended = run("for i in 1 2 3 4 5 6 7 8; do \"$FAULTDISK_ACK\" $i & done; wait");
    assertThat(ended.exitCode()).as(ended.output()).isZero();
    assertThat(seen).containsExactlyInAnyOrder("1", "2", "3", "4", "5", "6", "7", "8");
  }
}
