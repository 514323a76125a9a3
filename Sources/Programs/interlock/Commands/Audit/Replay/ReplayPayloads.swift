import InterlockLedger
import InterlockModel
import InterlockStore

/// Opens the payloads of records that are replayed.
struct ReplayPayloads {
    private let reader: LedgerReader
    private let opener: PayloadOpener

    init(_ log: AuditLog) {
        reader = log.reader
        opener = log.opener
    }

    func open(_ field: String, of record: StoredRecord) throws -> PayloadAnswer {
        var blob: [UInt8]?
        if let stored = record.commitment(field)?.stored {
            blob = try reading { try reader.blob(stored) }
        }
        return opener.open(field, of: record, blob: blob)
    }
}
