import InterlockCredentials
import InterlockModel
import InterlockTesting
import InterlockYAML
import Testing

@testable import InterlockPolicy
@testable import InterlockPolicyReview

@Suite struct ExamplePolicyTests {
    @Test(.requirement("R028"))
    func `The smallest file prints exactly the findings of the specification`() throws {
        let expected = """
            support-triage.yaml:1:1 L101 support-triage: no owner
            support-triage.yaml:1:1 L102 support-triage: no purpose
            support-triage.yaml:1:1 L103 support-triage: no tier, counted as low
            support-triage.yaml:1:1 L104 support-triage: no stage, counted as observe
            support-triage.yaml:1:1 L105 support-triage: no review_by
            support-triage.yaml:4:3 L112 mcp_scopes: server `tickets` is not described, so its scope grants nothing
            support-triage.yaml:5:3 L112 mcp_scopes: server `kb` is not described, so its scope grants nothing
            support-triage.yaml:6:3 L112 mcp_scopes: server `crm` is not described, so its scope grants nothing
            support-triage.yaml:8:5 L113 approval_required: `send_customer_email` is a tool of no described server
            support-triage.yaml:9:5 L113 approval_required: `refund_request` is a tool of no described server

            """
        let file = try example("support-triage.yaml")
        #expect(checkOutput([file]) == expected)
    }

    @Test func `The complete example is clean at its date`() throws {
        let file = try example("acme.yaml")
        #expect(checkOutput([file]) == "")
    }

    @Test func `The example of a sandboxed agent is clean at its date`() throws {
        let file = try example("code-fix.yaml")
        #expect(checkOutput([file]) == "")
    }

    @Test(.requirement("R010")) func `The eleven tests of the complete example pass`() throws {
        let reading = PolicyReader.read([try example("acme.yaml")])
        let document = try #require(reading.document)
        let policy = try PolicySnapshot(
            compiling: document, with: testEngines, at: exampleTime, hashing: OpenSSLHashing())
        let results = PolicyTestRunner(policy, at: exampleTime).run()
        #expect(results.count == 11)
        for result in results { #expect(result.failures == [], "\(result.text)") }
    }

    @Test func `The complete example shows its waived warnings as waived`() throws {
        let reading = PolicyReader.read([try example("acme.yaml")])
        let document = try #require(reading.document)
        let waived = PolicyCheck(document, with: testEngines, at: exampleTime).findings
        #expect(
            waived.map(\.code) == [
                .exfiltrationPath, .lethalTrifecta, .ownerInGroup, .negatedTest, .negatedTest,
            ])
        #expect(waived.map(\.waived) == [true, true, true, true, true])
    }

    @Test(.requirement("R042"))
    func `The complete example is served; what it declares and nothing enforces is named`()
        throws
    {
        let reading = PolicyReader.read([try example("acme.yaml")])
        let document = try #require(reading.document)
        #expect(Enforcement.unsupported(document).isEmpty)
        #expect(
            Enforcement.notEnforced(document) == [
                "agents.code-fix.sandbox", "agents.refunds.sandbox",
                "agents.support-triage.sandbox",
            ])
    }

    @Test func `The example organisation is served without a finding that holds`() throws {
        let folder = try PolicyFolder.read(repositoryRoot + "/Examples/support/policy")
        let files = folder.files.map { file in
            var text = String(decoding: file.bytes, as: UTF8.self)
            // The setup fills in these values; dates count from its day.
            for (name, value) in [
                ("review_by", "2027-01-20"), ("last_drill", "2026-11-10"),
                ("reviewed_on", "2026-11-01"), ("low_calls", "120/m"), ("medium_calls", "60/m"),
                ("high_calls", "20/m"),
            ] { text = text.replacing("${\(name)}", with: value) }
            for name in ["tickets_port", "crm_port", "billing_port", "kb_port"] {
                text = text.replacing("${\(name)}", with: "8080")
            }
            return PolicyFile(path: file.path, role: file.role, bytes: Array(text.utf8))
        }
        let reading = PolicyReader.read(files, findings: folder.findings)
        let document = try #require(
            reading.document, Comment(rawValue: reading.findings.all.map(\.text).joined()))
        #expect(Enforcement.unsupported(document).map(\.text) == [])
        let findings = reading.report(with: testEngines, at: exampleTime).filter {
            $0.code.grade == .lint
        }
        #expect(findings.map(\.text) == [])
    }
}
