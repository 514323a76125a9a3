package import InterlockPorts

extension SQLiteStore: StoreProbe {
    /// The version of the form is written again as it is: a transaction like any other, of one page.
    package func probe() async throws(StoreFailure) {
        try await perform { database throws(DatabaseError) in
            let version = try database.run("PRAGMA user_version")[0][0].integer ?? 0
            try database.runOnce("PRAGMA user_version = \(version)")
        }
    }
}
