package import InterlockJSON
package import InterlockModel

/// A compiled JSON Schema, draft-07 or 2020-12, for validating values. `format` and the content keywords are
/// annotations; references must stay within the document.
package struct CompiledSchema: Sendable {
    let nodes: [SchemaNode]
    let root: Int
    /// The root as a list, made once: calls do not allocate it.
    private let roots: [Int]
    let usesUnevaluated: Bool

    package init(_ schema: JSONValue, patterns: any PatternCompiler) throws(SchemaError) {
        var compiler = try SchemaCompiler(schema, patterns: patterns)
        root = try compiler.node(at: "")
        roots = [root]
        nodes = compiler.nodes
        usesUnevaluated = compiler.usesUnevaluated
    }

    /// - Returns: the first violation, or nil if the value is valid. A value whose validation exceeds
    ///   `SchemaLimits.steps` is invalid.
    package func validate(_ value: JSONValue) -> SchemaViolation? {
        var evaluator = SchemaEvaluator(self)
        do { return try evaluator.checkChild(root, value) } catch { return .tooManySteps }
    }

    /// Validates the arguments of a tool as `validate` does, but also rejects a member, at any depth, that no part of the
    /// schema names (`ExtraFieldSearch`).
    ///
    /// - Parameter allowsExtra: true if members that the schema does not name are admitted, as `validate` does.
    package func validateArguments(
        _ arguments: JSONObject, allowsExtra: Bool = false
    ) -> SchemaViolation? {
        if let violation = validate(.object(arguments)) { return violation }
        if allowsExtra { return nil }
        var search = ExtraFieldSearch(self)
        do { return try search.first(in: arguments, at: roots) } catch { return .tooManySteps }
    }

    /// Returns the arguments of a tool without each member that is null, that the schema does not require, and whose own
    /// schema takes no null: hosts write null for an optional argument that the model left out, and a tool means the
    /// same by its absence.
    ///
    /// - Returns: nil if no member is left out.
    package func withoutOptionalNulls(_ arguments: JSONObject) -> JSONObject? {
        guard arguments.members.contains(where: { $0.value == .null }) else { return nil }
        var evaluator = SchemaEvaluator(self)
        let remaining = arguments.members.filter { key, value in
            guard value == .null, let node = optional(key) else { return true }
            // A schema that takes too many steps leaves the member, which the validation then refuses.
            return (try? evaluator.checkChild(node, value)) ?? nil == nil
        }
        return remaining.count == arguments.count ? nil : JSONObject(distinct: remaining)
    }

    /// Returns the schema of a top-level member that is not required, or nil if the member is required or has none.
    private func optional(_ key: String) -> Int? {
        var node: Int?
        for case .properties(let named, _, _) in nodes[root].keywords {
            node = named[ExactText(key)]
        }
        guard let node else { return nil }
        for case .required(let names) in nodes[root].keywords
        where names.contains(where: { sameBytes($0, key) }) { return nil }
        return node
    }
}

/// A violation of a schema, with its position in the value.
package struct SchemaViolation: Sendable, Equatable, CustomStringConvertible {
    package enum Cause: Sendable, Equatable {
        /// The value breaks this keyword.
        case keyword(String)
        /// A member that no part of the schema names, or that the schema excludes with the others.
        case extraField
        /// The validation takes more steps than `SchemaLimits` permits.
        case limit
    }

    package let cause: Cause
    /// A predicate, such as `must be a string`.
    package let message: String
    /// The tokens of the pointer, from the innermost to the outermost.
    private var tokens: [String] = []

    static let tooManySteps = SchemaViolation(
        .limit, "takes too many steps to check against the tool's schema")

    init(_ keyword: String, _ message: String) { self.init(.keyword(keyword), message) }

    init(_ cause: Cause, _ message: String) {
        self.cause = cause
        self.message = message
    }

    /// The JSON pointer of the position in the value; empty for the whole value.
    package var pointer: String { tokens.reversed().map { "/" + JSONPointer.escaped($0) }.joined() }

    package var description: String {
        // Names of members are of the one who sent the value: what a reader would not see is marked.
        tokens.isEmpty ? message : "`\(shortened(pointer.withMarks))` \(message)"
    }

    func inside(_ token: String) -> SchemaViolation {
        var result = self
        result.tokens.append(token)
        return result
    }
}
