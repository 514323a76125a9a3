package import InterlockModel

/// The result of the comparison of a revision with the one in force.
package enum RevisionWidth: Hashable, Sendable {
    case equalOrNarrower
    /// Something is permitted that was not, or the comparison could not tell.
    case wider
}

/// A trial of a revision on a few nodes before all have it (`policy.canary`). There is none of a revision that widens.
package struct CanaryTrial: Hashable, Sendable {
    package let nodes: Int
    package let time: Duration

    /// - Returns: nil unless the revision is equal or narrower, and the numbers are 1 to 100 nodes and at most a day.
    package init?(nodes: Int = 1, for time: Duration = .seconds(600), of width: RevisionWidth) {
        guard width == .equalOrNarrower, (1...100).contains(nodes), time > .zero,
            time <= .seconds(86_400)
        else { return nil }
        self.nodes = nodes
        self.time = time
    }
}

/// A revision that people have signed off and a node has stored, before it is an entry.
package struct StagedRevision: Hashable, Sendable {
    package let digest: Digest
    /// The revision that it replaces; nil if there was none.
    package let predecessor: Digest?
    package let trial: CanaryTrial?

    package init(digest: Digest, predecessor: Digest?, trial: CanaryTrial? = nil) {
        self.digest = digest
        self.predecessor = predecessor
        self.trial = trial
    }
}
