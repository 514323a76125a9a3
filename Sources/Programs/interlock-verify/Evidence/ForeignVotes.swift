/// The votes in other logs that one use of an approval names.
struct ForeignVotes {
    private struct Vote: Hashable {
        let log: Octets
        let hash: Digest
    }
    private var votes: Set<Vote> = []

    var count: Int { votes.count }

    /// Takes a vote that a grant names in another log.
    ///
    /// - Returns: false if the grant names one of this log.
    mutating func take(
        _ grant: JSONObject, _ hash: Digest, from origin: Octets
    ) throws(Fault) -> Bool {
        guard grant.range("o") != nil else { return false }
        guard let log = grant.text("o"), log != origin,
            votes.insert(Vote(log: log, hash: hash)).inserted
        else { throw Fault("the use names a vote in another log twice, or none") }
        return true
    }
}
