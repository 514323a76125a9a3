package import InterlockJSON
package import InterlockModel

/// A compiled JSON Schema, draft-07 or 2020-12, for validating values. `format` and the content keywords are
/// annotations; references must stay within the document.
package struct CompiledSchema: Sendable {
    let nodes: [SchemaNode]
    let root: Int
    let usesUnevaluated: Bool

    package init(_ schema: JSONValue, patterns: any PatternCompiler) throws(SchemaError) {
        var compiler = try SchemaCompiler(schema, patterns: patterns)
        root = try compiler.node(at: "")
        nodes = compiler.nodes
        usesUnevaluated = compiler.usesUnevaluated
    }

    /// - Returns: the first violation, or nil if the value is valid. A value whose validation exceeds
    ///   `SchemaLimits.steps` is invalid.
    package func validate(_ value: JSONValue) -> SchemaViolation? {
        judge(value, refusesUnknown: false)
    }

    /// Validates the arguments of a tool as `validate` does, but also rejects a top-level member that no part of the
    /// schema covers, unless the schema explicitly allows others (`additionalProperties`, `patternProperties`,
    /// `unevaluatedProperties`).
    package func validateArguments(_ arguments: JSONObject) -> SchemaViolation? {
        judge(.object(arguments), refusesUnknown: true)
    }

    private func judge(_ value: JSONValue, refusesUnknown: Bool) -> SchemaViolation? {
        var evaluator = SchemaEvaluator(self)
        var seen = Evaluated(isTracking: refusesUnknown || usesUnevaluated)
        do {
            if let violation = try evaluator.check(root, value, &seen) { return violation }
        } catch {
            return SchemaViolation(
                "limit", "takes too many steps to check against the tool's schema")
        }
        guard refusesUnknown, let object = value.object else { return nil }
        guard let unknown = object.members.indices.first(where: { !seen.hasProperty($0) }) else {
            return nil
        }
        let key = object.members[unknown].key
        return SchemaViolation("additionalProperties", "is not known to the tool").inside(key)
    }
}

/// A violation of a schema, with its position in the value.
package struct SchemaViolation: Sendable, Equatable, CustomStringConvertible {
    /// The violated keyword, or `limit` if the step limit was exceeded.
    package let keyword: String
    /// A predicate, such as `must be a string`.
    package let message: String
    /// The tokens of the pointer, from the innermost to the outermost.
    private var tokens: [String] = []

    init(_ keyword: String, _ message: String) {
        self.keyword = keyword
        self.message = message
    }

    /// The JSON pointer of the position in the value; empty for the whole value.
    package var pointer: String { tokens.reversed().map { "/" + JSONPointer.escaped($0) }.joined() }

    package var description: String {
        tokens.isEmpty ? message : "`\(shortened(pointer))` \(message)"
    }

    func inside(_ token: String) -> SchemaViolation {
        var result = self
        result.tokens.append(token)
        return result
    }
}
