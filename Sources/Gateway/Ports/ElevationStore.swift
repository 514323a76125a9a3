package import InterlockJSON
package import InterlockModel

/// Storage of elevations that are requested at run time. Each method returns when the change is durable.
package protocol ElevationStore: Sendable {
    /// Every elevation that is not final, in its stored JSON form.
    func openElevations() async throws(StoreFailure) -> [JSONValue]
    /// Returns whether an elevation with this id exists, final or not.
    func holds(elevation id: ElevationID) async throws(StoreFailure) -> Bool
    func insert(elevation id: ElevationID, state: String, revision: Int, body: JSONValue)
        async throws(StoreFailure)
    /// Compares and sets by (id, revision). Returns false, and changes nothing, if another writer was first.
    func replace(
        elevation id: ElevationID, revision: Int, with state: String, newRevision: Int,
        body: JSONValue
    ) async throws(StoreFailure) -> Bool
}
