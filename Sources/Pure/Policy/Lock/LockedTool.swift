package import InterlockJSON
package import InterlockModel

/// A tool as it was reviewed. Pin and floor are made from the definition, never taken from elsewhere.
package struct LockedTool: Sendable, Hashable {
    /// The members under the pin, as `ToolDefinition.pinned` of the module MCP makes them.
    package let definition: JSONObject
    /// SHA-256 of the definition's RFC 8785 form.
    package let pin: Digest
    /// The least class that the explicit annotations allow; nil when they raise nothing.
    package let floor: ToolClass?
    /// The name at `/mcp` of a tool whose own does not fit there.
    package let alias: String?
    package let override: FloorOverride?
    package let reviewed: LockReview
    package let inputSchema: JSONObject

    /// Of one definition, in its RFC 8785 form.
    package static let largestDefinition = 1 << 20
    /// Objects and arrays inside one another: with what surrounds it, the file stays within the
    /// depth that is read.
    package static let deepestDefinition = 56

    /// - Throws: with `path` before the member, when the definition is not of the form that is pinned,
    ///   has no RFC 8785 form, or an override overrides nothing.
    package init(
        definition: JSONObject, name: ToolName, alias: String? = nil,
        override: FloorOverride? = nil, reviewed: LockReview, at path: String = "",
        hashing: any Hashing
    ) throws(FormError) {
        let place = path.isEmpty ? "definition" : path + ".definition"
        let fields = try StrictFields(
            .object(definition), at: place, required: ["name", "inputSchema"],
            optional: [
                "title", "description", "outputSchema", "annotations", "execution", "xMcpHeaders",
            ])
        try fields.expect("name", name.text)
        for key in ["title", "description"] where fields.has(key) {
            _ = try fields.string(key, length: 0...Self.largestDefinition)
        }
        for key in ["outputSchema", "annotations", "execution", "xMcpHeaders"]
        where definition[key] != nil && definition[key]?.object == nil {
            throw fields.bad(key, "an object")
        }
        guard let schema = definition["inputSchema"]?.object, schema["type"] == "object" else {
            throw fields.bad("inputSchema", "a schema of type `object`")
        }
        pin = hashing.sha256(try definitionBytes(definition, at: place))
        floor = riskFloor(of: definition["annotations"]?.object)
        if let override {
            guard let floor, override.toolClass.isBelow(floor) else {
                throw .badMember(
                    path.isEmpty ? "override" : path + ".override", "null or below the floor")
            }
        }
        self.definition = definition
        self.alias = alias
        self.override = override
        self.reviewed = reviewed
        inputSchema = schema
    }

    /// The least class that a policy may give the tool; nil: any.
    package var leastClass: ToolClass? { override?.toolClass ?? floor }
}

/// Somebody's statement that the annotations claim too much. It counts as far as the lock does.
package struct FloorOverride: Sendable, Hashable {
    package let toolClass: ToolClass
    package let by: Person
    package let reason: String

    package static let longestReason = 500

    package init(toolClass: ToolClass, by: Person, reason: String) {
        self.toolClass = toolClass
        self.by = by
        self.reason = reason
    }
}

/// Who says to have read the definition, and when. A statement, not a proof.
package struct LockReview: Sendable, Hashable {
    package let by: Person
    /// Whole seconds.
    package let at: Timestamp

    package init(by: Person, at: Timestamp) {
        self.by = by
        self.at = at.wholeSecond
    }
}

/// The bytes under a pin.
func definitionBytes(
    _ definition: JSONObject, at place: String
) throws(FormError) -> [UInt8] {
    let bytes: [UInt8]
    do throws(JSONError) { bytes = try definition.canonical() } catch {
        throw .badMember(place, "what RFC 8785 can carry (\(error))")
    }
    let limits = JSONLimits(
        depth: LockedTool.deepestDefinition, bytes: LockedTool.largestDefinition)
    do throws(JSONError) { _ = try JSONValue(parsing: bytes, limits: limits) } catch {
        throw .badMember(
            place,
            "at most \(LockedTool.largestDefinition) bytes and "
                + "\(LockedTool.deepestDefinition) levels")
    }
    return bytes
}
