import InterlockModel

/// A connection to the store, as a pool uses it: by one thread at a time, which it may block.
///
/// A call returns what the store has committed, or throws `StoreCallFailure`: within the limit of time, also if the store
/// does not answer. It must not cancel the call then. After `unknown` the connection is not used again and is released.
package protocol PooledConnection: AnyObject {
    func run(
        _ statement: String, _ values: [StoreValue], within limit: Duration
    ) throws(StoreCallFailure) -> [[StoreColumn]]
}

extension StoreConnection: PooledConnection {
    package func run(
        _ statement: String, _ values: [StoreValue], within limit: Duration
    ) throws(StoreCallFailure) -> [[StoreColumn]] {
        self.limit = limit.microseconds / 1000
        return try run(statement, values)
    }
}
