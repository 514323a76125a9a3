import InterlockJSON
import InterlockLedger
import InterlockModel

/// The members of a record, which is parsed only if a scan of its bytes cannot read it.
struct RecordMembers {
    private enum Form {
        case scanned(LeafScan)
        case parsed(StoredRecord)
    }

    private let form: Form
    /// Nil for a type that no review reads.
    let type: RecordType?
    let time: Timestamp

    private static let types: [ExactText: RecordType] = {
        let read: [RecordType] = [
            .callIntent, .callOutcome, .callUnknown, .callDenied, .runTainted, .runEnd,
            .approvalRequested, .approvalReissued, .approvalBreakGlass, .approvalGranted,
            .approvalUsed, .approvalDenied, .approvalExpired, .approvalWithdrawn, .approvalVoid,
            .evalExcepted, .trustExcepted, .pinDrift, .pinAccepted, .serverQuarantined,
            .incidentOpened, .mergeChecked,
        ]
        return Dictionary(uniqueKeysWithValues: read.map { (ExactText($0.rawValue), $0) })
    }()

    init?(_ record: StoredRecord) { self.init(.parsed(record)) }

    /// - Returns: nil if the leaf is no record.
    init?(_ leaf: Leaf) {
        if let scan = LeafScan(leaf.bytes) {
            self.init(.scanned(scan))
        } else if let record = try? StoredRecord(parsing: leaf.bytes) {
            self.init(.parsed(record))
        } else {
            return nil
        }
    }

    private init?(_ form: Form) {
        self.form = form
        let found: (type: String?, time: Int64?)
        switch form {
        case .scanned(let scan): found = (type: scan.text("t"), time: scan.integer("ts"))
        case .parsed(let record):
            found = (type: record.type, time: record["ts"]?.integer)
        }
        guard let name = found.type, let microseconds = found.time, microseconds >= 0 else {
            return nil
        }
        type = Self.types[ExactText(name)]
        time = Timestamp(microseconds: microseconds)
    }

    func text(_ name: StaticString) -> String? {
        switch form {
        case .scanned(let scan): scan.text(name)
        case .parsed(let record): record.text("\(name)")
        }
    }

    func integer(_ name: StaticString) -> Int64? {
        switch form {
        case .scanned(let scan): scan.integer(name)
        case .parsed(let record): record["\(name)"]?.integer
        }
    }

    func digest(_ name: StaticString) -> Digest? { text(name).flatMap { Digest(base64: $0) } }
}
