import InterlockModel

/// The table `control`. Its primary key is the entry's number, so that the log cannot fork; nothing updates or deletes a
/// row.
extension Database {
    private static let columns = "n, previous, digest, kind, subject, body, node, at"

    /// Appends inside a transaction of the caller, which has begun with the right to write: no other process can append
    /// in between.
    func append(
        _ drafts: [ControlDraft], _ stamp: ControlStamp
    ) throws(DatabaseError) -> [ControlEntry] {
        guard !drafts.isEmpty else { return [] }
        var head = try controlHead()
        var entries: [ControlEntry] = []
        for draft in drafts {
            if draft.kind.isOnce, let known = try entry(of: draft, stamp) {
                entries.append(known)
                continue
            }
            let entry: ControlEntry
            do throws(ControlFault) {
                entry = try ControlEntry(
                    draft, after: head, node: stamp.node, at: stamp.clock.wall,
                    hashing: stamp.hashing)
            } catch { throw DatabaseError("an entry of the control log is not valid: \(error)", 0) }
            try run(
                "INSERT INTO control (\(Self.columns)) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                .integer(entry.number), .blob(entry.previous.bytes), .blob(entry.digest.bytes),
                .text(entry.kind.rawValue), .text(entry.subject),
                .text(String(decoding: entry.bodyBytes, as: UTF8.self)), .text(entry.node),
                .integer(entry.at.microseconds))
            head = ControlHead(number: entry.number, digest: entry.digest)
            entries.append(entry)
        }
        return entries
    }

    private func controlHead() throws(DatabaseError) -> ControlHead {
        guard let row = try run("SELECT n, digest FROM control ORDER BY n DESC LIMIT 1").first
        else { return .empty }
        guard let number = row[0].integer, let digest = row[1].digest else {
            throw DatabaseError("the newest entry of the control log has another form", 0)
        }
        return ControlHead(number: number, digest: digest)
    }

    private func entry(
        of draft: ControlDraft, _ stamp: ControlStamp
    ) throws(DatabaseError) -> ControlEntry? {
        try run(
            "SELECT \(Self.columns) FROM control WHERE kind = ? AND subject = ?",
            .text(draft.kind.rawValue), .text(draft.subject)
        ).first.map { row throws(DatabaseError) in try Self.entry(row, stamp) }
    }

    func entries(
        after number: Int64, most: Int
    ) throws(DatabaseError) -> [StoredControlEntry] {
        try run(
            "SELECT \(Self.columns) FROM control WHERE n > ? ORDER BY n LIMIT ?", .integer(number),
            .integer(Int64(most))
        ).map(Self.stored)
    }

    func newest(
        of kinds: Set<ControlKind>, _ stamp: ControlStamp
    ) throws(DatabaseError) -> [ControlEntry] {
        let kinds = kinds.map(\.rawValue).sorted()
        let places = kinds.map { _ in "?" }.joined(separator: ", ")
        var entries: [ControlEntry] = []
        for row in try run(
            """
            SELECT \(Self.columns) FROM control WHERE n IN
                (SELECT max(n) FROM control WHERE kind IN (\(places)) GROUP BY subject)
            ORDER BY n
            """, kinds.map { .text($0) })
        { entries.append(try Self.entry(row, stamp)) }
        return entries
    }

    private static func entry(
        _ row: [Value], _ stamp: ControlStamp
    ) throws(DatabaseError) -> ControlEntry {
        do throws(ControlFault) {
            return try ControlEntry(stored(row), hashing: stamp.hashing)
        } catch { throw DatabaseError("the control log is not as it was written: \(error)", 0) }
    }

    private static func stored(_ row: [Value]) -> StoredControlEntry {
        StoredControlEntry(
            number: row[0].integer ?? 0, previous: row[1].digest, digest: row[2].digest,
            kind: row[3].text ?? "", subject: row[4].text ?? "",
            body: Array((row[5].text ?? "").utf8), node: row[6].text ?? "",
            at: Timestamp(microseconds: row[7].integer ?? 0))
    }
}
