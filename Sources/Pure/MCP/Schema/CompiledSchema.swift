package import InterlockJSON
package import InterlockModel

/// A JSON Schema, draft-07 or 2020-12, ready to judge values. `format` and the content keywords are
/// annotations; references stay within the document.
package struct CompiledSchema: Sendable {
    let nodes: [SchemaNode]
    let root: Int
    let usesUnevaluated: Bool

    package init(
        _ schema: JSONValue, patterns: any PatternCompiler
    ) throws(SchemaError) {
        var compiler = try SchemaCompiler(schema, patterns: patterns)
        root = try compiler.node(at: "")
        nodes = compiler.nodes
        usesUnevaluated = compiler.usesUnevaluated
    }

    /// - Returns: the first thing that is wrong; nil for a valid value. A value whose judgement would
    ///   take more than `SchemaLimits.steps` is wrong too.
    package func validate(_ value: JSONValue) -> SchemaViolation? {
        judge(value, refusesUnknown: false)
    }

    /// As `validate`, for the arguments of a tool: a top-level member that no part of the schema speaks
    /// of is refused, unless the schema allows others explicitly (`additionalProperties`,
    /// `patternProperties`, `unevaluatedProperties`).
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

/// What is wrong with a value, and where.
package struct SchemaViolation: Sendable, Equatable, CustomStringConvertible {
    /// The keyword that said so; `limit` when the steps ran out.
    package let keyword: String
    /// A predicate: `must be a string`.
    package let message: String
    /// From the innermost to the outermost.
    private var tokens: [String] = []

    init(_ keyword: String, _ message: String) {
        self.keyword = keyword
        self.message = message
    }

    /// JSON pointer in the value; empty for the whole.
    package var pointer: String {
        tokens.reversed().map { "/" + JSONPointer.escaped($0) }.joined()
    }

    package var description: String {
        tokens.isEmpty ? message : "`\(shortened(pointer))` \(message)"
    }

    func inside(_ token: String) -> SchemaViolation {
        var result = self
        result.tokens.append(token)
        return result
    }
}
