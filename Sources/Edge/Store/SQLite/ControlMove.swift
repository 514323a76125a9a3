import InterlockJSON
import InterlockModel

/// Moves what the tables before the control log held into it, once, in the transaction that makes the table. The old
/// tables of sign-offs, locks and quarantines are dropped, so that there is no second answer.
enum ControlMove {
    static func run(_ database: Database, _ stamp: ControlStamp) throws(DatabaseError) {
        var drafts: [ControlDraft] = []
        for row in try database.run("SELECT body FROM sign_off") {
            drafts.append(ControlDraft(.revision, "policy", try body(row[0], "a sign-off")))
        }
        for row in try database.run("SELECT body FROM accepted_lock") {
            drafts.append(ControlDraft(.lock, "lock", try body(row[0], "a lock")))
        }
        for row in try database.run("SELECT server, body FROM quarantine ORDER BY server") {
            // A quarantine that cannot be read still holds.
            drafts.append(
                ControlDraft(
                    .quarantine, row[0].text ?? "", (try? body(row[1], "a quarantine")) ?? [:]))
        }
        for row in try database.run(
            "SELECT id, body FROM elevation WHERE state = 'granted' ORDER BY id")
        {
            // An elevation that cannot be read grants nothing.
            guard let body = try? body(row[1], "an elevation") else { continue }
            drafts.append(ControlDraft(.elevation, row[0].text ?? "", body))
        }
        _ = try database.append(drafts, stamp)
        for table in ["sign_off", "accepted_lock", "quarantine"] {
            try database.run("DROP TABLE \(table)")
        }
    }

    private static func body(
        _ value: Database.Value, _ what: String
    ) throws(DatabaseError) -> JSONObject {
        let bytes = Array((value.text ?? "").utf8)
        guard let body = (try? JSONValue(parsing: bytes, limits: .stored))?.object else {
            throw DatabaseError("\(what) in the store cannot be read", 0)
        }
        return body
    }
}
