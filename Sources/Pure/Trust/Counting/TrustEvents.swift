package import InterlockModel

/// An incident about an agent, by its record.
package struct TrustIncident: Sendable, Hashable {
    /// 1, the worst, to 3.
    package let severity: Int
    package let time: Timestamp
    package let leaf: Digest

    package init(severity: Int, time: Timestamp, leaf: Digest) {
        self.severity = severity
        self.time = time
        self.leaf = leaf
    }
}

/// A change that took credit from an agent, by the record that shows it.
package struct RecordedChange: Sendable, Hashable {
    package let change: FingerprintChange
    package let leaf: Digest
    package let time: Timestamp

    package init(change: FingerprintChange, leaf: Digest, time: Timestamp) {
        self.change = change
        self.leaf = leaf
        self.time = time
    }
}
