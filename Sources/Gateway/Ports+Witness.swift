package import InterlockLedger
package import InterlockModel

// The doors between the log, its witnesses and the gateway. Each comment is a contract.

/// Hears of each record of the log as soon as it is durable, before anybody else is told. Called by the
/// thread that writes the log, one call at a time: returns at once.
package protocol DurableFollower: Sendable {
    /// Once, before anything else: the tree that was found when the log was opened.
    func begin(at range: CompactRange)

    /// - Parameter checkpoint: the signed checkpoint of the size after these.
    func extend(by leafHashes: [Digest], checkpoint: [UInt8])
}

/// Carries questions to witnesses.
package protocol WitnessCaller: Sendable {
    /// Posts a body to `<prefix>/add-checkpoint` and waits for the whole answer, for `limit` at most. A
    /// redirect is not followed: it is an answer. What did not work is an answer too.
    func post(_ body: [UInt8], to prefix: String, within limit: Duration) async -> WitnessReply
}

package enum WitnessReply: Sendable, Equatable {
    case answer(status: Int, contentType: String, body: [UInt8])
    /// No answer, too late, too large, or not HTTP.
    case failed(String)
}
