import InterlockModel

/// Tests whether the store persists writes.
package protocol StoreProbe: Sendable {
    /// Makes a write that changes nothing, and returns when it is durable.
    func probe() async throws(StoreFailure)
}
