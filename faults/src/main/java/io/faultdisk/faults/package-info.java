/**
 * Faults as a test holds them. {@link io.faultdisk.faults.Faults} has the rules of one test, stops
 * what it is told to stop, and hands out a {@link io.faultdisk.faults.Receipt} for everything it
 * injects; a {@link io.faultdisk.faults.Trace} shows what the program did. {@link
 * io.faultdisk.faults.FaultPoints} lists every place of a run where something could go wrong.
 *
 * <p>Needs no test framework: use it from {@code main()}, TestNG or JUnit alike.
 */
@NullMarked
package io.faultdisk.faults;

import org.jspecify.annotations.NullMarked;
