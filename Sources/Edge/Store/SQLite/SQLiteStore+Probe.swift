package import InterlockPorts

extension SQLiteStore: StoreProbe {
    /// Writes the schema version again unchanged: a durable transaction of one page.
    package func probe() async throws(StoreFailure) {
        try await perform { database throws(DatabaseError) in
            let version = try database.run("PRAGMA user_version")[0][0].integer ?? 0
            try database.runOnce("PRAGMA user_version = \(version)")
        }
    }
}
