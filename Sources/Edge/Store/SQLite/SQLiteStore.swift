package import InterlockPorts

/// The store of a node in `state/interlock.db`. All work runs on a dedicated thread, off the call path; a method returns
/// once its change is durable.
///
/// INVARIANT: a stored request that cannot be read keeps no other from being read, and is never granted. Kept by
/// `SQLiteStoreTests`.
@safe package final class SQLiteStore: NodeStore, Sendable {
    /// Used only by the jobs' thread after `init`.
    @safe private nonisolated(unsafe) var database: Database?
    private let jobs: JobThread
    let stamp: ControlStamp
    /// The number of the newest entry of the control log, for those who follow it.
    let controlHeads = ChangeNotifier<Int64>()

    static let maximumWaiting = 1024

    /// Opens or creates the store and migrates it to the newest schema.
    package init(path: String, stamp: ControlStamp) throws(StoreFailure) {
        self.stamp = stamp
        do throws(DatabaseError) {
            let database = try Database(path)
            try Migrations.apply(to: database, stamp)
            self.database = database
        } catch {
            throw StoreFailure(
                reason: "the store `\(path)` cannot be used: \(error.reason)",
                mayPass: error.mayPass)
        }
        jobs = JobThread("store", limit: Self.maximumWaiting)
    }

    package func close() {
        _ = jobs.submit { [self] in database = nil }
        jobs.close()
    }

    @discardableResult
    func perform<T: Sendable>(
        _ body: @escaping @Sendable (Database) throws(DatabaseError) -> T
    ) async throws(StoreFailure) -> T {
        try await jobs.answer(busy: "the store is closed or too busy") {
            [self] () throws(StoreFailure) in
            guard let database else { throw StoreFailure(reason: "the store is closed") }
            do throws(DatabaseError) { return try body(database) } catch {
                throw StoreFailure(reason: "the store answers: \(error.reason)")
            }
        }
    }
}
