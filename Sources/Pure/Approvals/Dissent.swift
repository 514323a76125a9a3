import InterlockJSON
package import InterlockModel

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
