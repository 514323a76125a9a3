package import InterlockModel

/// The cause of a denial, as it was recorded.
package struct StatedCause: Sendable, Hashable {
    /// The index of the record `call.denied`.
    package let record: UInt64
    package let agent: AgentName
    package let cause: DenialCause
    /// The policy that grants the call; nil unless the cause is `policy`.
    package let policy: Digest?
    package let by: Pseudonym
}

/// The reason for which no cause is recorded.
package enum ClassificationRefusal: Error, Sendable, Hashable {
    /// The record does not exist or is not visible to this person.
    case missing
    /// The reason is blank or too long.
    case reason
    /// The record is not of a denial that counts.
    case notCounted
    /// The person owns the agent.
    case ownAgent
    /// The policy in force does not have the agent, or names no owner.
    case noOwner
    /// The run had read no untrusted content when the call was denied.
    case notTainted
    /// The decision has no input that can be read: it is a summary, or its payloads were erased.
    case noInput
    /// The policy in force is that of the denial, was never signed off, or denies the call, too.
    case notGranted
    case notRecorded(String)
    case notRead(EvidenceRefusal)
}
