package import InterlockModel
package import InterlockPorts

/// Makes the world of a drill and lets it run; one at a time.
package protocol DrillEnvironmentFactory: Sendable {
    /// The node signs what it found.
    func drill(_ variant: DrillVariant, by: String) async throws(StoreFailure) -> SignedDrill
}
