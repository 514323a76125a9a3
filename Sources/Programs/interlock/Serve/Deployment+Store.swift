import InterlockConfiguration
import InterlockCredentials
import InterlockDeployment
import InterlockPorts
import InterlockStore

extension Deployment {
    /// Opens or creates the store. INVARIANT: nothing above the edge names the kind of store but this function.
    func openStore() throws(StoreFailure) -> any NodeStore {
        try SQLiteStore(
            path: store,
            stamp: ControlStamp(
                node: LedgerSetup.node(of: configuration.ledger.origin), clock: SystemClock(),
                hashing: OpenSSLHashing()))
    }
}
