import InterlockJSON
import InterlockSchemas

/// The operations of one door, found by path.
///
/// A local socket asks for one at each event of a hook and each connection of a sandbox, so a path is compared with the
/// few operations that begin with the same word and have as many segments.
struct OperationTable: Sendable {
    private struct Head: Hashable {
        let word: String
        let count: Int
    }

    private let rows: [Head: [Operation]]

    /// The operations of the people plane.
    static let published = OperationTable(Operation.published)
    /// The operations of the local socket.
    static let ofCommands = OperationTable(Operation.ofCommands)

    init(_ operations: [Operation]) {
        rows = Dictionary(grouping: operations) { operation in
            let parts = operation.path.parts
            guard parts.count > 1, case .word(let word) = parts[1] else {
                preconditionFailure("the path of \(operation.name) does not begin with a word")
            }
            return Head(word: word, count: parts.count)
        }
    }

    /// Returns the operations of any method whose pattern matches the path, in the order of the table.
    ///
    /// - Parameter path: the path below the prefix of the API, with its leading slash.
    func candidates(
        at path: Substring
    ) -> [(operation: Operation, places: [ExactText: String])] {
        guard let path = PathSegments(path), path.texts.count > 1,
            let rows = rows[Head(word: path.texts[1], count: path.texts.count)]
        else { return [] }
        return rows.compactMap { operation in
            operation.path.match(path).map { (operation: operation, places: $0) }
        }
    }
}
