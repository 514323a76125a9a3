/// The records of a run in one log, checked for their links but not yet proved to be in the log.
struct Chain {
    struct Link {
        let record: Record
        let hash: Digest
    }

    let records: [Link]
    let openIntents: Int
    let origin: Octets

    static let maximumRecords = 1 << 20

    /// - Returns: nil if the bytes are not a valid chain; the findings then hold the fault.
    init?(
        _ bytes: [UInt8], _ listed: Manifest.Chain, _ run: RecordID, _ place: Int,
        _ findings: inout Findings
    ) {
        guard let entries = EntryBundle.entries(bytes), entries.count <= Chain.maximumRecords,
            UInt64(entries.count) == listed.count
        else {
            findings.fault("chain \(place) has other records than the manifest says")
            return nil
        }
        var order = RecordOrder()
        var records: [Link] = []
        for (sequence, range) in entries.enumerated() {
            let hash = Tree.leaf(bytes[range])
            do {
                let record = try Record(bytes, in: range)
                guard record.run == run, record.sequence == UInt64(sequence) else {
                    throw Fault("the chain of its run is broken")
                }
                try order.add(record, hash: hash)
                records.append(Link(record: record, hash: hash))
            } catch {
                findings.fault("chain \(place), record \(sequence): \(error)")
                return nil
            }
        }
        guard let first = records.first, ["run.start", "run.attach"].contains(first.record.type)
        else {
            findings.fault("chain \(place) does not begin with the start of a run")
            return nil
        }
        guard records.contains(where: { $0.record.type == "run.end" }) == listed.isEnded else {
            findings.fault("chain \(place) ends otherwise than the manifest says")
            return nil
        }
        self.records = records
        origin = listed.origin
        openIntents = order.openIntents
    }
}
