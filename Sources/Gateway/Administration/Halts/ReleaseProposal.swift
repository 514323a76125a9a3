package import InterlockModel

/// A release that waits for another person, as people see it.
package struct ReleaseProposal: Sendable {
    package let order: ReleaseOrder
    /// In the order in which they signed.
    package let signers: [Person]
    /// How many people must sign.
    package let need: Int
    package let started: Timestamp
    package let ends: Timestamp

    package init(
        order: ReleaseOrder, signers: [Person], need: Int, started: Timestamp, ends: Timestamp
    ) {
        self.order = order
        self.signers = signers
        self.need = need
        self.started = started
        self.ends = ends
    }
}

extension HaltService {
    /// The oldest first.
    package var waitingReleases: [ReleaseProposal] {
        let trust = judge.trust
        return releases.map { draft in
            ReleaseProposal(
                order: draft.order,
                signers: draft.signatures.compactMap { trust.person($0.signer)?.person },
                need: trust.releaseQuorum, started: draft.started, ends: draft.ends)
        }
    }
}
