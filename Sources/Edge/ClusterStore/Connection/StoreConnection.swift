import CPostgreSQL
import InterlockModel

/// One connection to the store. One thread uses it at a time.
///
/// A call has a deadline and is never cancelled: PostgreSQL answers a cancelled wait for a standby with a warning and
/// success (docs/specs/cluster.md, section 3). A call that is late, lost or warned is `unknown` and ends the connection, so
/// the connection asks for warnings whatever the login has as `client_min_messages`.
/// Host names are resolved before the deadline counts; `hostaddr` needs no resolution.
@safe package final class StoreConnection {
    private var handle: OpaquePointer?
    private let warnings: UnsafeMutablePointer<Int32>
    /// Milliseconds.
    var limit: Int64
    /// False once a call was `unknown`. No call is possible then.
    package private(set) var isOpen = false

    /// Connects within `limit`, which is also that of each call.
    ///
    /// - Parameter parameters: a connection string of libpq. It can have a password, so it is never part of a message.
    ///   Several hosts are tried in their order, each for an equal part of the time that is left; the addresses of one
    ///   name share its part.
    /// - Throws: `refused` with the code of the last host that refused the login, the database or the connection;
    ///   `unknown` if there is no connection for another reason. Nothing was changed.
    package init(_ parameters: String, limit: Duration) throws(StoreCallFailure) {
        self.limit = limit.microseconds / 1000
        unsafe warnings = .allocate(capacity: 1)
        unsafe warnings.initialize(to: 0)
        unsafe handle = interlock_pg_connect(parameters, interlock_pg_now() + self.limit)
        guard unsafe handle != nil, unsafe interlock_pg_is_open(handle) != 0 else {
            throw unsafe ConnectionFault.failure(
                String(cString: interlock_pg_fault(handle)), within: self.limit)
        }
        unsafe interlock_pg_count_warnings(handle, warnings)
        isOpen = true
    }

    deinit {
        unsafe PQfinish(handle)
        unsafe warnings.deallocate()
    }

    /// Runs one statement in a transaction of its own, or in the one that is open. A returned value is committed in the
    /// former case.
    ///
    /// - Returns: the rows, each as a list of its columns.
    package func run(
        _ statement: String, _ values: [StoreValue] = []
    ) throws(StoreCallFailure) -> [[StoreColumn]] {
        guard values.count <= Int(INTERLOCK_PG_VALUES), values.allSatisfy(\.isWhole) else {
            throw .refused(code: "22021", reason: "a text with a zero byte, or too many values")
        }
        var bytes: [UInt8] = []
        var lengths: [Int32] = []
        var formats: [Int32] = []
        for value in values {
            let (encoded, isBinary) = value.encoded
            formats.append(isBinary ? 1 : 0)
            if let encoded {
                bytes += encoded
                bytes.append(0)
                lengths.append(Int32(clamping: encoded.count))
            } else {
                lengths.append(-1)
            }
        }
        try begin()
        let isSent = unsafe interlock_pg_send(
            handle, statement, Int32(values.count), bytes, lengths, formats)
        return try finish(isSent: isSent != 0)
    }

    /// Runs the statements of a file, which have no values, in the transaction that is open.
    package func runScript(_ script: [UInt8]) throws(StoreCallFailure) {
        guard !script.contains(0) else {
            throw .refused(code: "22021", reason: "a script with a zero byte")
        }
        try begin()
        let text = String(decoding: script, as: UTF8.self)
        let isSent = unsafe interlock_pg_send_script(handle, text)
        _ = try finish(isSent: isSent != 0)
    }

    /// Commits on return, rolls back if `body` throws.
    ///
    /// - Throws: `refused` with 25P02, and nothing is changed, if a statement failed whose failure `body` did not throw.
    package func transaction<T>(
        _ body: () throws(StoreCallFailure) -> T
    ) throws(StoreCallFailure) -> T {
        _ = try run("BEGIN")
        let result: T
        do throws(StoreCallFailure) {
            result = try body()
        } catch {
            if isOpen { _ = try run("ROLLBACK") }
            throw error
        }
        // The server would answer COMMIT with success, and roll back.
        guard unsafe interlock_pg_is_failed(handle) == 0 else {
            _ = try run("ROLLBACK")
            throw .refused(code: "25P02", reason: "a statement of the transaction has failed")
        }
        _ = try run("COMMIT")
        return result
    }

    private func begin() throws(StoreCallFailure) {
        guard isOpen else { throw .unknown("the connection to the store is closed") }
        unsafe warnings.pointee = 0
    }

    /// Waits until the statement is over. The first error counts.
    private func finish(isSent: Bool) throws(StoreCallFailure) -> [[StoreColumn]] {
        guard isSent else { throw close("the connection to the store is lost") }
        let deadline = interlock_pg_now() + limit
        var rows: [[StoreColumn]] = []
        var failure: StoreCallFailure?
        while true {
            var outcome: Int32 = 0
            let next = unsafe interlock_pg_next(handle, deadline, &outcome)
            guard outcome > 0 else {
                throw close(outcome == 0 ? "it did not answer within \(limit) ms" : "it is lost")
            }
            guard let result = unsafe next else { break }
            defer { unsafe PQclear(result) }
            if unsafe interlock_pg_is_done(result) != 0 {
                guard let found = unsafe Self.rows(of: result) else {
                    throw close("it sent a value that cannot be read")
                }
                rows += found
            } else {
                guard unsafe interlock_pg_is_undone(result) != 0,
                    let code = unsafe interlock_pg_code(result)
                else { throw close("it ended the connection") }
                if failure == nil {
                    failure = unsafe StoreCallFailure(
                        code: String(cString: code),
                        reason: String(cString: interlock_pg_message(result)))
                }
            }
        }
        guard unsafe warnings.pointee == 0 else { throw close("it warned") }
        if let failure { throw failure }
        return rows
    }

    /// Disconnects, and does not cancel what the store may be doing.
    private func close(_ reason: String) -> StoreCallFailure {
        isOpen = false
        unsafe PQfinish(handle)
        unsafe handle = nil
        return .unknown(reason)
    }

    /// - Returns: nil if a value is not in the form of its type.
    private static func rows(of result: OpaquePointer) -> [[StoreColumn]]? {
        guard unsafe interlock_pg_has_rows(result) != 0 else { return [] }
        var rows: [[StoreColumn]] = []
        let height = unsafe PQntuples(result)
        let width = unsafe PQnfields(result)
        for row in 0..<height {
            var columns: [StoreColumn] = []
            for column in 0..<width {
                guard unsafe PQgetisnull(result, row, column) == 0 else {
                    columns.append(.null)
                    continue
                }
                guard let value = unsafe PQgetvalue(result, row, column) else { return nil }
                let text = unsafe String(cString: value)
                if unsafe interlock_pg_is_bytes(result, column) != 0 {
                    guard text.hasPrefix("\\x"), let bytes = Hex.decode(text.dropFirst(2)) else {
                        return nil
                    }
                    columns.append(.bytes(bytes))
                } else {
                    columns.append(.text(text))
                }
            }
            rows.append(columns)
        }
        return rows
    }
}
