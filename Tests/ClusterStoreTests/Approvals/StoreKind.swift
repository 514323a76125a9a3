import InterlockTesting

/// The stores behind the port of approvals.
enum StoreKind: CaseIterable {
    case sqlite, postgres

    /// A machine without PostgreSQL tests the other one, except in CI.
    static var installed: [StoreKind] {
        TestServer.isInstalled || TestFiles.isCI ? allCases : [.sqlite]
    }
}
