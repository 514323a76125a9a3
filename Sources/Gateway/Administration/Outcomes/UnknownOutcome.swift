package import InterlockEvidence
package import InterlockLedger
package import InterlockModel

/// A call whose outcome is unknown, and that waits for a person who finds out whether it took effect.
package struct UnknownOutcome: Sendable, Hashable {
    package let call: CallID
    package let run: RunID
    package let agent: AgentName
    /// The owner of the agent in the policy in force.
    package internal(set) var owner: Pseudonym?
    /// The tool, or nil if its name is no legal one.
    package let tool: ToolAddress?
    /// The time at which the outcome became unknown.
    package let since: Timestamp
    /// True if the reader may record a finding.
    package internal(set) var isMine = false
    /// The facts that the log has about it; nil until it was read, if it cannot be read, and if the reader must not
    /// read it.
    package internal(set) var details: Details?

    package struct Details: Sendable, Hashable {
        /// The index of the record `call.unknown`.
        package let record: UInt64
        /// `crash`, `killed`, `timeout`, `disconnect` or `limit`.
        package let cause: String
    }

    /// The time by which a person is to have checked it.
    package var due: Timestamp { since + .seconds(86_400) }
}

/// A finding about a call, as it is on record.
package struct CheckedOutcome: Sendable, Hashable {
    /// The index of the record `call.unknown`.
    package let record: UInt64
    package let call: CallID
    package let finding: OutcomeFinding
    package let by: Pseudonym
}

package enum OutcomeRefusal: Error, Sendable, Hashable {
    /// The record does not exist or is not visible to this person.
    case missing
    /// The person neither owns the agent nor has the role `security`.
    case notTheirs
    /// The record does not say that an outcome is unknown, or the outcome is known since.
    case known
    case checkedAlready(OutcomeFinding)
    /// The finding needs a comment, or the comment is too long.
    case comment
    case notRecorded(String)
    /// The log was not read: the reader reads too much, or the log cannot be read.
    case notRead(EvidenceRefusal)
}

/// The unknown outcomes for people and the command line.
package protocol OutcomeChecks: Sendable {
    /// The unknown outcomes of the agents that are visible, newest first. Reads memory only.
    func unchecked(for visibility: Visibility) -> [UnknownOutcome]

    /// Returns the person, or nil if they are no longer enrolled.
    func name(of person: Pseudonym) -> Person?

    /// Records what a person found. The same finding of the same person again changes nothing. It counts as one access
    /// to the log, which is refused before anything is read if the person has too many.
    ///
    /// - Parameters:
    ///   - index: the index of the record `call.unknown`.
    ///   - comment: of any origin; blank if there is none.
    func check(
        _ index: UInt64, _ finding: OutcomeFinding, comment: String, by person: Pseudonym,
        with visibility: Visibility
    ) async throws(OutcomeRefusal) -> CheckedOutcome
}
