import InterlockCredentials
package import InterlockDeployment
import InterlockJSON
import InterlockLedger
import InterlockModel
package import InterlockSelfTest
package import InterlockStore

/// The self-tests in the log of a deployment, from which a start knows the last one.
package enum SelfTestHistory {
    /// The number of the newest records that are searched. A self-test that is older is unknown, and the next begins soon.
    private static let newest: UInt64 = 32_768

    /// Returns the last self-test among the newest records, with its report if that can be opened; nil if there is none.
    package static func last(
        in reader: LedgerReader, of deployment: Deployment
    ) throws(LedgerFailure) -> SelfTestService.Outcome? {
        let oldest = try reader.start(ofNewest: newest, since: nil)
        let newestTest = try reader.newest(of: [.selfTestResult], since: oldest) { tests in
            tests.last { $0.record.time != nil && $0.record["passed"]?.bool != nil }
        }
        guard let newestTest, let time = newestTest.record.time,
            let passed = newestTest.record["passed"]?.bool,
            let entry = try reader.entry(at: newestTest.index)
        else { return nil }
        return SelfTestService.Outcome(
            time: time, passed: passed, leaf: entry.leaf.hash,
            report: try report(of: newestTest.record, in: reader, deployment))
    }

    /// The payload of a self-test; nil if it was erased, is missing or does not match the record.
    private static func report(
        of record: StoredRecord, in reader: LedgerReader, _ deployment: Deployment
    ) throws(LedgerFailure) -> [UInt8]? {
        guard let stored = record.commitment("proof")?.stored else { return nil }
        let opener = PayloadOpener(
            keys: BucketReader(deployment.keys), cipher: OpenSSLPayloadCipher(),
            hashing: OpenSSLHashing())
        let blob = try reader.blob(stored, of: record.payloadDay)
        guard case .opened(let bytes) = opener.open("proof", of: record, blob: blob) else {
            return nil
        }
        return bytes
    }
}
