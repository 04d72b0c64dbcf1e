/**
 * Serves images to NBD clients. Entry: {@link io.faultdisk.nbd.server.NbdServer}, which listens;
 * {@link io.faultdisk.nbd.server.Export} says what it serves.
 *
 * <h2>How it works</h2>
 *
 * Each connection has one thread, which first negotiates ({@code Handshake}) and then runs a {@code
 * RequestLoop}: it receives as much as has come, runs every request in there, one after the other,
 * and sends all replies at once. So a request costs no hand-over between threads, and in the steady
 * state no allocation; its data is read from the image straight into its place among the replies.
 *
 * <pre>
 *   in   |request|request|write + data|requ...|      one receive
 *            |       |         |
 *            v       v         v                     BlockBackend, on this thread
 *   out  |reply + data|reply + data|reply|           one send
 * </pre>
 *
 * <p>A request that turns out to wait, at a breakpoint or for another request, must not hold up the
 * others. Whatever waits in the block layer does so in {@link io.faultdisk.base.Turns#await}, and
 * the {@link io.faultdisk.nbd.server.ServerTurns} of the graph tell the loop before the thread
 * parks. The loop then <em>hands the connection over</em>: a new loop on another thread takes the
 * input that is not parsed yet and the replies that are not sent yet; the old one keeps its buffers
 * for this one request, sends its reply when it ends, and its thread is free again. No driver needs
 * to know, and no request can block another by waiting.
 *
 * <p>What is known to be slow (flush, trim, FUA, images opened past the page cache, ...) goes to a
 * worker thread from the start ({@code SlowRequest}).
 *
 * <h2>Limits</h2>
 *
 * {@link io.faultdisk.nbd.server.ServerLimits} bound connections, requests in flight, workers,
 * memory and the time of a handshake. At a bound, a connection is not read from until there is room
 * again; it does not fail. What breaks the protocol ends the connection, with a message to the
 * server's log.
 */
@NullMarked
package io.faultdisk.nbd.server;

import org.jspecify.annotations.NullMarked;
