import InterlockConsoleWorld
import InterlockJSON
import InterlockModel
import InterlockSchemas
import InterlockTesting
import InterlockTrust
import InterlockTrustQueries
import Testing

@testable import InterlockAPI
@testable import InterlockConsole

/// The trust of an agent on its page and in the API.
@Suite(.requirement("R123")) struct TrustPagesTests {
    private func browser(_ trust: TrustStub, person: Int? = 0) -> Browser {
        var sources = DirectoryWorld(text: "plain").sources
        sources.trust = trust
        return Browser(person: person, sources: sources)
    }

    @Test func `the page has each criterion with value and threshold, and what decides the stage`()
        async
    {
        let page = await browser(TrustStub()).get("/agents/clerk")
        #expect(page.status == 200)
        for words in [
            "0 gated", "25 % of those in the policy file", "its owner permits stage 2 bounded",
            "the agent was stopped by the kill switch", "No promotion before", "at least 50",
            "Clean runs", "Rejected approvals", "missed", "the policy was widened",
            "earlier records are not in this log",
        ] { #expect(page.text.contains(words), "\(words)") }
        #expect(page.text.contains("href=\"/audit/71\"") && page.text.contains("href=\"/audit/7\""))
    }

    @Test func `a page without a record says why`() async {
        let reading = await browser(TrustStub(hasRecord: false)).get("/agents/clerk").text
        #expect(reading.contains("is being read from the audit log"))
        let failed = await browser(TrustStub(hasRecord: false, hasFailed: true))
            .get("/agents/clerk").text
        #expect(failed.contains("could not be read") && !failed.contains("is being read"))
        let bare = await browser(TrustStub(hasCriteria: false)).get("/agents/clerk").text
        #expect(bare.contains("No criteria file is beside the policy"))
        let without = await Browser(person: 0, sources: DirectoryWorld(text: "plain").sources)
            .get("/agents/clerk").text
        #expect(!without.contains("Criteria of the next stage"))
    }

    @Test func `the API tells what the page shows, as the document says`() async throws {
        for trust in [
            TrustStub(), TrustStub(hasRecord: false), TrustStub(hasCriteria: false),
            TrustStub(hasRecord: false, hasFailed: true),
        ] {
            let detail = try #require(await browser(trust).call("/agents/clerk/trust").json)
            try AgentTrustDetail.form.shape.check(detail)
            #expect((detail["record"] != nil) == trust.hasRecord)
            #expect(detail["failed"] == .bool(trust.hasFailed))
        }
        let detail = try #require(await browser(TrustStub()).call("/agents/clerk/trust").json)
        #expect(detail["autonomy"] == 0 && detail["demotion"] == "gated")
        let record = try #require(detail["record"])
        #expect(record["criteria"]?.array?.count == TrustCriterion.allCases.count)
        #expect(record["met"] == false && record["next"] == "assisted")
        let first = try #require(record["criteria"]?.array?.first)
        #expect(first["criterion"] == "clean_runs" && first["threshold"] == "at least 50")
        let change = try #require(record["changes"]?.array?.first)
        #expect(change["trigger"] == "kill" && change["record"] == 71)
    }

    @Test func `what a person does not see answers like what is not there`() async {
        for (person, status) in [(0, 200), (1, 200), (2, 404)] {
            let browser = browser(TrustStub(), person: person)
            let answer = await browser.call("/agents/clerk/trust")
            #expect(answer.status == status)
            guard status == 404 else { continue }
            #expect(answer.problem == "no_such_agent")
            #expect(answer.text == (await browser.call("/agents/nobody/trust")).text)
        }
        #expect(
            await browser(TrustStub(), person: nil).call("/agents/clerk/trust").problem
                == "not_signed_in")
    }
}
