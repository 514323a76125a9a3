import InterlockModel

/// Messages of runs that other nodes serve.
extension RunRouter {
    mutating func forward(
        _ message: WaitingMessage, of run: RunID, _ agent: AgentName, to other: NodeName
    ) -> [RunAction] {
        forwarded[message.message] = ForwardedMessage(
            run: run, agent: agent, isCall: message.isCall, node: other,
            misses: misses[message.message] ?? 0)
        return [.forward(message.message, to: other)]
    }

    /// Asks again after a peer that does not serve the run, twice at most.
    mutating func askAgain(_ message: RunMessage, at now: BootTime) -> [RunAction] {
        guard let sent = forwarded.removeValue(forKey: message) else { return [] }
        if others[sent.run] == sent.node { others[sent.run] = nil }
        let count = sent.misses + 1
        let waiting = WaitingMessage(message: message, isCall: sent.isCall, peer: nil)
        guard count <= AssignmentTimes.retries else { return refuse(waiting, .moving) }
        misses[message] = count
        return take(waiting, of: sent.run, sent.agent, at: now)
    }

    /// A message that may have reached the peer is not sent again.
    mutating func lose(
        _ message: RunMessage, wasSent: Bool, at now: BootTime
    ) -> [RunAction] {
        guard let sent = forwarded[message] else { return [] }
        guard wasSent else { return askAgain(message, at: now) }
        if others[sent.run] == sent.node { others[sent.run] = nil }
        forget(message)
        return [.refuse(message, .unknown)]
    }
}
