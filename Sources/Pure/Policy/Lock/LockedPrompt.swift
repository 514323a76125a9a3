package import InterlockJSON
package import InterlockModel

/// A prompt as reviewed.
package struct LockedPrompt: Sendable, Hashable {
    /// The members `name`, `title`, `description` and `arguments`, without absent ones.
    package let definition: JSONObject
    package let pin: Digest
    package let alias: String?
    package let reviewed: LockReview

    package static let longestName = 128

    /// - Throws: with `path` before the member, if the definition does not have the pinned form or has no
    ///   RFC 8785 form.
    package init(
        definition: JSONObject, name: String, alias: String? = nil, reviewed: LockReview,
        at path: String = "", hashing: any Hashing
    ) throws(FormError) {
        let place = path.isEmpty ? "definition" : path + ".definition"
        let fields = try StrictFields(
            .object(definition), at: place, required: ["name"],
            optional: ["title", "description", "arguments"])
        try fields.expect("name", name)
        for key in ["title", "description"] where fields.has(key) {
            _ = try fields.string(key, length: 0...LockedTool.largestDefinition)
        }
        if fields.has("arguments") { _ = try fields.array("arguments", count: 0...256) }
        pin = hashing.sha256(try definitionBytes(definition, at: place))
        self.definition = definition
        self.alias = alias
        self.reviewed = reviewed
    }

    /// The schema of the arguments, which are texts; those without a name are omitted.
    var inputSchema: JSONObject {
        var properties = JSONObject()
        var required: [JSONValue] = []
        for argument in definition["arguments"]?.array ?? [] {
            guard let name = argument["name"], let text = name.string else { continue }
            properties[text] = ["type": "string"]
            if argument["required"] == true { required.append(name) }
        }
        return [
            "type": "object", "properties": .object(properties), "required": .array(required),
            "additionalProperties": false,
        ]
    }
}
