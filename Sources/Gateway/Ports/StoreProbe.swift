import InterlockModel

/// Whether the store keeps what it is given.
package protocol StoreProbe: Sendable {
    /// Writes something that changes nothing, and returns when it is durable.
    func probe() async throws(StoreFailure)
}
