import InterlockJSON
import InterlockPolicy
import InterlockPolicyCEL

/// A guard in plain English, such as `amount_cents is at most 50000 and currency is "EUR"`.
///
/// Only what can be said exactly is put in words: arguments compared with literals, presence, lists of literals, the
/// beginning and end of texts, and their combinations. Everything else stays as it is written.
package enum ConditionFormatter {
    /// Returns the guard in words, or its text if some part of it has none.
    ///
    /// - Parameter units: the units of the tool's arguments, in which numbers are put: `amount_cents is at most 500.00
    ///   EUR`. The guard as written is to be shown too.
    package static func words(of guardText: String, units: ConditionUnits? = nil) -> String {
        guard let tree = try? CELParser.parse(guardText, limits: .guardText) else {
            return guardText
        }
        let texts = units.map { _ in RequiredTexts(tree: tree).texts(of: tree.root) } ?? [:]
        let reader = GuardReader(tree: tree, units: units, texts: texts)
        guard let words = reader.condition(tree.root, isNegated: false)
        else { return guardText }
        return words.text
    }
}

/// A condition in words; one with a connective needs parentheses within another connective.
private struct Phrase {
    let text: String
    var connective: CELOperator?

    init(_ text: String) { self.text = text }

    init(_ a: Phrase, _ connective: CELOperator, _ b: Phrase) {
        let word = connective == .and ? "and" : "or"
        text = "\(a.inside(connective)) \(word) \(b.inside(connective))"
        self.connective = connective
    }

    private func inside(_ outer: CELOperator) -> String {
        connective == nil || connective == outer ? text : "(\(text))"
    }
}

private struct GuardReader {
    let tree: CELTree
    let units: ConditionUnits?
    /// The texts that the condition requires of an argument wherever it is true.
    let texts: [ArgumentPath: Set<String>]

    /// Returns nil if there are no exact words. A negation is moved inward, which keeps the meaning of errors too.
    func condition(_ id: CELTree.ID, isNegated: Bool) -> Phrase? {
        switch tree[id].kind {
        case .not(let inner): return condition(inner, isNegated: !isNegated)
        case .binary(let connective, let a, let b) where connective == .and || connective == .or:
            guard let left = condition(a, isNegated: isNegated),
                let right = condition(b, isNegated: isNegated)
            else { return nil }
            let other: CELOperator = connective == .and ? .or : .and
            return Phrase(left, isNegated ? other : connective, right)
        case .binary(let comparison, let a, let b):
            return compared(a, comparison, b, isNegated)
        case .has(let target, let field):
            guard let path = argument(target) else { return nil }
            return Phrase("\(joined(path, field)) is \(isNegated ? "not given" : "given")")
        case .call(let function, let target?, let arguments, _) where arguments.count == 1:
            guard let verb = Self.verbs[function], let subject = quantity(target),
                let text = literal(arguments[0])
            else { return nil }
            return Phrase("\(subject) \(isNegated ? verb.negated : verb.plain) \(text)")
        case .select, .index:
            if let fact = fact(id).flatMap({ Self.flags[$0] }) {
                return Phrase(isNegated ? fact.negated : fact.plain)
            }
            guard let subject = quantity(id) else { return nil }
            return Phrase("\(subject) is \(isNegated ? "false" : "true")")
        default: return nil
        }
    }

    private static let verbs: [String: (plain: String, negated: String)] = [
        "startsWith": ("begins with", "does not begin with"),
        "endsWith": ("ends with", "does not end with"),
        "contains": ("contains", "does not contain"),
        "matches": ("matches", "does not match"),
    ]

    private static let comparisons: [CELOperator: (plain: String, negated: String)] = [
        .equal: ("is", "is not"), .notEqual: ("is not", "is"),
        .less: ("is less than", "is at least"), .lessEqual: ("is at most", "is more than"),
        .greater: ("is more than", "is at most"), .greaterEqual: ("is at least", "is less than"),
    ]
    private static let mirrored: [CELOperator: CELOperator] = [
        .equal: .equal, .notEqual: .notEqual, .less: .greater, .lessEqual: .greaterEqual,
        .greater: .less, .greaterEqual: .lessEqual,
    ]

    private func compared(
        _ a: CELTree.ID, _ comparison: CELOperator, _ b: CELTree.ID, _ isNegated: Bool
    ) -> Phrase? {
        if comparison == .in {
            guard let subject = quantity(a), case .list(let elements) = tree[b].kind,
                !elements.isEmpty, elements.allSatisfy({ !$0.isOptional })
            else { return nil }
            let values = elements.compactMap { value($0.value, for: a) }
            guard values.count == elements.count else { return nil }
            let choice = values.count == 1 ? values[0] : "one of " + values.joined(separator: ", ")
            return Phrase("\(subject) is \(isNegated ? "not " : "")\(choice)")
        }
        if case .name("now", _) = tree[a].kind, let time = timestamp(b),
            let words = moment(comparison, time, isNegated)
        {
            return Phrase(words)
        }
        if let subject = quantity(a), let value = value(b, for: a) {
            return phrase(subject, comparison, value, isNegated)
        }
        if let subject = quantity(b), let value = value(a, for: b),
            let comparison = Self.mirrored[comparison]
        {
            return phrase(subject, comparison, value, isNegated)
        }
        return nil
    }

    private func moment(
        _ comparison: CELOperator, _ time: String, _ isNegated: Bool
    ) -> String? {
        switch (comparison, isNegated) {
        case (.less, false), (.greaterEqual, true): "it is before \(time)"
        case (.less, true), (.greaterEqual, false): "it is \(time) or later"
        case (.greater, false), (.lessEqual, true): "it is after \(time)"
        case (.greater, true), (.lessEqual, false): "it is \(time) or earlier"
        default: nil
        }
    }

    /// The text of `timestamp('...')`.
    private func timestamp(_ id: CELTree.ID) -> String? {
        guard case .call("timestamp", nil, let arguments, _) = tree[id].kind, arguments.count == 1,
            case .literal(.string(let text)) = tree[arguments[0]].kind
        else { return nil }
        return text
    }

    private func phrase(
        _ subject: String, _ comparison: CELOperator, _ value: String, _ isNegated: Bool
    ) -> Phrase? {
        Self.comparisons[comparison].map {
            Phrase("\(subject) \(isNegated ? $0.negated : $0.plain) \(value)")
        }
    }

    /// An argument, or the size of one.
    private func quantity(_ id: CELTree.ID) -> String? {
        if case .call("size", let target, let arguments, _) = tree[id].kind {
            let measured: CELTree.ID? =
                target == nil && arguments.count == 1
                ? arguments[0] : arguments.isEmpty ? target : nil
            return measured.flatMap(argument).flatMap { path in
                path.isEmpty ? nil : "the size of \(path)"
            }
        }
        return argument(id).flatMap { $0.isEmpty ? nil : $0 }
    }

    /// The path of an argument below `args`, empty for `args` itself; or one of the facts of a call.
    private func argument(_ id: CELTree.ID) -> String? {
        switch tree[id].kind {
        case .name("args", _): return ""
        case .select(let target, let field):
            if let fact = fact(id) { return Self.facts[fact] }
            return argument(target).map { joined($0, field) }
        case .index(let target, let key):
            guard case .literal(let value) = tree[key].kind else { return nil }
            switch value {
            case .string(let field): return argument(target).map { joined($0, field) }
            case .int(let place):
                return argument(target).flatMap { $0.isEmpty ? nil : "\($0)[\(place)]" }
            default: return nil
            }
        default: return nil
        }
    }

    /// A fact of a call that is no argument, such as `agent.stage`.
    private func fact(_ id: CELTree.ID) -> String? {
        guard case .select(let target, let field) = tree[id].kind,
            case .name(let root, _) = tree[target].kind, root != "args"
        else { return nil }
        return "\(root).\(field)"
    }

    private static let facts = [
        "agent.stage": "the agent's stage", "call.on_behalf_of": "the person that it acts for",
    ]
    private static let flags: [String: (plain: String, negated: String)] = [
        "call.sandboxed": ("the call comes from a sandbox", "the call comes from no sandbox"),
        "call.tainted": (
            "the run has read untrusted content", "the run has read no untrusted content"
        ),
    ]

    private func joined(_ path: String, _ field: String) -> String {
        path.isEmpty ? field : "\(path).\(field)"
    }

    /// A literal in the unit of what it is compared with, or as it is.
    private func value(_ id: CELTree.ID, for subject: CELTree.ID) -> String? {
        guard let literal = literal(id) else { return nil }
        guard let units, let path = ArgumentPath(subject, in: tree), let value = json(id) else {
            return literal
        }
        return units.text(of: value, for: path, known: texts) ?? literal
    }

    /// A number as JSON; nil for any other literal.
    private func json(_ id: CELTree.ID) -> JSONValue? {
        number(id) == nil && !isNegative(id)
            ? nil
            : literal(id).flatMap { try? JSONValue(parsing: Array($0.utf8), limits: .agent) }
    }

    private func isNegative(_ id: CELTree.ID) -> Bool {
        if case .negate = tree[id].kind { true } else { false }
    }

    private func literal(_ id: CELTree.ID) -> String? {
        switch tree[id].kind {
        case .negate(let inner): return number(inner).map { "-" + $0 }
        case .literal(.string(let text)):
            return String(decoding: JSONValue.string(text).serialized(), as: UTF8.self)
        case .literal(.bool(let value)): return value ? "true" : "false"
        case .literal(.null): return "null"
        default: return number(id)
        }
    }

    private func number(_ id: CELTree.ID) -> String? {
        switch tree[id].kind {
        case .literal(.int(let value)): "\(value)"
        case .literal(.uint(let value)): "\(value)"
        case .literal(.double(let value)): JSONNumber(value)?.text
        default: nil
        }
    }
}
