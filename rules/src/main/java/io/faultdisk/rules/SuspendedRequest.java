package io.faultdisk.rules;

import java.time.Instant;
import java.util.Optional;

/**
 * One stop of a request at a breakpoint. A request that hit two breakpoints at once has two of
 * these and goes on when both were resumed.
 *
 * @param tag the breakpoint's
 * @param event which event it hit
 * @param request what was on its way; empty if the event was announced outside any request
 * @param since when it stopped
 */
public record SuspendedRequest(String tag, Event event, Optional<Request> request, Instant since) {}
