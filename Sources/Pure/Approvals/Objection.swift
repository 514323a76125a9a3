package import InterlockModel

/// Why a person said no (specs of approvals, section 11).
package enum DenialReason: String, Sendable, CaseIterable {
    case wrongTarget = "wrong-target"
    case tooMuch = "too-much"
    case notNeeded = "not-needed"
    /// Alerts security.
    case suspicious
    /// With a text.
    case other
}

/// A person's no without a signature: by whoever is signed in at the console, or by a one-time token that went to
/// one person. It can only refuse: it denies what waits and takes back what was approved.
package struct Objection: Hashable, Sendable {
    package enum Means: String, Hashable, Sendable {
        case session = "console-session"
        case chat, mail
    }

    package let person: Person
    package let pseudonym: Pseudonym
    /// Of the request, as it was seen; nil where whatever is shown by now is meant too.
    package let revision: Int?
    package let means: Means
    /// nil where a grant is taken back.
    package let reason: DenialReason?
    /// In the person's own words; may be empty.
    package let text: String

    /// Of the text, in UTF-8.
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
