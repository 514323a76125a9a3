package import InterlockModel

/// A release that needs another person's signature.
package struct ReleaseProposal: Sendable {
    package let order: ReleaseOrder
    /// The signers, in the order in which they signed.
    package let signers: [Person]
    /// The number of people who must sign.
    package let need: Int
    package let started: Timestamp
    package let ends: Timestamp
}

extension HaltService {
    /// The proposed releases, oldest first.
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
