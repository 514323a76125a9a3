import InterlockLedger

extension Command {
    static let auditRecords = Command(
        "audit records", "print every type of record with its fields",
        notes: "The page docs/records.md."
    ) { _ in
        Output.text(RecordReference.text)
        return .ok
    }
}
