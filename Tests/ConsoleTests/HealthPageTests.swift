import InterlockAdministration
import InterlockConsoleWorld
import InterlockJSON
import InterlockModel
import InterlockSchemas
import Testing

@testable import InterlockAPI
@testable import InterlockConsole

/// The page of the parts and weak points, and the figures that lead to pages.
struct HealthPageTests {
    private func browser(_ checks: [HealthCheck], _ weakPoints: [WeakPoint] = []) -> Browser {
        Browser(
            sources: ConsoleSources(
                status: StatusStub(weakPoints: weakPoints) { _ in
                    StatusStub.status(checks: checks)
                }))
    }

    @Test func `each part has its state, reason, time with age, and remedy`() async {
        let page = await browser([
            HealthCheck(.policy, .working, "signed off", age: .seconds(3)),
            HealthCheck(
                .store, .unknown, "not checked for 45 s", remedy: "Read `/healthz`.",
                age: .seconds(45)),
            HealthCheck(.witnesses, .unknown, "none seen", age: nil),
        ]).get("/health")
        #expect(page.status == 200)
        for words in [
            "<span>Unknown</span>", "Store, Witnesses", "3 s ago", "45 s ago", "never",
            "<code>/healthz</code>", "not checked for 45 s", "No weak points",
        ] { #expect(page.text.contains(words), "\(words)") }
        #expect(!page.text.contains("checks passed"))
    }

    @Test func `weak points are there with their remedies, and words of others do nothing`() async {
        let point = WeakPoint(
            .serverWeak, "server <img src=x>: no TLS", remedy: "Serve it over `https`.")
        let page = await browser([], [point]).get("/health").text
        #expect(page.contains("1 weak point") && page.contains("<code>https</code>"))
        #expect(!page.contains("<img"))
        #expect(
            page.contains("<span>Unknown</span>") && page.contains("all parts"),
            "no check is no good sign")
    }

    @Test func `the API says the same`() async throws {
        let check = HealthCheck(
            .clock, .attention, "set", remedy: "Check it.", age: .milliseconds(1500))
        let json = try #require(
            await browser([check], [WeakPoint(.clock, "set", remedy: "Check it.")])
                .call("/health").json)
        try GatewayHealth.form.shape.check(json)
        let found = json["checks"]?.array?.first
        #expect(found?["part"]?.string == "clock" && found?["age_ms"]?.integer == 1500)
        #expect(json["weak_points"]?.array?.first?["remedy"]?.string == "Check it.")
        #expect(await Browser().call("/health").problem == "not_read")
        #expect(await Browser().get("/health").status == 404)
    }

    @Test func `figures and checks lead to the pages that are there, and to no other`() async {
        let page = await browser([
            HealthCheck(.policy, .working, "signed off", age: .zero),
            HealthCheck(.store, .working, "takes what is written", age: .zero),
        ]).get("/now").text
        #expect(page.contains("<a href=\"/health\">Store</a>"))
        #expect(!page.contains(">Policy</a>"), "this console has no page of the policy")
        #expect(page.contains("/approvals?show=pending"))
        #expect(page.contains("<dt>Open runs</dt><dd>4</dd>"))
    }
}
