package import InterlockModel
package import InterlockPorts

/// Creates the environment of a drill and runs the drill. The caller must not run two at once.
package protocol DrillEnvironmentFactory: Sendable {
    /// Returns the report, signed by the node.
    func drill(_ variant: DrillVariant, by: String) async throws(StoreFailure) -> SignedDrill
}
