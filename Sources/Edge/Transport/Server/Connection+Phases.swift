/// The phases of a connection and its time limits.
extension Connection {
    func setDeadline(_ delay: Duration) { deadline.set(delay) }

    /// Closes the connection if no byte of a request has arrived for `time`. With nil, closes it regardless of the
    /// time, even during a handshake.
    func closeIfIdle(for time: Duration?) {
        guard phase == .reading, parser.isBetweenRequests, input.isEmpty, !hasPendingOutput else {
            return
        }
        guard let time else { return close() }
        if claim.holder == nil, !isInHandshake, limits.idle - deadline.left >= time { close() }
    }

    /// Closes the connection if a body has been arriving for `time`.
    func closeIfSlow(for time: Duration) {
        guard phase == .reading, let bodyEnd else { return }
        if limits.body - left(until: bodyEnd) >= time { close() }
    }

    /// Sets the deadline for the rest of a request. The deadline of a head is not moved by its bytes; a body has a
    /// fixed deadline and a shorter one that each byte moves.
    func awaitMore() {
        if parser.isInBody {
            let end = bodyEnd ?? loop.nowNanoseconds.addingClamped(limits.body.nanosecondsClamped)
            bodyEnd = end
            setDeadline(min(limits.bodyProgress, left(until: end)))
        } else if !input.isEmpty, !headStarted {
            headStarted = true
            setDeadline(limits.head)
        }
    }

    /// Ends what has taken too long in the present phase, or keeps a stream open.
    ///
    /// INVARIANT: a response that is still to be sent ends no connection; one that the client did not accept for
    /// `writeProgress` does. Kept by `HTTPServerTests`.
    func deadlinePassed() {
        guard phase != .closed else { return }
        // Jobs run before the timers of their turn, so an event may just have been queued: a waiting call sends progress
        // as often as the connection sends comments.
        if hasPendingOutput { return writable ? flush() : close() }
        switch phase {
        case .reading where parser.isBetweenRequests && input.isEmpty: close()
        case .reading:
            refuse(HTTPFault(408, "too slow"))
        case .handling:
            exchange?.keepAlive()
            if exchange?.isStreaming == true { setDeadline(limits.eventKeepAlive) }
        case .closing, .lingering: close()
        case .closed: return
        }
    }

    private func left(until end: UInt64) -> Duration {
        let now = loop.nowNanoseconds
        return .nanoseconds(Int64(clamping: end > now ? end - now : 0))
    }

    /// The phase of a connection.
    enum Phase {
        /// Waits for a head or a body. -> handling, lingering, closed
        case reading
        /// A handler has the request. -> reading, lingering, closed
        case handling
        /// The last response is being written. -> lingering, closed
        case closing
        /// Our side is shut down; bytes from the client are discarded. -> closed
        case lingering
        case closed
    }

    /// Called after each read until the handshake is complete. Then it releases the handshake's place and applies the
    /// client's proved key to all requests of the connection.
    func noteHandshake() {
        guard stream.isOpen else { return }
        isInHandshake = false
        registry.leaveHandshake()
        parser.clientKey = stream.clientKey
        parser.certificate = stream.certificate
        setDeadline(limits.idle)
    }
}
