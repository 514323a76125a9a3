package import InterlockJSON
package import InterlockModel
package import InterlockPolicy

/// What a reviewer's template says of one call, as it stands among the facts of its review.
package struct TemplateShown: Sendable {
    /// Of the template.
    package let digest: Digest
    private var facts: JSONObject

    static let preview = "preview"
    static let preconditions = "preconditions"
    private static let names = [
        "target", "quantity", "reversible", "leaves_to", preview, preconditions,
    ]

    /// The words alone.
    ///
    /// - Throws: when the call lacks an argument that is named: it cannot be shown in full.
    package init(_ entry: TemplateSet.Entry, of arguments: JSONValue) throws(TemplateGap) {
        digest = entry.digest
        facts = try entry.template.filled(from: arguments).facts
    }

    /// Adds what was read, and by which call.
    mutating func add(_ reading: PreviewReading, by preview: ReviewTemplate.Preview) {
        facts[Self.preview] = [
            "tool": .string(preview.tool.description),
            "call": .string(reading.call.decisionID),
            "shows": .object(reading.members(preview.show)),
        ]
    }

    /// Adds that nothing could be read.
    mutating func add(_ fault: PreviewFault, by preview: ReviewTemplate.Preview) {
        facts[Self.preview] = [
            "tool": .string(preview.tool.description), "failed": .string(fault.rawValue),
        ]
    }

    /// Adds what has to be the same when the call is sent.
    mutating func add(preconditions: JSONObject) {
        if !preconditions.isEmpty { facts[Self.preconditions] = .object(preconditions) }
    }

    package func put(into other: inout JSONObject) {
        for (name, value) in facts.members { other[name] = value }
    }

    package static func remove(from facts: inout JSONObject) {
        for name in names { facts[name] = nil }
    }
}
