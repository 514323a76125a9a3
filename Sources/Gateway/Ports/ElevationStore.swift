package import InterlockJSON
package import InterlockModel

/// Where elevations live that people ask for at run time. Each method returns when the change is
/// durable.
package protocol ElevationStore: Sendable {
    /// Every elevation that is not final, in its stored JSON form.
    func openElevations() async throws(StoreFailure) -> [JSONValue]
    /// Whether there is one, final or not.
    func holds(elevation id: ElevationID) async throws(StoreFailure) -> Bool
    func insert(elevation id: ElevationID, state: String, revision: Int, body: JSONValue)
        async throws(StoreFailure)
    /// Compare-and-set on (id, revision). False: somebody else was first, nothing changed.
    func replace(
        elevation id: ElevationID, revision: Int, with state: String, newRevision: Int,
        body: JSONValue
    ) async throws(StoreFailure) -> Bool
}
