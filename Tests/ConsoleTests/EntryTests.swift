import InterlockAdministration
import InterlockApprovals
import InterlockConsoleWorld
import InterlockGovernor
import InterlockModel
import InterlockPorts
import Testing

@testable import InterlockAPI
@testable import InterlockConsole

/// Signing in and out, and enrolling, as a browser does it.
struct EntryTests {
    private func stranger() -> Browser { Browser(person: nil, hasEntry: true) }

    /// The assertion that the test's sign-in accepts.
    private let answer = [
        ("credential", "AQ"), ("authenticatorData", "AQ"), ("clientDataJSON", "AQ"),
        ("signature", "AQ"), ("key", Self.key),
    ]
    private static let key = Base64.encodeURL(WorldKey.point?.point ?? [])

    private func begin(_ browser: Browser) async -> Answer {
        await browser.post("/sign-in/challenge", [("key", Self.key)])
    }

    private func ceremony(of answer: Answer) throws -> (name: String, value: String) {
        let cookie = try #require(answer["set-cookie"])
        #expect(cookie.hasPrefix("__Host-interlock-ceremony="))
        for word in ["; Path=/", "; Secure", "; HttpOnly", "; SameSite=Strict", "; Max-Age=300"] {
            #expect(cookie.contains(word))
        }
        return ("cookie", String(try #require(cookie.split(separator: ";").first)))
    }

    @Test func `a sign-in begins a session that nobody had before, and ends the one that came`()
        async throws
    {
        var browser = Browser(hasEntry: true)
        let old = try #require(browser.token)
        let asked = await begin(browser)
        #expect(asked.status == 200)
        let cookie = try ceremony(of: asked)
        browser.more = [cookie]
        let done = await browser.post("/sign-in/answer", answer)
        #expect(done.status == 200)
        let set = done.response.headers.filter { $0.name == "set-cookie" }.map(\.value)
        let session = try #require(set.first { $0.hasPrefix("__Host-interlock=") })
        #expect(!session.contains(old))
        for word in ["; Path=/", "; Secure", "; HttpOnly", "; SameSite=Strict"] {
            #expect(session.contains(word))
        }
        #expect(await browser.world.session(of: old, isUse: true) == nil)
    }

    @Test func `an answer without the challenge of this browser is worth nothing`() async throws {
        var browser = stranger()
        #expect(await browser.post("/sign-in/answer", answer).status == 403)
        browser.more = [
            ("cookie", "__Host-interlock-ceremony=\(Base64.encodeURL([1, 2, 3]))aaaaaaaaaaaa")
        ]
        #expect(await browser.post("/sign-in/answer", answer).status == 403)
        browser.more = [try ceremony(of: await begin(browser))]
        var wrong = answer
        wrong[3].1 = "Ag"
        let refused = await browser.post("/sign-in/answer", wrong)
        #expect(refused.status == 403 && refused["set-cookie"] == nil)
        for fields in [
            [], Array(answer.dropLast()), Array(answer.dropLast(2)),
            answer + [("credential", "AQ")],
        ] {
            #expect(await browser.post("/sign-in/answer", fields).status == 400)
        }
    }

    private struct Oslo: ZoneSource {
        let version = "2026a"
        let names = ["Europe/Oslo"]
        func zone(named name: String) -> ZoneRules? {
            name == "Europe/Oslo" ? ZoneRules(fixedSeconds: 3600) : nil
        }
    }

    @Test(arguments: [
        ("Europe%2FOslo", true), ("Nowhere", false), ("..%2F..%2Fetc%2Fpasswd", false), ("", false),
    ])
    func `the browser's zone is kept at sign-in if it exists`(
        _ zone: String, _ isKept: Bool
    ) async throws {
        var browser = Browser(
            person: nil, hasEntry: true, sources: ConsoleSources(zones: Oslo()))
        browser.more = [try ceremony(of: await begin(browser))]
        let done = await browser.post("/sign-in/answer", answer + [("zone", zone)])
        #expect(done.status == 200)
        let cookies = done.response.headers.filter { $0.name == "set-cookie" }.map(\.value)
        let looks = cookies.first { $0.hasPrefix("__Host-interlock-looks=") }
        #expect((looks != nil) == isKept)
        if let looks {
            #expect(looks.contains("&zone=sign-in&signed-in-zone=Europe%2FOslo;"))
        }
    }

    @Test func `deeds of strangers are refused to other pages too`() async {
        let browser = stranger()
        let token = ConsoleWorld.invitation
        for path in [
            "/sign-in/challenge", "/sign-in/answer", "/enrol/\(token)/challenge",
            "/enrol/\(token)/answer",
        ] {
            for origin in [nil, "null", "https://evil.example"] {
                #expect(await browser.post(path, answer, origin: origin).status == 403)
            }
            #expect(await browser.post(path, answer, site: "cross-site").status == 403)
            #expect(await browser.get(path).status == 405)
        }
        #expect(await browser.post("/sign-out", []).status == 401)
    }

    @Test func `signing out needs a form of this session`() async throws {
        let browser = Browser(hasEntry: true)
        let token = try #require(browser.token)
        #expect(await browser.post("/sign-out", [("form_token", "x")]).status == 403)
        #expect(await browser.world.session(of: token, isUse: true) != nil)
        let done = await browser.post("/sign-out", [("form_token", await browser.formToken)])
        #expect(done.status == 303 && done["location"] == "/sign-in")
        #expect(done["set-cookie"]?.contains("Max-Age=0") == true)
        #expect(await browser.world.session(of: token, isUse: true) == nil)
    }

    @Test func `after signing in one goes to a page of the console, whatever is asked for`() async {
        let browser = stranger()
        let id = "apr_00000000000000000000000000"
        for (to, next) in [
            ("/approvals/\(id)", "/approvals/\(id)"), ("/approvals", "/approvals"),
            ("https://evil.example", "/approvals"), ("//evil.example", "/approvals"),
            ("/sign-out", "/approvals"), ("/approvals/\(id)/deny", "/approvals"),
        ] {
            let page = await browser.get("/sign-in?to=\(to)")
            #expect(page.status == 200)
            #expect(page.text.contains("value=\"\(next)\""), "\(to)")
        }
    }

    @Test func `an invitation's page names who is invited; every other link is none`() async throws
    {
        let browser = stranger()
        let page = await browser.get("/enrol/\(ConsoleWorld.invitation)")
        #expect(page.status == 200)
        #expect(page.text.contains("p1@acme.example") && page.text.contains("kill"))
        #expect(await browser.get("/enrol/another-invitation-of-no").status == 404)
        for path in ["/enrol", "/enrol/", "/enrol/a", "/enrol/\(ConsoleWorld.invitation)/x"] {
            #expect(await browser.get(path).status == 404)
        }
        let asked = await browser.post("/enrol/\(ConsoleWorld.invitation)/challenge", [])
        #expect(asked.text.contains("\"algorithms\":[-7,-8,-257]"))
        _ = try ceremony(of: asked)
    }

    @Test func `without passkeys there is no door`() async {
        let browser = Browser(person: nil)
        for path in ["/sign-in", "/enrol/\(ConsoleWorld.invitation)"] {
            #expect(await browser.get(path).status == 404)
        }
        #expect(await begin(browser).status == 404)
        #expect(!(await browser.get("/approvals").text.contains("/sign-in")))
    }
}
