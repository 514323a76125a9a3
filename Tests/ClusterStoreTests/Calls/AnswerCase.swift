import InterlockCluster
import InterlockTesting
import Testing

@testable import InterlockClusterStore

/// A call, the row that the store answers with, and the form of each of its columns.
struct AnswerCase: Sendable, CustomTestStringConvertible {
    /// The form of a column, from which wrong values follow.
    enum Form: Sendable {
        case integer(ClosedRange<Int64>)
        case flag
        case bytes(ClosedRange<Int>)
        case text(ClosedRange<Int>)
        /// One of a few words, or a value of another grammar that no random text has.
        case word
        /// A JSON array.
        case array
        /// Always NULL in this answer.
        case null
    }

    struct Column: Sendable {
        let name: String
        let value: StoreColumn
        let form: Form
        let mayBeNull: Bool

        init(
            _ name: String, _ value: StoreColumn, _ form: Form, mayBeNull: Bool = false
        ) {
            self.name = name
            self.value = value
            self.form = form
            self.mayBeNull = mayBeNull
        }
    }

    let name: String
    /// The name of the function in errors.
    let function: String
    let columns: [Column]
    let call: @Sendable (ClusterStore) async throws(ClusterCallFailure) -> Void

    var testDescription: String { name }
    var row: [StoreColumn] { columns.map(\.value) }

    init(
        _ name: String, of function: StoreFunction, _ columns: [Column],
        _ call: @escaping @Sendable (ClusterStore) async throws(ClusterCallFailure) -> Void
    ) {
        self.init(name, of: function.rawValue, columns, call)
    }

    init(
        _ name: String, of function: String, _ columns: [Column],
        _ call: @escaping @Sendable (ClusterStore) async throws(ClusterCallFailure) -> Void
    ) {
        self.name = name
        self.function = function
        self.columns = columns
        self.call = call
    }

    /// A function that returns one value, in a column with its name.
    init(
        _ function: StoreFunction, _ value: StoreColumn, _ form: Form, mayBeNull: Bool = false,
        _ call: @escaping @Sendable (ClusterStore) async throws(ClusterCallFailure) -> Void
    ) {
        self.init(
            function.rawValue, of: function,
            [Column(function.rawValue, value, form, mayBeNull: mayBeNull)], call)
    }
}

extension AnswerCase.Column {
    /// A value that the column never has.
    func wrong(_ random: inout SeededGenerator) -> StoreColumn {
        if !mayBeNull, value != .null, Int.random(in: 0..<6, using: &random) == 0 { return .null }
        switch form {
        case .integer(let range):
            var texts = [
                "", " ", "x", "+\(range.upperBound)", "0\(range.upperBound)",
                "\(range.upperBound) ",
                " \(range.upperBound)", "\(range.upperBound).0",
                "\(range.upperBound)0000000000000000000",
                "-0", "0x1", "1e3", "\u{661}",
            ]
            if range.lowerBound > .min { texts.append("\(range.lowerBound - 1)") }
            if range.upperBound < .max { texts.append("\(range.upperBound + 1)") }
            let text = texts.randomElement(using: &random) ?? ""
            return Bool.random(using: &random) ? .text(text) : .bytes(Array(text.utf8))
        case .flag:
            let texts = ["true", "false", "T", "1", "", "tt", " t"]
            let text = texts.randomElement(using: &random) ?? ""
            return Bool.random(using: &random) ? .text(text) : .bytes([0x74])
        case .bytes(let range):
            let counts = [range.lowerBound - 1, range.upperBound + 1].filter { $0 >= 0 }
            let count = counts.randomElement(using: &random) ?? 0
            let bytes = [UInt8](repeating: UInt8.random(in: 0...255, using: &random), count: count)
            return Bool.random(using: &random) ? .bytes(bytes) : .text("\\x00")
        case .text(let range):
            let counts = [range.lowerBound - 1, range.upperBound + 1].filter { $0 >= 0 }
            let count = counts.randomElement(using: &random) ?? 0
            return Bool.random(using: &random)
                ? .text(String(repeating: "a", count: count)) : .bytes([0x61])
        case .word:
            let texts = ["", "A", "no such word", "\u{e9}", "gw1\n", " ", "-1"]
            return Bool.random(using: &random)
                ? .text(texts.randomElement(using: &random) ?? "") : .bytes([0x61])
        case .array:
            let texts = ["", "{}", "null", "[", "[1,]", "[] []", "\"[]\"", "7", "[[[[[1]]]]]"]
            return Bool.random(using: &random)
                ? .text(texts.randomElement(using: &random) ?? "") : .bytes([0x5b, 0x5d])
        case .null: return Bool.random(using: &random) ? .text("") : .text("gw1")
        }
    }
}
