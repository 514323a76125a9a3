package import InterlockCluster
package import InterlockJSON
package import InterlockModel

/// The ends of a request without a use.
package enum RequestEnd: String, Sendable, CaseIterable {
    case denied, expired, withdrawn, void
}

/// A request that its node signed and sealed, with the units that its call needs.
package struct RequestDraft: Hashable, Sendable {
    package let request: ApprovalID
    package let agent: AgentName
    package let run: RunID
    /// The number of times that a grant of it may be used.
    package let uses: Int64
    package let ends: Timestamp
    package let body: [UInt8]
    package let takes: [UnitTake]

    init(
        request: ApprovalID, agent: AgentName, run: RunID, uses: Int64, ends: Timestamp,
        body: [UInt8], takes: [UnitTake]
    ) {
        self.request = request
        self.agent = agent
        self.run = run
        self.uses = uses
        self.ends = ends
        self.body = body
        self.takes = takes
    }

    /// The columns are those that the node signed.
    package init(_ draft: RowDraft<RequestRow>, takes: [UnitTake]) {
        self.init(
            request: draft.row.request, agent: draft.row.agent, run: draft.row.run,
            uses: draft.row.uses, ends: draft.row.ends, body: draft.body, takes: takes)
    }
}

/// The nonce of a signed statement. The end is part of what was signed.
package struct SpentNonce: Hashable, Sendable {
    package let nonce: ExactText
    package let ends: Timestamp

    package init(_ nonce: ExactText, ends: Timestamp) {
        self.nonce = nonce
        self.ends = ends
    }
}

/// A verified vote for a request, and its record.
package struct StoredVote: Hashable, Sendable {
    package let of: RequestVersion
    /// True for the last vote that the request needs: it is approved.
    package let isLast: Bool
    package let person: Pseudonym
    package let nonce: SpentNonce
    /// An id that the node makes for each statement that it receives, and keeps when it repeats the call: the same vote that
    /// comes to a node twice counts once.
    package let attempt: ExactText
    /// The body of the vote's row, signed and sealed.
    package let proof: [UInt8]
    /// The log that has the vote, and the index in it.
    package let origin: ExactText
    package let leaf: Int64

    init(
        of: RequestVersion, isLast: Bool, person: Pseudonym, nonce: SpentNonce,
        attempt: ExactText, proof: [UInt8], origin: ExactText, leaf: Int64
    ) {
        self.of = of
        self.isLast = isLast
        self.person = person
        self.nonce = nonce
        self.attempt = attempt
        self.proof = proof
        self.origin = origin
        self.leaf = leaf
    }

    /// The columns are those that the node signed.
    ///
    /// - Parameter version: the version of the request on which the vote builds.
    package init(
        _ draft: RowDraft<VoteRow>, version: Int64, isLast: Bool, nonce: SpentNonce,
        attempt: ExactText
    ) {
        self.init(
            of: RequestVersion(
                draft.row.request, revision: draft.row.revision, version: version),
            isLast: isLast, person: draft.row.person, nonce: nonce, attempt: attempt,
            proof: draft.body, origin: draft.row.origin, leaf: draft.row.leaf)
    }
}

/// The answer to a use: the grant is consumed by this node.
package struct UseAnswer: Hashable, Sendable {
    /// All entries after those that the node knew, which it applies and checks before it sends.
    package let entries: [StoredEntry]
    /// The entry of the use; nil if the node knew it already, so that it is in its own copy.
    package let entry: ChainHead?
}
