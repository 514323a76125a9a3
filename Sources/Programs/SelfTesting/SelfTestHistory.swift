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
        let size = try reader.size()
        let start = try max(reader.first(), size - min(size, newest))
        var newestTest: (record: StoredRecord, leaf: Digest)?
        try reader.scan(from: start) { entry in
            guard entry.mayBe(.selfTestResult), let record = entry.record,
                record.type == RecordType.selfTestResult.rawValue, record.time != nil,
                record["passed"]?.bool != nil
            else { return true }
            newestTest = (record: record, leaf: entry.leaf.hash)
            return true
        }
        guard let found = newestTest, let time = found.record.time,
            let passed = found.record["passed"]?.bool
        else { return nil }
        return SelfTestService.Outcome(
            time: time, passed: passed, leaf: found.leaf,
            report: try report(of: found.record, in: reader, deployment))
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
