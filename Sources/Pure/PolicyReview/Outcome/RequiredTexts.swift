import InterlockPolicy
import InterlockPolicyCEL

/// The texts that a condition requires of arguments, such as the currencies in `args.currency in ['EUR', 'USD']`: where
/// the condition is true, the argument has one of them.
struct RequiredTexts {
    let tree: CELTree

    /// Returns the texts by argument. An argument that is not in the result may have any text.
    func texts(of id: CELTree.ID, isNegated: Bool = false) -> [ArgumentPath: Set<String>] {
        switch tree[id].kind {
        case .not(let inner): return texts(of: inner, isNegated: !isNegated)
        case .binary(let connective, let a, let b) where connective == .and || connective == .or:
            let left = texts(of: a, isNegated: isNegated)
            let right = texts(of: b, isNegated: isNegated)
            // A negation exchanges the connectives.
            guard (connective == .and) != isNegated else {
                return left.filter { right[$0.key] != nil }
                    .merging(right) { $0.union($1) }.filter { left[$0.key] != nil }
            }
            return left.merging(right) { $0.intersection($1) }
        case .binary(.equal, let a, let b) where !isNegated:
            return required(a, [b]) ?? required(b, [a]) ?? [:]
        case .binary(.notEqual, let a, let b) where isNegated:
            return required(a, [b]) ?? required(b, [a]) ?? [:]
        case .binary(.in, let a, let b) where !isNegated:
            guard case .list(let elements) = tree[b].kind,
                elements.allSatisfy({ !$0.isOptional })
            else { return [:] }
            return required(a, elements.map(\.value)) ?? [:]
        default: return [:]
        }
    }

    private func required(
        _ subject: CELTree.ID, _ literals: [CELTree.ID]
    ) -> [ArgumentPath: Set<String>]? {
        guard let path = ArgumentPath(subject, in: tree) else { return nil }
        var texts: Set<String> = []
        for literal in literals {
            guard case .literal(.string(let text)) = tree[literal].kind else { return nil }
            texts.insert(text)
        }
        return [path: texts]
    }
}

extension ArgumentPath {
    /// The argument that a part of a guard names: `args.to.address` or `args['to']`. Returns nil for anything else.
    init?(_ id: CELTree.ID, in tree: CELTree) {
        guard let names = Self.names(id, in: tree) else { return nil }
        self.init((["args"] + names).joined(separator: "."))
        // A name with a dot would be read as two.
        guard self.names == names else { return nil }
    }

    private static func names(_ id: CELTree.ID, in tree: CELTree) -> [String]? {
        switch tree[id].kind {
        case .name("args", _): return []
        case .select(let target, let field): return names(target, in: tree).map { $0 + [field] }
        case .index(let target, let key):
            guard case .literal(.string(let field)) = tree[key].kind else { return nil }
            return names(target, in: tree).map { $0 + [field] }
        default: return nil
        }
    }
}
