package import InterlockModel
package import InterlockPorts

extension PayloadKeyring: PayloadKeys {
    package func erase(runs: Set<RunID>, days: Set<CivilDate>) async throws(StoreFailure) -> Bool {
        try await offLoop { () throws(KeyFailure) in try self.eraseNow(runs: runs, days: days) }
    }

    package func days() async throws(StoreFailure) -> [CivilDate] {
        try await offLoop { () throws(KeyFailure) in try self.daysNow() }
    }
}
