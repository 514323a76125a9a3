package import InterlockJSON
package import InterlockModel

/// A revision that lies on disk and is not in force.
package struct PolicyProposal: Sendable {
    package let digest: Digest
    /// Of everything that a signature covers: the policy with its lock, its tests, waivers, and files of other parts.
    package let identity: Digest
    package let revision: String?
    /// The policy in force, with which it was compared.
    package let active: Digest
    package let seen: Timestamp
    /// Why it is not in force, in words, with a stable code.
    package let refusal: PolicyReload.Refusal
    /// Whether a sign-off is all that it waits for.
    package var waitsForSignOff: Bool { refusal.code == "sign_off" }
    /// `equal`, `narrows`, `widens` or `not-comparable`.
    package let meaning: String
    /// The organisation's first, then by agent and tool; empty: both decide the same.
    package let changes: [PolicyChange]
    /// Paths of files of other parts that differ, whose meaning is not known here; `tests` among them.
    package let files: [String]
    /// That the policy in force has not.
    package let findings: [PolicyFinding]
    /// nil while nobody's signature can be judged.
    package let signing: PolicySigning?

    package init(
        digest: Digest, identity: Digest, revision: String?, active: Digest, seen: Timestamp,
        refusal: PolicyReload.Refusal, meaning: String, changes: [PolicyChange], files: [String],
        findings: [PolicyFinding], signing: PolicySigning?
    ) {
        self.digest = digest
        self.identity = identity
        self.revision = revision
        self.active = active
        self.seen = seen
        self.refusal = refusal
        self.meaning = meaning
        self.changes = changes
        self.files = files
        self.findings = findings
        self.signing = signing
    }
}

/// One way in which the revision decides otherwise.
package struct PolicyChange: Sendable, Hashable {
    package enum Direction: String, Sendable, CaseIterable {
        case widens, narrows
        /// Counts as wider.
        case notComparable = "not-comparable"
    }

    package let direction: Direction
    /// nil for what concerns the whole organisation.
    package let agent: String?
    /// The tool, or the path of what is compared as data.
    package let subject: String
    package let new: String
    package let old: String
    /// Arguments of a call that is decided otherwise: evaluated on both sides.
    package let witness: JSONValue?
    /// At what time, where it matters.
    package let time: String?
    /// Where it shows only at a stage below that of the files.
    package let stage: String?
    package let notes: [String]

    package init(
        direction: Direction, agent: String?, subject: String, new: String, old: String,
        witness: JSONValue? = nil, time: String? = nil, stage: String? = nil, notes: [String] = []
    ) {
        self.direction = direction
        self.agent = agent
        self.subject = subject
        self.new = new
        self.old = old
        self.witness = witness
        self.time = time
        self.stage = stage
        self.notes = notes
    }
}

/// Who has signed the revision, who still has to, and whether the reader is one of them.
package struct PolicySigning: Sendable, Hashable {
    /// nil while nobody has signed: the first to sign is the author.
    package let author: Person?
    package let hasAuthorSigned: Bool
    /// People other than the author, whose signatures count.
    package let signers: [Person]
    /// Signatures that count for nothing.
    package let uncounted: Int
    /// How many people other than the author have to sign.
    package let need: Int
    /// Who may, the author left out.
    package let eligible: [Person]

    package init(
        author: Person?, hasAuthorSigned: Bool, signers: [Person], uncounted: Int, need: Int,
        eligible: [Person]
    ) {
        self.author = author
        self.hasAuthorSigned = hasAuthorSigned
        self.signers = signers
        self.uncounted = uncounted
        self.need = need
        self.eligible = eligible
    }

    /// Whether a signature of this person would say something that is not said yet. Anybody may be the author.
    package func awaits(_ person: Person) -> Bool {
        guard let author else { return true }
        if person == author { return !hasAuthorSigned }
        return eligible.contains(person) && !signers.contains(person)
    }
}
