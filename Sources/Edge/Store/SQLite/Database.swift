import CSQLite
import InterlockModel

/// A SQLite database in WAL mode, used by one thread. Prepared statements are cached.
@safe final class Database {
    private var handle: OpaquePointer?
    private var statements: [String: Statement] = [:]
    /// The most recently used statement: the same row is often inserted many times in succession.
    private var last: (sql: String, statement: Statement)?

    enum Value: Sendable, Equatable {
        case text(String)
        case integer(Int64)
        case blob([UInt8])
        case null
    }

    /// A value; the bytes of a blob are a range of a separate buffer.
    enum Column: Sendable {
        case integer(Int64)
        case blob(Range<Int>)
        case null
    }

    enum Mode {
        /// Created if absent. A commit that returned survives a loss of power.
        case durable
        /// Created if absent. A loss of power may lose the last commits but never reorders them.
        case cache
        /// Must exist; opened read-only.
        case existing
    }

    /// Turns off SQLite's memory statistics, which are not used and would take a mutex for each allocation.
    private static let isConfigured = interlock_sqlite_configure() == SQLITE_OK

    /// - Throws: `DatabaseError` if the file is not a database, is locked by another program, or is read-only.
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
        // SQLite overwrites deleted content with zeros.
        if mode == .durable { try run("PRAGMA secure_delete=ON") }
        if mode == .cache {
            // A cache inserts rows at random positions: `cache_size` is in KiB (negative), and `wal_autocheckpoint` is
            // in pages, so the write-ahead log is copied to the file once for many transactions.
            try run("PRAGMA cache_size=-8192")
            try run("PRAGMA wal_autocheckpoint=8192")
        }
    }

    deinit {
        last = nil
        statements = [:]
        unsafe sqlite3_close_v2(handle)
    }

    /// - Returns: the rows, each as a list of its columns.
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

    /// Runs a statement that is not repeated; it is not cached.
    func runOnce(_ sql: String) throws(DatabaseError) {
        let code = unsafe sqlite3_exec(handle, sql, nil, nil, nil)
        guard code == SQLITE_OK else { throw DatabaseError(message, code) }
    }

    /// Calls `body` with each row until it returns false. Rows are not collected.
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

    /// Runs a statement that returns no rows. The bytes are bound without a copy.
    func insert(
        _ sql: String, _ columns: [Column], in bytes: [UInt8]
    ) throws(DatabaseError) {
        let code = try prepared(sql).run(columns, in: bytes)
        guard code == SQLITE_DONE else { throw DatabaseError(message, code) }
    }

    /// Copies all pages of the write-ahead log into the database and cuts the log to no bytes, so that no earlier form of a
    /// page is left.
    ///
    /// - Throws: if another program reads the database, which keeps the log.
    func emptyWriteAheadLog() throws(DatabaseError) {
        let isBusy = try run("PRAGMA wal_checkpoint(TRUNCATE)").first?.first != .integer(0)
        if isBusy { throw DatabaseError("another program reads it", SQLITE_BUSY) }
    }

    /// The number of rows that the last INSERT, UPDATE or DELETE changed.
    var changes: Int { unsafe Int(sqlite3_changes(handle)) }

    /// Runs `body` in one transaction: commits on return, rolls back if it throws.
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

/// A prepared statement. It must not outlive its database.
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

    /// Binds the columns, takes one step and releases the bytes.
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

    /// INVARIANT: the buffer must not move until `reset`.
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

    /// True for a lock of another program and for errors of the disk; false for a file that is no store, has no rights
    /// or has no place.
    var mayPass: Bool { [SQLITE_BUSY, SQLITE_LOCKED, SQLITE_IOERR].contains(code & 0xff) }

    init(_ reason: String, _ code: Int32) {
        self.reason = reason
        self.code = code
    }
}
