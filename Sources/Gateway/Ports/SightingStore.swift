package import InterlockModel

/// Features that agents were seen to use, by digests that reveal nothing. Each method returns when its change is
/// durable.
package protocol SightingStore: Sendable {
    func sightings(most: Int) async throws(StoreFailure) -> [Digest]
    /// Adds these digests; those that are stored already stay unchanged.
    func keep(sightings: [Digest]) async throws(StoreFailure)
}
