package import InterlockJSON
package import InterlockModel

/// Storage of elevations that are requested at run time. Each method returns when the change is durable.
package protocol ElevationStore: Sendable {
    /// Every elevation that is not final, in its stored JSON form.
    func openElevations() async throws(StoreFailure) -> [JSONValue]
    /// Returns whether an elevation with this id exists, final or not.
    func holds(elevation id: ElevationID) async throws(StoreFailure) -> Bool
    /// Writes a new elevation if `before` is nil, otherwise the one whose stored revision is `before`. Returns false,
    /// and changes nothing, if another writer was first.
    ///
    /// - Parameter entry: appended to the control log in the same transaction, or nil if the change permits nothing and
    ///   ends nothing.
    func put(
        elevation id: ElevationID, state: String, revision: Int, replacing before: Int?,
        body: JSONValue, appending entry: ControlDraft?
    ) async throws(StoreFailure) -> Bool
}
