/// Finds text or lists that grow in a loop. A guard must not build them, because in CEL this leads to
/// values that take more memory than the text of the guard suggests (docs/specs/policy.md, section 5.4).
enum StringBuilding {
    private static let builders: Set<String> = ["join", "format", "replace", "quote"]

    static func problems(_ tree: CELTree, _ types: CELTypes) -> [CELProblem] {
        var problems: [CELProblem] = []
        var waiting: [(node: CELTree.ID, isInLoop: Bool)] = [(tree.root, false)]
        while let (id, isInLoop) = waiting.popLast() {
            let kind = tree[id].kind
            if isInLoop, let name = builder(kind, types) {
                problems.append(
                    CELProblem(
                        .stringBuilding, at: tree[id].offset,
                        "`\(name)` builds text or lists inside of a macro"))
            }
            if case .comprehension(let macro) = kind {
                waiting.append((macro.range, isInLoop))
                for part in [macro.condition, macro.result].compactMap(\.self) {
                    waiting.append((part, true))
                }
            } else {
                for part in kind.children { waiting.append((part, isInLoop)) }
            }
        }
        return problems
    }

    private static func builder(_ kind: CELNode.Kind, _ types: CELTypes) -> String? {
        switch kind {
        case .call(let name, _, _, _): builders.contains(name) ? name : nil
        case .binary(.add, let left, let right):
            [left, right].contains { types[$0].kinds.contains(where: grows) } ? "+" : nil
        default: nil
        }
    }

    private static func grows(_ type: CELType) -> Bool {
        switch type {
        case .string, .bytes, .list: true
        default: false
        }
    }
}
