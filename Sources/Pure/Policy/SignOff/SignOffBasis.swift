package import InterlockModel

/// The basis on which signatures put a revision in force (docs/specs/policy.md, section 6.3).
package enum SignOffBasis: String, Hashable, Sendable {
    /// People other than the author.
    case people
    /// The author alone: the first revision that was ever signed off on this node.
    case founding
    /// The author alone: no other person is enrolled.
    case single

    /// True if only the author signed, which is shown in amber wherever the posture is shown.
    package var isAuthorAlone: Bool { self != .people }
}

/// A sign-off that was found to suffice.
package struct SufficientSignOff: Hashable, Sendable {
    /// The people whose signatures count, sorted; only the author if no other person is required.
    package let signers: [Person]
    package let basis: SignOffBasis
}
