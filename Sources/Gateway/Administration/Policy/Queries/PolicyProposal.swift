package import InterlockJSON
package import InterlockModel
import InterlockPolicy
package import InterlockPolicyReview

/// A revision for people to review and sign: one on disk that is not in force, or the one in force while none was ever
/// signed off.
package struct PolicyProposal: Sendable {
    package let digest: Digest
    /// The digest of everything that a signature covers: the policy with its lock, its tests, waivers, and files of
    /// other components.
    package let identity: Digest
    package let revision: String?
    /// The policy in force, with which it was compared unless it is the first.
    package let active: Digest
    /// The digest of everything that a signature under the policy in force covers.
    package let activeIdentity: Digest
    /// The digest of its tests.
    package let tests: Digest
    package let seen: Timestamp
    /// The reason why it is not in force, in words, with a stable code.
    package let refusal: PolicyReload.RefusalView
    /// True if only a sign-off is missing.
    package var waitsForSignOff: Bool { refusal.waitsForSignOff }
    /// The result of the comparison: `equal`, `narrows`, `widens` or `not-comparable`.
    package let meaning: String
    /// The changes: those that allow more first, then those that cannot be compared, each the organisation's first, then
    /// by agent and tool; empty if both decide the same.
    package let changes: [PolicyChange]
    /// The paths of other components' files that differ and whose meaning is not known here; includes `tests` if the
    /// tests differ.
    package let files: [String]
    /// The findings that the policy in force does not have.
    package let findings: [PolicyFinding]
    /// Is nil while no signature can be verified.
    package let signing: SignOffProgress?
    package let texts: RevisionFileDiff
    package let worst: WorstCaseComparison
    /// True if it is in force and no revision was ever signed off here. It is compared with no policy: `active` is its
    /// own digest, and all that it states is new.
    package var isFirst = false
    /// The digest of its lock, or nil if it has none.
    package var lock: Digest?
    /// The digests of the files of other components and of the waivers, as a signature covers them.
    package var signedFiles: [(path: String, digest: Digest)] = []
}

/// One difference in how the revision decides.
package struct PolicyChange: Sendable, Hashable {
    package enum Direction: String, Sendable, CaseIterable {
        case widens
        /// Treated as wider.
        case notComparable = "not-comparable"
        case narrows
    }

    package let direction: Direction
    /// Is nil if the change concerns the whole organisation.
    package let agent: String?
    /// The tool, or the path of what is compared as data.
    package let subject: String
    package let new: String
    package let old: String
    /// The arguments of a call that is decided differently, as evaluated under both policies.
    package var witness: JSONValue?
    /// The amounts of that call in their declared units, such as `amount_cents: 500.00 EUR (50000)`.
    package var amounts: [String] = []
    /// The time at which the decisions differ, if it matters.
    package var time: String?
    /// The trust stage at which the decisions differ, if they do only below the stage in the files.
    package var stage: String?
    package var notes: [String] = []
}

extension SignOffProgress {
    /// Returns true if this person's signature would add something.
    package func awaits(_ person: Person) -> Bool {
        guard let author else { return mayBeAuthor(person) }
        if person == author { return !isAuthors }
        return eligible.contains(person) && !signers.contains(person)
    }
}
