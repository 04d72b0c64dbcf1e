/**
 * What production code calls to tell tests where it is: {@link io.faultdisk.events.FaultEvents}.
 * This module needs nothing and does nothing by itself; in a test a listener is set for a thread by
 * an {@link io.faultdisk.events.EventScope}.
 */
@NullMarked
package io.faultdisk.events;

import org.jspecify.annotations.NullMarked;
