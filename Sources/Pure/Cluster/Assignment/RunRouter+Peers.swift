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

    /// Asks the store again after a peer that does not serve the run, twice at most.
    mutating func askAgain(_ message: RunMessage) -> [RunAction] {
        guard let sent = forwarded.removeValue(forKey: message) else { return [] }
        if others[sent.run] == sent.node { others[sent.run] = nil }
        let count = sent.misses + 1
        let waiting = WaitingMessage(message: message, isCall: sent.isCall, peer: nil)
        guard count <= AssignmentTimes.retries else { return refuse(waiting, .moving) }
        misses[message] = count
        guard served[sent.run] == nil, claims[sent.run] == nil else {
            claims[sent.run]?.waiting.append(waiting)
            return claims[sent.run] == nil ? refuse(waiting, .moving) : []
        }
        return claim(sent.run, sent.agent, for: [waiting])
    }

    /// A message that may have reached the peer is not sent again.
    mutating func lose(_ message: RunMessage, wasSent: Bool) -> [RunAction] {
        guard let sent = forwarded[message] else { return [] }
        guard wasSent else { return askAgain(message) }
        if others[sent.run] == sent.node { others[sent.run] = nil }
        forget(message)
        return [.refuse(message, .unknown)]
    }
}
