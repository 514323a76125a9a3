import InterlockJSON
import InterlockModel
import Testing

@testable import InterlockLedger

/// Records in the form of OCSF 1.1.0, and the records that exports select.
struct OCSFEventTests {
    private func event(_ type: String, _ fields: JSONObject = [:]) throws -> JSONValue {
        var object: JSONObject = [
            "v": 1, "t": .string(type), "ts": 1_700_000_000_123_456, "node": "gw1",
        ]
        for member in fields.members { object[member.key] = member.value }
        let record = try StoredRecord(parsing: try JSONValue.object(object).canonical())
        let hash = try #require(Digest(bytes: [UInt8](repeating: 7, count: 32)))
        return OCSFEvent(record, hash: hash, index: 12, origin: "audit.example", program: "1.0.0")
            .json
    }

    @Test func `a denied call is an activity of the API that failed`() throws {
        let event = try event(
            "call.denied",
            [
                "agent": "refunds", "tool": "billing__refund", "risk": "destructive",
                "code": "policy.no_grant", "call": "01kag0q9m2c4e6g8j0k2n4p6r8",
            ])
        #expect(event["class_uid"] == 6_003 && event["category_uid"] == 6)
        #expect(event["activity_id"] == 4 && event["type_uid"] == 600_304)
        #expect(event["severity_id"] == 3 && event["status_id"] == 2)
        #expect(event["status_code"] == "policy.no_grant")
        #expect(event["time"] == 1_700_000_000_123)
        #expect(event["actor"]?["app_name"] == "refunds")
        #expect(event["api"]?["operation"] == "billing__refund")
        #expect(event["api"]?["service"]?["name"] == "billing")
        #expect(event["metadata"]?["event_code"] == "call.denied")
        #expect(event["metadata"]?["sequence"] == 12 && event["metadata"]?["version"] == "1.1.0")
        #expect(event["unmapped"]?["tool"] == "billing__refund")
    }

    @Test func `a call without its agent still has what the schema requires`() throws {
        let event = try event("call.outcome", ["st": "ok"])
        #expect(event["status_id"] == 1 && event["activity_id"] == 0)
        #expect(event["actor"]?["app_name"] == "unknown")
        #expect(event["src_endpoint"]?["svc_name"] == "unknown")
        #expect(event["api"]?["operation"] == "call.outcome")
    }

    private static let incidents: [(String, Int64, Int64, Int64)] = [
        ("incident.opened", 1, 1, 5), ("incident.action", 2, 2, 1), ("incident.closed", 3, 4, 1),
    ]

    @Test(arguments: incidents)
    func `an incident is a finding that is opened, handled and closed`(
        _ type: String, _ activity: Int64, _ status: Int64, _ severity: Int64
    ) throws {
        let event = try event(type, ["inc": "01kag0q9m2c4e6g8j0k2n4p6r8", "sev": 1])
        #expect(event["class_uid"] == 2_004 && event["type_uid"] == .integer(200_400 + activity))
        #expect(event["status_id"] == .integer(status))
        #expect(event["severity_id"] == .integer(severity))
        #expect(event["finding_info"]?["uid"] == "01kag0q9m2c4e6g8j0k2n4p6r8")
        #expect(event["finding_info"]?["title"] == "incident")
    }

    @Test func `every other record is a base event, and a halt is grave`() throws {
        let (tick, kill) = (try event("log.tick"), try event("kill.requested"))
        #expect(tick["class_uid"] == 0 && tick["type_uid"] == 99 && tick["severity_id"] == 1)
        #expect(kill["severity_id"] == 4 && kill["class_uid"] == 0)
    }

    @Test func `each purpose selects its records`() {
        for type in ["call.intent", "call.denied", "incident.closed"] {
            #expect(ExportPurpose.allCases.allSatisfy { $0.selects(type) })
        }
        #expect(!ExportPurpose.evals.selects("log.tick"))
        #expect(ExportPurpose.compliance.selects("log.tick"))
        #expect(!ExportPurpose.compliance.opensPayloads && ExportPurpose.forensics.opensPayloads)
        #expect(ExportFilter(RecordFilter(), nil).isOfAll)
        #expect(!ExportFilter(RecordFilter(), .evals).isOfAll)
    }
}
