/**
 * Disks over HTTP: the JSON API, its stream of events, metrics for Prometheus, and the page in the
 * browser. Off unless asked for.
 */
@NullMarked
package io.faultdisk.console;

import org.jspecify.annotations.NullMarked;
