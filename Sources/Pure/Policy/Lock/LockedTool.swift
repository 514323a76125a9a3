package import InterlockJSON
package import InterlockModel

/// A tool as reviewed. Its pin and floor are computed from the definition, never taken from elsewhere.
package struct LockedTool: Sendable, Hashable {
    /// The members that the pin covers, as `ToolDefinition.pinned` of the module MCP makes them.
    package let definition: JSONObject
    /// SHA-256 of the definition's RFC 8785 form.
    package let pin: Digest
    /// The lowest class that the explicit annotations allow, or nil if they do not raise it.
    package let floor: ToolClass?
    /// The name at `/mcp`, for a tool whose own name does not fit there.
    package let alias: String?
    package let override: FloorOverride?
    package let reviewed: LockReview
    package let inputSchema: JSONObject

    /// The maximum size of one definition in its RFC 8785 form, in bytes.
    package static let largestDefinition = 1 << 20
    /// The maximum nesting of objects and arrays. With what surrounds a definition, the file stays within
    /// the depth that the parser accepts.
    package static let deepestDefinition = 56

    /// - Throws: with `path` before the member, if the definition does not have the pinned form, has no RFC
    ///   8785 form, or an override overrides nothing.
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

    /// The lowest class that a policy may give the tool, or nil for any.
    package var leastClass: ToolClass? { override?.toolClass ?? floor }
}

/// A person's statement that the annotations claim too much. It counts only if the lock does.
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

/// The person who claims to have read the definition, and the time. It is a statement, not a proof.
package struct LockReview: Sendable, Hashable {
    package let by: Person
    /// The time, in whole seconds.
    package let at: Timestamp

    package init(by: Person, at: Timestamp) {
        self.by = by
        self.at = at.wholeSecond
    }
}

/// The bytes that a pin covers.
func definitionBytes(_ definition: JSONObject, at place: String) throws(FormError) -> [UInt8] {
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

/// The lowest class that the annotations allow, or nil if they do not raise it. Only explicit annotations
/// count: a hint that is absent, or of another type than bool, has no effect (docs/specs/mcp.md, section
/// 11).
func riskFloor(of annotations: JSONObject?) -> ToolClass? {
    if annotations?["destructiveHint"] == true { return .destructive }
    if annotations?["readOnlyHint"] == false { return .write }
    return nil
}

extension ToolClass {
    /// Returns true if the class is lower than the other, in the order from `read` to `admin`.
    package func isBelow(_ other: ToolClass) -> Bool { rank < other.rank }

    private var rank: Int {
        switch self {
        case .read: 0
        case .write: 1
        case .destructive: 2
        case .admin: 3
        }
    }
}
