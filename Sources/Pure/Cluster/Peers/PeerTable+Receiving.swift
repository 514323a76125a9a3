import InterlockJSON
package import InterlockModel

/// Messages of other nodes.
extension PeerTable {
    /// Returns the member that is at the other end of a connection.
    package func sender(
        of certificate: PeerCertificate?, at now: Timestamp
    ) -> Result<NodeName, PeerRefusal> {
        domain.sender(of: certificate, at: now, keys: keys(of:))
    }

    /// Counts a refusal.
    package mutating func refuse(_ refusal: PeerRefusal) {
        counts.refused[refusal, default: 0] += 1
    }

    /// Judges a message of a member. What the message asks for is left to the caller; that its sender was heard, and its
    /// head, are in the actions.
    ///
    /// - Parameter sender: the member that has proven to be at the other end.
    package mutating func receive(
        _ bytes: [UInt8], from sender: NodeName, at now: BootTime
    ) -> Result<(PeerMessage, [Action]), PeerRefusal> {
        do throws(PeerRefusal) {
            let message = try judge(bytes, sender, now)
            counts.received += 1
            return .success((message, hear(sender, message.head, at: now)))
        } catch {
            refuse(error)
            return .failure(error)
        }
    }

    private mutating func judge(
        _ bytes: [UInt8], _ sender: NodeName, _ now: BootTime
    ) throws(PeerRefusal) -> PeerMessage {
        guard var peer = peers[sender] else { throw .unknownNode }
        // Counted before anything is read, and kept also if the message is refused.
        let admits = peer.admits(at: now)
        peers[sender] = peer
        guard admits else { throw .tooMany }
        guard bytes.count <= PeerLimits.messageBytes else { throw .tooLarge }
        guard let message = try? PeerMessage(parsing: bytes) else { throw .malformed }
        guard sameBytes(message.org, org) else { throw .otherOrganisation }
        guard message.from == sender else { throw .otherSender }
        guard message.to == node else { throw .otherReceiver }
        guard peer.window.take(message.session, message.number) else { throw .replayed }
        peers[sender] = peer
        return message
    }
}
