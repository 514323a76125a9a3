/// How long a connection is waited for.
extension Connection {
    /// Nothing of a request has come yet, for so long; nil for however long, in a handshake too.
    func closeIfIdle(for time: Duration?) {
        guard phase == .reading, parser.isBetweenRequests, input.isEmpty, !hasPendingOutput else {
            return
        }
        guard let time else { return close() }
        if claim.holder == nil, !isInHandshake, limits.idle - deadline.left >= time { close() }
    }

    /// A body has been on its way for so long.
    func closeIfSlow(for time: Duration) {
        guard phase == .reading, let bodyEnd else { return }
        if limits.body - left(until: bodyEnd) >= time { close() }
    }

    /// More of what has begun is to come: of a head by a time that its bytes do not move, of a body likewise, and
    /// with progress all the while.
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

    private func left(until end: UInt64) -> Duration {
        let now = loop.nowNanoseconds
        return .nanoseconds(Int64(clamping: end > now ? end - now : 0))
    }
}
