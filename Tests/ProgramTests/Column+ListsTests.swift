import InterlockJSON
import Testing

@testable import InterlockCommandLine
@testable import interlock

@Suite struct ColumnListsTests {
    private func cells(_ columns: [Column], _ row: JSONValue) -> [String: String] {
        Dictionary(uniqueKeysWithValues: columns.map { ($0.title, $0.text(of: row)) })
    }

    @Test func `a credential says whose it is, since when, and its end`() {
        let revoked = cells(
            Column.people,
            [
                "person": "ada@acme.example", "roles": ["kill", "resume"], "credential": "k",
                "added": "2026-01-01T00:00:00Z", "founding": true,
                "expires": "2027-01-01T00:00:00Z", "revoked": "2026-02-01T00:00:00Z",
            ])
        #expect(revoked["ROLES"] == "kill, resume")
        #expect(revoked["SINCE"] == "2026-01-01T00:00:00Z, founding")
        #expect(revoked["END"] == "revoked 2026-02-01T00:00:00Z")
        let bare = cells(Column.people, ["person": "bo@acme.example", "roles": []])
        #expect(bare["ROLES"] == "votes" && bare["CREDENTIAL"] == "-" && bare["END"] == "-")
    }

    @Test func `an elevation in force is not one that was granted alone`() {
        let row: JSONValue = [
            "id": "e", "agent": "code-fix", "state": "granted", "in_force": false, "have": 1,
            "need": 2, "grant": ["deploy": ["rollback"]], "reason": "why",
            "unfit": "its agent is gone",
        ]
        let found = cells(Column.elevations, row)
        #expect(found["STATE"] == "granted" && found["APPROVALS"] == "1 of 2")
        #expect(found["GRANT"] == #"{"deploy":["rollback"]}"#)
        #expect(found["REASON"] == "why; unfit: its agent is gone")
        #expect(cells(Column.elevations, ["in_force": true])["STATE"] == "in force")
    }

    @Test func `text of others in a list is escaped`() {
        let hostile: JSONValue = "a\u{1b}[31mb"
        let row: JSONValue = [
            "reason": hostile, "target": hostile, "note": hostile, "name": hostile,
            "grant": hostile, "person": hostile, "roles": [hostile], "unfit": hostile,
            "agent": hostile, "state": hostile,
        ]
        for columns in [
            Column.people, Column.heldRuns, Column.heldServers, Column.elevations, Column.halts,
            Column.enforcementPoints,
        ] {
            let lines = Column.lines([row], columns, isTitled: true)
            #expect(lines.count == 2 && !lines[1].contains("\u{1b}"), "\(lines)")
        }
    }
}
