import InterlockCredentials
import InterlockJSON
import InterlockModel
import InterlockPorts

@testable import InterlockStore

extension SQLiteStore {
    /// A store of the node `gw1`.
    convenience init(path: String) throws { try self.init(path: path, stamp: .test) }
}

extension ControlStamp {
    static let test = ControlStamp(node: "gw1", clock: SystemClock(), hashing: OpenSSLHashing())
}

extension SQLiteStore {
    /// Writes an elevation without an entry of the control log.
    func put(
        elevation id: ElevationID, state: String, revision: Int, replacing before: Int?,
        body: JSONValue
    ) async throws -> Bool {
        try await put(
            elevation: id, state: state, revision: revision, replacing: before, body: body,
            appending: nil)
    }
}
