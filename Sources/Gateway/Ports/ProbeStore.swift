package import InterlockJSON
package import InterlockModel

/// Where probes live until they are decided. Each method returns when the change is durable. They are nowhere
/// among the requests, so that no start can take one for a request.
package protocol ProbeStore: Sendable {
    /// In their stored form, in no order; a row that does not read as it was written is left out.
    func probes() async throws(StoreFailure) -> [JSONValue]
    /// In the place of what was kept under this id before.
    func keep(probe id: ApprovalID, body: JSONValue) async throws(StoreFailure)
    func drop(probe id: ApprovalID) async throws(StoreFailure)
}
