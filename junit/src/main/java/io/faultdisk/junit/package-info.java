/**
 * Faults for JUnit tests, 5.10 and later, and 6.
 *
 * <p>The tour: {@link io.faultdisk.junit.WithFaults} gives each test of a class {@code Faults}, a
 * {@code FaultFileSystem} and a {@link io.faultdisk.junit.FaultDir directory} there, as parameters.
 * {@link io.faultdisk.junit.FaultRules} says what fails. {@link io.faultdisk.junit.EveryFaultPoint}
 * runs a test once for every place where something can fail, {@link
 * io.faultdisk.junit.EveryPowerCut} for every place where the power can go. {@link
 * io.faultdisk.junit.ExploreFaults} does all that and more within one test, and writes a report.
 *
 * <p>A test that fails shows what was injected, the last things it did to its files, and how to
 * repeat it. A test that passes fails nevertheless if one of its rules did nothing. Everything is
 * per test, nothing is static: tests may run in parallel. Without JUnit, see {@code
 * io.faultdisk.nio.explore}.
 */
@NullMarked
package io.faultdisk.junit;

import org.jspecify.annotations.NullMarked;
