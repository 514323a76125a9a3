/// The kinds of entry of the control log, one for each change of what is allowed (docs/specs/cluster.md, section 3). The
/// raw value is stored. A program that does not know a kind cannot judge the log, and permits nothing.
package enum ControlKind: String, Sendable, CaseIterable {
    /// A halt order; the subject is the order's id.
    case halt
    /// A release of halts; the subject is the order's id.
    case release
    /// The policy revision that was signed off; the subject is always `policy`.
    case revision
    /// The lock in force; the subject is always `lock`.
    case lock
    /// A quarantine and its end; the subject is the server.
    case quarantine
    case quarantineEnd = "quarantine.end"
    /// A granted elevation and its end; the subject is the elevation's id.
    case elevation
    case elevationEnd = "elevation.end"
    /// The roles and credentials of one person; the subject is the person's pseudonym.
    case person
    /// The end of a service account's token; the subject is the token's id.
    case tokenEnd = "token.end"
    /// A seat passed to another person and its end; the subject is the id of the order.
    case delegation
    case delegationEnd = "delegation.end"
    /// A canary and its end; the subject is its name.
    case canary
    case canaryEnd = "canary.end"
    /// A result of evals; the subject is the agent and the fingerprint.
    case evalResult = "eval.result"
    /// An exception from the change gate; the subject is the agent.
    case evalException = "eval.exception"
    /// A statement about the holder of a token; the subject is the id of the token.
    case evalManifest = "eval.manifest"
    /// The parts that a narrowing change of the policy replaced, for which an agent's result counts for a time; the
    /// subject is the agent.
    case evalCarry = "eval.carry"
    /// The start of the change gate on this store, and the latest time that it has seen, with the subject `gate`; the
    /// policy under which it judged last, with the subject `policy`.
    case evalGate = "eval.gate"
    /// A promotion that people signed, a loss of autonomy by the machine, and the ceiling that an owner set; the subject
    /// is the agent. The whole history counts, not the newest entry alone.
    case trustPromotion = "trust.promotion"
    case trustDemotion = "trust.demotion"
    case trustDelegation = "trust.delegation"
    /// The confirmation of an owner to own an agent; the subject is the agent, and the newest counts.
    case trustOwnership = "trust.ownership"
    /// An exception by which people raised an agent's stage for a time; the subject is the agent.
    case trustException = "trust.exception"
    /// The time from which an agent or the organisation is reviewed, a review that people signed, and its postponement;
    /// the subject is the scope. The whole history counts.
    case reviewSchedule = "review.schedule"
    case reviewSignOff = "review.signoff"
    case reviewPostponement = "review.postponement"
    /// The start of a review and the marks of its records; the subject is the id of the review.
    case reviewStart = "review.start"
    case reviewMark = "review.mark"

    /// True if a subject has one entry of this kind at most: an order is appended once, however often it is sent.
    package var isOnce: Bool { self == .halt || self == .release }
}
