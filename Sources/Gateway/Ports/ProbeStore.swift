package import InterlockJSON
package import InterlockModel

/// Storage of probes until they are decided. Each method returns when the change is durable. Probes are stored apart
/// from requests, so that no start can mistake one for a request.
package protocol ProbeStore: Sendable {
    /// Returns the probes in their stored form, unordered; a row that does not read as it was written is omitted.
    func probes() async throws(StoreFailure) -> [JSONValue]
    /// Stores a probe; replaces the one with the same id.
    func keep(probe id: ApprovalID, body: JSONValue) async throws(StoreFailure)
    func drop(probe id: ApprovalID) async throws(StoreFailure)
}
