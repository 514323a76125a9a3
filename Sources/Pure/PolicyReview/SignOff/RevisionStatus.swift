package import InterlockJSON
package import InterlockModel
import InterlockPolicy

/// The status of the revision in force: who put it in force.
package enum RevisionStatus: Hashable, Sendable {
    /// No revision was ever signed off here: anyone who can write the files decides. No agent is above
    /// `supervised`.
    case founding
    /// The people who signed; empty if the revision was signed off before and its file does not show by
    /// whom.
    case signed([Person], SignOffBasis = .people)

    package var isFounding: Bool { self == .founding }
    /// True if no person other than the author has signed it.
    package var isSignedAlone: Bool {
        if case .signed(_, let basis) = self { basis.isAuthorAlone } else { false }
    }
}

/// The revision that was last signed off on this node, as the store remembers it. Once it exists, nothing
/// unsigned is loaded.
package struct AcceptedRevision: Hashable, Sendable {
    package let identity: RevisionIdentity
    /// The people who may sign the next revision.
    package let owners: Set<Person>
    /// The policy digest, computed without the lock: a policy with a damaged lock is still the one that was
    /// signed off. Is nil if an older version stored the revision.
    package let bare: Digest?
    package let basis: SignOffBasis
    /// The authors who may not vote on what this revision or an earlier one widened.
    package let proposers: RevisionProposers

    package init(
        identity: RevisionIdentity, owners: Set<Person>, bare: Digest?,
        basis: SignOffBasis = .people, proposers: RevisionProposers = RevisionProposers()
    ) {
        self.proposers = proposers
        self.identity = identity
        self.owners = owners
        self.bare = bare
        self.basis = basis
    }

    private static let mostOwners = 10_000

    package var json: JSONValue {
        [
            "v": 1, "type": "accepted-revision", "identity": identity.json,
            "owners": .array(owners.sorted().map { .string($0.address) }),
            "bare": bare.map { .string($0.prefixed) } ?? .null, "basis": .string(basis.rawValue),
            "proposers": proposers.json,
        ]
    }

    package init(json: JSONValue) throws(FormError) {
        let fields = try StrictFields(
            json, required: ["v", "type", "identity", "owners"],
            optional: ["bare", "basis", "proposers"])
        try fields.expectVersion1()
        try fields.expect("type", "accepted-revision")
        identity = try RevisionIdentity(
            try StrictFields(
                try fields.value("identity"), at: "identity",
                required: ["digest", "tests", "files"]))
        owners = Set(
            try fields.list("owners", count: 0...Self.mostOwners, "an e-mail address", Person.init))
        bare = fields.has("bare") ? try fields.optional("bare", "a digest or null", digest) : nil
        // An older version accepted a revision only if people other than its author had signed it.
        basis =
            fields.has("basis")
            ? try fields.made("basis", "a basis of a sign-off", SignOffBasis.init(rawValue:))
            : .people
        proposers =
            fields.has("proposers")
            ? try RevisionProposers(fields.array("proposers", count: 0...Self.mostOwners))
            : RevisionProposers()
    }
}

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
