import InterlockJSON
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
///
/// INVARIANT: an unsigned no can only refuse. Kept by `ObjectionTests`, `ApprovalInboxServiceTests`.
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

/// The denial or objection that ended a request, as its viewers see it.
package struct Dissent: Hashable, Sendable {
    package let person: Person
    /// Is nil for a signed denial and for a revoked grant, which carry no reason.
    package var reason: DenialReason?
    /// The person's own words; empty if none were given or if only the log holds them.
    package var text: String = ""
}

extension Dissent {
    init(_ objection: Objection) {
        self.init(person: objection.person, reason: objection.reason, text: objection.text)
    }

    /// The stored form.
    var json: JSONValue {
        var object: JSONObject = ["person": .string(person.address), "text": .string(text)]
        if let reason { object["reason"] = .string(reason.rawValue) }
        return .object(object)
    }

    init(json: JSONValue, at path: String) throws(FormError) {
        let fields = try StrictFields(
            json, at: path, required: ["person", "text"], optional: ["reason"])
        self.init(
            person: try fields.made("person", "an e-mail address", Person.init),
            reason: fields.has("reason")
                ? try fields.made("reason", "a reason") { DenialReason(rawValue: $0) } : nil,
            text: try fields.made("text", "at most \(Objection.longestText) bytes") { text in
                text.utf8.count <= Objection.longestText ? text : nil
            })
    }
}
