package import InterlockJSON
package import InterlockModel
package import InterlockPolicy

/// A reviewer's template filled for one call, as part of the facts of its review.
package struct TemplateShown: Sendable {
    /// The digest of the template.
    package let digest: Digest
    private var facts: JSONObject

    static let preview = "preview"
    static let preconditions = "preconditions"
    private static let names = [
        "target", "quantity", "reversible", "leaves_to", preview, preconditions,
    ]

    /// Fills the template's texts only.
    ///
    /// - Parameter units: the units that the entry of the tool declares.
    /// - Throws: if the call lacks an argument that the template names; it then cannot be displayed in full.
    package init(
        _ entry: TemplateSet.Entry, of arguments: JSONValue, units: ToolUnits
    ) throws(TemplateGap) {
        digest = entry.digest
        facts = try entry.template.filled(from: arguments, units: units).facts
    }

    /// Adds the members that a preview read, and the preview's call.
    mutating func add(_ reading: PreviewReading, by preview: ReviewTemplate.Preview) {
        facts[Self.preview] = [
            "tool": .string(preview.tool.description), "call": .string(reading.call.decisionID),
            "shows": .object(reading.members(preview.show)),
        ]
    }

    /// Adds that the preview failed.
    mutating func add(_ fault: PreviewFault, by preview: ReviewTemplate.Preview) {
        facts[Self.preview] = [
            "tool": .string(preview.tool.description), "failed": .string(fault.rawValue),
        ]
    }

    /// Adds the members that must be unchanged when the call is sent.
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
