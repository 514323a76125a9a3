package import InterlockJSON
package import InterlockLedger
package import InterlockModel

/// The records that the figures and samples of a pack are about (docs/evidence.md, "Population").
package struct EvidencePopulation: Sendable, Hashable {
    /// The first instant of the period.
    package let from: Timestamp
    /// The first instant after the period.
    package let to: Timestamp
    /// The size of the log at the start of the period; 0 if no checkpoint of it is kept.
    package let start: UInt64
    /// The size of the log that the pack proves.
    package let end: UInt64
    /// Empty for all agents.
    package let agents: Set<ExactText>

    package init(
        from: Timestamp, to: Timestamp, start: UInt64, end: UInt64, agents: Set<ExactText>
    ) {
        self.from = from
        self.to = to
        self.start = start
        self.end = end
        self.agents = agents
    }

    /// True if the record is of the period and its agents, and of no canary; one that names no agent is about all of
    /// them. The caller leaves out `RecordsApart`.
    package func contains(_ record: StoredRecord, at index: UInt64) -> Bool {
        guard index >= start, index < end, let time = record.time, time >= from, time < to else {
            return false
        }
        guard let agent = record.text("agent") else { return true }
        guard !RecordsApart.namesCanary(record) else { return false }
        return agents.isEmpty || agents.contains(agent)
    }
}

/// A record that was drawn as a sample.
package struct EvidenceSample: Sendable, Hashable {
    package let index: UInt64
    package let leaf: Digest
    /// The kind of `SampleKind` by name.
    package let kind: String

    package init(index: UInt64, leaf: Digest, kind: String) {
        self.index = index
        self.leaf = leaf
        self.kind = kind
    }

    var json: JSONValue {
        [
            "index": .string(String(index)), "kind": .string(kind), "leaf": .string(leaf.prefixed),
        ]
    }
}
