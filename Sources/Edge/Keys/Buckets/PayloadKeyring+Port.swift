package import InterlockGateway
package import InterlockModel

extension PayloadKeyring: PayloadKeys {
    package func erase(
        runs: Set<RunID>, days: Set<CivilDate>
    ) async throws(StoreFailure) -> Bool {
        let outcome: Result<Bool, KeyFailure> = await offLoop { () throws(KeyFailure) in
            try self.eraseNow(runs: runs, days: days)
        }
        do throws(KeyFailure) { return try outcome.get() } catch {
            throw StoreFailure(reason: error.reason)
        }
    }

    package func days() async throws(StoreFailure) -> [CivilDate] {
        let outcome: Result<[CivilDate], KeyFailure> = await offLoop { () throws(KeyFailure) in
            try self.daysNow()
        }
        do throws(KeyFailure) { return try outcome.get() } catch {
            throw StoreFailure(reason: error.reason)
        }
    }

    package var status: PayloadKeyStatus {
        let found = counts
        return PayloadKeyStatus(lostRuns: found.lostRuns, failure: found.failure)
    }
}
