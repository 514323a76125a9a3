package import InterlockModel

/// The periodic review of an agent or of the organisation: the last one and the next (docs/specs/trust-and-review.md, section 9).
package struct ReviewStatus: Sendable, Hashable {
    /// The time at which the next review is due, with a postponement that counts.
    package let due: Timestamp
    /// The last review that was signed; nil before the first.
    package let signed: SignedAt?
    /// The latest time that was seen by the one who answers; nil if that is not known.
    package let seen: Timestamp?

    /// A record and its time.
    package struct SignedAt: Sendable, Hashable {
        package let time: Timestamp
        package let leaf: Digest

        package init(time: Timestamp, leaf: Digest) {
            self.time = time
            self.leaf = leaf
        }
    }

    package init(due: Timestamp, signed: SignedAt?, seen: Timestamp? = nil) {
        self.due = due
        self.signed = signed
        self.seen = seen
    }

    /// A clock that was set back makes nothing current: the latest time that was seen counts.
    package func isCurrent(at now: Timestamp) -> Bool { max(seen ?? now, now) < due }
}

/// The last test of the deployment by itself (docs/specs/evidence.md, section 5).
package struct SelfTestStatus: Sendable, Hashable {
    package let time: Timestamp
    package let passed: Bool
    package let leaf: Digest
    /// The time from which the next one is overdue.
    package let due: Timestamp

    package init(time: Timestamp, passed: Bool, leaf: Digest, due: Timestamp) {
        self.time = time
        self.passed = passed
        self.leaf = leaf
        self.due = due
    }

    package func isSound(at now: Timestamp) -> Bool { passed && now < due }
}
