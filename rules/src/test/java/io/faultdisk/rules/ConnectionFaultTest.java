package io.faultdisk.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultdisk.base.Errno;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What the engine says of connections. */
final class ConnectionFaultTest {
  private static final Optional<RequestType> READ = Optional.of(RequestType.READ);

  @Test
  void theNthReplyIsDecidedAndNoRequestIs() {
    FaultEngine engine =
        new FaultEngine(
            List.of(
                RuleBuilder.on("nbd_reply")
                    .occurrence(2)
                    .connectionFault(ConnectionFault.Mode.HALF_PAYLOAD)));
    assertThat(engine.hasConnectionFaults()).isTrue();
    assertThat(reply(engine, READ)).isEqualTo(Decision.pass());
    assertThat(engine.check(RequestType.READ, 0, 512)).isEqualTo(Decision.pass());
    assertThat(reply(engine, READ))
        .isInstanceOfSatisfying(
            Decision.Disconnect.class,
            decision ->
                assertThat(decision.rule().mode()).isEqualTo(ConnectionFault.Mode.HALF_PAYLOAD));
    assertThat(reply(engine, READ)).isEqualTo(Decision.pass());
  }

  @Test
  void typeAndRangeAreThoseOfTheRequest() {
    FaultEngine engine =
        new FaultEngine(
            List.of(
                RuleBuilder.on("nbd_reply")
                    .type(RequestType.WRITE)
                    .range(4096, 512)
                    .connectionFault(ConnectionFault.Mode.WRONG_COOKIE)));
    assertThat(engine.checkConnection(ConnectionPoint.REPLY, READ, 4096, 512))
        .isEqualTo(Decision.pass());
    Optional<RequestType> write = Optional.of(RequestType.WRITE);
    assertThat(engine.checkConnection(ConnectionPoint.REPLY, write, 0, 512))
        .isEqualTo(Decision.pass());
    assertThat(engine.checkConnection(ConnectionPoint.REPLY, write, 4096, 512))
        .isInstanceOf(Decision.Disconnect.class);
  }

  @Test
  void rulesOnRequestsSayNothingOfConnections() {
    FaultEngine engine = new FaultEngine(List.of(RuleBuilder.on(QemuEvents.NONE).fail(Errno.EIO)));
    engine.announce(QemuEvents.NONE);
    assertThat(engine.hasConnectionFaults()).isFalse();
    assertThat(reply(engine, READ)).isEqualTo(Decision.pass());
    assertThat(engine.check(RequestType.READ, 0, 512)).isInstanceOf(Decision.Fail.class);
  }

  @Test
  void aConnectionChangesTheStateAndIsObserved() {
    FaultEngine engine =
        new FaultEngine(
            List.of(
                RuleBuilder.on("nbd_connect").state(1).setState(2),
                RuleBuilder.on("nbd_connect")
                    .state(2)
                    .connectionFault(ConnectionFault.Mode.REFUSE)));
    List<String> decisions = new ArrayList<>();
    engine.observe(
        observation -> {
          if (observation instanceof Observation.OperationPerformed performed) {
            decisions.add(performed.operation() + ": " + performed.decision());
          }
        });
    engine.checkConnection(ConnectionPoint.CONNECT, Optional.empty(), 0, 0);
    engine.checkConnection(ConnectionPoint.CONNECT, Optional.empty(), 0, 0);
    assertThat(decisions).containsExactly("nbd_connect: pass", "nbd_connect: refuse by program");
  }

  @Test
  void aModeHasItsPoint() {
    assertThatThrownBy(
            () -> RuleBuilder.on("nbd_connect").connectionFault(ConnectionFault.Mode.WRONG_COOKIE))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static Decision reply(FaultEngine engine, Optional<RequestType> type) {
    return engine.checkConnection(ConnectionPoint.REPLY, type, 0, 512);
  }
}
