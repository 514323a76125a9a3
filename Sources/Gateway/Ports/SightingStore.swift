package import InterlockModel

/// What agents were seen to use, by digests that tell nothing. Each method returns when its change is durable.
package protocol SightingStore: Sendable {
    func sightings(most: Int) async throws(StoreFailure) -> [Digest]
    /// Keeps what is there already as it is.
    func keep(sightings: [Digest]) async throws(StoreFailure)
}
