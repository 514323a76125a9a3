import InterlockConsoleWorld
import InterlockJSON
import InterlockLedger
import InterlockModel
import Synchronization
import Testing

@testable import InterlockAPI
@testable import InterlockAdministration
@testable import InterlockConsole
@testable import InterlockEvidence
@testable import InterlockMarkup

/// The arguments of recorded calls, in the units that the policy declares.
struct CallArgumentsTests {
    private static let sent = #"{"amount_cents":50000,"currency":"EUR","order":"A-1009"}"#

    /// The page of the record and the page of the run of a call.
    ///
    /// - Parameter policy: the digest of the policy that decided the call, in base64.
    private func pages(
        of tool: String, _ type: RecordType = .callIntent,
        policy: String = PolicyShelf.digest.base64
    ) async throws -> [String] {
        var fields: JSONObject = [
            "call": "c1", "dec": type == .callDenied ? "deny" : "allow", "rule": "high",
            "tool": .string(tool), "pol": .string(policy),
        ]
        if type == .callDenied { fields["code"] = "policy.no_grant" }
        let payloads = [DisplayedPayload(field: "args", answer: .opened(Array(Self.sent.utf8)))]
        let record = try EvidenceShelf.record(5, type, fields)
        let step = try EvidenceShelf.step(5, type, fields, payloads)
        let shelf = EvidenceShelf()
        shelf.state.withLock { state in
            state.rows = [.proved(record)]
            state.payloads = payloads
            state.steps = [step]
        }
        var sources = shelf.sources
        sources.policy = PolicyShelf()
        let browser = Browser(sources: sources)
        return [
            await browser.get("/audit/5").text,
            await browser.get("/runs/\(EvidenceShelf.run.text)").text,
        ]
    }

    @Test(arguments: [RecordType.callIntent, .callDenied])
    func `a record and a run show an amount in its unit, and the raw arguments folded`(
        type: RecordType
    ) async throws {
        for page in try await pages(of: "pay__send", type) {
            for words in ["500.00 EUR", "50000", "A-1009", "<summary>Raw arguments</summary>"] {
                #expect(page.contains(words), "\(words)")
            }
            #expect(!page.contains("Unit not declared"))
            #expect(!page.contains("Units of the active policy"))
        }
    }

    @Test func `units of another policy than the one that decided are said to be so`()
        async throws
    {
        for page in try await pages(of: "pay__send", policy: PolicyShelf.waiting.base64) {
            #expect(page.contains("Units of the active policy, which is not the one"))
        }
    }

    @Test func `a number without a unit is raw and is said to have none`() async throws {
        for page in try await pages(of: "crm__get") {
            #expect(page.contains("50000") && page.contains("Unit not declared: "))
            #expect(!page.contains("500.00 EUR") && !page.contains("Raw arguments"))
        }
    }

    @Test func `no argument is hidden by an amount that has no raw value, or by a dot in its name`()
    {
        let call = CallArguments(
            ["limit": "ten", "to.amount": 7, "to": ["amount": 7]],
            facts: [
                "amounts": [
                    "limit": ["reason": "no number"], "to.amount": ["raw": 7, "shown": "7 seats"],
                ]
            ])
        let html = String(decoding: HTML.group(call.content).bytes, as: UTF8.self)
        let open = html.prefix(upTo: html.firstRange(of: "<details>")?.lowerBound ?? html.endIndex)
        #expect(open.contains("ten") && open.contains("7 seats") && open.contains("no number"))
        #expect(open.ranges(of: "to.amount").count == 2)
    }
}
