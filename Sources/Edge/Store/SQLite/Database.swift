import CSQLite
import InterlockModel

/// A SQLite database of one thread, in WAL mode. Statements are prepared once and kept.
@safe final class Database {
    private var handle: OpaquePointer?
    private var statements: [String: Statement] = [:]
    /// The newest of them: the same row is inserted time and again.
    private var last: (sql: String, statement: Statement)?

    enum Value: Sendable, Equatable {
        case text(String)
        case integer(Int64)
        case blob([UInt8])
        case null
    }

    /// A value whose bytes stand in a buffer beside it.
    enum Column: Sendable {
        case integer(Int64)
        case blob(Range<Int>)
        case null
    }

    enum Mode {
        /// Made when absent. A commit that returned survives a loss of power.
        case durable
        /// Made when absent. A loss of power may take the last commits, never the order of them.
        case cache
        /// Must be there already, and is only read.
        case existing
    }

    /// Nobody asks SQLite how much memory it uses; counting it takes a mutex for each piece.
    private static let isConfigured = interlock_sqlite_configure() == SQLITE_OK

    /// - Throws: `DatabaseError` when the file is no database, locked by another program, or read-only.
    init(_ path: String, _ mode: Mode = .durable) throws(DatabaseError) {
        guard Self.isConfigured else { throw DatabaseError("SQLite was begun elsewhere", 0) }
        var handle: OpaquePointer?
        let flags =
            SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE
            | (mode == .existing ? 0 : SQLITE_OPEN_CREATE)
        let code = unsafe sqlite3_open_v2(path, &handle, flags, nil)
        unsafe self.handle = unsafe handle
        guard code == SQLITE_OK else { throw DatabaseError(message, code) }
        unsafe sqlite3_busy_timeout(handle, 5000)
        guard mode != .existing else {
            try run("PRAGMA query_only=ON")
            return
        }
        try run("PRAGMA journal_mode=WAL")
        try run("PRAGMA synchronous=\(mode == .durable ? "FULL" : "NORMAL")")
        try run("PRAGMA foreign_keys=ON")
        if mode == .cache {
            // A cache takes many rows at random places: pages are kept, in KiB, and go from the
            // write-ahead log to the file once for many transactions, in pages.
            try run("PRAGMA cache_size=-8192")
            try run("PRAGMA wal_autocheckpoint=8192")
        }
    }

    deinit {
        last = nil
        statements = [:]
        unsafe sqlite3_close_v2(handle)
    }

    /// - Returns: the rows, each as its columns.
    @discardableResult
    func run(_ sql: String, _ values: Value...) throws(DatabaseError) -> [[Value]] {
        try run(sql, values)
    }

    @discardableResult
    func run(_ sql: String, _ values: [Value]) throws(DatabaseError) -> [[Value]] {
        var rows: [[Value]] = []
        try forEach(sql, values) { row in
            rows.append(row)
            return true
        }
        return rows
    }

    /// For what is not run again: nothing of it is kept.
    func runOnce(_ sql: String) throws(DatabaseError) {
        let code = unsafe sqlite3_exec(handle, sql, nil, nil, nil)
        guard code == SQLITE_OK else { throw DatabaseError(message, code) }
    }

    /// Calls `body` with each row until it returns false, and keeps none of them.
    func forEach(
        _ sql: String, _ values: [Value], _ body: ([Value]) throws(DatabaseError) -> Bool
    ) throws(DatabaseError) {
        let statement = try prepared(sql)
        defer { statement.reset() }
        for (place, value) in values.enumerated() {
            let code = statement.bind(value, at: Int32(place + 1))
            guard code == SQLITE_OK else { throw DatabaseError(message, code) }
        }
        while true {
            switch statement.step() {
            case SQLITE_ROW: guard try body(statement.columns) else { return }
            case SQLITE_DONE: return
            case let code: throw DatabaseError(message, code)
            }
        }
    }

    /// Runs a statement that gives no rows. Nothing is copied for it.
    func insert(
        _ sql: String, _ columns: [Column], in bytes: [UInt8]
    ) throws(DatabaseError) {
        let code = try prepared(sql).run(columns, in: bytes)
        guard code == SQLITE_DONE else { throw DatabaseError(message, code) }
    }

    /// Rows that the last INSERT, UPDATE or DELETE changed.
    var changes: Int { unsafe Int(sqlite3_changes(handle)) }

    /// All of it or nothing.
    func transaction<T>(_ body: () throws(DatabaseError) -> T) throws(DatabaseError) -> T {
        try run("BEGIN IMMEDIATE")
        do {
            let result = try body()
            try run("COMMIT")
            return result
        } catch {
            _ = try? run("ROLLBACK")
            throw error
        }
    }

    private func prepared(_ sql: String) throws(DatabaseError) -> Statement {
        if let last, last.sql == sql { return last.statement }
        if let statement = statements[sql] {
            last = (sql, statement)
            return statement
        }
        var pointer: OpaquePointer?
        let code = unsafe sqlite3_prepare_v3(
            handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &pointer, nil)
        guard code == SQLITE_OK, let pointer = unsafe pointer else {
            throw DatabaseError(message, code)
        }
        let statement = unsafe Statement(pointer)
        statements[sql] = statement
        return statement
    }

    private var message: String {
        unsafe sqlite3_errmsg(handle).map { unsafe String(cString: $0) } ?? "no memory"
    }
}

/// A prepared statement; lives no longer than its database.
@safe private final class Statement {
    private let pointer: OpaquePointer

    init(_ pointer: OpaquePointer) { unsafe self.pointer = unsafe pointer }

    deinit { unsafe sqlite3_finalize(pointer) }

    func bind(_ value: Database.Value, at place: Int32) -> Int32 {
        switch value {
        case .text(let text):
            unsafe interlock_bind_text(pointer, place, text, Int32(text.utf8.count))
        case .integer(let number): unsafe sqlite3_bind_int64(pointer, place, number)
        case .blob(let bytes):
            unsafe interlock_bind_blob(pointer, place, bytes, Int32(clamping: bytes.count))
        case .null: unsafe sqlite3_bind_null(pointer, place)
        }
    }

    /// Binds, takes one step and lets go of the bytes.
    func run(_ columns: [Database.Column], in bytes: [UInt8]) -> Int32 {
        unsafe bytes.withUnsafeBytes { buffer in
            defer { reset() }
            for place in columns.indices {
                let code = unsafe bind(columns[place], of: buffer, at: Int32(place + 1))
                guard code == SQLITE_OK else { return code }
            }
            return step()
        }
    }

    /// INVARIANT: the buffer stays where it is until `reset`.
    private func bind(
        _ column: Database.Column, of buffer: UnsafeRawBufferPointer, at place: Int32
    ) -> Int32 {
        switch column {
        case .integer(let number): unsafe sqlite3_bind_int64(pointer, place, number)
        case .blob(let range):
            unsafe interlock_bind_static(
                pointer, place, buffer.baseAddress.map { unsafe $0 + range.lowerBound },
                Int32(clamping: range.count))
        case .null: unsafe sqlite3_bind_null(pointer, place)
        }
    }

    func step() -> Int32 { unsafe sqlite3_step(pointer) }

    func reset() {
        unsafe sqlite3_reset(pointer)
        unsafe sqlite3_clear_bindings(pointer)
    }

    var columns: [Database.Value] {
        unsafe (0..<sqlite3_column_count(pointer)).map { place in
            switch unsafe sqlite3_column_type(pointer, place) {
            case SQLITE_INTEGER: return unsafe .integer(sqlite3_column_int64(pointer, place))
            case SQLITE_NULL: return .null
            case SQLITE_BLOB:
                let count = unsafe Int(sqlite3_column_bytes(pointer, place))
                return unsafe .blob(
                    Array(
                        UnsafeRawBufferPointer(
                            start: sqlite3_column_blob(pointer, place), count: count)))
            default:
                let count = unsafe Int(sqlite3_column_bytes(pointer, place))
                guard let text = unsafe sqlite3_column_text(pointer, place) else {
                    return .text("")
                }
                return unsafe .text(
                    String(decoding: UnsafeBufferPointer(start: text, count: count), as: UTF8.self))
            }
        }
    }
}

extension Database.Value {
    var text: String? { if case .text(let text) = self { text } else { nil } }
    var integer: Int64? { if case .integer(let number) = self { number } else { nil } }
    var blob: [UInt8]? { if case .blob(let bytes) = self { bytes } else { nil } }
    var digest: Digest? { blob.flatMap { Digest(bytes: $0) } }
}

struct DatabaseError: Error, Sendable {
    let reason: String
    /// SQLite's extended result code.
    let code: Int32
    init(_ reason: String, _ code: Int32) {
        self.reason = reason
        self.code = code
    }
}
