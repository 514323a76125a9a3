import InterlockCluster
import InterlockJSON
import InterlockModel

/// Reads the columns of one row. A column that is NULL, of another type, length or range is an error that names function
/// and column; nothing has a default.
struct RowReader {
    let function: String
    private let columns: [String]
    private let row: [StoreColumn]

    /// - Parameter columns: the names of the columns, in the order in which the function has them.
    init(
        _ row: [StoreColumn], _ columns: [String], of function: String
    ) throws(ClusterCallFailure) {
        self.function = function
        self.columns = columns
        self.row = row
        guard row.count == columns.count else {
            throw fault("*", "\(columns.count) columns were expected, \(row.count) found")
        }
    }

    /// The text of a column.
    ///
    /// - Parameter count: its length in bytes.
    func text(_ column: String, _ count: ClosedRange<Int>) throws(ClusterCallFailure) -> String {
        guard case .text(let text) = value(column), count.contains(text.utf8.count) else {
            throw fault(column, "a text of \(count) bytes was expected")
        }
        return text
    }

    func integer(
        _ column: String, _ range: ClosedRange<Int64>
    ) throws(ClusterCallFailure) -> Int64 {
        guard case .text(let text) = value(column), let number = Int64(text),
            sameBytes(text, "\(number)"), range.contains(number)
        else { throw fault(column, "an integer of \(range) was expected") }
        return number
    }

    func flag(_ column: String) throws(ClusterCallFailure) -> Bool {
        guard let flag = value(column).flag else { throw fault(column, "a boolean was expected") }
        return flag
    }

    /// - Parameter count: the length in bytes.
    func bytes(_ column: String, _ count: ClosedRange<Int>) throws(ClusterCallFailure) -> [UInt8] {
        guard case .bytes(let bytes) = value(column), count.contains(bytes.count) else {
            throw fault(column, "\(count) bytes were expected")
        }
        return bytes
    }

    func digest(_ column: String) throws(ClusterCallFailure) -> Digest {
        guard let digest = Digest(bytes: try bytes(column, 32...32)) else {
            throw fault(column, "a digest was expected")
        }
        return digest
    }

    /// The value of a text.
    ///
    /// - Parameter expected: the value, for the error.
    func made<Value>(
        _ column: String, _ expected: String, _ make: (String) -> Value?
    ) throws(ClusterCallFailure) -> Value {
        guard case .text(let text) = value(column), let made = make(text) else {
            throw fault(column, "\(expected) was expected")
        }
        return made
    }

    func node(_ column: String) throws(ClusterCallFailure) -> NodeName {
        try made(column, "the name of a node") { NodeName($0) }
    }

    /// True for a store that asks for a synchronous standby.
    func needsStandby(_ column: String) throws(ClusterCallFailure) -> Bool {
        try made(column, "`required` or `none`") { text in
            switch text {
            case "required": true
            case "none": false
            default: nil
            }
        }
    }

    /// The elements of a JSON array.
    func array(_ column: String) throws(ClusterCallFailure) -> [JSONValue] {
        guard case .text(let text) = value(column),
            let value = try? JSONValue(parsing: Array(text.utf8), limits: StoreLimits.json),
            let elements = value.array
        else { throw fault(column, "a JSON array was expected") }
        return elements
    }

    func isNull(_ column: String) -> Bool { value(column) == .null }

    func expectNull(_ column: String) throws(ClusterCallFailure) {
        guard isNull(column) else { throw fault(column, "NULL was expected") }
    }

    func fault(_ column: String, _ reason: String) -> ClusterCallFailure {
        .unreadable(StoreRowFault(function: function, column: column, reason: reason))
    }

    private func value(_ column: String) -> StoreColumn {
        guard let place = columns.firstIndex(where: { sameBytes($0, column) }) else {
            preconditionFailure("the functions of the store have no column `\(column)`")
        }
        return row[place]
    }
}
