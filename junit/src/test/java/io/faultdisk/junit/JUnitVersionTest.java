package io.faultdisk.junit;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.engine.JupiterTestEngine;

/** The tests of this module are run on JUnit 6, and once more on 5: here it shows which it is. */
class JUnitVersionTest {
  @Test
  void isTheOneThatTheBuildMeant() {
    String expected = System.getProperty("faultdisk.expectedJunit", "");
    Assumptions.assumeFalse(expected.isEmpty(), "not run by Maven: any JUnit will do");
    assertThat(new JupiterTestEngine().getVersion()).contains(expected);
  }
}
