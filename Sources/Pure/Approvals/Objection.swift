package import InterlockModel

/// The reason for a denial (docs/specs/approvals.md, section 11).
package enum DenialReason: String, Sendable, CaseIterable {
    case wrongTarget = "wrong-target"
    case tooMuch = "too-much"
    case notNeeded = "not-needed"
    /// Alerts security.
    case suspicious
    /// Another reason, given in the text.
    case other
}

/// A person's unsigned no: by a signed-in person at the console, or by a one-time token that was sent to one person. It
/// can only refuse: it denies a pending request and revokes an approved one.
package struct Objection: Hashable, Sendable {
    package enum Means: String, Hashable, Sendable {
        case session = "console-session"
        case chat, mail
    }

    package let person: Person
    package let pseudonym: Pseudonym
    /// The revision that the person saw, or nil if the objection applies to any revision.
    package let revision: Int?
    package let means: Means
    /// Is nil if a grant is revoked.
    package let reason: DenialReason?
    /// The person's own words; may be empty.
    package let text: String

    /// The limit of the text, in bytes of UTF-8.
    package static let longestText = 2048

    package init(
        person: Person, pseudonym: Pseudonym, revision: Int?, means: Means, reason: DenialReason?,
        text: String
    ) {
        self.person = person
        self.pseudonym = pseudonym
        self.revision = revision
        self.means = means
        self.reason = reason
        self.text = text
    }
}
