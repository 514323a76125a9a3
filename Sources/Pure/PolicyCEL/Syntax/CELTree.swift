/// A parsed CEL expression: nodes in one array, children before their parents, so that depth costs no stack
/// and a node's number can index tables made from the tree (names, types, costs).
package struct CELTree: Sendable {
    package typealias ID = Int

    package let text: String
    package private(set) var nodes: [CELNode] = []
    /// The node whose value is the value of the expression.
    package internal(set) var root: ID = 0

    package init(text: String) { self.text = text }

    package subscript(id: ID) -> CELNode { nodes[id] }

    mutating func add(_ kind: CELNode.Kind, at offset: Int) -> ID {
        nodes.append(CELNode(kind: kind, offset: offset))
        return nodes.count - 1
    }

    /// Removes the newest nodes: the syntax of a macro is not part of the expression.
    ///
    /// - Precondition: no remaining node has one of them as a child.
    mutating func discard(from first: ID) { nodes.removeLast(nodes.count - first) }
}

/// One node: its kind, and the offset at which its text begins, in code points from the beginning.
package struct CELNode: Sendable {
    package typealias ID = CELTree.ID

    package let kind: Kind
    package let offset: Int

    package enum Kind: Sendable {
        /// A null, bool, int, uint, double, string or bytes literal.
        case literal(CELValue)
        /// An identifier; `isRooted` is true if a leading dot excludes the container.
        case name(String, isRooted: Bool)
        case select(ID, field: String)
        /// `a.?field`
        case optionalSelect(ID, field: String)
        /// `has(a.field)`
        case has(ID, field: String)
        case index(ID, ID)
        /// `a[?b]`
        case optionalIndex(ID, ID)
        case not(ID)
        case negate(ID)
        case binary(CELOperator, ID, ID)
        case conditional(ID, then: ID, otherwise: ID)
        case call(String, target: ID?, arguments: [ID], isRooted: Bool)
        case list([Element])
        case map([Entry])
        /// `Name{field: value}`: protobuf messages, which this engine does not support.
        case message(String)
        case comprehension(Comprehension)
        /// `cel.bind(name, value, body)`
        case bind(name: String, value: ID, body: ID)
        /// `target.optMap(name, body)` or, if flat, `optFlatMap`, whose body is an optional itself.
        case optionalMap(target: ID, name: String, body: ID, isFlat: Bool)
    }

    package struct Element: Sendable {
        package let value: ID
        /// True for `[?x]`, which is omitted if the optional is empty.
        package let isOptional: Bool
    }

    package struct Entry: Sendable {
        package let key: ID
        package let value: ID
        package let isOptional: Bool
    }

    /// A macro that iterates over a list or a map.
    package struct Comprehension: Sendable {
        package enum Macro: Sendable, Hashable {
            /// Macros that give a bool.
            case all, exists, existsOne
            /// Macros that give a list.
            case map, filter, transformList
            /// Macros that give a map. The result of the entry form is a map for each element, whose
            /// entries are added.
            case transformMap, transformMapEntry
        }
        package let macro: Macro
        package let range: ID
        /// The variable for the element of a list or the key of a map; with `second`, for the index or key.
        package let first: String
        package let second: String?
        /// The predicate of all, exists, existsOne and filter; for the others the optional condition that
        /// selects elements.
        package let condition: ID?
        /// The result of map and the transforms for each element.
        package let result: ID?
    }
}

package enum CELOperator: String, Sendable, Hashable, CaseIterable {
    case and = "_&&_"
    case or = "_||_"
    case equal = "_==_"
    case notEqual = "_!=_"
    case less = "_<_"
    case lessEqual = "_<=_"
    case greater = "_>_"
    case greaterEqual = "_>=_"
    case `in` = "@in"
    case add = "_+_"
    case subtract = "_-_"
    case multiply = "_*_"
    case divide = "_/_"
    case modulo = "_%_"
}
