import InterlockJSON
package import InterlockModel

/// The no that ended a request, as those who see the request are told it.
package struct Dissent: Hashable, Sendable {
    package let person: Person
    /// nil where none was asked for: of a signed no, and of a grant that was taken back.
    package let reason: DenialReason?
    /// In the person's own words; empty where the log alone has them.
    package let text: String

    init(person: Person, reason: DenialReason? = nil, text: String = "") {
        self.person = person
        self.reason = reason
        self.text = text
    }

    init(_ objection: Objection) {
        self.init(person: objection.person, reason: objection.reason, text: objection.text)
    }
}

/// The stored form.
extension Dissent {
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
