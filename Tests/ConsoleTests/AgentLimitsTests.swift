import InterlockAdministration
import InterlockConsoleWorld
import InterlockJSON
import InterlockPolicy
import InterlockSchemas
import Testing

@testable import InterlockAPI
@testable import InterlockConsole

/// The table of an agent's limits.
struct AgentLimitsTests {
    private let browser = { (limits: [LimitUsage]) in
        Browser(sources: DirectoryWorld(text: "plain", limits: limits).sources)
    }

    private func usage(_ name: String, _ amounts: LimitUsage.Amounts? = nil) -> LimitUsage {
        LimitUsage(
            use: LimitUse(name: name, seconds: 86_400, stated: 500_000), taken: 50_000,
            most: 250_000, amounts: amounts)
    }

    private let amounts = LimitUsage.Amounts(
        unit: "amount_cents in minor units of EUR", taken: "500.00 EUR",
        most: "2\u{202f}500.00 EUR", stated: "5\u{202f}000.00 EUR", left: "2\u{202f}000.00 EUR")

    @Test func `a sum is shown in its unit, with the numbers that are counted`() async throws {
        let browser = browser([usage("spend:args.amount_cents", amounts)])
        let page = await browser.get("/agents/clerk").text
        for words in [
            "amount_cents in minor units of EUR", "500.00 EUR", "2\u{202f}500.00 EUR",
            "5\u{202f}000.00 EUR", "2\u{202f}000.00 EUR", "50\u{202f}000", "250\u{202f}000",
            "200\u{202f}000",
        ] {
            #expect(page.contains(words), "\(words)")
        }
        #expect(!page.contains("Unit not declared"))
        let detail = try #require(await browser.call("/agents/clerk").json)
        let limit = try #require(detail["limits"]?.array?.first)
        try LimitUsage.form.shape.check(limit)
        #expect(limit["amounts"]?["most"]?.string == amounts.most)
        #expect(limit["most"]?.integer == 250_000)
    }

    @Test func `a sum without a unit is said to have none, and calls need none`() async {
        let sums = await browser([usage("spend:args.n")]).get("/agents/clerk").text
        #expect(sums.contains("Unit not declared") && sums.contains("50\u{202f}000"))
        let calls = await browser([usage("calls")]).get("/agents/clerk").text
        #expect(!calls.contains("Unit not declared") && calls.contains("50\u{202f}000"))
    }
}
