/**
 * Tools for tests: random cases that repeat, exhaustive enumeration, a clock moved by hand, threads
 * that race.
 *
 * <p>The tour: {@link io.faultdisk.testkit.RandomCases} runs a body with many seeds and says which
 * one failed. {@link io.faultdisk.testkit.Gen} runs a body with every combination of its choices.
 * {@link io.faultdisk.testkit.ManualClock} is time under control. {@link io.faultdisk.testkit.Race}
 * starts threads at one moment and gives up at a deadline. {@link
 * io.faultdisk.testkit.Certificates} is an authority that signs what TLS needs.
 *
 * <p>Knows no test framework: failures are thrown.
 */
@NullMarked
package io.faultdisk.testkit;

import org.jspecify.annotations.NullMarked;
