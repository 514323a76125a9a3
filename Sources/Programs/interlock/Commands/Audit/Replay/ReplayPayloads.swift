import InterlockKeys
import InterlockLedger
import InterlockModel
import InterlockStore

/// Opens the payloads of records that are replayed.
struct ReplayPayloads {
    private let reader: LedgerReader
    private let opener: PayloadOpener

    init(_ log: AuditLog) {
        reader = log.reader
        opener = PayloadOpener(
            keys: NoKeys(), cipher: OpenSSLPayloadCipher(), hashing: OpenSSLHashing())
    }

    func open(_ field: String, of record: StoredRecord) throws -> PayloadAnswer {
        var blob: [UInt8]?
        if let stored = record.commitment(field)?.stored {
            blob = try reading { try reader.blob(stored) }
        }
        return opener.open(field, of: record, blob: blob)
    }
}

private struct NoKeys: PayloadKeySource {
    func key(of name: PayloadName) -> PayloadKeyAnswer { .missing }
}
