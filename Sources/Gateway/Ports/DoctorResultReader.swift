package import InterlockJSON

/// The results of `interlock doctor` in this node's own log.
package protocol DoctorResultReader: Sendable {
    /// Returns the leaves `host.checked` in the order of the log, as it has them.
    ///
    /// - Throws: if the log cannot be read.
    func results() async throws(StoreFailure) -> [JSONValue]
}
