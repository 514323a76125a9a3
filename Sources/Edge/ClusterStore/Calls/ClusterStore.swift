package import InterlockCluster
import InterlockModel

/// The functions of the store, as one node calls them with the values of the cluster (docs/specs/cluster.md, section 3).
///
/// A result is committed, and was read strictly: a row or column that is not as the function has it is `unreadable`. What
/// is signed in it is not verified here. A failed call permits nothing and may be repeated with the same arguments.
package struct ClusterStore: Sendable {
    /// The node, whose name is that of its login at the store.
    package let node: NodeName
    private let caller: any StoreCaller

    package init(_ node: NodeName, _ caller: any StoreCaller) {
        self.node = node
        self.caller = caller
    }

    func rows(
        _ statement: String, _ values: [StoreValue]
    ) async throws(ClusterCallFailure) -> [[StoreColumn]] {
        do throws(StoreCallFailure) { return try await caller.run(statement, values) } catch {
            throw ClusterCallFailure(error)
        }
    }

    func rows(
        _ function: StoreFunction, _ values: [StoreValue]
    ) async throws(ClusterCallFailure) -> [[StoreColumn]] {
        try await rows(function.statement(values: values.count), values)
    }

    /// The only row of a function that returns one value: a column with its name.
    func value(
        _ function: StoreFunction, _ values: [StoreValue]
    ) async throws(ClusterCallFailure) -> RowReader {
        try await row(function, [function.rawValue], values)
    }

    /// The only row of a function.
    func row(
        _ function: StoreFunction, _ columns: [String], _ values: [StoreValue]
    ) async throws(ClusterCallFailure) -> RowReader {
        let name = function.rawValue
        let rows = try await rows(function, values)
        guard let row = rows.first, rows.count == 1 else {
            throw .unreadable(
                StoreRowFault(
                    function: name, column: "*",
                    reason: "one row was expected, \(rows.count) found"))
        }
        return try RowReader(row, columns, of: name)
    }

    func integer(
        _ function: StoreFunction, _ range: ClosedRange<Int64>, _ values: [StoreValue]
    ) async throws(ClusterCallFailure) -> Int64 {
        try await value(function, values).integer(function.rawValue, range)
    }

    func flag(
        _ function: StoreFunction, _ values: [StoreValue]
    ) async throws(ClusterCallFailure) -> Bool {
        try await value(function, values).flag(function.rawValue)
    }

    /// Calls a function that returns nothing, which PostgreSQL writes as an empty text.
    func nothing(
        _ function: StoreFunction, _ values: [StoreValue]
    ) async throws(ClusterCallFailure) {
        _ = try await value(function, values).text(function.rawValue, 0...0)
    }

    /// - Throws: `unfit` unless the draft is of this node and of a size that the store takes. An entry whose column names
    ///   another node than its statement would halt the organisation.
    func check(_ draft: EntryDraft) throws(ClusterCallFailure) {
        guard draft.node == node else { throw .unfit("an entry of \(draft.node)") }
        guard EntryLimits.subject.contains(draft.subject.utf8.count),
            (1...EntryLimits.body).contains(draft.body.count)
        else { throw .unfit("an entry of \(draft.body.count) bytes") }
    }

    /// - Throws: `unfit` unless the value is of this node.
    func check(_ other: NodeName) throws(ClusterCallFailure) {
        guard other == node else { throw .unfit("a value of \(other)") }
    }
}

extension StoreValue {
    static func integer(_ incarnation: Incarnation) -> StoreValue { .integer(incarnation.number) }

    /// A time of PostgreSQL, to the microsecond.
    static func time(_ time: Timestamp) -> StoreValue { .text(time.rfc3339()) }

    /// A time that the functions take as microseconds since 1970.
    static func microseconds(_ time: Timestamp) -> StoreValue { .integer(time.microseconds) }

    static func digest(_ digest: Digest) -> StoreValue { .bytes(digest.bytes) }
}
